"""SQS's standard queue: at least once, any order, visible again after a time-out, dead letter after five tries."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.world.table import Refused

VISIBILITY = 720.0
RECEIVES_MOST = 5


@dataclass
class Record:
    """One stored copy of a record. A duplicate is another copy of the same message id."""

    id: str
    body: str
    visible_at: float
    receives: int = 0


@dataclass
class Queue:
    """One queue and its dead letters.

    `chance` decides order and duplicates. `duplicates` is how often a record is stored twice, `vague` how often the
    approximate counts show none.
    """

    chance: random.Random
    duplicates: float = 0.0
    vague: float = 0.0
    records: list[Record] = field(default_factory=list)
    dead: list[Record] = field(default_factory=list)
    _sent: int = 0

    def serve(self, operation: str, request: dict[str, Any], at: float) -> dict[str, Any]:
        match operation:
            case "SendMessageBatch":
                return self._send(request["Entries"], at)
            case "GetQueueAttributes":
                known = [] if self.chance.random() < self.vague else self.records
                visible = sum(record.visible_at <= at for record in known)
                counts = {
                    "ApproximateNumberOfMessages": visible,
                    "ApproximateNumberOfMessagesNotVisible": len(known) - visible,
                    "ApproximateNumberOfMessagesDelayed": 0,
                }
                return {"Attributes": {name: str(counts[name]) for name in request["AttributeNames"]}}
        raise NotImplementedError(operation)

    def _send(self, entries: list[dict[str, Any]], at: float) -> dict[str, Any]:
        if not 1 <= len(entries) <= 10 or len({entry["Id"] for entry in entries}) < len(entries):
            raise Refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
        done = []
        for entry in entries:
            self._sent += 1
            record = Record(f"record-{self._sent}", entry["MessageBody"], at + entry.get("DelaySeconds", 0))
            self.records.append(record)
            if self.chance.random() < self.duplicates:
                self.records.append(Record(record.id, record.body, record.visible_at))
            done.append({"Id": entry["Id"], "MessageId": record.id, "MD5OfMessageBody": "unchecked"})
        return {"Successful": done}

    def receive(self, most: int, at: float) -> list[Record]:
        """Takes records in any order and hides them for a while. Records that were taken too often become dead letters."""
        exhausted = [record for record in self.records if record.visible_at <= at and record.receives >= RECEIVES_MOST]
        self.dead += exhausted
        self.records = [record for record in self.records if record not in exhausted]
        ready = [record for record in self.records if record.visible_at <= at]
        self.chance.shuffle(ready)
        for record in ready[:most]:
            record.receives += 1
            record.visible_at = at + VISIBILITY
        return ready[:most]

    def settle(self, taken: list[Record], failed: set[str]) -> None:
        """Deletes what the function did not report as failed; the rest becomes visible again later."""
        done = [id(record) for record in taken if record.id not in failed]
        self.records = [record for record in self.records if id(record) not in done]

    def redrive(self, at: float) -> None:
        """Moves the dead letters back to the queue."""
        self.records += [Record(record.id, record.body, at) for record in self.dead]
        self.dead = []

    def lose(self) -> None:
        """Loses all records."""
        self.records = []

    @property
    def next_visible(self) -> float | None:
        return min((record.visible_at for record in self.records), default=None)
