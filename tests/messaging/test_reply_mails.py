"""What a candidate says reaches its owner at once, Today and the digest; the candidate hears that it arrived."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.errors import Unavailable
from infra.local.feedback import Feedback
from tests.applications.conftest import booked, contact, interview
from tests.engines import join

__all__ = ["booked", "contact", "interview"]
NUMBER, WORDS = "+12025550123", "I called twice, nobody picks up. See https://evil.example/x"


@pytest.fixture
def texted(booked: Any, clock: Any, run_ticks: Any, employer: Any, outbox: Any) -> Any:
    """The application of somebody who was texted, owned by Robin; the outbox is empty."""
    join(employer, outbox, "robin@example.com", "Robin Hale", "recruiter")
    [robin] = employer.get("/v1/people").json["data"]
    made = booked(
        candidate={"sms_consent": {"given_at": clock.text(hours=-99), "source": "form"}}, application={"owner_id": robin["id"]}
    )
    clock.advance(hours=73)
    run_ticks()
    assert len(outbox.sms) == 1
    outbox.clear()
    return made["application"]


@pytest.fixture
def text(stack: Any) -> Any:
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    return lambda body, **more: feedback.inbound_sms({"from": NUMBER, "body": body, **more})


def test_a_text_reaches_its_owner_within_a_tick_and_is_acknowledged(texted: Any, text: Any, outbox: Any, run_ticks: Any) -> None:
    """No word of the candidate in the subject, no link of theirs in the body; delivered twice, told once."""
    text(WORDS, id="one")
    text(WORDS, id="one")
    [answer] = outbox.sms
    assert answer["body"].startswith("Acme Robotics has your message") and "STOP" in answer["body"]
    run_ticks()
    [mail] = outbox.to("robin@example.com")
    assert mail["subject"] == "Acme Robotics: a candidate has written to you"
    assert "I called twice, nobody picks up." in mail["body"] and "evil.example" not in mail["body"] + mail["html"]
    assert f"/applications/{texted['id']}" in mail["body"]
    run_ticks()
    assert len(outbox) == 2


def test_an_owner_who_was_invited_is_told_of_nothing(texted: Any, text: Any, outbox: Any, run_ticks: Any, employer: Any) -> None:
    """The address may be a stranger's. The digest of the team has the text, and Today."""
    kit = employer.post("/v1/people", {"name": "Kit Poe", "email": "kit@example.com"}).json["id"]
    assert employer.patch(f"/v1/applications/{texted['id']}", {"owner_id": kit}).status == 200
    text(WORDS)
    run_ticks()
    assert [mail["subject"] for mail in outbox.email] == ["You are invited to Heardback"]
    assert len(employer.get("/v1/replies").json["data"]) == 1


def test_there_is_one_answer_a_day(texted: Any, text: Any, outbox: Any, clock: Any) -> None:
    """Ten texts in a row get one acknowledgement."""
    for _ in range(5):
        text("Hello?")
    assert len(outbox.sms) == 1
    clock.advance(days=1)
    text("Hello again?")
    assert len(outbox.sms) == 2


def test_ten_texts_in_a_row_are_one_mail(texted: Any, text: Any, outbox: Any, run_ticks: Any, clock: Any) -> None:
    """It quotes them all. What comes after it within minutes is one mail more, at the end of them."""
    for number in range(10):
        text(f"Question {number}?")
    outbox.clear()
    run_ticks()
    [mail] = outbox.to("robin@example.com")
    assert all(f"Question {number}?" in mail["body"] for number in range(10))
    clock.advance(seconds=30)
    for number in range(3):
        text(f"And {number}?")
    run_ticks()
    assert len(outbox.to("robin@example.com")) == 1
    clock.advance(minutes=10)
    run_ticks()
    assert "And 2?" in outbox.to("robin@example.com")[1]["body"]
    clock.advance(minutes=30)
    run_ticks()
    assert len(outbox.to("robin@example.com")) == 2


def test_texts_of_one_moment_are_both_stored(
    texted: Any, text: Any, employer: Any, faults: Any, outbox: Any, run_ticks: Any
) -> None:
    """Both make the same mail: the second is stored without it."""
    faults.before("TransactWriteItems", lambda: text("Second?"))
    text("First?")
    assert {reply["body"] for reply in employer.get("/v1/replies").json["data"]} == {"First?", "Second?"}
    run_ticks()
    assert len(outbox.to("robin@example.com")) == 1


@pytest.mark.parametrize("after", [0, 1])
def test_a_text_that_comes_while_its_mail_is_made_is_in_that_mail_or_another(
    texted: Any, text: Any, outbox: Any, faults: Any, run_ticks: Any, clock: Any, after: int
) -> None:
    """A worker has read what the mail will quote, and has not claimed it yet; or it has just sent it."""
    text("First?")
    outbox.clear()
    faults.before("TransactWriteItems", lambda: text("Second?"), after=after)
    run_ticks()
    clock.advance(minutes=11)
    run_ticks()
    told = "".join(mail["body"] for mail in outbox.to("robin@example.com"))
    assert "First?" in told and "Second?" in told
    assert len(outbox.to("robin@example.com")) <= 2


