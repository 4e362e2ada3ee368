"""Computes the lines that the figures of a risk report are sums of, so that the page can show what makes up a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from chalicelib.rules.model import OVERDUE_AFTER, STAGES, Stage
from chalicelib.rules.risk.model import (
    DUE_SOON_WITHIN,
    FORECAST_DAYS,
    LATE_RESIDUAL,
    STAGE_WEIGHT,
    WINDOW_DATES,
    Range,
    days_overdue,
    expected,
    severity,
    survival,
)
from chalicelib.rules.tally import LATENESS_LOWER_DAYS, LATENESS_UPPER_DAYS, OpenCell, Tally, cells, lateness_bucket

_DAYS = tuple(f"{low}–{high} days" for low, high in zip(LATENESS_LOWER_DAYS[2:], LATENESS_UPPER_DAYS[2:], strict=False))
LATE_BANDS = ("in time", "up to 1 day", *_DAYS, f"over {LATENESS_UPPER_DAYS[-1]} days")
"""The names of the lateness buckets on the page; overdue waits are shown in the same ones."""
DUE_LATER, DUE_SOON = "due later", "due within 48 hours"


@dataclass(frozen=True, slots=True)
class _Share:
    """What one wait of stage weight 1 adds, by the hour it is open since or the bucket it was answered in."""

    band: str
    counted: bool
    harm: float
    written: float
    coming: float = 0.0
    overdue_for: timedelta = timedelta(0)


@dataclass(slots=True)
class Contribution:
    """What the waits of one stage, state and lateness band add to the figures.

    `waits` counts them, `counted` those among N. `harm` is their part of the score's numerator. `written` and `coming` are the
    stage-weighted shares that have written and that will write within 30 days, before any probability.
    """

    stage: Stage
    state: Literal["open", "answered"]
    band: str
    waits: int = 0
    counted: int = 0
    harm: float = 0.0
    written: float = 0.0
    coming: float = 0.0
    longest: timedelta = timedelta(0)

    @property
    def incurred(self) -> Range:
        return expected(self.written)

    @property
    def next_30_days(self) -> Range:
        return expected(self.coming)

    def add(self, waits: int, share: _Share) -> None:
        """Adds so many waits that have the same share."""
        weight = STAGE_WEIGHT[self.stage] * waits
        self.waits += waits
        self.counted += waits if share.counted else 0
        self.harm += weight * share.harm
        self.written += weight * share.written
        self.coming += weight * share.coming
        self.longest = max(self.longest, share.overdue_for)


def contributions(tally: Tally, as_of: datetime) -> list[Contribution]:
    """Returns the lines that the figures are sums of: by stage, open before answered, then by lateness."""
    today, first_date = as_of.astimezone(UTC).date(), first_date_counted(as_of)
    of_hours: dict[datetime, _Share] = {}
    lines: dict[tuple[Stage, str, str], Contribution] = {}
    for cell in cells(tally):
        state: Literal["open", "answered"] = "open" if isinstance(cell, OpenCell) else "answered"
        if isinstance(cell, OpenCell):
            share = of_hours.get(cell.hour) or of_hours.setdefault(cell.hour, _open_since(cell.hour, as_of))
        elif first_date <= cell.due_on <= today:
            share = _ANSWERED[cell.bucket]
        else:
            continue
        key = cell.stage, state, share.band
        if key not in lines:
            lines[key] = Contribution(cell.stage, state, share.band)
        lines[key].add(cell.count, share)
    order = [DUE_LATER, DUE_SOON, *LATE_BANDS]
    return sorted(lines.values(), key=lambda x: (STAGES.index(x.stage), x.state != "open", order.index(x.band)))


def first_date_counted(as_of: datetime) -> date:
    """Returns the first UTC date of the window in which answered waits count too."""
    return as_of.astimezone(UTC).date() - timedelta(days=WINDOW_DATES - 1)


def _open_since(hour: datetime, as_of: datetime) -> _Share:
    since_due, u = as_of - hour, days_overdue(hour, as_of)
    overdue = since_due >= OVERDUE_AFTER
    return _Share(
        band=LATE_BANDS[lateness_bucket(since_due)] if overdue else DUE_SOON if since_due >= -DUE_SOON_WITHIN else DUE_LATER,
        counted=hour.date() <= as_of.astimezone(UTC).date(),
        harm=severity(u),
        written=1 - survival(u),
        coming=survival(u) - survival(u + FORECAST_DAYS),
        overdue_for=since_due if overdue else timedelta(0),
    )


_ANSWERED = tuple(
    _Share(band, counted=True, harm=LATE_RESIDUAL * severity(late), written=1 - survival(late))
    for band, late in zip(LATE_BANDS, LATENESS_LOWER_DAYS, strict=True)
)
