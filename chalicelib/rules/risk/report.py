"""The review risk of an employer, from its tally: what the silence costs, and what a call would save.

`contributions` is the one reckoning: every figure of `assess` is a sum of its lines, so that every figure can be opened.
`recount.assess_waits` reckons the same from the waits themselves, one by one, and must agree to 1e-9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Literal

from chalicelib.rules.model import OVERDUE_AFTER, STAGES, Stage
from chalicelib.rules.risk.figures import Counts, Risk, WhatIf, score
from chalicelib.rules.risk.model import (
    AHEAD_DAYS,
    CALLS,
    CONSTANTS,
    LATE_RESIDUAL,
    METHOD,
    SOON,
    STAGE_WEIGHT,
    WINDOW_DATES,
    Constant,
    EffectChannel,
    Range,
    RankKey,
    call_avoids,
    days_past,
    delay_cost,
    expected,
    peak_u,
    rank_key,
    severity,
    surviving,
)
from chalicelib.rules.risk.recount import assess_waits
from chalicelib.rules.tally import LATENESS_DAYS_AT_LEAST, LATENESS_DAYS_AT_MOST, OpenCell, Tally, bucket_of, cells

__all__ = [
    "CONSTANTS",
    "METHOD",
    "Cell",
    "Constant",
    "Contribution",
    "Counts",
    "EffectChannel",
    "Range",
    "RankKey",
    "Risk",
    "WhatIf",
    "assess",
    "assess_waits",
    "call_avoids",
    "contributions",
    "days_past",
    "delay_cost",
    "peak_u",
    "rank_key",
    "ranked_cells",
]

_DAYS = tuple(f"{low}–{high} days" for low, high in zip(LATENESS_DAYS_AT_LEAST[2:], LATENESS_DAYS_AT_MOST[2:], strict=False))
LATE_BANDS = ("in time", "up to 1 day", *_DAYS, f"over {LATENESS_DAYS_AT_MOST[-1]} days")
"""What the lateness buckets are called on the page; the overdue are shown in the same ones."""
DUE_LATER, DUE_SOON = "due later", "due within 48 hours"


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` open waits of one stage, due in the hour from `hour` (UTC): they share one place in the rank."""

    stage: Stage
    hour: datetime
    count: int


@dataclass(frozen=True, slots=True)
class _Share:
    """What one wait of stage weight 1 adds, open since an hour or answered in a bucket: reckoned once for all of them."""

    band: str
    counted: bool
    harm: float
    written: float
    coming: float = 0.0
    overdue_for: timedelta = timedelta(0)


@dataclass(slots=True)
class Contribution:
    """What the waits of one stage, state and lateness band add to the figures.

    `waits` counts them, `counted` those among N. `harm` is their part of the score's numerator; `written` and `coming`
    are the stage-weighted shares that have written and will write within 30 days, before any probability.
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

    def _take(self, waits: int, share: _Share) -> None:
        weight = STAGE_WEIGHT[self.stage] * waits
        self.waits += waits
        self.counted += waits if share.counted else 0
        self.harm += weight * share.harm
        self.written += weight * share.written
        self.coming += weight * share.coming
        self.longest = max(self.longest, share.overdue_for)


def assess(tally: Tally, as_of: datetime) -> Risk:
    """The risk as of an instant, from counts alone: as quick for a million waits as for a hundred over the same days."""
    lines = contributions(tally, as_of)
    waits, harm, coming = sum(x.counted for x in lines), sum(x.harm for x in lines), sum(x.coming for x in lines)
    first_calls = [cell for cell in ranked_cells(tally, as_of) if cell.hour - as_of <= SOON]
    return Risk(
        as_of=as_of,
        score=score(harm, waits),
        tally=_counts(lines),
        incurred=expected(sum(x.written for x in lines)),
        next_30_days=expected(coming),
        what_if=tuple(_what_if(calls, first_calls, as_of, waits, harm, coming) for calls in CALLS),
    )


def contributions(tally: Tally, as_of: datetime) -> list[Contribution]:
    """Every line that the figures are sums of, by stage, the open before the answered, the latest last."""
    today, first_date = as_of.astimezone(UTC).date(), _first_date(as_of)
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
        lines[key]._take(cell.count, share)
    order = [DUE_LATER, DUE_SOON, *LATE_BANDS]
    return sorted(lines.values(), key=lambda x: (STAGES.index(x.stage), x.state != "open", order.index(x.band)))


def ranked_cells(tally: Tally, as_of: datetime, *, reachable: bool = True, stage: Stage | None = None) -> list[Cell]:
    """The cells of open waits in the order of the call list; only where a week's delay costs something."""
    found = [
        Cell(cell.stage, cell.hour, cell.count)
        for cell in cells(tally)
        if isinstance(cell, OpenCell) and cell.reachable == reachable and stage in (None, cell.stage) and cell.count > 0
    ]
    keyed = [(rank_key(cell.stage, cell.hour, as_of), cell) for cell in found]
    return [cell for key, cell in sorted(keyed, key=itemgetter(0)) if key[0] < 0]


