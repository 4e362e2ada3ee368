"""What EventBridge and the SQS mapping do on AWS: hand the handlers in app.py real events, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalice.app import Cron, SQSEventConfig

from infra.local import events
from infra.local.environment import DEAD_LETTERS, QUEUE
from infra.local.events import ACCOUNT

ROUNDS_AT_MOST = 200
AGAIN_AFTER_SECONDS = 2
"""Visibility of a record whose delivery failed: on AWS it is twelve minutes."""


class Daily:
    """A handler with times of day. `due` is true once after the moved clock has passed one or more of them."""

    def __init__(self, handler: Callable[[Any, Any], Any], expression: Cron, since: datetime) -> None:
        self.handler = handler
        self._times = [
            timedelta(hours=hour, minutes=minute)
            for hour in numbers(expression.hours, 24)
            for minute in numbers(expression.minutes, 60)
        ]
        self._looked = since

    def due(self, now: datetime) -> bool:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        times = [day + time for day in (today - timedelta(days=1), today) for time in self._times]
        passed, self._looked = max(time for time in times if time <= now) > self._looked, now
        return passed


def numbers(field: str | int, below: int) -> list[int]:
    """A cron field: "7", "2-5", "0,12", "*"."""
    if field == "*":
        return list(range(below))
    ends = [part.partition("-") for part in str(field).split(",")]
    return [number for first, _, last in ends for number in range(int(first), int(last or first) + 1)]


@dataclass
class Worker:
    """The function of a queue. `done` counts the records that it has worked."""

    handler: Callable[[Any, Any], Any]
    batch: int
    lock: threading.RLock = field(default_factory=threading.RLock)
    done: int = 0
    failed: bool = False
    """Whether its last records failed: they come again."""


class Pumps:
    """Runs the schedule and the queues by hand or from threads.

    As on AWS, each queue has a worker of its own: no queue and no schedule waits for another queue's work.
    """

    def __init__(self, app: Any, sqs: Any, queue_base: str, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._sqs = sqs
        self._queue_base = f"{queue_base}/{ACCOUNT}"
        self._clock = clock
        self._ticking, self._nightly, self._until = threading.RLock(), threading.RLock(), threading.RLock()
        sources = [source for source in app.app.event_sources if isinstance(source, SQSEventConfig)]
        self._workers = {str(source.queue): Worker(getattr(app, source.name), source.batch_size) for source in sources}
        self._daily = [
            Daily(getattr(app, source.name), source.schedule_expression, clock())
            for source in app.app.event_sources
            if isinstance(getattr(source, "schedule_expression", None), Cron)
        ]
        self._filled = set(self._workers)
        """Queues that may hold records: an empty queue is not asked again and again."""
        self._delayed: set[str] = set()
        """Queues that got records with a delay: asked always."""
        sqs.meta.events.register("provide-client-params.sqs.SendMessageBatch", self._note_sent)

    @property
    def background_queues(self) -> list[str]:
        """The queues of what may be slow: all but those of reminders and dead letters."""
        return [name for name in self._workers if name not in (QUEUE, DEAD_LETTERS)]

    def tick(self) -> dict[str, Any]:
        """Run one scheduled tick. Return what the handler returned."""
        with self._ticking:
            return self._app.tick(events.schedule(self._clock()), events.Context()) or {}

    def deliver(self, queue: str = QUEUE) -> int:
        """Invoke the worker of a queue once with what is in it. Return how many records are done."""
        with self._workers[queue].lock:
            return self._consume(queue, self._workers[queue])

    def dead_letters(self) -> int:
        return self.deliver(DEAD_LETTERS)

    def until_nothing_is_due(self) -> dict[str, int]:
        """Tick and deliver until nothing is due at the moved time. Bounded, so that a fault cannot hang it.

        Returns `due` (records worked, by other threads too) and `ticks`.
        """
        due = ticks = 0
        with self._until:
            for _ in range(ROUNDS_AT_MOST):
                ticks += 1
                before = self._done()
                self.tick()
                for queue in (QUEUE, *self.background_queues):
                    if self._may_hold_records(queue):
                        self.drain(queue)
                if any(worker.failed for worker in self._workers.values()):
                    self.dead_letters()
                worked = self._done() - before
                due += worked
                if not worked:
                    break
            self.nightly()
        return {"due": due, "ticks": ticks}

    def drain(self, queue: str = QUEUE) -> int:
        """Deliver until the queue is empty. Return how many records were done."""
        self._filled.discard(queue)
        worked = 0
        while done := self.deliver(queue):
            worked += done
        return worked

    def _done(self) -> int:
        return sum(worker.done for name, worker in self._workers.items() if name != DEAD_LETTERS)

    def _may_hold_records(self, queue: str) -> bool:
        return queue in self._filled or queue in self._delayed or self._workers[queue].failed

    def _note_sent(self, params: dict[str, Any], **_: Any) -> None:
        queue = str(params["QueueUrl"]).rpartition("/")[2]
        self._filled.add(queue)
        if any(entry.get("DelaySeconds") for entry in params["Entries"]):
            self._delayed.add(queue)

    def nightly(self) -> None:
        """Runs the daily handlers whose time has come."""
        with self._nightly:
            for daily in self._daily:
                if daily.due(self._clock()):
                    daily.handler(events.schedule(self._clock(), "daily"), events.Context(900))

    def _consume(self, queue: str, worker: Worker) -> int:
        url = f"{self._queue_base}/{queue}"
        messages = self._receive(url, worker.batch)
        if not messages:
            return 0
        failed = {message["MessageId"] for message in messages}
        try:
            answer = worker.handler(events.queue_records(messages, queue), events.Context()) or {}
            failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        finally:
            worker.failed = bool(failed)
            for begin in range(0, len(messages), 10):
                self._settle(url, messages[begin : begin + 10], failed)
        worker.done += len(messages) - len(failed)
        return len(messages) - len(failed)

    def _receive(self, url: str, records: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while len(messages) < records:
            page = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(10, records - len(messages)),
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not page:
                break
            messages += page
        return messages

    def _settle(self, url: str, messages: list[dict[str, Any]], failed: set[str]) -> None:
        done = [
            {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
            for place, message in enumerate(messages)
            if message["MessageId"] not in failed
        ]
        again = [
            {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": AGAIN_AFTER_SECONDS}
            for place, message in enumerate(messages)
            if message["MessageId"] in failed
        ]
        if done:
            self._sqs.delete_message_batch(QueueUrl=url, Entries=done)
        if again:
            self._sqs.change_message_visibility_batch(QueueUrl=url, Entries=again)
