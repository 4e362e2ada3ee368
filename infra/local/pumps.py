"""What EventBridge and the SQS mapping do on AWS: hand the handlers in app.py real events, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chalice.app import Cron

from infra.local import events
from infra.local.environment import DEAD_LETTERS, QUEUE
from infra.local.events import ACCOUNT

RECORDS_AT_MOST = 100
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


class Pumps:
    """Runs the schedule and the queue, one at a time, by hand or from a thread."""

    def __init__(self, app: Any, sqs: Any, queue_base: str, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._sqs = sqs
        self._queue_base = f"{queue_base}/{ACCOUNT}"
        self._clock = clock
        self._lock = threading.RLock()
        self._daily = [
            Daily(getattr(app, source.name), source.schedule_expression, clock())
            for source in app.app.event_sources
            if isinstance(getattr(source, "schedule_expression", None), Cron)
        ]

    def tick(self) -> dict[str, Any]:
        """Run one scheduled tick. Return what the handler returned."""
        with self._lock:
            return self._app.tick(events.schedule(self._clock()), events.Context()) or {}

    def deliver(self, records: int = RECORDS_AT_MOST) -> int:
        """Invoke the worker with what is in the queue. Return how many records are done."""
        return self._consume(QUEUE, self._app.deliver, records)

    def dead_letters(self) -> int:
        return self._consume(DEAD_LETTERS, self._app.dead_letters, RECORDS_AT_MOST)

    def until_nothing_is_due(self) -> dict[str, int]:
        """Tick and deliver until nothing is due at the moved time. Bounded, so that a fault cannot hang it.

        Returns `due` (records worked) and `ticks`.
        """
        due = ticks = 0
        with self._lock:
            for _ in range(ROUNDS_AT_MOST):
                ticks += 1
                self.tick()
                worked = self.drain()
                due += worked
                if not worked:
                    break
            self.nightly()
        return {"due": due, "ticks": ticks}

    def drain(self) -> int:
        """Deliver until the queue is empty."""
        worked = 0
        while done := self.deliver():
            worked += done
        self.dead_letters()
        return worked

    def nightly(self) -> None:
        """Runs the daily handlers whose time has come."""
        with self._lock:
            for daily in self._daily:
                if daily.due(self._clock()):
                    daily.handler(events.schedule(self._clock(), "daily"), events.Context(900))

    def _consume(self, queue: str, handler: Callable[[Any, Any], Any], records: int) -> int:
        with self._lock:
            url = f"{self._queue_base}/{queue}"
            messages = self._receive(url, records)
            if not messages:
                return 0
            failed = {message["MessageId"] for message in messages}
            try:
                answer = handler(events.queue_records(messages, queue), events.Context()) or {}
                failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
            finally:
                for begin in range(0, len(messages), 10):
                    self._settle(url, messages[begin : begin + 10], failed)
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
