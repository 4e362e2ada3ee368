"""The person who decides is asked once, a day before word is due. The mail's links open a page whose button records it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.messaging import opt_outs
from chalicelib.messaging.messages import messages_in
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Wait
from chalicelib.rules.reminders.decider_mail import asks_at
from chalicelib.rules.reminders.send_windows import no_holidays
from chalicelib.storage import keys, table
from tests.applications.conftest import booked, contact, interview
from tests.engines import BASE_URL, code_for, join

__all__ = ["booked", "contact", "interview"]
DANA = "dana@example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def dana(employer: Any, outbox: Any) -> str:
    join(employer, outbox, DANA, "Dana Wells", "manager")
    return str(employer.get("/v1/people").json["data"][0]["id"])


@pytest.fixture
def waiting(booked: Any, dana: str) -> Any:
    """Somebody whose interview is today. Dana decides on them."""
    return booked(candidate={"name": "Ann Sample"}, application={"decider_id": dana})["application"]


@pytest.fixture
def asked(waiting: Any, clock: Any, run_ticks: Any, outbox: Any) -> Any:
    """Returns the application and the path of the page in Dana's mail."""
    due = datetime.fromisoformat(waiting["word_due_at"])
    clock.set(due - timedelta(hours=24))
    outbox.clear()
    run_ticks()
    [mail] = outbox.to(DANA)
    links = re.findall(rf"{re.escape(BASE_URL)}(/d/[\w-]+)\?answer=(\w+)", mail["body"])
    assert [answer for _, answer in links] == ["advancing", "rejected", "not_yet"]
    return waiting, links[0][0]


def press(api: Any, path: str, body: str) -> Any:
    return api.using(None).post(path, body.encode(), headers=FORM)


def state(employer: Any, application: Any) -> Any:
    return employer.get(f"/v1/applications/{application['id']}").json


def test_one_mail_a_day_before_word_is_due(asked: Any, outbox: Any, clock: Any, run_ticks: Any) -> None:
    """Once a wait, without the candidate's name in the subject."""
    [mail] = outbox.to(DANA)
    assert mail["subject"] == "Acme Robotics: a candidate should hear from you soon. Is there a decision?"
    assert "Ann Sample" in mail["body"] and "Nothing is recorded before you press it." in mail["body"]
    for _ in range(5):
        clock.advance(hours=3)
        run_ticks()
    assert len(outbox.to(DANA)) == 1


