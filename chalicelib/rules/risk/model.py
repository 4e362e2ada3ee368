"""Holds the constants and curves of the review risk of one wait, method 2026-12.

For an open wait, `u` is the number of days from `word_due_at`, truncated to its UTC hour, to `as_of`. It is negative before
the answer is due. docs/risk.md quotes the sources; a constant without a published source is marked *assumption*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Any, Literal, TypedDict

from chalicelib.rules.model import RiskBand, Stage, truncated_to_hour

METHOD = "2026-12"

# -- the constants, all of them ----------------------------------------------------------------------------------------
STAGE_WEIGHT: dict[Stage, float] = {"screen": 0.67, "interview": 0.78, "final": 1.00}  # ghosting index 1.2/1.4/1.8, scaled
SEVERITY_DAYS = 14.0  # assumption
REVIEW_LOW, REVIEW_CENTRAL, REVIEW_HIGH = 0.009, 0.02, 0.15  # poster counts; The Conference Board 2023; poll of 2023
REVIEW_DAYS = 30.0  # assumption
LATE_RESIDUAL = 0.25  # assumption
CALL_EFFECT, EMAIL_EFFECT, TEMPLATE_EFFECT = 0.75, 0.5, 0.25  # assumptions
HORIZON_LEAST, HORIZON_MOST = 7, 90  # days ahead that the call list looks (`ranking.horizon_days`)
HORIZON_ANSWERS = 5  # with fewer answers nothing is known of the pace, and the horizon is the least
FORECAST_DAYS = 30.0  # how far the expected reviews look ahead
WINDOW_DATES = 90  # UTC dates of word_due_at that the score looks back on, today included
PRIOR_WAITS = 5  # assumption
SMALL_SAMPLE = 5  # fewer waits than this are flagged
DUE_SOON_WITHIN = timedelta(hours=48)  # an open wait due within this counts as waiting
SCORE_BANDS: tuple[tuple[float, RiskBand], ...] = (
    (5.0, "low"),
    (15.0, "moderate"),
    (35.0, "high"),
)  # below; else severe; assumption
WHAT_IF_CALLS = (5, 10, 25)  # what if so many were called now
WILSON_Z = 1.6449  # the normal quantile of a 90 % interval

EffectChannel = Literal["call", "email", "template"]
EFFECTS: dict[EffectChannel, float] = {"call": CALL_EFFECT, "email": EMAIL_EFFECT, "template": TEMPLATE_EFFECT}


class Range(TypedDict):
    """Expected negative reviews under the low, central and high probability."""

    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant as the report page shows it: name, value and source."""

    name: str
    value: str
    source: str


def _named(values: Mapping[Any, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items())


CONSTANTS: tuple[Constant, ...] = (
    Constant("Stage weight", _named(STAGE_WEIGHT), "a public ghosting index: 1.2, 1.4, 1.8, scaled to 1"),
    Constant("Severity of silence", f"1 − exp(−days overdue / {SEVERITY_DAYS:g})", "assumption; the index starts at 14 days"),
    Constant("Review probability, low", f"{REVIEW_LOW:.1%}", "under 1% of interviewees ever post; denominator assumed"),
    Constant(
        "Review probability, central",
        f"{REVIEW_CENTRAL:.1%}",
        "The Conference Board, February 2023, over 1,100 people: of those who did not hear back after an interview, 2% "
        "left a negative review online (recalled; subsample unpublished)",
    ),
    Constant("Review probability, high", f"{REVIEW_HIGH:.1%}", "LinkedIn poll 2023, n = 119: would post after being ghosted"),
    Constant("Not written yet", f"exp(−(days overdue / {REVIEW_DAYS:g})²)", "assumption; no day-by-day curve is published"),
    Constant("What a late answer leaves", f"{LATE_RESIDUAL:g} of the severity", "assumption"),
    Constant("Effect of an answer", _named(EFFECTS), "assumptions; only their order is published"),
    Constant(
        "Call list",
        f"what waiting costs until your team has called everybody once, {HORIZON_LEAST} to {HORIZON_MOST} days",
        "your team's own pace, from the tally",
    ),
    Constant("Bands", ", ".join(f"{name} below {below:g}" for below, name in SCORE_BANDS), "assumption"),
    Constant(
        "Prior", f"{PRIOR_WAITS} waits answered in time", "assumption: one bad day must not dominate a small employer's score"
    ),
    Constant("Window", f"{WINDOW_DATES} UTC dates, and all that is still open", "assumption; the index is capped at 90 days"),
)


def days_overdue(word_due_at: datetime, as_of: datetime) -> float:
    """Returns `u`: the days from the hour in which the answer was due to `as_of`."""
    return (as_of - truncated_to_hour(word_due_at.astimezone(UTC))) / timedelta(days=1)


def severity(days: float) -> float:
    """Returns how severe a silence of so many days past the deadline is, from 0 to 1."""
    return 1.0 - exp(-max(0.0, days) / SEVERITY_DAYS)


def survival(u: float, review_days: float | None = None) -> float:
    """Returns S(u): of those who would ever review an unbroken silence, the share that has not yet.

    `review_days` is the scale of the curve where an employer's own reviews have taught another one.
    """
    return exp(-((u / (review_days or REVIEW_DAYS)) ** 2)) if u > 0 else 1.0


def expected(weighted: float) -> Range:
    """Returns the expected reviews for a sum of shares, already weighted by stage."""
    return {"low": REVIEW_LOW * weighted, "central": REVIEW_CENTRAL * weighted, "high": REVIEW_HIGH * weighted}


def reviews_avoided(stage: Stage, u: float, channel: EffectChannel = "call") -> Range:
    """Returns the negative reviews that telling one candidate now avoids, by the effect of the channel."""
    return expected(EFFECTS[channel] * STAGE_WEIGHT[stage] * survival(u))
