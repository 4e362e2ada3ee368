"""The call list: candidates who wait for word, ordered by what waiting costs until the desk comes round again.

A page is read from the waiting index, then its applications consistently. Waits answered meanwhile and waits whose
interview has not ended are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.people_lists import waiting_of_owner, waiting_snoozed
from chalicelib.applications.serializers import is_snoozed
from chalicelib.applications.tally_items import group_key
from chalicelib.config import settings
from chalicelib.errors import Unprocessable
from chalicelib.reputation import waiting_index
from chalicelib.reputation.waiting_index import Entry, Found, Position
from chalicelib.rules.model import Decided, Stage, is_overdue, truncated_to_hour
from chalicelib.rules.risk.model import Range, days_overdue, reviews_avoided
from chalicelib.rules.risk.ranking import Cell, Outlook, delay_cost, outlook, ranked_cells
from chalicelib.rules.tally import Tally
from chalicelib.storage import keys, table

MAX_READ = 1000
"""The most index entries that one request reads for a filter that matches few. Then the page is short and has a cursor."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Selects a part of the list: candidates with or without phone or email; one stage; one decision not yet told; one group."""

    reachable: bool = True
    stage: Stage | None = None
    decided: Decided | None = None
    owner: str | None = None
    """The id of a person on the team."""
    snoozed: bool = False
    """Those that are snoozed, which are left out otherwise."""
    group: str | None = None
    """A group's key."""
    job: str | None = None
    """A part of the job title, in any case of letters."""

    @property
    def bound_to(self) -> str:
        """Names these filters in a cursor, as the version before did where it knows them all."""
        more = (self.owner, self.snoozed) if self.owner or self.snoozed else ()
        of_group = (f"group {self.group}",) if self.group else ()
        of_job = (f"job {self.job}",) if self.job else ()
        return "|".join(map(str, (self.reachable, self.stage, self.decided, *more, *of_group, *of_job)))


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate to call. `rank` counts from 1 over the whole list; costs are expected negative reviews."""

    rank: int
    application: ApplicationItem
    decided: Decided | None
    overdue_hours: int
    delay_costs: float
    avoids: Range


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page, and the position of the next page: None at the end of the list."""

    rows: list[Row]
    next_start: Position | None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A cursor's content: the first page's instant, the next row's number, and the position.

    All pages are ranked as of that one instant and by one outlook, so that no row is repeated or skipped.
    """

    as_of: datetime
    ahead: Outlook
    number: int = 1
    start: Position | None = None

    @classmethod
    def first(cls, tally: Tally, as_of: datetime, review_days: float | None) -> Bookmark:
        """Return the start of a new list."""
        return cls(as_of, outlook(tally, as_of, review_days))

    def after(self, page: Page) -> list[Any] | None:
        """Return the bookmark after a page, as JSON; None at the end of the list."""
        at, number = page.next_start, self.number + len(page.rows)
        if at is None:
            return None
        place = [self.as_of.isoformat(), number, at.stage, at.hour.isoformat(), at.application_id, at.seen]
        return [*place, self.ahead.horizon_days, self.ahead.review_days]

    @classmethod
    def from_json(cls, packed: list[Any]) -> Bookmark:
        as_of, number, stage, hour, application_id, seen, *ahead = packed
        position = Position(stage, datetime.fromisoformat(hour), application_id, seen)
        return cls(datetime.fromisoformat(as_of), Outlook(*ahead), number, position)


WITH_OUTLOOK = "2|"
"""Begins what a cursor with an outlook is bound to: the version before refuses it by name and cannot read it by mistake."""


def cursor_after(at: Bookmark, page: Page, bound_to: str) -> str | None:
    """Return the cursor of the page after this one; None at the end of the list."""
    following = at.after(page)
    return encode_cursor(following, keys=settings().sign, bound_to=WITH_OUTLOOK + bound_to) if following else None


def open_cursor(cursor: str, bound_to: str, now: datetime) -> Bookmark:
    """Read a cursor, also one of the version before, whose list looks a week ahead. Raises Unprocessable."""
    try:
        packed = decode_cursor(cursor, keys=settings().sign, bound_to=WITH_OUTLOOK + bound_to, now=now)
    except Unprocessable:
        packed = decode_cursor(cursor, keys=settings().sign, bound_to=bound_to, now=now)
    return Bookmark.from_json(packed)


def page(
    employer_id: str, tally: Tally, at: Bookmark, filters: Filters, limit: int, ranked: Sequence[Cell] | None = None
) -> Page:
    """Return the next `limit` rows from a bookmark. `tally` must be read just before. `ranked`: its cells, if known.

    A page is shorter than `limit` at the end of the list, or after `MAX_READ` entries that the filters did not match.
    """
    if filters.owner or filters.snoozed:
        return _short_page(employer_id, at, filters, limit)
    as_of, ahead, start = at.as_of, at.ahead, at.start
    cells = ranked_cells(tally, as_of, ahead, reachable=filters.reachable, stage=filters.stage) if ranked is None else ranked
    rows: list[Row] = []
    seen, step = 0, limit + 1
    while seen < MAX_READ:
        spans, upto = waiting_index.plan(cells, start, step, as_of, ahead)
        if upto is None:
            return Page(rows, None)
        found = waiting_index.read(employer_id, filters.reachable, filters.group, spans, start, upto, as_of, ahead)
        fitting = [e for e in found.entries if e.since <= as_of and filters.decided in (None, e.decided)]
        asked, left = fitting[: limit - len(rows)], fitting[limit - len(rows) :]
        fresh = _fresh(employer_id, asked, as_of, filters)
        rows += [_row(number, entry, item, at) for number, (entry, item) in enumerate(fresh, at.number + len(rows))]
        start = _next_start(found, asked, left, start)
        if left and len(rows) == limit:
            return Page(rows, start)
        seen += max(len(found.entries), step)
        step = limit + 1 - len(rows) if left else min(2 * step, MAX_READ - seen)
    return Page(rows, start)


def _short_page(employer_id: str, at: Bookmark, filters: Filters, limit: int) -> Page:
    """Return a page of an owner's waits, or of the snoozed ones: the list is short and read whole."""
    key = waiting_of_owner(employer_id, filters.owner) if filters.owner else waiting_snoozed(employer_id)
    wanted = [
        one.entry
        for one in waiting_index.short_list(key)
        if one.reachable == filters.reachable
        and one.entry.since <= at.as_of
        and filters.stage in (None, one.entry.stage)
        and filters.decided in (None, one.entry.decided)
    ]
    after = at.start.key(at.as_of, at.ahead) if at.start else None
    keyed = sorted(((entry.key(at.as_of, at.ahead), entry) for entry in wanted), key=itemgetter(0))
    left = [entry for key, entry in keyed if after is None or key > after]
    rows: list[Row] = []
    start, seen = at.start, 0
    while left and len(rows) < limit and seen < MAX_READ:
        asked, left = left[: limit - len(rows)], left[limit - len(rows) :]
        seen += len(asked)
        fresh = _fresh(employer_id, asked, at.as_of, filters)
        rows += [_row(number, entry, item, at) for number, (entry, item) in enumerate(fresh, at.number + len(rows))]
        start = Position(asked[-1].stage, asked[-1].hour, asked[-1].application_id)
    return Page(rows, start if left else None)


