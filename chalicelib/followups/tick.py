"""Once a minute: reads what is due from the sparse index and queues it, fairly among employers. Writes nothing to the table.

Overlapping ticks equal one, and a lost record comes again: the queue only says where to look.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from chalicelib import ids, table
from chalicelib.followups import quarantine
from chalicelib.followups.queue import Queue
from chalicelib.table import Item, Key, read_instant, stored_instant

QUEUED_MOST = 5_000
"""Records queued by one tick."""
READ_MOST = 100_000
"""Keys read by one tick, a page a shard: far more than it queues, so that a flood of one employer, all due
when a window opens, does not hide another's one."""
_THREADS = 8
log = logging.getLogger(__name__)


def run(queue: Queue, now: datetime, *, most: int = QUEUED_MOST) -> dict[str, int]:
    """Queues up to `most` of what is due now. Returns counts: due (as far as read), skipped, queued, oldest_due_seconds."""
    depth = queue.depth()
    due = due_keys(now, most=READ_MOST)
    order = round_robin([key for _, key in due])
    queued = 0 if quarantine.holds(now) else queue.send(order[depth:depth + most])
    counts = {"due": len(due), "skipped": min(depth, len(due)), "queued": queued,
              "oldest_due_seconds": _age(due[0][0], now) if due else 0}
    log.info("ticked", extra=counts)  # the alarm on what is due and not sent reads this line
    return counts


def due_keys(now: datetime, *, most: int) -> list[tuple[str, Key]]:
    """(due_at, key) of what is due, oldest first: about `most` of it, an equal part of each shard."""
    per_shard = -(-most // ids.DUE_SHARDS)
    with ThreadPoolExecutor(_THREADS) as pool:
        shards = pool.map(lambda shard: _due_of(shard, stored_instant(now), per_shard), range(ids.DUE_SHARDS))
        return sorted(row for rows in shards for row in rows)


def oldest_due_seconds(now: datetime) -> int:
    """How long the oldest due thing has been due: 0 where nothing is."""
    due = due_keys(now, most=1)
    return _age(due[0][0], now) if due else 0


def _due_of(shard: int, until: str, most: int) -> list[tuple[str, Key]]:
    found: list[tuple[str, Key]] = []
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("due", str(shard), Item.due_at <= until, limit=most - len(found), start=start)
        found += [(row["due_at"]["S"], (row["PK"]["S"], row["SK"]["S"])) for row in rows]
        if not start or len(found) >= most:
            return found


def _age(due_at: str, now: datetime) -> int:
    return max(0, int((now - read_instant(due_at)).total_seconds()))


def round_robin(keys: Iterable[Key]) -> list[Key]:
    """One of each employer in turn, each employer's in the given order: a thousand of one do not delay another's one."""
    lines: dict[str, deque[Key]] = {}
    for key in keys:
        lines.setdefault(employer_of(key), deque()).append(key)
    order: list[Key] = []
    turns = deque(lines.values())
    while turns:
        line = turns.popleft()
        order.append(line.popleft())
        if line:
            turns.append(line)
    return order


def employer_of(key: Key) -> str:
    """The employer's id where the partition is an employer's, else the partition: a claim stands for itself."""
    parts = key[0].split("#")
    return parts[1] if parts[0] == "EMP" else key[0]
