"""Computes, for each week, how many answers were due, how many came in time, and the median lateness.

The tally knows lateness by its bucket, so the median is a bucket: half had heard by its upper edge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.rules.model import OVERDUE_AFTER
from chalicelib.rules.tally import OpenCell, Tally, cells, not_yet_cells

WEEKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Week:
    """A week of UTC dates from its Monday.

    `owed` counts the answers due in it. `median` is a lateness bucket, or None while half of them have not heard.
    `not_yet` are the answers that told no decision; `not_yet_on_time` those of them that came in time.
    """

    monday: date
    owed: int
    on_time: int
    still_open: int
    median: int | None
    not_yet: int
    not_yet_on_time: int

    @property
    def sunday(self) -> date:
        """The week's last day."""
        return self.monday + timedelta(days=6)

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """Everyone who was due an answer, once each: told in time, told late, told "not yet", not told."""
        told_in_time = self.on_time - self.not_yet_on_time
        return told_in_time, self.owed - self.still_open - self.not_yet - told_in_time, self.not_yet, self.still_open

    @property
    def share(self) -> float | None:
        """The share of answers due that came in time; None where none were due."""
        return self.on_time / self.owed if self.owed else None


def weekly_stats(tally: Tally, as_of: datetime, shown: int = WEEKS_SHOWN) -> list[Week]:
    """Returns the last weeks, this one included, oldest first. An open wait counts once it is overdue."""
    today = as_of.astimezone(UTC).date()
    this_monday = _monday(today)
    answered: dict[date, Counter[int]] = {}
    still_open: Counter[date] = Counter()
    not_yet: dict[date, Counter[int]] = {}
    for cell in not_yet_cells(tally):
        if cell.due_on <= today:
            not_yet.setdefault(_monday(cell.due_on), Counter())[cell.bucket] += cell.count
    for due_on, bucket, count in _fallen_due(tally, as_of):
        monday = _monday(due_on)
        if bucket is None:
            still_open[monday] += count
        else:
            answered.setdefault(monday, Counter())[bucket] += count
    mondays = [this_monday - timedelta(weeks=back) for back in range(shown - 1, -1, -1)]
    none: Counter[int] = Counter()
    return [_week(monday, answered.get(monday, none), still_open[monday], not_yet.get(monday, none)) for monday in mondays]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _fallen_due(tally: Tally, as_of: datetime) -> Iterator[tuple[date, int | None, int]]:
    today = as_of.astimezone(UTC).date()
    for cell in cells(tally):
        if isinstance(cell, OpenCell):
            if as_of - cell.hour >= OVERDUE_AFTER:
                yield cell.hour.date(), None, cell.count
        elif cell.due_on <= today:
            yield cell.due_on, cell.bucket, cell.count


def _week(monday: date, answered: Counter[int], still_open: int, not_yet: Counter[int]) -> Week:
    owed = sum(answered.values()) + still_open
    middle, seen, median = (owed + 1) // 2, 0, None
    for bucket in sorted(answered):
        seen += answered[bucket]
        if owed and seen >= middle:
            median = bucket
            break
    return Week(monday, owed, answered[0], still_open, median, sum(not_yet.values()), not_yet[0])