def _next_start(found: Found, asked: Sequence[Entry], left: Sequence[Entry], start: Position | None) -> Position | None:
    """Return the position after the last row asked for, or, where all were, as far as was read."""
    if left and not asked:
        return start
    stop = asked[-1] if left else found.upto
    same_cell = start is not None and (start.stage, start.hour) == (stop.stage, stop.hour)
    seen = sum(e.application_id <= stop.application_id for e in found.entries if (e.stage, e.hour) == (stop.stage, stop.hour))
    return Position(stop.stage, stop.hour, stop.application_id, seen + (start.seen if start and same_cell else 0))


def _fresh(employer_id: str, entries: Sequence[Entry], as_of: datetime, filters: Filters) -> list[tuple[Entry, ApplicationItem]]:
    """Return the entries that are still true, in order, with their applications, read consistently."""
    wanted_keys = [(keys.case_pk(employer_id, entry.application_id), "APP") for entry in entries]
    items = table.get_many(wanted_keys)
    found = [(entry, items.get(key)) for entry, key in zip(entries, wanted_keys, strict=True)]
    return [(entry, item) for entry, item in found if isinstance(item, ApplicationItem) and _holds(entry, item, as_of, filters)]


def _holds(entry: Entry, item: ApplicationItem, as_of: datetime, filters: Filters) -> bool:
    """Return whether the wait is still open, unmoved and begun. The index lags behind the table."""
    return (
        item.wait_state == "open"
        and entry.cause in (None, item.wait_cause)
        and item.wait_stage == entry.stage
        and truncated_to_hour(item.word_due_at) == entry.hour
        and item.wait_since <= as_of
        and bool(item.phone or item.email) == filters.reachable
        and filters.decided in (None, item.decided)
        and filters.owner in (None, item.owner_id)
        and filters.snoozed == is_snoozed(item, as_of)
        and filters.group in (None, group_key(item.group or ""))
        and (not filters.job or filters.job.casefold() in item.job_title.casefold())
    )


def _row(rank: int, entry: Entry, item: ApplicationItem, at: Bookmark) -> Row:
    as_of = at.as_of
    u = days_overdue(item.word_due_at, as_of)
    late = (as_of - truncated_to_hour(item.word_due_at)) // timedelta(hours=1)
    decided = entry.decided if entry.decided == item.decided else None  # an older decision does not belong to this wait
    return Row(
        rank=rank,
        application=item,
        decided=decided,
        overdue_hours=late if is_overdue(item.word_due_at, as_of) else 0,
        delay_costs=delay_cost(entry.stage, u, at.ahead),
        avoids=reviews_avoided(entry.stage, u),
    )
