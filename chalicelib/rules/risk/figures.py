"""The figures of a review risk, as clients and pages see them, and the two that follow from others: score and band."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.rules.model import Stage
from chalicelib.rules.risk.model import BANDS, METHOD, PRIOR_WAITS, SMALL_SAMPLE, Range


@dataclass(frozen=True, slots=True)
class Counts:
    """The tally as clients see it. `waits` is N; `by_stage` holds {stage: {waiting, overdue}} for every stage."""

    waits: int
    waiting: int
    overdue: int
    answered: int
    answered_on_time: int
    longest_overdue_hours: int
    by_stage: dict[Stage, dict[str, int]]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The figures if the first `calls` of the call list were told now."""

    calls: int
    score: float
    next_30_days: Range


@dataclass(frozen=True, slots=True)
class Risk:
    """The answer of GET /v1/risk. `as_of` is in UTC."""

    as_of: datetime
    score: float
    tally: Counts
    incurred: Range
    next_30_days: Range
    what_if: tuple[WhatIf, ...]
    method: str = METHOD

    @property
    def band(self) -> str:
        return next((name for below, name in BANDS if self.score < below), "severe")

    @property
    def small_sample(self) -> bool:
        return self.tally.waits < SMALL_SAMPLE

    @property
    def expected_negative_reviews(self) -> dict[str, Range]:
        return {"incurred": self.incurred, "next_30_days": self.next_30_days}

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, unrounded: rounding is for pages."""
        names = ("waits", "waiting", "overdue", "answered", "answered_on_time", "longest_overdue_hours", "by_stage")
        return {
            "as_of": self.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "method": self.method,
            "score": self.score,
            "band": self.band,
            "small_sample": self.small_sample,
            "tally": {name: getattr(self.tally, name) for name in names},
            "expected_negative_reviews": self.expected_negative_reviews,
            "what_if": [{"calls": w.calls, "score": w.score, "next_30_days": w.next_30_days} for w in self.what_if],
        }


def score(harm: float, waits: int) -> float:
    """0 to 100: the weighted severity of every silence and late answer over N, with a prior of waits answered in time."""
    return 100 * harm / (waits + PRIOR_WAITS)
