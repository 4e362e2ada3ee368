"""Conversations over HTTP, from the candidate's first text to the answer: what each side sees at each moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.rules.copy.gsm7 import segments
from infra.local.feedback import Feedback
from tests.engines import join
from tests.web.conftest import Browser, link_for, signed_in

__all__ = ["link_for", "signed_in"]
PHONE = "+12025550123"
QUESTION = "I called twice, nobody picks up. Is the job still open?"
CONSENT = {"given_at": "2026-01-01T00:00:00Z", "source": "form"}


@pytest.fixture
def provider(stack: Any) -> Feedback:
    """What comes back from SNS and SES."""
    return Feedback(stack.app, stack.clock, lambda: stack.outbox)


@pytest.fixture
def interviewed(clock: Any) -> Callable[..., Any]:
    """interviewed(employer, name=..., phone=...) -> the application of somebody whose interview was an hour ago."""

    def book(employer: Any, *, owner: str | None = None, job: str = "Welder", **candidate: Any) -> Any:
        given = {"name": "Sam Sample", "sms_consent": CONSENT if "phone" in candidate else None, **candidate}
        body = {
            "stage": "final",
            "start_at": clock.text(hours=-2),
            "end_at": clock.text(hours=-1),
            "application": {"job_title": job, "candidate": given, **({"owner_id": owner} if owner else {})},
        }
        made = employer.post("/v1/interviews", body)
        assert made.status == 201, made
        return employer.get(f"/v1/applications/{made.json['application_id']}").json

    return book


def test_a_candidates_question_reaches_its_owner_and_is_answered(
    employer: Any, interviewed: Any, provider: Feedback, outbox: Any, clock: Any, run_ticks: Any, signed_in: Any, link_for: Any
) -> None:
    """Texted, asked, told to the owner within a tick, read in the Inbox, answered by a call, seen; then asked how it was."""
    join(employer, outbox, "robin@example.com", "Robin Hale", "recruiter")
    robin = employer.get("/v1/people").json["data"][0]["id"]
    application = interviewed(employer, owner=robin, phone=PHONE, email="sam@example.com")
    clock.advance(hours=48)
    run_ticks()
    own_page = link_for("/f/")
    outbox.clear()
    provider.inbound_sms({"from": PHONE, "body": QUESTION})
    assert [text["body"][:29] for text in outbox.sms] == ["Acme Robotics has your messag"]
    run_ticks()
    [mail] = outbox.to("robin@example.com")
    assert QUESTION in mail["body"] and "twice" not in mail["subject"] and "Sam" not in mail["subject"]
    desk = signed_in("recruiter")
    assert "I called twice" in desk.text, "Today quotes what nobody has seen"
    desk.open("/inbox")
    assert QUESTION in desk.text and "Sam Sample" in desk.text
    desk.open(f"/applications/{application['id']}")
    assert QUESTION in desk.text
    clock.advance(minutes=5)
    told = {"channel": "call", "outcome": "reached", "decision": "advancing"}
    assert employer.post(f"/v1/applications/{application['id']}/contacts", told).status == 201
    assert employer.get(f"/v1/applications/{application['id']}").json["loop"] == "answered"
    desk.open("/inbox")
    desk.submit("/seen")
    assert "Seen by Robin Hale" in desk.text
    assert "I called twice" not in (desk.open("/"), desk.text)[1]
    types = [one["type"] for one in employer.get(f"/v1/applications/{application['id']}/timeline").json["data"]]
    assert types[:2] == ["contact", "reply"] and "message" in types
    sam = Browser(employer)
    sam.open(own_page)
    sam.submit("/f/", "good", answer="good")
    assert "How was it?" in sam.text


def test_two_employers_of_one_candidate_see_a_reply_after_the_choice_alone(
    api: Any, employer: Any, interviewed: Any, provider: Feedback, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Both have texted the number: neither sees the reply before "2", and the other one never does."""
    other = api.new_employer(name="Blue Fern")
    for one in (employer, other):
        interviewed(one, phone=PHONE)
    clock.advance(hours=48)
    run_ticks()
    assert len(outbox.sms) == 2
    outbox.clear()
    provider.inbound_sms({"from": PHONE, "body": QUESTION})
    [asked] = outbox.sms
    assert "1 for" in asked["body"] and "2 for" in asked["body"] and segments(asked["body"]) == 1
    assert [one.get("/v1/replies").json["data"] for one in (employer, other)] == [[], []]
    second = employer if asked["body"].index("Acme Robotics") > asked["body"].index("Blue Fern") else other
    provider.inbound_sms({"from": PHONE, "body": "2"})
    assert [reply["body"] for reply in second.get("/v1/replies").json["data"]] == [QUESTION]
    assert (other if second is employer else employer).get("/v1/replies").json["data"] == []


