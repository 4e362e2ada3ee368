"""The main story over HTTP: book an interview, get both reminders, call the candidate, see the score fall."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets

CONSENT = {"sms_consent": {"given_at": "2026-05-01T10:00:00Z", "source": "application form"}}
MONDAY_IN_NEW_YORK = datetime(2026, 6, 8, 15, tzinfo=UTC)


@pytest.fixture
def employer(api: Any) -> Any:
    return api.new_employer(digest_to=["team@example.com"])


def test_one_interview_in_both_follow_ups_out_and_a_score_that_falls(
    employer: Any, booked: Any, contact: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """The story that the README's commands tell."""
    clock.set(MONDAY_IN_NEW_YORK)
    made = booked(candidate=CONSENT)
    clock.advance(hours=49)
    run_ticks()

    [text] = outbox.sms
    assert text["to"] == "+12025550123" and septets(text["body"]) <= SMS_SEPTETS
    assert all(part in text["body"] for part in ("Acme Robotics", "Dana", "+12025550100", "STOP to opt out"))
    assert 10 <= clock.now.astimezone(ZoneInfo("America/New_York")).hour < 18
    [digest] = outbox.to("team@example.com")
    assert "Sam Sample" in digest["body"] and "+1 202-555-0123" in digest["body"]

    before = employer.get("/v1/risk").json
    assert before["tally"]["overdue"] == 1 and before["score"] > 0
    contact(made["application_id"], decision="rejected", thanked=True)
    after = employer.get("/v1/risk").json
    assert after["tally"]["overdue"] == 0 and after["score"] < before["score"]
    for _ in range(8):
        clock.advance(hours=121)
        run_ticks()
    assert len(outbox.sms) == 1


