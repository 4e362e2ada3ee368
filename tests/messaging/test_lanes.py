"""What other wings have to do never stands in the way of a reminder, nor of each other."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.jobs import worker as worker_module
from chalicelib.jobs.queue import body_of
from chalicelib.storage.outbox import new_event
from chalicelib.storage.table import Transaction


@pytest.fixture
def records(sending: Any) -> list[dict[str, str]]:
    """Six events of other wings, then a reminder that is due."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    events = [new_event(sending.employer.id, "interview.waiting", {}, sending.clock(), f"evt_{number}") for number in range(6)]
    transaction = Transaction()
    for event in events:
        transaction.create(event)
    transaction.commit()
    return [{"messageId": str(key), "body": body_of(key)} for key in (*(event.key for event in events), application.key)]


def _run(sending: Any, records: Any, worker: Any) -> list[str]:
    return worker_module.run(records, channels=wiring.channels(), clock=sending.clock, workers={"OUT": worker})


def test_reminders_go_first(sending, records):
    """A person who waits for word does not wait for somebody's webhook."""
    sent_before: list[int] = []
    assert _run(sending, records, lambda item, now: sent_before.append(len(sending.outbox))) == []
    assert sent_before == [1] * 6


def test_a_lane_that_takes_too_long_leaves_the_rest_to_the_next_tick(sending, records, monkeypatch):
    """An invocation must end in time, or everything in it comes again."""
    monkeypatch.setattr(worker_module, "LANE_SECONDS", 0.1)
    worked: list[str] = []

    def slow(item: Any, now: Any) -> None:
        worked.append(item.id)
        time.sleep(0.08)

    assert _run(sending, records, slow) == []
    assert len(worked) == 2


def test_one_that_raises_comes_again_alone(sending, records):
    def broken(item: Any, now: Any) -> None:
        if item.id == "evt_3":
            raise ValueError("never mind")

    assert _run(sending, records, broken) == [records[3]["messageId"]]
