"""Reads the waiting index in the order of the call list, and no more of it than a page needs.

The cost of delay depends only on stage and hour, and has one peak. So the best cells of a stage are neighbours in time,
and one range query a stage reads them. Why this is bounded and exact: docs/decisions/the-rank-by-cost-of-delay.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any

from chalicelib.rules.model import STAGES, Stage
from chalicelib.rules.risk.ranking import Cell, Outlook, RankKey, rank_key
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, read_instant

AFTER_ALL_IDS = "~"
MAX_OVERREAD = 100
"""Up to so many unneeded waits of one hour are read along: that is cheaper than a query of its own."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a list has been read: everything that ranks at or before this application in this cell.

    `seen` counts what was read of the cell, to know how much of it is left; the order never depends on it.
    """

    stage: Stage
    hour: datetime
    application_id: str = AFTER_ALL_IDS
    seen: int = 0

    def key(self, as_of: datetime, ahead: Outlook) -> RankKey:
        return rank_key(self.stage, self.hour, as_of, ahead, self.application_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """An open wait as the index has it. The index lags: read the application before it is shown."""

    stage: Stage
    hour: datetime
    application_id: str
    cause: str | None
    """None where the index does not say: in the lists of owners and snoozed ones."""
    since: datetime
    decided: str | None

    def key(self, as_of: datetime, ahead: Outlook) -> RankKey:
        return rank_key(self.stage, self.hour, as_of, ahead, self.application_id)


@dataclass(frozen=True, slots=True)
class Span:
    """One range query: hours `first` to `last` of a stage, after the application `after` in the first of them.

    Of the hour `partial`, the last to be read, only `enough` waits are needed; `expected` is their number by the tally.
    """

    stage: Stage
    first: datetime
    last: datetime
    expected: int
    after: str = ""
    partial: datetime | None = None
    enough: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Entries in the order of the list. Nothing that ranks before `upto` is missing."""

    entries: list[Entry]
    upto: Position


def plan(
    cells: Sequence[Cell], start: Position | None, want: int, as_of: datetime, ahead: Outlook
) -> tuple[list[Span], Position | None]:
    """Return the queries for the next `want` waits after `start`, and their last cell; None where nothing is left.

    `cells` are all ranked cells of a tally read just before.
    """
    spans: list[Span] = []
    upto = None
    if start and start.application_id != AFTER_ALL_IDS:
        left_here = max(0, sum(c.count for c in cells if (c.stage, c.hour) == (start.stage, start.hour)) - start.seen)
        spans.append(Span(start.stage, start.hour, start.hour, want, start.application_id, start.hour, want))
        upto = Position(start.stage, start.hour)
        want -= left_here
    after = replace(start, application_id=AFTER_ALL_IDS).key(as_of, ahead) if start else None
    later = [cell for cell in cells if after is None or rank_key(cell.stage, cell.hour, as_of, ahead) > after]
    taken: list[Cell] = []
    while want > 0 and len(taken) < len(later):
        taken.append(later[len(taken)])
        want -= taken[-1].count
    if taken:
        upto = Position(taken[-1].stage, taken[-1].hour)
        for stage in STAGES:
            of_stage = [cell for cell in cells if cell.stage == stage]
            spans += _spans(stage, of_stage, {cell.hour for cell in taken if cell.stage == stage}, upto, max(0, -want))
    return spans, upto


def _spans(stage: Stage, cells: list[Cell], hours: set[datetime], end: Position, spare: int) -> Iterator[Span]:
    """Yield the queries for runs of neighbouring taken cells of a stage. `spare` waits of the last cell are not needed."""
    run: list[Cell] = []
    for cell in [*sorted(cells, key=lambda c: c.hour), None]:
        if cell and cell.hour in hours:
            run.append(cell)
        elif run:
            yield from _queries(stage, run, end, spare)
            run = []


