"""Once a minute: reads due keys from the sparse index and queues them, each to the queue of its kind.

Fair among employers. Writes nothing to the table.

Overlapping runs do no harm, and what is due whose queue record was lost is queued again.
"""

from __future__ import annotations

import logging
import math
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from chalicelib.config import settings
from chalicelib.jobs import restore_guard
from chalicelib.jobs.queue import Queue, employer_of
from chalicelib.jobs.registry import QueueName, kind_of
from chalicelib.storage import ids, table
from chalicelib.storage.table import Item, Key, read_instant, stored_instant

QUEUED_MOST = 10_000
"""Records queued by one run in one queue: a minute's worth at 166 a second."""
EACH_MOST = 1_000
"""Other records of one employer in a queue. The rest waits in the table, so that no queue is full of one employer's."""
READ_MOST = 100_000
"""Keys read by one run: far more than it queues, so that one employer's backlog does not hide another's single reminder."""
NEWEST = 200
"""Newest keys of each shard that are read too, where not all could be read: behind a backlog larger than `READ_MOST`, another
employer's reminder that just became due is still found."""
_THREADS = 8
_SENDING = {"APP", "MSG"}
"""Kinds whose jobs send messages to candidates."""
log = logging.getLogger(__name__)


Due = tuple[str, Key]
"""(due_at, key)"""


def run(
    queues: Mapping[QueueName, Queue],
    now: datetime,
    queue_of: Callable[[Key], QueueName],
    *,
    most: int = QUEUED_MOST,
    per_second: float | None = None,
    each: int | None = None,
) -> dict[str, int]:
    """Queues what is due now, up to `most` in each queue. What a missing queue would take goes to that of reminders.

    Returns counts: due (as far as read), skipped, queued; the age of the oldest reminder and of the oldest other job.

    `per_second` is the rate of the providers (0: no limit; None: the setting). At most a minute's worth is in the queue of
    reminders at once and comes out of it evenly; the rest stays due. `each` is what one employer may send in a minute
    (0: no limit; None: the setting).
    """
    rate = settings().sends_per_second if per_second is None else per_second
    share = settings().employer_sends_per_minute if each is None else each
    due = _by_queue(due_keys(now, most=READ_MOST, newest=NEWEST), queues, queue_of)
    may_send = not restore_guard.is_restored_copy(now)
    sent = {
        name: _fill(queues[name], rows, most, *((rate, share) if name is QueueName.REMINDERS else (0, 0)), may_send=may_send)
        for name, rows in due.items()
    }
    oldest = {name: _age(rows[0][0], now) for name, rows in due.items()}
    counts = {
        "due": sum(map(len, due.values())),
        "skipped": sum(skipped for skipped, _ in sent.values()),
        "queued": sum(queued for _, queued in sent.values()),
        "oldest_due_seconds": oldest.pop(QueueName.REMINDERS, 0),
        "oldest_background_seconds": max(oldest.values(), default=0),
    }
    log.info("ticked", extra=counts)  # the alarms on what is due and not worked read this line
    return counts


def _by_queue(
    due: Iterable[Due], queues: Mapping[QueueName, Queue], queue_of: Callable[[Key], QueueName]
) -> dict[QueueName, list[Due]]:
    """Divides what is due among the queues that have any of it, reminders first."""
    rows: dict[QueueName, list[Due]] = {name: [] for name in QueueName}
    for row in due:
        name = queue_of(row[1])
        rows[name if name in queues else QueueName.REMINDERS].append(row)
    return {name: some for name, some in rows.items() if some}


def _fill(queue: Queue, due: Sequence[Due], most: int, rate: float, share: int, *, may_send: bool) -> tuple[int, int]:
    """Queues the keys of one queue. Returns how many were taken for queued already, and how many were queued."""
    depth = queue.depth()
    keys = [key for _, key in fair_order(due)]
    order = round_robin(first_of_each(keys, share))
    free = min(most, max(0, math.ceil(rate * 60) - depth)) if rate else most
    queued = queue.send(next_of(order, depth, free), per_second=rate) if may_send else 0
    return min(depth, len(due)), queued


def next_of(order: Sequence[Key], depth: int, free: int) -> list[Key]:
    """Chooses `free` keys of a fair order of which about `depth` keys are queued already.

    Which ones are queued is a guess. So the first key of each employer with none chosen is added, so that one employer's
    backlog cannot delay another's single reminder. What is queued twice finds its step taken.
    """
    chosen = list(order[depth : depth + free])
    if not chosen:
        return chosen
    has_chosen = {employer_of(key) for key in chosen}
    skipped = {employer: key for key in reversed(order[:depth]) if (employer := employer_of(key)) not in has_chosen}
    return [*skipped.values(), *chosen][:free]


def fair_order(due: Sequence[tuple[str, Key]]) -> list[tuple[str, Key]]:
    """Sorts oldest first, and what became due at once by a hash of key and instant.

    Much becomes due at once when a send window opens. So nobody is always last where not all can be sent at once, and
    overlapping runs agree.
    """
    return sorted(due, key=lambda row: (row[0], zlib.crc32(f"{row[0]}{row[1][0]}".encode()), row[1]))


def due_keys(now: datetime, *, most: int, newest: int = 0) -> list[tuple[str, Key]]:
    """Reads (due_at, key) of what is due, oldest first: about `most`, an equal part of each shard.

    Of shards that hold more, the `newest` are read too.
    """
    per_shard = -(-most // ids.DUE_SHARDS)
    with ThreadPoolExecutor(_THREADS) as pool:
        shards = pool.map(lambda shard: _due_of(shard, stored_instant(now), per_shard, newest), range(ids.DUE_SHARDS))
        return sorted(row for rows in shards for row in rows)


def oldest_due_seconds(now: datetime) -> int:
    """Says for how long the oldest due item has been due. 0 where nothing is due."""
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
    """Takes one key of each employer in turn: a thousand of one employer do not delay another's single one."""
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
    """Each employer's first `share` messages to candidates (0: all), and its first `EACH_MOST` other keys.

    What is still in the queue is due too and counts, so an employer whose messages are not sent yet gets no more.
    """
    seen: Counter[tuple[str, bool]] = Counter()
    kept = []
    for key in keys:
        sends = kind_of(key) in _SENDING
        limit = share if sends else EACH_MOST
        group = employer_of(key), sends
        seen[group] += 1
        if not limit or seen[group] <= limit:
            kept.append(key)
    return kept