def test_who_wants_no_more_mail_is_not_asked_and_nothing_was_tried(
    waiting: Any, employer: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    opt_outs.opt_out([("email", DANA)], "complaint", clock())
    clock.set(datetime.fromisoformat(waiting["word_due_at"]) - timedelta(hours=24))
    outbox.clear()
    run_ticks()
    [message] = [one for one in messages_in(keys.digest_pk(employer.employer_id)) if one.step == "decision"]
    assert (message.status, message.reason, message.attempts) == ("suppressed", "opted out", 0)
    assert message.settled_at == clock() and outbox == []


@pytest.mark.parametrize("decided", [False, True])
def test_a_refused_mail_is_tried_again_while_it_is_of_use(
    waiting: Any, clock: Any, run_ticks: Any, outbox: Any, faults: Any, employer: Any, decided: bool
) -> None:
    """The same question, once. What is queued twice, or is decided meanwhile, sends nothing."""
    outbox.clear()
    clock.set(datetime.fromisoformat(waiting["word_due_at"]) - timedelta(hours=24))
    faults.answer("SendEmail", 429, "TooManyRequestsException")
    run_ticks()
    assert outbox.to(DANA) == []
    if decided:
        assert employer.patch(f"/v1/applications/{waiting['id']}", {"decided": "rejected"}).status == 200
    faults.clear()
    clock.advance(minutes=30)
    run_ticks()
    run_ticks()
    assert len(outbox.to(DANA)) == (0 if decided else 1)


@pytest.mark.parametrize(
    ("event", "status", "reason"),
    [
        ("told", "cancelled", "no longer waiting for this word"),
        ("decided", "cancelled", "it is decided"),
        ("undecided by", "cancelled", "somebody else decides now"),
        ("opted out", "suppressed", "opted out"),
        ("suspended", "suppressed", "the employer is suspended"),
        ("late", "expired", "refused until it was too late"),
    ],
)
def test_a_refused_mail_that_is_of_no_use_any_more_says_why(
    waiting: Any,
    clock: Any,
    run_ticks: Any,
    outbox: Any,
    faults: Any,
    employer: Any,
    operator: Any,
    event: str,
    status: str,
    reason: str,
) -> None:
    """It is seen in the list of messages, and not tried again."""
    clock.set(datetime.fromisoformat(waiting["word_due_at"]) - timedelta(hours=24))
    faults.answer("SendEmail", 429, "TooManyRequestsException")
    run_ticks()
    [refused] = [one for one in messages_in(keys.digest_pk(employer.employer_id)) if one.step == "decision"]
    assert refused.status == "retrying"
    path = f"/v1/applications/{waiting['id']}"
    if event == "told":
        told = {"channel": "call", "outcome": "reached", "decision": "rejected", "occurred_at": clock.text()}
        assert employer.post(f"{path}/contacts", told).status == 201
    elif event == "opted out":
        opt_outs.opt_out([("email", DANA)], "complaint", clock())
    elif event == "suspended":
        operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    elif event != "late":
        employer.patch(path, {"decided": "rejected"} if event == "decided" else {"decider_id": None})
    outbox.clear()
    clock.advance(minutes=30)
    if event == "late":
        clock.set(refused.last_try_before)
    faults.clear()
    run_ticks()
    [ended] = [one for one in messages_in(keys.digest_pk(employer.employer_id)) if one.step == "decision"]
    assert (ended.status, ended.reason, ended.settled_at) == (status, reason, clock()) and outbox.to(DANA) == []


@pytest.mark.parametrize("event", ["decided", "told", "closed", "undecided by", "removed", "suspended", "erased"])
def test_nobody_is_asked_where_it_is_not_needed(
    waiting: Any, employer: Any, operator: Any, clock: Any, run_ticks: Any, outbox: Any, dana: str, event: str
) -> None:
    """Checked when it is due."""
    path = f"/v1/applications/{waiting['id']}"
    clock.set(datetime.fromisoformat(waiting["word_due_at"]) - timedelta(hours=25))
    if event == "told":
        told = {"channel": "call", "outcome": "reached", "decision": "rejected", "occurred_at": clock.text()}
        assert employer.post(f"{path}/contacts", told).status == 201
    elif event == "removed":
        employer.delete(f"/v1/people/{dana}")
    elif event == "suspended":
        operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    elif event == "erased":
        employer.delete(f"/v1/candidates/{waiting['candidate_id']}")
    else:
        change = {"decided": {"decided": "rejected"}, "closed": {"status": "closed"}, "undecided by": {"decider_id": None}}[event]
        employer.patch(path, change)
    outbox.clear()
    clock.advance(hours=2)
    run_ticks()
    assert outbox.to(DANA) == []


def test_a_decider_who_has_not_accepted_is_asked_once_they_have(
    booked: Any, employer: Any, api: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    """The address may be a stranger's: until then it gets the invitation alone."""
    invited = employer.post("/v1/people", {"name": "Kit Poe", "email": "kit@example.com"}).json["id"]
    made = booked(application={"decider_id": invited})["application"]
    clock.set(datetime.fromisoformat(made["word_due_at"]) - timedelta(hours=23))
    run_ticks()
    assert [mail["subject"] for mail in outbox.to("kit@example.com")] == ["You are invited to Heardback"]
    code = {"email": "kit@example.com", "code": code_for(outbox, "kit@example.com")}
    clock.advance(hours=1)
    assert api.using(None).post("/v1/invitations/accept", code).status == 200
    clock.advance(hours=3)
    run_ticks()
    [_, mail] = outbox.to("kit@example.com")
    assert "Is there a decision?" in mail["subject"]


def test_an_invitation_that_is_accepted_too_late_asks_nothing(
    booked: Any, employer: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    """What nobody can be asked about any more does not stay due."""
    invited = employer.post("/v1/people", {"name": "Kit Poe", "email": "kit@example.com"}).json["id"]
    made = booked(application={"decider_id": invited})["application"]
    for _ in range(12):
        clock.advance(hours=6)
        run_ticks()
    item = table.get(keys.case_pk(employer.employer_id, made["id"]), "DECIDER")
    assert len(outbox.to("kit@example.com")) == 1 and item is not None and item.due_at is None


def test_nobody_is_asked_in_the_night_after_an_outage(waiting: Any, clock: Any, run_ticks: Any, outbox: Any) -> None:
    """Nothing ran until midnight: the question waits for the next office hour."""
    due = datetime.fromisoformat(waiting["word_due_at"])
    clock.set(due - timedelta(hours=12))
    outbox.clear()
    run_ticks()
    assert outbox.to(DANA) == []
    clock.set(due - timedelta(hours=1))
    run_ticks()
    assert len(outbox.to(DANA)) == 1


def test_a_moved_interview_is_another_wait(asked: Any, employer: Any, clock: Any, run_ticks: Any, outbox: Any, api: Any) -> None:
    """It is asked about again, and the former link answers nothing."""
    application, path = asked
    [one] = employer.get("/v1/interviews").json["data"]
    start = datetime.fromisoformat(one["start_at"]) + timedelta(days=7)
    moved = {"start_at": start.isoformat(), "end_at": (start + timedelta(hours=1)).isoformat()}
    assert employer.patch(f"/v1/interviews/{one['id']}", moved).status == 200
    assert press(api, path, "answer=rejected").status == 410
    assert state(employer, application)["decided"] is None
    clock.set(datetime.fromisoformat(state(employer, application)["word_due_at"]) - timedelta(hours=24))
    run_ticks()
    assert len(outbox.to(DANA)) == 2


def test_another_decider_gets_no_second_mail_and_the_former_link_ends(
    asked: Any, employer: Any, run_ticks: Any, outbox: Any, api: Any, clock: Any
) -> None:
    """One mail a wait at most."""
    application, path = asked
    join(employer, outbox, "robin@example.com", "Robin Hale")
    robin = next(one["id"] for one in employer.get("/v1/people").json["data"] if one["email"] == "robin@example.com")
    employer.patch(f"/v1/applications/{application['id']}", {"decider_id": None})
    employer.patch(f"/v1/applications/{application['id']}", {"decider_id": robin})
    clock.advance(hours=1)
    run_ticks()
    assert outbox.to("robin@example.com") == []
    assert press(api, path, "answer=rejected").status == 410


@pytest.mark.parametrize("answer", ["", "advancing", "rejected", "not_yet", "nonsense"])
def test_opening_a_link_changes_nothing(asked: Any, api: Any, employer: Any, answer: str) -> None:
    """Mail scanners follow every link."""
    application, path = asked
    before = state(employer, application)
    page = api.using(None).get(path, query={"answer": answer} if answer else {})
    assert page.status == 200 and "Ann Sample" in page.json
    assert state(employer, application) == before


def test_the_button_records_the_decision(asked: Any, api: Any, employer: Any) -> None:
    """By name, once; the candidate is not told by it. Another answer afterwards changes nothing."""
    application, path = asked
    assert press(api, path, "answer=rejected").status == 200
    assert press(api, path, "answer=rejected").status == 200
    now = state(employer, application)
    assert (now["decided"], now["decided_by"]["name"], now["loop"]) == ("rejected", "Dana Wells", "waiting")
    assert "Decided already" in press(api, path, "answer=advancing").json
    assert "Decided already" in api.using(None).get(path).json
    assert state(employer, application)["decided"] == "rejected"


def test_not_yet_shows_the_notice_and_a_second_press_sends_it(
    asked: Any, api: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """The first press sends nothing."""
    application, path = asked
    day = (clock() + timedelta(days=5)).date().isoformat()
    outbox.clear()
    shown = press(api, path, f"answer=not_yet&promised={day}")
    assert shown.status == 200 and "Send this notice" in shown.json
    run_ticks()
    assert len(outbox) == 0 and state(employer, application)["loop"] == "waiting"
    for _ in range(2):
        assert press(api, path, f"answer=not_yet&promised={day}&send=yes").status == 200
    run_ticks()
    assert len(outbox) == 1
    promised = datetime.fromisoformat(state(employer, application)["word_due_at"])
    assert promised.date().isoformat() == day


@pytest.mark.parametrize("body", ["answer=", "answer=hired", "", "answer=not_yet", "answer=not_yet&promised=2020-01-01&send=yes"])
def test_odd_answers_are_refused(asked: Any, api: Any, employer: Any, body: str) -> None:
    """Nothing is recorded."""
    application, path = asked
    assert press(api, path, body).status == 422
    assert state(employer, application)["decided"] is None


def test_a_link_is_bound_and_expires(asked: Any, api: Any, employer: Any, clock: Any, operator: Any) -> None:
    """Cut, changed, too old, or of a suspended employer."""
    application, path = asked
    assert press(api, path[:-2], "answer=rejected").status == 404
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    assert press(api, path, "answer=rejected").status == 403
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": False})
    clock.advance(days=30)
    assert press(api, path, "answer=rejected").status == 410
    assert state(employer, application)["decided"] is None


@pytest.mark.parametrize(
    ("since", "due", "asks"),
    [
        ("2026-06-02T14:00", "2026-06-04T14:00", "2026-06-03T14:00"),
        ("2026-06-03T01:00", "2026-06-05T01:00", "2026-06-04T12:00"),
        ("2026-06-05T16:00", "2026-06-07T16:00", "2026-06-05T21:00"),
        ("2026-06-05T23:00", "2026-06-07T23:00", "2026-06-08T12:00"),
        ("2026-06-02T14:00", "2026-06-02T20:00", "2026-06-02T14:00"),
    ],
    ids=["a day before", "when the office opens", "before the weekend", "nobody was there between", "a short wait"],
)
def test_the_mail_keeps_to_office_hours(since: str, due: str, asks: str) -> None:
    """Of the employer's zone and the digest's days, New York here."""
    at = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (since, due, asks)]
    wait = Wait("int_1", "interview", at[0], at[1])
    assert asks_at(wait, Employer("emp_1", "Acme", "America/New_York"), no_holidays) == at[2]