def test_a_reply_on_a_day_whose_answer_is_spent_is_asked_about_on_the_next(
    api: Any, employer: Any, interviewed: Any, provider: Feedback, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """START had the answer of the day: the question comes a day later, and "2" brings the words to the second employer."""
    other = api.new_employer(name="Blue Fern")
    for one in (employer, other):
        interviewed(one, phone=PHONE)
    clock.advance(hours=48)
    run_ticks()
    provider.inbound_sms({"from": PHONE, "body": "START"})
    outbox.clear()
    provider.inbound_sms({"from": PHONE, "body": QUESTION})
    assert outbox.sms == []
    clock.advance(days=1)
    run_ticks()
    [asked] = [text for text in outbox.sms if "1 for" in text["body"]]
    second = employer if asked["body"].index("Acme Robotics") > asked["body"].index("Blue Fern") else other
    provider.inbound_sms({"from": PHONE, "body": "2"})
    assert [reply["body"] for reply in second.get("/v1/replies").json["data"]] == [QUESTION]
    assert (other if second is employer else employer).get("/v1/replies").json["data"] == []


@pytest.mark.long
def test_of_a_hundred_letters_the_one_that_bounces_reopens_its_wait(
    employer: Any, interviewed: Any, provider: Feedback, outbox: Any, run_ticks: Any
) -> None:
    """One request, a hundred mails; the other ninety-nine have heard."""
    some = [interviewed(employer, name=f"Sam {_spelled(n)}", email=f"sam{n}@example.com") for n in range(100)]
    sent = employer.post("/v1/letters", {"application_ids": [one["id"] for one in some], "decision": "rejected"})
    assert sent.status == 202, sent
    run_ticks()
    assert len({mail["to"] for mail in outbox.email}) == len(outbox.email) == 100
    provider.ses_event({"type": "Bounce", "to": "sam42@example.com", "permanent": True})
    [again] = employer.get("/v1/applications", query={"loop": "waiting"}).json["data"]
    assert again["id"] == some[42]["id"]
    counts = employer.get(f"/v1/letters/{sent.json['id']}").json["counts"]
    assert (counts["sent"], counts["bounced"]) == (100, 1)
    run_ticks()
    assert len(outbox.email) == 100


def test_each_candidate_gets_one_segment_in_their_language(
    employer: Any, interviewed: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Spanish, Hebrew and Korean, with the employer's name, who to call and STOP."""
    names = {"es-MX": "Ana Núñez", "he-IL": "דנה כהן", "ko-KR": "김민준"}
    for number, (locale, name) in enumerate(names.items()):
        interviewed(employer, name=name, phone=f"+1202555017{number}", locale=locale, timezone="America/New_York")
    clock.advance(hours=48)
    run_ticks()
    assert len(outbox.sms) == 3
    for text, words in zip(sorted(outbox.sms, key=lambda one: one["to"]), ("noticias", "תשובה", "연락"), strict=True):
        assert segments(text["body"]) == 1 and words in text["body"], text
        assert "Acme" in text["body"] and "STOP" in text["body"] and "2025550100" in text["body"].replace(" ", ""), text


def _spelled(number: int) -> str:
    """A name without digits."""
    return "".join("ABCDEFGHIJ"[int(digit)] for digit in str(number)).capitalize()
