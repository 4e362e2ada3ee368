"""A message that was refused is tried again only if everything still holds: every check is repeated."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import wiring
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


def test_word_that_came_meanwhile_cancels_it(sending, refused):
    """They were called between the attempts."""
    sending.heard(refused)
    sending.run()
    [message] = sending.messages(refused)
    assert message.status == "cancelled" and message.settled_at and message.due_at is None
    assert sending.outbox == []


def test_an_opt_out_that_came_meanwhile_suppresses_it(sending, refused):
    """STOP is STOP, between two attempts as well."""
    opt_outs.opt_out([("sms", refused.phone)], "stop_word", sending.clock())
    sending.run()
    [message] = sending.messages(refused)
    assert (message.status, message.attempts) == ("suppressed", 1)
    assert sending.outbox == []


def test_a_window_that_closed_meanwhile_ends_it(sending):
    """A text at 18:03 because the provider was busy at 17:59 is still a text at 18:03."""
    ended = datetime(2026, 6, 2, 21, 59, tzinfo=UTC)
    sending.clock.set(ended)
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.faults.answer("Publish", 400, "Throttling")
    sending.run()
    sending.clock.advance(minutes=2)
    sending.run()
    assert sending.statuses(application) == ["expired"] and sending.outbox == []


def test_an_employer_that_was_suspended_meanwhile_stops_it(sending, refused):
    """Whoever suspends an employer means now."""
    sending.change_employer(sending.employer, suspended=True)
    sending.run()
    assert sending.statuses(refused) == ["suppressed"] and sending.outbox == []


def test_the_words_are_those_of_the_moment(sending, refused):
    """Bodies are not kept: the call-back of now is named, not that of the first attempt."""
    sending.tell_call_back(sending.employer, CallBack("Robin", "+12025550177"))
    sending.run()
    [text] = sending.outbox
    assert "Robin" in text["body"] and "+12025550177" in text["body"]


def test_word_between_the_plan_and_the_claim_stops_the_attempt(sending, refused):
    """The same race as with a first attempt, and the same answer."""
    [message] = sending.messages(refused)
    sending.faults.before("TransactWriteItems", lambda: sending.heard(refused), where="sending")
    assert sending.deliver(message.key) == []
    assert sending.statuses(refused) == ["retrying"] and sending.outbox == []
    sending.run()
    assert sending.statuses(refused) == ["cancelled"] and sending.outbox == []


def test_an_attempt_after_the_hour_is_not_made(sending, refused):
    """The worker slept for two hours."""
    sending.clock.advance(hours=2)
    sending.run()
    assert sending.statuses(refused) == ["expired"] and sending.outbox == []


def test_a_dead_letter_finishes_what_is_out_of_attempts_only(sending, refused):
    """Operators: a dead letter is no reason to give up a message that has time left, nor to touch an unclaimed step."""
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
