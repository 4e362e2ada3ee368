"""A pass over all records of every employer, in pieces: each night continues where the one before stopped.

For what versions before left undone, and what they write undone while they run beside this one. A finished pass begins again
after a week.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.errors import HeardbackError
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction

EVERY = timedelta(days=7)
_PAGE = 100
_log = logging.getLogger("heardback")
Step = Callable[[str, str, datetime, Counter[str]], tuple[int, str | None]]
"""(employer's id, place, now, counts) -> what it cost, in records read, and the place to continue from; None at the end."""


@dataclass(frozen=True, slots=True)
class NightlyPass:
    """`state` is the kind of the item, at `state_key`, with the attributes `after` and `finished_at`. `name` is for counts."""

    name: str
    state: Any
    state_key: Callable[[str], Key]
    first: str
    step: Step


def run(job: NightlyPass, now: datetime, counts: Counter[str], *, each: int, most: int) -> None:
    """Continues the pass of every employer, at most `each` records of one and `most` of all."""
    left = most
    for employer_id, state in _employers(job, now):
        if left <= 0:
            break
        try:
            left -= _continue(job, employer_id, state, now, min(left, each), counts)
        except HeardbackError:
            _log.exception("%s could not be entered employer=%s", job.name, employer_id)
            counts[f"{job.name}_failed"] += 1


def _employers(job: NightlyPass, now: datetime) -> Iterator[tuple[str, Any]]:
    """Yields employers whose pass is not finished, or was so a week ago, each with its state."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key("operator", "EMP"), limit=_PAGE, start=start)
        employer_ids = [row["PK"]["S"].partition("#")[2] for row in rows]
        states = table.get_many([job.state_key(one) for one in employer_ids])
        for employer_id in employer_ids:
            found: Item | None = states.get(job.state_key(employer_id))
            state: Any = found if isinstance(found, job.state) else None
            if state is None or state.finished_at is None or state.finished_at <= now - EVERY:
                yield employer_id, state
        if not start:
            return


def _continue(job: NightlyPass, employer_id: str, state: Any, now: datetime, most: int, counts: Counter[str]) -> int:
    """Reads up to `most` records from where the pass stopped. Returns how many it has read."""
    after: str | None = (state.after if state else None) or job.first
    read = 0
    while after is not None and read < most:
        cost, after = job.step(employer_id, after, now, counts)
        read += cost
    transaction = Transaction()
    if after is None:
        actions = [job.state.after.remove(), job.state.finished_at.set(now)]
    else:
        actions = [job.state.after.set(after), job.state.finished_at.remove()]
    transaction.update(job.state(*job.state_key(employer_id)), actions)
    transaction.commit()
    return read