def test_a_reply_ends_a_snooze_once(texted: Any, text: Any, employer: Any, clock: Any) -> None:
    """The carrier delivers it again, after somebody has read it and snoozed the application again."""
    path = f"/v1/applications/{texted['id']}"
    assert employer.patch(path, {"snooze_until": clock.text(hours=48)}).status == 200
    text("When do I hear?", id="one")
    assert employer.get(path).json["snooze_until"] is None
    assert employer.patch(path, {"snooze_until": clock.text(hours=24)}).status == 200
    text("When do I hear?", id="one")
    assert employer.get(path).json["snooze_until"] == clock.text(hours=24)
    text("Hello?", id="two")
    assert employer.get(path).json["snooze_until"] is None


def test_a_reply_whose_first_delivery_came_to_nothing_ends_the_snooze(
    texted: Any, text: Any, employer: Any, clock: Any, faults: Any
) -> None:
    path = f"/v1/applications/{texted['id']}"
    assert employer.patch(path, {"snooze_until": clock.text(hours=48)}).status == 200
    faults.throttle("TransactWriteItems", times=None)
    with pytest.raises(Unavailable):
        text("When do I hear?", id="one")
    faults.clear()
    text("When do I hear?", id="one")
    assert employer.get(path).json["snooze_until"] is None and len(employer.get("/v1/replies").json["data"]) == 1


def test_an_acknowledgement_does_not_use_up_the_answer_to_help(texted: Any, text: Any, outbox: Any) -> None:
    """Carriers want HELP answered. It is once a day."""
    text("When do I hear?")
    text("HELP")
    text("HELP")
    assert ["has your message" in one["body"] for one in outbox.sms] == [True, False]
    assert "STOP to opt out" in outbox.sms[1]["body"]


@pytest.mark.parametrize("refused", [False, True])
def test_a_dispute_by_api_is_mailed_to_the_owner(
    texted: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any, faults: Any, refused: bool
) -> None:
    """Once, without the candidate's words; nobody is mailed where nothing is disputed."""
    path = f"/v1/applications/{texted['id']}"
    employer.post(f"{path}/statements", {"heard": False})
    run_ticks()
    assert outbox.to("robin@example.com") == []
    clock.advance(minutes=5)
    told = {"channel": "call", "outcome": "reached", "decision": "rejected", "occurred_at": clock.text()}
    assert employer.post(f"{path}/contacts", told).status == 201
    clock.advance(minutes=5)
    outbox.clear()
    assert employer.post(f"{path}/statements", {"heard": False}).status == 201
    if refused:
        faults.throttle("SendEmail", code="TooManyRequestsException", status=429)
    run_ticks()
    clock.advance(minutes=5)
    run_ticks()
    [mail] = outbox.to("robin@example.com")
    assert mail["subject"] == "Acme Robotics: a candidate disputes a logged contact"
    clock.advance(hours=1)
    run_ticks()
    assert len(outbox.to("robin@example.com")) == 1


@pytest.mark.parametrize("event", ["seen", "erased", "unowned", "suspended", "removed"])
def test_no_mail_goes_where_it_would_be_wrong(
    texted: Any, text: Any, outbox: Any, run_ticks: Any, employer: Any, operator: Any, event: str
) -> None:
    """Checked when it is due."""
    text("When do I hear?")
    outbox.clear()
    if event == "seen":
        [reply] = employer.get("/v1/replies").json["data"]
        employer.post(f"/v1/replies/{reply['id']}/seen")
    elif event == "erased":
        employer.delete(f"/v1/candidates/{texted['candidate_id']}")
    elif event == "unowned":
        employer.patch(f"/v1/applications/{texted['id']}", {"owner_id": None})
    elif event == "suspended":
        operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    else:
        employer.delete(f"/v1/people/{texted['owner_id']}")
    run_ticks()
    assert outbox.to("robin@example.com") == []


def test_who_said_stop_gets_no_acknowledgement(texted: Any, text: Any, outbox: Any, clock: Any) -> None:
    """A later text of theirs is shown to people, and answered by none of ours."""
    text("STOP")
    outbox.clear()
    clock.advance(days=2)
    text("When do I hear?")
    assert outbox.sms == []


@pytest.mark.parametrize("refused", [False, True])
def test_the_digest_names_who_wrote_and_was_not_seen(
    texted: Any, text: Any, outbox: Any, run_ticks: Any, clock: Any, employer: Any, faults: Any, refused: bool
) -> None:
    """Their owner's, with the beginning of their words, also by a second attempt; not what somebody has seen."""
    text("Thank you for the talk")
    [seen] = employer.get("/v1/replies").json["data"]
    employer.post(f"/v1/replies/{seen['id']}/seen")
    clock.advance(minutes=1)
    text("When do I hear?")
    outbox.clear()
    clock.advance(hours=70)
    if refused:
        faults.throttle("SendEmail", code="TooManyRequestsException", status=429)
        run_ticks()
        assert outbox.to("robin@example.com") == []
        clock.advance(minutes=5)
    run_ticks()
    [digest] = outbox.to("robin@example.com")
    assert "In your Inbox" in digest["body"] and "Sam Sample (Welder) texted: “When do I hear?”" in digest["body"]
    assert "Thank you for the talk" not in digest["body"]
