"""Who stands behind a number of the report: the people of one part of a week's bar, or of all weeks that it shows.

Everybody is found by a range of the waiting index and then read consistently, so who was answered meanwhile is not shown as
waiting. A list is short however many people a week has; the tally says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from chalicelib.applications.items import ApplicationItem, WaitItem
from chalicelib.applications.mappers import wait_of
from chalicelib.applications.tally_items import group_key
from chalicelib.applications.wait_items import waiting_at, waiting_key
from chalicelib.errors import ConditionFailed
from chalicelib.rules.model import STAGES, Stage, is_overdue
from chalicelib.rules.risk.weekly_stats import WEEKS_SHOWN
from chalicelib.rules.tally import WeekPart, answered_part
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item

SHOWN = 100
"""The most people of one list."""
ENTERED_MOST = 2000
"""So many older waits enter the index in one night; the others in the next ones."""
READ_MOST = 1000
"""The most index entries that one list reads for a group that is a small part of the employer."""


@dataclass(frozen=True, slots=True)
class Found:
    """One person's wait. `answered_at` is None while they wait."""

    application: ApplicationItem
    part: WeekPart
    stage: Stage
    word_due_at: datetime
    answered_at: datetime | None


def read(
    employer_id: str, part: WeekPart, first: date, last: date, as_of: datetime, group: str | None = None, most: int = SHOWN
) -> list[Found]:
    """Return up to `most` people whose answer was due on the UTC dates from `first` to `last`, the earliest first."""
    entries = _entries(employer_id, part, first, last, group)
    found: list[Found] = []
    seen = 0
    while len(found) < most and seen < max(most, READ_MOST) and (some := list(islice(entries, most))):
        found += _read(some, part, as_of, group)
        seen += len(some)
    return found[:most]


def shown_since(now: datetime) -> datetime:
    """Return an instant before the first week that the report shows."""
    return now - timedelta(weeks=WEEKS_SHOWN + 1)


def enter(employer_id: str, waits: Sequence[WaitItem]) -> int:
    """Enter answered waits that older code left out. Return how many."""
    late = waits[:ENTERED_MOST]
    for item in late:
        wait = wait_of(item)
        key = waiting_key(employer_id, wait, reachable=bool(item.reachable)) or ""  # an answered wait has one
        actions = [WaitItem.waiting_key.set(key), WaitItem.waiting_at.set(waiting_at(wait, item.application_id))]
        transaction = table.Transaction()
        transaction.update(item, actions, (WaitItem.state == "answered") & WaitItem.waiting_key.does_not_exist())
        with suppress(ConditionFailed):  # it changed meanwhile, and the change has entered it
            transaction.commit()
    return len(late)


def _entries(employer_id: str, part: WeekPart, first: date, last: date, group: str | None) -> Iterator[dict[str, Any]]:
    """Yield raw entries of the index in the order of their deadlines."""
    if part == "waiting":
        where = [
            keys.waiting_key(employer_id, stage, way, group and group_key(group)) for stage in STAGES for way in (True, False)
        ]
    else:
        where = [keys.answered_key(employer_id, part)]
    return merge(*(_range(key, first, last) for key in where), key=lambda raw: str(raw["waiting_at"]["S"]))


def _range(key: str, first: date, last: date) -> Iterator[dict[str, Any]]:
    within = Item.waiting_at.between(first.isoformat(), (last + timedelta(days=1)).isoformat())
    return table.all_of_index("waiting", key, within, limit=SHOWN)


def _read(entries: Sequence[dict[str, Any]], part: WeekPart, as_of: datetime, group: str | None) -> Iterator[Found]:
    """Yield those entries that still hold, with their applications."""
    waits = [(raw["PK"]["S"], f"WAIT#{raw['SK']['S'].partition('#')[2]}") for raw in entries]
    items = table.get_many([*waits, *((pk, "APP") for pk, _ in waits)])
    for key in waits:
        item, application = items.get(key), items.get((key[0], "APP"))
        if not isinstance(item, WaitItem) or not isinstance(application, ApplicationItem):
            continue
        if group and group_key(application.group or "") != group_key(group):
            continue
        if part == (_overdue(item, as_of) or answered_part(wait_of(item))):
            yield Found(application, part, item.stage, item.word_due_at, item.answered_at)


def _overdue(item: WaitItem, as_of: datetime) -> WeekPart | None:
    return "waiting" if item.state == "open" and is_overdue(item.word_due_at.astimezone(UTC), as_of) else None
