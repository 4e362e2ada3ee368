"""A refused message is tried again with every check repeated."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import wiring
from chalicelib.applications.candidates import service as candidates
from chalicelib.jobs import dead_letters
from chalicelib.jobs.queue import body_of
from chalicelib.messaging import opt_outs
from chalicelib.rules.model import CallBack


@pytest.fixture
def refused(sending):
    """Somebody whose first nudge was refused by a busy provider a minute ago."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.faults.answer("Publish", 400, "Throttling")
    sending.run()
    assert sending.statuses(application) == ["retrying"]
    sending.clock.advance(minutes=1)
    return application


def test_a_contact_between_attempts_cancels_it(sending, refused):
    """The candidate was called between the attempts."""
    sending.heard(refused)
    sending.run()
    [message] = sending.messages(refused)
    assert message.status == "cancelled" and message.settled_at and message.due_at is None
    assert sending.outbox == []


def test_an_opt_out_between_attempts_suppresses_it(sending, refused):
    """STOP counts between two attempts as well."""
    opt_outs.opt_out([("sms", refused.phone)], "stop_word", sending.clock())
    sending.run()
    [message] = sending.messages(refused)
    assert (message.status, message.attempts) == ("suppressed", 1)
    assert sending.outbox == []


def test_a_window_that_closed_between_attempts_ends_it(sending):
    """A provider that was busy at 17:59 is no reason to text at 18:03."""
    ended = datetime(2026, 6, 2, 21, 59, tzinfo=UTC)
    sending.clock.set(ended)
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.faults.answer("Publish", 400, "Throttling")
    sending.run()
    sending.clock.advance(minutes=2)
    sending.run()
    assert sending.statuses(application) == ["expired"] and sending.outbox == []


def test_an_employer_who_ends_nudges_between_attempts_cancels_it(sending, refused):
    sending.change_employer(sending.employer, policy={"candidate_nudge": "off"})
    sending.run()
    [message] = sending.messages(refused)
    assert (message.status, message.attempts) == ("cancelled", 1) and sending.outbox == []


def test_a_candidate_who_has_no_address_any_more_is_not_tried_again(sending, refused):
    candidates.change(sending.employer, refused.candidate_id, {"phone": None}, sending.clock(), lambda _: None)
    sending.run()
    [message] = sending.messages(refused)
    assert (message.status, message.attempts) == ("cancelled", 1) and sending.outbox == []


def test_a_suspension_between_attempts_stops_it(sending, refused):
    """A suspension takes effect at once."""
    sending.change_employer(sending.employer, suspended=True)
    sending.run()
    assert sending.statuses(refused) == ["suppressed"] and sending.outbox == []


def test_a_retry_is_written_anew(sending, refused):
    """Texts are not stored: it names the current call-back, not that of the first attempt."""
    sending.tell_call_back(sending.employer, CallBack("Robin", "+12025550177"))
    sending.run()
    [text] = sending.outbox
    assert "Robin" in text["body"] and "+12025550177" in text["body"]


def test_a_contact_between_plan_and_claim_stops_the_retry(sending, refused):
    """The same race as with a first attempt, with the same outcome."""
    [message] = sending.messages(refused)
    sending.faults.before("TransactWriteItems", lambda: sending.heard(refused), where="sending")
    assert sending.deliver(message.key) == []
    assert sending.statuses(refused) == ["retrying"] and sending.outbox == []
    sending.run()
    assert sending.statuses(refused) == ["cancelled"] and sending.outbox == []


def test_no_attempt_is_made_after_the_hour(sending, refused):
    """No worker ran for two hours."""
    sending.clock.advance(hours=2)
    sending.run()
    assert sending.statuses(refused) == ["expired"] and sending.outbox == []


def test_a_dead_letter_ends_only_messages_without_attempts_left(sending, refused):
    """A message with time left, and a step that is not claimed, are queued again instead."""
    [message] = sending.messages(refused)
    letters = [
        {"messageId": "1", "body": body_of(message.key)},
        {"messageId": "2", "body": "garbage"},
        {"messageId": "3", "body": body_of(refused.key)},
    ]
    assert dead_letters.run(letters, wiring.job_handlers(), sending.clock()) == 0
    assert dead_letters.run(letters, wiring.job_handlers(), sending.clock() + timedelta(hours=1)) == 1
    assert sending.statuses(refused) == ["failed"]
    assert dead_letters.run(letters, wiring.job_handlers(), sending.clock() + timedelta(days=9)) == 0