def _first_date(as_of: datetime) -> date:
    """The first of the UTC dates whose waits count towards N whether open or answered."""
    return as_of.astimezone(UTC).date() - timedelta(days=WINDOW_DATES - 1)


def _open_since(hour: datetime, as_of: datetime) -> _Share:
    since_due, u = as_of - hour, days_past(hour, as_of)
    overdue = since_due >= OVERDUE_AFTER
    return _Share(
        band=LATE_BANDS[bucket_of(since_due)] if overdue else DUE_SOON if since_due >= -SOON else DUE_LATER,
        counted=hour.date() <= as_of.astimezone(UTC).date(),
        harm=severity(u),
        written=1 - surviving(u),
        coming=surviving(u) - surviving(u + AHEAD_DAYS),
        overdue_for=since_due if overdue else timedelta(0),
    )


_ANSWERED = tuple(
    _Share(band, counted=True, harm=LATE_RESIDUAL * severity(late), written=1 - surviving(late))
    for band, late in zip(LATE_BANDS, LATENESS_DAYS_AT_LEAST, strict=True)
)


def _counts(lines: Sequence[Contribution]) -> Counts:
    waiting: Counter[Stage] = Counter()
    overdue: Counter[Stage] = Counter()
    answered = [line for line in lines if line.state == "answered"]
    for line in lines:
        if line.state == "open" and line.band != DUE_LATER:
            waiting[line.stage] += line.waits
            overdue[line.stage] += line.waits if line.band != DUE_SOON else 0
    return Counts(
        waits=sum(line.counted for line in lines),
        waiting=sum(waiting.values()),
        overdue=sum(overdue.values()),
        answered=sum(line.waits for line in answered),
        answered_on_time=sum(line.waits for line in answered if line.band == LATE_BANDS[0]),
        longest_overdue_hours=max((line.longest for line in lines), default=timedelta(0)) // timedelta(hours=1),
        by_stage={stage: {"waiting": waiting[stage], "overdue": overdue[stage]} for stage in STAGES},
    )


def _what_if(calls: int, first: Iterable[Cell], as_of: datetime, waits: int, harm: float, coming: float) -> WhatIf:
    """Marks the first `calls` waits answered now, at the lower edge of their bucket; what was due before the window leaves N."""
    left = calls
    for cell in first:
        told = min(left, cell.count)
        u, weight = days_past(cell.hour, as_of), STAGE_WEIGHT[cell.stage] * told
        harm -= weight * severity(u)
        coming -= weight * (surviving(u) - surviving(u + AHEAD_DAYS))
        if cell.hour.date() >= _first_date(as_of):
            harm += LATE_RESIDUAL * weight * severity(LATENESS_DAYS_AT_LEAST[bucket_of(as_of - cell.hour)])
        else:
            waits -= told
        left -= told
        if not left:
            break
    return WhatIf(calls, score(max(0.0, harm), waits), expected(max(0.0, coming)))
