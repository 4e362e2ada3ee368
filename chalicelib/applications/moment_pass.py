"""The nightly pass over open waits: gives those their moments that a version before the change feed wrote.

Without moments nobody is told when such a wait begins, is due and overdue, or when a snooze ends (`moments.py`). Waits whose
moments have all passed are left as they are.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from chalicelib.applications import nightly_pass, people_lists, unit_of_work
from chalicelib.applications.items import MomentPassItem, SnoozeItem, WaitItem
from chalicelib.applications.nightly_pass import NightlyPass
from chalicelib.errors import NotFound
from chalicelib.rules.model import STAGES
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, stored_instant

READ_MOST = 20_000
"""Records of one employer that one run reads. One that lacks its moments counts as `WRITING` records."""
RUN_MOST = 100_000
WRITING = 20
_PAGE = 100
_STILL_TO_COME = timedelta(hours=2)
"""The index has the hour of `word_due_at`, and a wait is overdue an hour after."""


def run(now: datetime) -> dict[str, int]:
    """Continues the pass of every employer. Counts `moments_entered` and `moments_failed` employers."""
    counts = Counter(moments_entered=0, moments_failed=0)
    job = NightlyPass("moments", MomentPassItem, state_key, "0 ", _enter_page)
    nightly_pass.run(job, now, counts, each=READ_MOST, most=RUN_MOST)
    return dict(counts)


def state_key(employer_id: str) -> Key:
    """Returns the key of the item that says where the pass continues."""
    return f"{keys.employer_pk(employer_id)}#MOMENTS", "MOMPASS"


def _lists(employer_id: str) -> list[str]:
    """Returns the lists of the waiting index that are read, in order: snoozed waits, then all."""
    waits = [keys.waiting_key(employer_id, stage, reachable) for stage in STAGES for reachable in (True, False)]
    return [people_lists.waiting_snoozed(employer_id), *waits]


def _enter_page(employer_id: str, after: str, now: datetime, counts: Counter[str]) -> tuple[int, str | None]:
    """Enters the moments of the next hundred waits of a list that lack them."""
    number, _, place = after.partition(" ")
    lists = _lists(employer_id)
    begin = max(place, stored_instant(now - _STILL_TO_COME)[:13]) if int(number) else place or " "
    rows, more = table.query_index("waiting", lists[int(number)], Item.waiting_at > begin, limit=_PAGE)
    found = table.get_many([(row["PK"]["S"], row["SK"]["S"]) for row in rows]).values()
    waits = [item for item in found if isinstance(item, WaitItem | SnoozeItem)]
    lacking = [item.application_id for item in waits if item.waiting_key and item.due_shard is None]
    for application_id in lacking:
        counts["moments_entered"] += _enter(employer_id, application_id, now)
    cost = 1 + len(rows) + WRITING * len(lacking)
    if more and rows:
        return cost, f"{number} {rows[-1]['waiting_at']['S']}"
    following = int(number) + 1
    return cost, f"{following} " if following < len(lists) else None


def _enter(employer_id: str, application_id: str, now: datetime) -> bool:
    """Folds an application again, which sets its moments and tells the feed. False where it was erased meanwhile."""
    try:
        unit_of_work.recompute(employer_id, application_id, now)
    except NotFound:
        return False
    return True
