"""Drains a hundred thousand reminders due at once, and single ones of other employers: `python -m bench.drain`.

Real: tick, deliver, the claims and the table (dynoxide on disk). Moved: the clock, second by second, so that hours at the
configured rate take minutes. In this process: SQS, which keeps delays by the moved clock (MiniStack's uses real
time), and the provider, which accepts everything and records when.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.ground import AS_OF, due_reminders, ground, machine, new_employer
from chalicelib import wiring
from chalicelib.jobs import scheduler, worker
from chalicelib.jobs.queue import Queue
from chalicelib.jobs.registry import QueueName, Registry
from chalicelib.messaging import delivery
from chalicelib.messaging.mail_requests import Mail
from chalicelib.rules.model import Message

RECORDS_AT_MOST = 100
TICKS_MOST = 2_000
SECOND = timedelta(seconds=1)


@dataclass
class Sqs:
    """An SQS client for the queue: records can be received from a time of the moved clock on."""

    clock: Callable[[], datetime]
    _records: list[tuple[datetime, int, str]] = field(default_factory=list)
    _number: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self._records))}}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: ARG002 - SQS's names
        with self._lock:
            for entry in Entries:
                visible = self.clock() + timedelta(seconds=entry.get("DelaySeconds", 0))
                heapq.heappush(self._records, (visible, next(self._number), entry["MessageBody"]))
        return {"Successful": Entries}

    def received(self) -> list[dict[str, str]]:
        """Records that are visible now, at most one invocation's. They are removed at once: nothing dies here."""
        found: list[dict[str, str]] = []
        while self._records and self._records[0][0] <= self.clock() and len(found) < RECORDS_AT_MOST:
            _, number, body = heapq.heappop(self._records)
            found.append({"messageId": str(number), "body": body})
        return found


@dataclass
class Provider:
    """Accepts every message and records its number and the moved time."""

    clock: Callable[[], datetime]
    taken: list[tuple[datetime, str]] = field(default_factory=list)

    def send(self, message: Message, *_: object) -> str:  # the tags, the sender and the thread of a mail change nothing here
        self.taken.append((self.clock(), message.to))
        return f"taken-{len(self.taken)}"

    def together(self, mails: Sequence[Mail]) -> list[list[int]]:
        return [[place] for place in range(len(mails))]


@dataclass
class Drained:
    """`ticked_at`: when each tick ran, by the moved clock; `per_minute`: what the provider accepted in each minute."""

    provider: Provider
    ticked_at: list[datetime] = field(default_factory=list)
    read_most: int = 0
    tick_seconds: list[float] = field(default_factory=list)

    @property
    def per_minute(self) -> list[int]:
        began = self.ticked_at[0]
        counted = Counter((at - began) // timedelta(minutes=1) for at, _ in self.provider.taken)
        return [counted[minute] for minute in range(max(counted, default=0) + 1)]

    def ticks_until(self, to: str, due_at: datetime) -> int:
        """How many ticks ran from when it was due until it was accepted."""
        (sent_at,) = [at for at, one in self.provider.taken if one == to]
        return sum(due_at <= at <= sent_at for at in self.ticked_at)


def drain(now: datetime, rate: float) -> Drained:
    """A tick every moved minute and deliveries every moved second, until nothing is due."""
    moved = [now]
    sqs = Sqs(lambda: moved[0])
    drained = Drained(Provider(lambda: moved[0]))
    handlers = Registry([delivery.handler(drained.provider)])  # type: ignore[arg-type]
    for _ in range(TICKS_MOST):
        began = time.monotonic()
        counts = scheduler.run({QueueName.REMINDERS: Queue(sqs, "in-process")}, moved[0], wiring.queue_of, per_second=rate)
        drained.tick_seconds.append(time.monotonic() - began)
        drained.ticked_at.append(moved[0])
        drained.read_most = max(drained.read_most, counts["due"])
        if not counts["due"]:
            return drained
        for _ in range(60):
            while records := sqs.received():
                failed = worker.run(records, handlers=handlers, clock=lambda: moved[0])
                assert not failed, f"{len(failed)} records must come again"
            moved[0] += SECOND
    raise AssertionError("it does not come to an end")


def fates() -> Counter[str]:
    """Messages in the table, by status."""
    from chalicelib.storage import table

    found: Counter[str] = Counter()
    pages = (
        table.client()
        .get_paginator("scan")
        .paginate(
            TableName=table.Item.Meta.table_name,
            FilterExpression="begins_with(SK, :kind)",
            ProjectionExpression="#st",
            ExpressionAttributeNames={"#st": "st"},
            ExpressionAttributeValues={":kind": {"S": "MSG#"}},
        )
    )
    for page in pages:
        found.update(item["st"]["S"] for item in page["Items"])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.drain", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=100, help="what the providers take in a second")
    asked = parser.parse_args()
    print(f"Machine: {json.dumps(machine())}", flush=True)
    with ground():
        began = time.monotonic()
        due_reminders(new_employer(), asked.count)
        small = [
            (f"+1303{5_000_000 + second}", AS_OF + timedelta(seconds=second))
            for second in (0, 90, 210)
            if second < asked.count / asked.rate
        ]
        for to, due_at in small:
            due_reminders(new_employer(), 1, due_at=due_at, first=to)
        seeded = time.monotonic()
        drained = drain(AS_OF, asked.rate)
        took = time.monotonic() - seeded
        ended = fates()
    numbers = Counter(to for _, to in drained.provider.taken)
    waits = {f"due after {(due_at - AS_OF).seconds} s": drained.ticks_until(to, due_at) for to, due_at in small}
    minutes = drained.per_minute
    print(
        f"{asked.count:,} due at once, {asked.rate:g} a second; put there in {seeded - began:.0f} s, drained in {took:.0f} s "
        f"of this machine: {len(numbers) / took:.0f} a second"
    )
    print(
        f"moved clock: {len(minutes)} minutes, {len(drained.ticked_at)} ticks; a minute took {max(minutes):,} at most, "
        f"{min(minutes[:-1], default=0):,} at least before the last; a tick read {drained.read_most:,} keys at most, "
        f"in {max(drained.tick_seconds):.1f} s at most"
    )
    print(f"messages: {dict(ended)}; sent to {len(numbers):,} numbers, twice to {sum(n > 1 for n in numbers.values())}")
    print(f"others' single reminders, ticks until sent: {waits}")
    well = (
        len(numbers) == asked.count + len(small) == ended["sent"] == ended.total()
        and max(numbers.values()) == 1
        and max(minutes) <= asked.rate * 60 + len(small)
        and max(waits.values()) <= 2
    )
    print("as it should be" if well else "NOT as it should be")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
