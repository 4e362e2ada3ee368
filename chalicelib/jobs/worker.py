"""Works off queue records in chunks: reads their items and hands these to the handlers of their kinds.

What sends messages goes first. An item that fails comes again alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.config import settings
from chalicelib.errors import HeardbackError
from chalicelib.jobs import restore_guard
from chalicelib.jobs.queue import key_of
from chalicelib.jobs.registry import Clock, JobHandler, Registry, kind_of
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key

CHUNK = 20
THREADS = 8
"""Threads that all chunks of an invocation share, and so the calls to providers at once."""
SECONDS_MOST = 75
"""No chunk begins later: with its time-outs it ends before the function's time limit of two minutes."""
LANE_SECONDS = 12
"""For the items of one lane in one chunk: one slow server must not hold up the invocation."""
Record = Mapping[str, Any]
"""An SQS record: `messageId` and `body`."""
log = logging.getLogger(__name__)


def run(
    records: Iterable[Record], *, handlers: Registry, clock: Clock, elapsed: Callable[[], float] = time.monotonic
) -> list[str]:
    """Works records off and returns the ids of those that must come again. `elapsed`: seconds, for the limits on time."""
    if restore_guard.is_restored_copy(clock()):
        return []  # what is due stays due in the table, and is queued again after the release
    wanted, failed = _by_key(records)
    due_keys = list(wanted)
    invocation, began = _Invocation(handlers, clock, due_keys, elapsed), elapsed()

    def work(chunk: list[Key]) -> list[Key]:
        return chunk if elapsed() - began > SECONDS_MOST else invocation.work(chunk, pool)

    # several chunks at once: while one sends, another claims and a third settles, on the same threads
    with ThreadPoolExecutor(THREADS) as pool, ThreadPoolExecutor(settings().chunks_at_once) as chunks:
        for again in chunks.map(work, [due_keys[begin : begin + CHUNK] for begin in range(0, len(due_keys), CHUNK)]):
            failed += [record for key in again for record in wanted[key]]
    invocation.close()
    return failed


def _by_key(records: Iterable[Record]) -> tuple[dict[Key, list[str]], list[str]]:
    """Groups record ids by the key that they name. Also the ids of records that name none."""
    wanted: dict[Key, list[str]] = {}
    unread: list[str] = []
    for record in records:
        try:
            wanted.setdefault(key_of(record["body"]), []).append(record["messageId"])
        except ValueError:
            log.error("a queue record names no key")
            unread.append(record["messageId"])
    return wanted, unread


class _Invocation:
    """The batches that one invocation has begun, and its clock."""

    def __init__(self, handlers: Registry, clock: Clock, due_keys: Sequence[Key], elapsed: Callable[[], float]) -> None:
        self._handlers = handlers
        self._clock = clock
        self._elapsed = elapsed
        self._batches = [
            (handler.kinds, handler.begin(keys, clock))
            for handler in handlers.batches
            if (keys := _of_kinds(due_keys, handler.kinds))
        ]

    def work(self, due_keys: Sequence[Key], pool: ThreadPoolExecutor) -> list[Key]:
        """Works one chunk off and returns the keys that must come again."""
        shares = [(batch, keys) for kinds, batch in self._batches if (keys := _of_kinds(due_keys, kinds))]
        related = [key for batch, keys in shares for key in batch.related(keys)]
        try:
            # read eventually consistent: each write is conditional on what was read, so an old state changes nothing
            items = table.get_many([*due_keys, *related], consistent=False)
        except HeardbackError:
            log.exception("a chunk could not be read")
            return list(due_keys)
        failed = [key for batch, keys in shares for key in batch.work(keys, items, pool)]
        return [*failed, *self._work_lanes(due_keys, items, pool)]

    def _work_lanes(self, due_keys: Sequence[Key], items: Mapping[Key, Item], pool: ThreadPoolExecutor) -> list[Key]:
        """Works single items, when the chunk's messages are out: one lane in order, lanes in parallel."""
        lanes: dict[str, list[tuple[JobHandler, Item]]] = {}
        for key in due_keys:
            item, handler = items.get(key), self._handlers.single(kind_of(key))
            if item is not None and handler is not None:
                lanes.setdefault(str(getattr(item, "lane", item.kind)), []).append((handler, item))
        return [key for failed in pool.map(self._work_lane, lanes.values()) for key in failed]

    def _work_lane(self, lane: Sequence[tuple[JobHandler, Item]]) -> list[Key]:
        handler = lane[0][0]
        if handler.work_lane is not None:
            return self._work_together(handler.work_lane, [item for _, item in lane])
        failed, began = [], self._elapsed()
        for handler, item in lane:
            if self._elapsed() - began > LANE_SECONDS:
                break  # the rest is still due, and is queued again a minute later
            try:
                handler.work(item, self._clock())
            except Exception:
                log.exception("a due %s could not be worked", item.kind)
                failed.append(item.key)
        return failed

    def _work_together(self, work: Callable[[Sequence[Item], Clock], None], lane: Sequence[Item]) -> list[Key]:
        try:
            work(lane, self._clock)
        except Exception:
            log.exception("due items of the kind %s could not be worked", lane[0].kind)
            return [item.key for item in lane]
        return []

    def close(self) -> None:
        for _, batch in self._batches:
            batch.close()


def _of_kinds(keys: Iterable[Key], kinds: frozenset[str]) -> list[Key]:
    return [key for key in keys if kind_of(key) in kinds]
