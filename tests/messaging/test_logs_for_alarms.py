"""The log lines that the alarms in infra/resources.yaml read: their keys and figures must not change."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from tests.engines import Crash

PHONE = "+12025560555"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Any:
    """logged("unknown") -> the values that log lines gave under this key, oldest first."""
    caplog.set_level(logging.INFO)
    return lambda key: [vars(record)[key] for record in caplog.records if key in vars(record)]


def test_each_run_of_the_scheduler_says_how_old_the_oldest_due_item_is(sending, caplog):
    """Filter `$.message = "ticked"`, figure `$.oldest_due_seconds`: the alarm that sending has stopped."""
    caplog.set_level(logging.INFO)
    sending.interviewed()
    sending.clock.advance(hours=48, seconds=90)
    sending.tick()
    [line] = [vars(record) for record in caplog.records if record.getMessage() == "ticked"]
    assert (line["oldest_due_seconds"], line["due"], line["queued"]) == (90, 1, 1)


def test_settling_says_how_many_were_sent_and_how_many_are_unknown(sending, logged):
    """`$.sent` and `$.unknown`: an unknown message is looked at by a person, or nobody knows of it."""
    people = [sending.interviewed() for _ in range(3)]
    sending.clock.advance(hours=48)
    sending.faults.lose_response("Publish", where=people[1].phone.removeprefix("+"))
    sending.deliver(*[one.key for one in people])
    assert (logged("sent"), logged("unknown")) == ([2], [1])


def test_a_claim_that_a_dead_worker_left_says_how_many_messages_are_unknown(sending, logged):
    """`$.unknown`: three people may or may not have been texted, and no other line tells."""
    people = [sending.interviewed() for _ in range(3)]
    sending.clock.advance(hours=48)
    sending.faults.crash_before("BatchGetItem", where="OPT#")
    with pytest.raises(Crash):
        sending.deliver(*[one.key for one in people])
    sending.clock.advance(minutes=16)
    [message] = sending.messages(people[0])
    sending.deliver((f"CLAIM#{message.claim}", "CLAIM"))
    assert logged("unknown") == [3]


def test_texts_over_the_months_cap_are_counted(sending, logged, text_costs):
    """`$.over_cap`: an employer whose reminders stop for want of money is called by the operator."""
    text_costs("1")
    employer = sending.new_employer(policy={"sms_monthly_cap_usd": 1})
    people = [sending.interviewed(employer) for _ in range(3)]
    sending.clock.advance(hours=48)
    sending.deliver(*[one.key for one in people])
    assert logged("over_cap") == [2]


def test_messages_over_the_frequency_cap_are_counted(sending, logged):
    """`$.over_cap` too: one line a message that is held for good."""
    ended = sending.clock() - timedelta(hours=48)
    people = [sending.interviewed(phone=PHONE, ended=ended) for _ in range(5)]
    for one in people:
        sending.deliver(one.key)
    assert logged("over_cap") == [1, 1]
