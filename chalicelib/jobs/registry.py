"""Which handler works which kind of job. `wiring.py` registers the handlers: this package knows none of them.

A job is an item in the due index. Its kind is the part of its sort key before "#".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.storage.table import Item, Key

Clock = Callable[[], datetime]


class QueueName(StrEnum):
    """The queues between scheduler and workers. Each has workers of its own, so slow work of one kind delays no other."""

    REMINDERS = "reminders"
    """What sends messages to people."""
    WEBHOOKS = "webhooks"
    ATS = "ats"
    IMPORTS = "imports"
    RECORDS = "records"
    """Long work on stored records: erasures, recomputed postings."""


@dataclass(frozen=True)
class JobHandler:
    """Works the due items of one kind, one by one.

    Items with the same `lane` attribute are worked one after the other, different lanes in parallel.
    """

    kind: str
    work: Callable[[Item, datetime], None]
    """Called with the item and the current time. Where it raises, the queue record comes again."""
    queue: QueueName = QueueName.REMINDERS
    """The queue of its records. Any worker works a record of any kind, as during a rolling deployment."""
    work_lane: Callable[[Sequence[Item], Clock], None] | None = None
    """Called, where given, instead of `work`, with all items of a lane that were read together."""


class Batch(Protocol):
    """The work of one invocation on the kinds of a `BatchHandler`. Several threads may call it at once."""

    def related(self, keys: Sequence[Key]) -> Iterable[Key]:
        """Keys to read in the same request as the due items of a chunk."""

    def work(self, keys: Sequence[Key], items: Mapping[Key, Item], pool: ThreadPoolExecutor) -> list[Key]:
        """Works a chunk and returns the keys whose records must come again."""

    def close(self) -> None:
        """Called once, after the last chunk."""


@dataclass(frozen=True)
class BatchHandler:
    """Works the due items of some kinds together, a chunk at a time. Their records are in the queue of reminders."""

    kinds: frozenset[str]
    begin: Callable[[Sequence[Key], Clock], Batch]
    """Called once an invocation, with the keys of all its records of these kinds."""
    expire: Callable[[Item, datetime], bool] | None = None
    """Ends an item whose record the queue gave up on. Returns whether there was anything to end."""


class Registry:
    """The handlers of one process, by kind."""

    def __init__(self, handlers: Iterable[JobHandler | BatchHandler]) -> None:
        """Raises ValueError where two handlers want the same kind."""
        self._single: dict[str, JobHandler] = {}
        self._batches: dict[str, BatchHandler] = {}
        for handler in handlers:
            kinds = {handler.kind} if isinstance(handler, JobHandler) else handler.kinds
            if taken := kinds & self.kinds:
                raise ValueError(f"two handlers for {', '.join(sorted(taken))}")
            if isinstance(handler, JobHandler):
                self._single[handler.kind] = handler
            else:
                self._batches |= dict.fromkeys(handler.kinds, handler)

    @property
    def kinds(self) -> set[str]:
        return {*self._single, *self._batches}

    @property
    def batches(self) -> list[BatchHandler]:
        return list(dict.fromkeys(self._batches.values()))

    def queue_of(self, key: Key) -> QueueName:
        """The queue of the job that a key names; that of reminders for kinds that are unknown or worked in chunks."""
        handler = self._single.get(kind_of(key))
        return handler.queue if handler else QueueName.REMINDERS

    def single(self, kind: str) -> JobHandler | None:
        """The handler of a kind that is worked one by one, or None."""
        return self._single.get(kind)

    def batch(self, kind: str) -> BatchHandler | None:
        """The handler of a kind that is worked in chunks, or None."""
        return self._batches.get(kind)


def kind_of(key: Key) -> str:
    """The kind of the item that a key names."""
    return key[1].partition("#")[0]
