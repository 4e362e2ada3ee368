"""Once a minute: reads what is due from the sparse index and queues it, fairly among employers. Writes nothing to the table.

Overlapping ticks equal one, and a lost record comes again: the queue only says where to look.
"""

from __future__ import annotations

import logging
import math
import zlib
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from chalicelib.config import settings
from chalicelib.jobs import restore_guard
from chalicelib.jobs.queue import Queue
from chalicelib.storage import ids, table
from chalicelib.storage.table import Item, Key, read_instant, stored_instant

QUEUED_MOST = 10_000
"""Records queued by one tick: a minute's worth at 166 a second."""
READ_MOST = 100_000
"""Keys read by one tick, a page a shard: far more than it queues, so that a flood of one employer, all due
when a window opens, does not hide another's one."""
NEWEST = 200
"""Keys of each shard that are read from its other end too, where not all could be read: of a flood that is too large even for
that, somebody else's reminder that has just fallen due is not hidden."""
_THREADS = 8
log = logging.getLogger(__name__)


def run(
    queue: Queue, now: datetime, *, most: int = QUEUED_MOST, per_second: float | None = None, each: int | None = None
) -> dict[str, int]:
    """Queues up to `most` of what is due now. Returns counts: due (as far as read), skipped, queued, oldest_due_seconds.

    `per_second` is what the providers take (0: no limit; None: as the settings say). Then no more than a minute's worth is in
    the queue at once, and it comes out of it evenly; what exceeds that stays due for the next minutes. Who does not have to
    queue is not delayed. `each` is what one employer may send in a minute (0: no limit; None: as the settings say).
    """
    rate = settings().sends_per_second if per_second is None else per_second
    depth = queue.depth()
    due = due_keys(now, most=READ_MOST, newest=NEWEST)
    share = settings().employer_sends_per_minute if each is None else each
    order = round_robin(first_of_each([key for _, key in fair_order(due)], share))
    room = min(most, max(0, math.ceil(rate * 60) - depth)) if rate else most
    queued = 0 if restore_guard.is_restored_copy(now) else queue.send(next_of(order, depth, room), per_second=rate)
    counts = {
        "due": len(due),
        "skipped": min(depth, len(due)),
        "queued": queued,
        "oldest_due_seconds": _age(due[0][0], now) if due else 0,
    }
    log.info("ticked", extra=counts)  # the alarm on what is due and not sent reads this line
    return counts


def next_of(order: Sequence[Key], depth: int, room: int) -> list[Key]:
    """What to queue of a fair order of which about `depth` keys are queued already.

    Which ones is a guess: so the first of an employer of whom nothing else is chosen goes too, lest somebody with one reminder
    wait until another's flood has drained. What is queued twice finds its step taken.
    """
    chosen = list(order[depth : depth + room])
    if not chosen:
        return chosen
    here = {employer_of(key) for key in chosen}
    passed_over = {employer: key for key in reversed(order[:depth]) if (employer := employer_of(key)) not in here}
    return [*passed_over.values(), *chosen][:room]


def fair_order(due: Sequence[tuple[str, Key]]) -> list[tuple[str, Key]]:
    """Oldest first; what fell due at the same instant, as everything does when a window opens, in an order that a hash of the
    record and the instant decides: where there are more than can be sent at once, nobody is always among the last, and ticks
    that overlap agree."""
    return sorted(due, key=lambda row: (row[0], zlib.crc32(f"{row[0]}{row[1][0]}".encode()), row[1]))


def due_keys(now: datetime, *, most: int, newest: int = 0) -> list[tuple[str, Key]]:
    """(due_at, key) of what is due, oldest first: about `most` of it, an equal part of each shard; of shards that hold more, the
    `newest` too."""
    per_shard = -(-most // ids.DUE_SHARDS)
    with ThreadPoolExecutor(_THREADS) as pool:
        shards = pool.map(lambda shard: _due_of(shard, stored_instant(now), per_shard, newest), range(ids.DUE_SHARDS))
        return sorted(row for rows in shards for row in rows)


def oldest_due_seconds(now: datetime) -> int:
    """How long the oldest due thing has been due: 0 where nothing is."""
    due = due_keys(now, most=1)
    return _age(due[0][0], now) if due else 0


def _due_of(shard: int, until: str, most: int, newest: int) -> set[tuple[str, Key]]:
    found: set[tuple[str, Key]] = set()
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("due", str(shard), Item.due_at <= until, limit=most - len(found), start=start)
        found.update(map(_read, rows))
        if not start:
            return found
        if len(found) >= most:
            break
    if newest:
        rows, _ = table.query_index("due", str(shard), Item.due_at <= until, limit=newest, forward=False)
        found.update(map(_read, rows))
    return found


def _read(row: dict[str, Any]) -> tuple[str, Key]:
    return row["due_at"]["S"], (row["PK"]["S"], row["SK"]["S"])


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


def first_of_each(keys: Iterable[Key], share: int) -> list[Key]:
    """Each employer's first `share` messages (0: all), and whatever else is due. What still stands in the queue is due too, so it
    counts: who has not drained gets no more."""
    if not share:
        return list(keys)
    seen: Counter[str] = Counter()
    kept = []
    for key in keys:
        sends = key[1] == "APP" or key[1].startswith("MSG#")
        seen[employer_of(key)] += sends
        if not sends or seen[employer_of(key)] <= share:
            kept.append(key)
    return kept


def employer_of(key: Key) -> str:
    """The employer's id where the partition is an employer's, else the partition: a claim stands for itself."""
    parts = key[0].split("#")
    return parts[1] if parts[0] == "EMP" else key[0]
