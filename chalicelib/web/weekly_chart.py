"""The chart of the report: for each week, who was due an answer, as one stacked bar. Geometry only: the template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.rules.copy.clock import date_without_year
from chalicelib.rules.risk.weekly_stats import Week
from chalicelib.web.labels import WEEK_PARTS

PARTS = tuple((part.replace("_", "-"), label) for part, label in WEEK_PARTS.items())
"""From the bottom of a bar to its top: class in the style sheet, label."""
WIDTH, LEFT, TOP, BOTTOM = 400, 30, 14, 150


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar."""

    part: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A week's bar. `date` is its Monday, `label` the same where there is room for it.

    `share` is the label above it: how many of all heard on time, in percent; "" where nobody was due.
    """

    week: Week
    x: float
    width: float
    date: str
    label: str
    median_y: float | None
    """Where half of the bar lies below: the colour there is what the median candidate got. None for an empty bar."""
    share: str
    y: float
    height: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from the oldest week to this one, and the lines of the axis with what they stand for."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, int], ...]
    most: int
    parts: tuple[tuple[str, str], ...] = PARTS


def chart(weeks: Sequence[Week], zone: str) -> Chart:
    """Lay out the weeks, with dates as `zone` writes them.

    The axis ends at a round number, so that its lines are whole candidates.
    """
    most = max((week.owed for week in weeks), default=0)
    top = _round_up(most)
    step = (WIDTH - LEFT) / max(1, len(weeks))
    dates = [date_without_year(week.monday, zone) for week in weeks]
    bars = tuple(
        _bar(week, date, LEFT + step * at, step, top, labelled=at % 2 == 0)
        for at, (week, date) in enumerate(zip(weeks, dates, strict=True))
    )
    lines = tuple((_y(value, top), value) for value in ((0, top) if top < 2 else (0, top // 2, top)))
    return Chart(bars, lines, most)


def _bar(week: Week, date: str, x: float, step: float, top: int, *, labelled: bool) -> Bar:
    pieces, below = [], 0
    for (part, _), number in zip(PARTS, week.parts, strict=True):
        if number > 0:
            pieces.append(Piece(part, _y(below + number, top), _y(below, top) - _y(below + number, top)))
            below += number
    median_y = _y(week.owed / 2, top) if week.owed else None
    label = date if labelled else ""
    share = f"{round(100 * week.on_time / week.owed)}%" if week.owed else ""
    y = _y(week.owed, top)
    x, width = round(x + step * 0.15, 2), round(step * 0.7, 2)
    return Bar(week, x, width, date, label, median_y, share, y, round(BOTTOM - y, 2), tuple(pieces))


def _y(value: float, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 2)


def _round_up(most: int) -> int:
    """Return the next of 2, 4, 10, 20, 40, 100, ... so that half of it is whole too."""
    scale = 1
    while True:
        for step in (2, 4, 10):
            if step * scale >= most:
                return step * scale
        scale *= 10