def _queries(stage: Stage, run: list[Cell], end: Position, spare: int) -> Iterator[Span]:
    """Yield one query for a run; two where its oldest hour is the last cell and has far more waits than needed."""
    if spare and end.stage == stage and run[-1].hour == end.hour:
        expected = sum(cell.count for cell in run) - spare
        yield Span(stage, run[0].hour, end.hour, expected, partial=end.hour, enough=run[-1].count - spare)
        return
    if spare > MAX_OVERREAD and end.stage == stage and run[0].hour == end.hour:
        enough = run[0].count - spare
        yield Span(stage, end.hour, end.hour, enough, partial=end.hour, enough=enough)
        run = run[1:]
    yield Span(stage, run[0].hour, run[-1].hour, sum(cell.count for cell in run))


def read(
    employer_id: str,
    reachable: bool,
    group: str | None,
    spans: Iterable[Span],
    start: Position | None,
    upto: Position,
    as_of: datetime,
    ahead: Outlook,
) -> Found:
    """Read the spans in parallel, sort them, and cut at the first wait that may be missing. `group` is a group's key."""
    reads = [(span, pool().submit(_read, employer_id, reachable, group, span)) for span in spans]
    entries: list[Entry] = []
    for span, future in reads:
        found, cut_short = future.result()
        entries += found
        if cut_short and (last := Position(span.stage, found[-1].hour, found[-1].application_id)).key(as_of, ahead) < upto.key(
            as_of, ahead
        ):
            upto = last
    begin, end = start.key(as_of, ahead) if start else None, upto.key(as_of, ahead)
    keyed = sorted(((entry.key(as_of, ahead), entry) for entry in entries), key=itemgetter(0))
    return Found([entry for key, entry in keyed if key <= end and (begin is None or begin < key)], upto)


@dataclass(frozen=True, slots=True)
class Listed:
    """An open wait of a short list: those of an owner, or those that are snoozed."""

    entry: Entry
    reachable: bool
    word_due_at: datetime


def short_list(key: str) -> list[Listed]:
    """Read a whole short list of the waiting index (`people_lists.py`): one query for some thousand waits."""
    return [listed for row in table.all_of_index("waiting", key) if (listed := _listed(row))]


def _listed(raw: dict[str, Any]) -> Listed | None:
    hour, application_id, stage, way = raw["waiting_at"]["S"].split("#")
    if stage not in STAGES:
        return None
    at = datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    entry = Entry(stage, at, application_id, None, read_instant(raw["since"]["S"]), raw.get("decided", {}).get("S"))
    return Listed(entry, way == "r", read_instant(raw["word_due_at"]["S"]))


@cache
def pool() -> ThreadPoolExecutor:
    """Return the threads for parallel reads, kept between requests."""
    return ThreadPoolExecutor(6, thread_name_prefix="waiting-index")


def _read(employer_id: str, reachable: bool, group: str | None, span: Span) -> tuple[list[Entry], bool]:
    """Return a span's entries by hour and id, and whether part of its partial hour is unread."""
    between = Item.waiting_at.between(
        f"{_hour(span.first)}#{span.after and span.after + AFTER_ALL_IDS}", f"{_hour(span.last)}#{AFTER_ALL_IDS}"
    )
    entries: list[Entry] = []
    start, short = None, span.enough
    while True:
        limit = max(span.expected - len(entries), short) if span.partial else None
        rows, start = table.query_index(
            "waiting", keys.waiting_key(employer_id, span.stage, reachable, group), between, limit=limit, start=start
        )
        entries += [_entry(row, span.stage) for row in rows]
        short = span.enough - sum(entry.hour == span.partial for entry in entries)
        if not start or (span.partial and short <= 0):
            return entries, bool(start)


def _hour(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H")


def _entry(raw: dict[str, Any], stage: Stage) -> Entry:
    hour, _, application_id = raw["waiting_at"]["S"].partition("#")
    return Entry(
        stage=stage,
        hour=datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC),
        application_id=application_id,
        cause=raw["SK"]["S"].partition("#")[2],
        since=read_instant(raw["since"]["S"]),
        decided=raw.get("decided", {}).get("S"),
    )