def test_the_digest_comes_at_nine_on_a_business_day_on_the_employers_clock(
    employer: Any, booked: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Recruiters find it when they start work, and not on a Saturday."""
    clock.set(datetime(2026, 6, 5, 15, tzinfo=UTC))  # a Friday
    run_ticks()
    booked(ended=30)
    for day in range(6, 10):
        for hour in (0, 12, 13, 14, 20):  # 9:00 in New York is 13:00 UTC
            clock.set(datetime(2026, 6, day, hour, tzinfo=UTC))
            run_ticks()
    local = [
        datetime.fromisoformat(mail["at"]).astimezone(ZoneInfo("America/New_York")) for mail in outbox.to("team@example.com")
    ]
    assert local and all((when.hour, when.minute) == (9, 0) and when.weekday() < 5 for when in local)


def test_after_an_outage_this_mornings_digest_still_comes(
    employer: Any, booked: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Yesterday's is stale; today's is two hours old and worth reading."""
    clock.set(MONDAY_IN_NEW_YORK)
    booked()
    clock.advance(hours=48)  # Wednesday 11:00: Tuesday's digest was missed
    run_ticks()
    assert len(outbox.to("team@example.com")) == 1


def test_at_most_two_nudges_five_days_apart_and_then_silence(booked: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """More than two reminders would be spam."""
    clock.set(MONDAY_IN_NEW_YORK)
    booked(candidate=CONSENT)
    for _ in range(40):
        clock.advance(hours=12)
        run_ticks()
    first, second = (datetime.fromisoformat(text["at"]) for text in outbox.sms)
    assert 4.5 <= (second - first).total_seconds() / 86400 <= 6


def test_without_consent_to_texts_an_email_comes(booked: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """A number alone is no permission to text it."""
    clock.set(MONDAY_IN_NEW_YORK)
    booked()
    clock.advance(hours=49)
    run_ticks()
    assert not outbox.sms
    [mail] = outbox.to("sam@example.com")
    assert "Dana" in mail["body"] and mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_call_back_nothing_goes_to_candidates_and_the_digest_says_so(
    api: Any, interview: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """A text that says "call them" needs a number to call."""
    clock.set(MONDAY_IN_NEW_YORK)
    nobody = api.new_employer(call_back_name=None, call_back_phone=None, call_back_email=None, digest_to=["team@example.com"])
    assert nobody.post("/v1/interviews", interview(candidate=CONSENT)).status == 201
    clock.advance(hours=49)
    run_ticks()
    [digest] = outbox
    assert digest["to"] == "team@example.com" and "We cannot remind candidates" in digest["body"]


def test_a_call_back_given_later_still_serves_those_who_wait(
    api: Any, interview: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """The call-back number is read when the text is written, not when the interview was booked."""
    clock.set(MONDAY_IN_NEW_YORK)
    late = api.new_employer(call_back_name=None, call_back_phone=None, call_back_email=None)
    assert late.post("/v1/interviews", interview(candidate=CONSENT)).status == 201
    clock.advance(hours=24)
    assert late.patch("/v1/employer", {"call_back_name": "Dana", "call_back_phone": "+12025550100"}).status == 200
    clock.advance(hours=25)
    run_ticks()
    assert ["+12025550100" in text["body"] for text in outbox.sms] == [True]


def test_an_employer_who_does_not_want_candidates_nudged_gets_the_digest_alone(
    employer: Any, booked: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Turning nudges off also stops them for candidates who already wait."""
    clock.set(MONDAY_IN_NEW_YORK)
    booked(candidate=CONSENT)
    assert employer.patch("/v1/employer", {"policy": {"candidate_nudge": "off"}}).status == 200
    booked(candidate={**CONSENT, "email": "kim@example.com", "phone": "+12025550124"}, name="Kim Sample")
    clock.advance(hours=49)
    run_ticks()
    assert {entry["to"] for entry in outbox} == {"team@example.com"}


def test_unsubscribing_ends_mail_to_that_address(employer: Any, booked: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """One button ends it at once. It came by mail and says nothing about a number."""
    clock.set(MONDAY_IN_NEW_YORK)
    booked()
    clock.advance(hours=49)
    run_ticks()
    [mail] = outbox.to("sam@example.com")
    url = mail["headers"]["List-Unsubscribe"].strip("<>")
    path = url.removeprefix("http://heardback.example")
    page = employer.using(None).get(path)
    assert page.status == 200 and "<button" in page.json
    posted = employer.using(None)(
        "POST", path, b"List-Unsubscribe=One-Click", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert posted.status == 200
    clock.advance(days=5)
    run_ticks()
    assert len(outbox.to("sam@example.com")) == 1
    messages = employer.get("/v1/messages", query={"audience": "candidate"}).json["data"]
    assert [message["status"] for message in messages] == ["suppressed", "sent"]
    other = booked(candidate=CONSENT, job_title="Fitter")
    clock.advance(hours=49)
    run_ticks()
    assert len(outbox.sms) == 1, other


def test_rejected_and_not_told_leads_the_digest_and_can_be_listed(
    employer: Any, booked: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """A candidate who was rejected and not told is the most important call."""
    clock.set(MONDAY_IN_NEW_YORK)
    made, other = booked(), booked(name="Kim Sample", candidate={"email": "kim@example.com", "phone": "+12025550124"})
    employer.patch(f"/v1/applications/{made['application_id']}", {"decided": "rejected"})
    rows = employer.get("/v1/call_list", query={"decided": "rejected"}).json["data"]
    assert [row["application_id"] for row in rows] == [made["application_id"]]
    assert len(employer.get("/v1/call_list").json["data"]) == 2 and other
    clock.set(datetime(2026, 6, 9, 13, 0, tzinfo=UTC))
    run_ticks()
    [digest] = outbox.to("team@example.com")
    assert "Sam Sample" in digest["body"] and "not told" in digest["body"].lower()


def test_a_candidate_in_another_zone_is_texted_on_their_own_clock(booked: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """Ten in New York is the middle of the night in Sydney."""
    clock.set(MONDAY_IN_NEW_YORK)
    booked(candidate={**CONSENT, "timezone": "Australia/Sydney"})
    for _ in range(24):
        clock.advance(hours=3)
        run_ticks()
    [text] = outbox.sms
    assert 10 <= datetime.fromisoformat(text["at"]).astimezone(ZoneInfo("Australia/Sydney")).hour < 18


def test_an_interview_on_the_eve_of_a_clock_change_is_due_48_real_hours_later(
    booked: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Clocks go forward in New York on 8 March 2026: the deadline counts hours, the send window follows local time."""
    clock.set(datetime(2026, 3, 7, 20, 1, tzinfo=UTC))
    case = booked(candidate={"sms_consent": {"given_at": "2026-01-01T00:00:00Z", "source": "form"}})["application"]
    assert case["word_due_at"] == "2026-03-09T20:00:00.000Z"
    clock.set(datetime(2026, 3, 9, 20, 30, tzinfo=UTC))
    run_ticks()
    assert len(outbox.sms) == 1


def test_undo_after_a_nudge_does_not_nudge_again(
    booked: Any, contact: Any, employer: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Voiding a contact reopens the old wait, whose nudges still count: two at most."""
    clock.set(MONDAY_IN_NEW_YORK)
    made = booked(candidate=CONSENT)
    clock.advance(hours=49)
    run_ticks()
    logged = contact(made["application_id"], decision="rejected")
    employer.post(f"/v1/applications/{made['application_id']}/contacts/{logged['id']}/void")
    run_ticks()
    assert len(outbox.sms) == 1
    for _ in range(20):
        clock.advance(hours=12)
        run_ticks()
    assert len(outbox.sms) == 2


def test_a_contact_before_the_tick_stops_the_text(booked: Any, contact: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """A candidate who has been told gets no "no word yet" text."""
    clock.set(MONDAY_IN_NEW_YORK)
    made = booked(candidate=CONSENT)
    clock.advance(hours=49)
    contact(made["application_id"], decision="advancing")
    run_ticks()
    assert not outbox.sms
