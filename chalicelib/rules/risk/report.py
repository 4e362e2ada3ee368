"""Computes the review risk of an employer from its tally.

Every figure of `assess` is a sum of the lines of `contributions.py`.
`recount.assess_waits` computes the same from the waits, one by one; the two must agree to 1e-9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

from chalicelib.rules.model import STAGES, RiskBand, Stage
from chalicelib.rules.risk.contributions import DUE_LATER, DUE_SOON, LATE_BANDS, Contribution, contributions, first_date_counted
from chalicelib.rules.risk.model import (
    DUE_SOON_WITHIN,
    FORECAST_DAYS,
    LATE_RESIDUAL,
    METHOD,
    PRIOR_WAITS,
    SCORE_BANDS,
    SMALL_SAMPLE,
    STAGE_WEIGHT,
    WHAT_IF_CALLS,
    WILSON_Z,
    Range,
    days_overdue,
    expected,
    severity,
    survival,
)
from chalicelib.rules.risk.ranking import Cell, Outlook, outlook, ranked_cells
from chalicelib.rules.tally import (
    LATENESS_LOWER_DAYS,
    Tally,
    lateness_bucket,
    not_yet_cells,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The tally as clients see it. `waits` is N; `by_stage` holds {stage: {waiting, overdue}} for every stage."""

    waits: int
    waiting: int
    overdue: int
    answered: int
    answered_on_time: int
    not_yet: int
    """Answers among N that told no decision."""
    longest_overdue_hours: int
    by_stage: dict[Stage, dict[str, int]]


@dataclass(frozen=True, slots=True)
class HeardOnTime:
    """Of the candidates who were due an answer, those who got one in time. No index: counts.

    `due` is the answered among N plus the overdue. `low` and `high` are the Wilson 90 % interval of `share`; all three are None
    where nobody was due an answer.
    """

    on_time: int
    due: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class LateNow:
    """Candidates who wait past the day of their answer; `longest_days` is the longest of them, in whole days."""

    count: int
    longest_days: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The figures if the first `calls` candidates of the call list were told now."""

    calls: int
    score: float
    next_30_days: Range


@dataclass(frozen=True, slots=True)
class Risk:
    """The response of GET /v1/risk. `as_of` is in UTC."""

    as_of: datetime
    score: float
    tally: Counts
    incurred: Range
    next_30_days: Range
    what_if: tuple[WhatIf, ...]
    outlook: Outlook
    """What the call list is ranked by, and so who `what_if` calls."""
    method: str = METHOD

    @property
    def band(self) -> RiskBand:
        """The name of the range that the score lies in."""
        return next((name for below, name in SCORE_BANDS if self.score < below), "severe")

    @property
    def small_sample(self) -> bool:
        """Whether there are too few waits to read much into the score."""
        return self.tally.waits < SMALL_SAMPLE

    @property
    def heard_on_time(self) -> HeardOnTime:
        """How many heard on time, of those who were due an answer."""
        return heard_on_time(self.tally.answered_on_time, self.tally.answered + self.tally.overdue)

    @property
    def late_now(self) -> LateNow:
        """How many are late now, and the longest of them."""
        return LateNow(self.tally.overdue, self.tally.longest_overdue_hours // 24)

    @property
    def expected_negative_reviews(self) -> dict[str, Range]:
        return {"incurred": self.incurred, "next_30_days": self.next_30_days}

    def as_json(self) -> dict[str, Any]:
        """Returns JSON values, not rounded: pages round."""
        names = ("waits", "waiting", "overdue", "answered", "answered_on_time", "not_yet", "longest_overdue_hours", "by_stage")
        return {
            "as_of": self.as_of.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "method": self.method,
            "score": self.score,
            "band": self.band,
            "small_sample": self.small_sample,
            "tally": {name: getattr(self.tally, name) for name in names},
            "expected_negative_reviews": self.expected_negative_reviews,
            "what_if": [{"calls": w.calls, "score": w.score, "next_30_days": w.next_30_days} for w in self.what_if],
            "horizon_days": self.outlook.horizon_days,
        }


def heard_on_time(on_time: int, due: int) -> HeardOnTime:
    """Returns the share and its Wilson score interval (Wilson 1927) at 90 %."""
    if due == 0:
        return HeardOnTime(on_time, due, None, None, None)
    share, z2 = on_time / due, WILSON_Z**2
    middle = (share + z2 / (2 * due)) / (1 + z2 / due)
    half = WILSON_Z / (1 + z2 / due) * sqrt(share * (1 - share) / due + z2 / (4 * due**2))
    return HeardOnTime(on_time, due, share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def score(harm: float, waits: int) -> float:
    """Returns 0 to 100: the weighted severity of all silences and late answers, divided by N and the prior."""
    return 100 * harm / (waits + PRIOR_WAITS)


def assess(
    tally: Tally,
    as_of: datetime,
    review_days: float | None = None,
    ahead: Outlook | None = None,
    ranked: Sequence[Cell] | None = None,
) -> Risk:
    """Computes the risk as of an instant. The cost depends on the days in the tally, not on the number of waits.

    `review_days` is the scale that the employer's own reviews have taught, if any; it moves the order of the calls alone.
    `ahead` is the outlook of this tally and instant, and `ranked` its ranked cells, where the caller has computed them.
    """
    ahead = ahead or outlook(tally, as_of, review_days)
    lines = contributions(tally, as_of)
    waits, harm, coming = sum(x.counted for x in lines), sum(x.harm for x in lines), sum(x.coming for x in lines)
    ranked = ranked_cells(tally, as_of, ahead) if ranked is None else ranked
    first_calls = [cell for cell in ranked if cell.hour - as_of <= DUE_SOON_WITHIN]
    return Risk(
        as_of=as_of,
        score=score(harm, waits),
        tally=_counts(lines, _not_yet(tally, as_of)),
        incurred=expected(sum(x.written for x in lines)),
        next_30_days=expected(coming),
        what_if=tuple(_what_if(calls, first_calls, as_of, waits, harm, coming) for calls in WHAT_IF_CALLS),
        outlook=ahead,
    )


def _not_yet(tally: Tally, as_of: datetime) -> int:
    today, first_date = as_of.astimezone(UTC).date(), first_date_counted(as_of)
    return sum(cell.count for cell in not_yet_cells(tally) if first_date <= cell.due_on <= today)


def _counts(lines: Sequence[Contribution], not_yet: int) -> Counts:
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
        not_yet=not_yet,
        longest_overdue_hours=max((line.longest for line in lines), default=timedelta(0)) // timedelta(hours=1),
        by_stage={stage: {"waiting": waiting[stage], "overdue": overdue[stage]} for stage in STAGES},
    )


def _what_if(calls: int, first: Iterable[Cell], as_of: datetime, waits: int, harm: float, coming: float) -> WhatIf:
    """Computes the figures with the first `calls` waits answered now.

    They count at the lower edge of their bucket. Those due before the window leave N.
    """
    left = calls
    for cell in first:
        told = min(left, cell.count)
        u, weight = days_overdue(cell.hour, as_of), STAGE_WEIGHT[cell.stage] * told
        harm -= weight * severity(u)
        coming -= weight * (survival(u) - survival(u + FORECAST_DAYS))
        if cell.hour.date() >= first_date_counted(as_of):
            harm += LATE_RESIDUAL * weight * severity(LATENESS_LOWER_DAYS[lateness_bucket(as_of - cell.hour)])
        else:
            waits -= told
        left -= told
        if not left:
            break
    return WhatIf(calls, score(max(0.0, harm), waits), expected(max(0.0, coming)))
