"""The worker hands each due item to the handler of its kind; nothing holds up a reminder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.jobs import scheduler, worker
from chalicelib.jobs.queue import body_of
from chalicelib.jobs.registry import JobHandler, QueueName, Registry
from chalicelib.messaging import delivery
from chalicelib.storage.outbox import new_event
from chalicelib.storage.table import Transaction
from infra.local.events import Context, queue_records

DUE_KINDS = {
    "APP", "MSG", "DIGEST", "CLAIM", "DECIDER", "DISP", "FBMAIL",
    "ERASURE", "EVT", "LEAVING", "LINKED", "NEWS", "OUT", "PENDING", "POLL", "POSTING", "ROWS", "SEND", "UNLINK", "WATCH",
}  # fmt: skip


@pytest.fixture
def records(sending: Any) -> list[dict[str, str]]:
    """Six webhook events, then a reminder that is due."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    events = [new_event(sending.employer.id, "interview.waiting", {}, sending.clock(), f"evt_{number}") for number in range(6)]
    transaction = Transaction()
    for event in events:
        transaction.create(event)
    transaction.commit()
    return [{"messageId": str(key), "body": body_of(key)} for key in (*(event.key for event in events), application.key)]


def _run(sending: Any, records: Any, work: Callable[[Any, datetime], Any], **options: Any) -> list[str]:
    handlers = Registry([JobHandler("OUT", work), delivery.handler(wiring.channels())])
    return worker.run(records, handlers=handlers, clock=sending.clock, **options)


def test_reminders_go_first(sending, records):
    """A candidate's reminder does not wait for an employer's webhook."""
    sent_before: list[int] = []
    assert _run(sending, records, lambda item, now: sent_before.append(len(sending.outbox))) == []
    assert sent_before == [1] * 6


def test_a_lane_that_takes_too_long_leaves_the_rest_for_a_later_run(sending, records):
    """An invocation must end in time, or everything in it comes again."""
    worked: list[str] = []
    # each event takes ten of the lane's twelve seconds
    assert _run(sending, records, lambda item, now: worked.append(item.id), elapsed=lambda: 10.0 * len(worked)) == []
    assert len(worked) == 2


def test_an_item_that_fails_comes_again_alone(sending, records):
    """One broken item must not repeat the work of all others."""

    def broken(item: Any, now: Any) -> None:
        if item.id == "evt_3":
            raise ValueError("broken")

    assert _run(sending, records, broken) == [records[3]["messageId"]]


def test_a_kind_without_a_handler_is_passed_over(sending, records):
    """Newer code may have queued it: older code leaves it due and goes on."""
    handlers = Registry([delivery.handler(wiring.channels())])
    assert worker.run(records, handlers=handlers, clock=sending.clock) == []
    assert len(sending.outbox) == 1


def test_every_kind_that_becomes_due_has_a_handler():
    """An item in the due index without a handler would be queued every minute, for ever."""
    assert wiring.job_handlers().kinds == DUE_KINDS


def test_two_handlers_of_one_kind_are_refused():
    """Which of them works an item would depend on the order of registration."""
    with pytest.raises(ValueError, match="APP"):
        Registry([JobHandler("APP", print), delivery.handler(wiring.channels())])


def test_each_job_that_may_be_slow_has_another_queue_than_the_reminders():
    """A stranger's slow server, a large import or an erasure must not hold up a candidate's reminder."""
    queue_of = {kind: wiring.queue_of(("EMP#emp_1", kind)) for kind in DUE_KINDS}
    reminders = {kind for kind, queue in queue_of.items() if queue is QueueName.REMINDERS}
    assert reminders == {"APP", "MSG", "DIGEST", "CLAIM", "DECIDER", "DISP", "FBMAIL", "PENDING"}
    assert queue_of["SEND"] is QueueName.WEBHOOKS and queue_of["ROWS"] is QueueName.IMPORTS
    assert queue_of["EVT"] is queue_of["POLL"] is QueueName.ATS and queue_of["ERASURE"] is QueueName.RECORDS


def test_any_worker_works_a_record_of_any_kind(sending, records, stack):
    """During a rolling deployment, the old scheduler has put everything into the queue of reminders."""
    for handler in (stack.app.deliver, stack.app.send_webhooks):
        messages = [{"MessageId": one["messageId"], "ReceiptHandle": "r", "Body": one["body"]} for one in records]
        assert handler(queue_records(messages, "heardback-any"), Context()) == {"batchItemFailures": []}
    assert len(sending.outbox) == 1
    assert not [key for _, key in scheduler.due_keys(sending.clock(), most=1000) if key[1] == "OUT"]
