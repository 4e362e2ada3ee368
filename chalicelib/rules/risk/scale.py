"""Learns the scale of the review curve beside p, from when silences began and ended and when reviews came.

Reviews are a Poisson process of intensity p·h(t), where h(t) sums m·f over the silences that last at t, with f the density of
the method's curve at a scale s: S(u) = exp(-(u/s)²). For each s on a grid p is integrated out exactly, since its prior is a
Gamma distribution:

    weight(s) = prior(s) · Π h_s(t of a review) / (rate + E(s)) ** (shape + reviews)

so p given s is Gamma(shape + reviews, rate + E(s)), and both together are the joint posterior. The prior of s is log-normal
around the method's 30 days, with a 90 % interval from 12 to 75 days (assumption). A scale is used only where its 90 % interval
excludes the method's: until then the data cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log

from chalicelib.rules.model import Wait
from chalicelib.rules.risk.learning import INTERVAL, LOOKBACK, PRIOR_RATE, PRIOR_SHAPE, gamma_cdf
from chalicelib.rules.risk.model import REVIEW_DAYS, STAGE_WEIGHT, Range
from chalicelib.rules.tally import LATENESS_LOWER_DAYS, OpenCell, Tally, cells

GRID = tuple(REVIEW_DAYS * 2 ** (step / 8) for step in range(-20, 21))
"""Scales in days, from 5 to 170, a twelfth apart."""
LOG_SPREAD = log(75 / 12) / (2 * 1.6449)
"""Of the prior: assumption."""
LEAST_REVIEWS = 8
"""Fewer may all be of one silence that we know too little of: assumption."""
BACKGROUND = 1e-9
"""A review that follows no silence that we know of is possible, and tells nothing about the scale."""
MIDDLES = tuple(lower + (upper - lower) / 2 for lower, upper in zip(LATENESS_LOWER_DAYS, (0, 1, 3, 7, 14, 30, 60), strict=True))
"""Of the lateness buckets: when a silence of the tally ended. The exposure of p takes lower edges; dates need the middle."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Waits that were due at one time: the sum of their stage weights, and the days after which they were answered, if."""

    due: datetime
    weight: float
    days: float | None = None


@dataclass(frozen=True, slots=True)
class ScalePosterior:
    """The weights of the scales of GRID, and with them the Gamma distribution of p at each."""

    weights: tuple[float, ...]
    exposures: tuple[float, ...]
    reviews: int

    @property
    def review_days(self) -> Range:
        """The 90 % interval and the median of the scale, in days."""
        low, high = INTERVAL
        return {"low": self._quantile(low), "central": self._quantile(0.5), "high": self._quantile(high)}

    @property
    def tells(self) -> bool:
        """Whether there are enough reviews, and their interval excludes the method's scale."""
        days = self.review_days
        return self.reviews >= LEAST_REVIEWS and not days["low"] <= REVIEW_DAYS <= days["high"]

    @property
    def used(self) -> float | None:
        """The scale that the ranking uses instead of the method's; None while the data cannot tell."""
        return self.review_days["central"] if self.tells else None

    def p_is_below(self, p: float) -> float:
        """Returns the chance that p is below a value, whatever the scale is."""
        shape = PRIOR_SHAPE + self.reviews
        return sum(w * gamma_cdf(shape, p * (PRIOR_RATE + e)) for w, e in zip(self.weights, self.exposures, strict=True))

    def _quantile(self, share: float) -> float:
        """Interpolates between the grid's points, each of which stands for the half step on both sides."""
        total, step = 0.0, 2 ** (1 / 8)
        for scale, weight in zip(GRID, self.weights, strict=True):
            if total + weight >= share:
                return float(scale * step ** ((share - total) / weight - 0.5))
            total += weight
        return GRID[-1]


def learn_scale(silences: Sequence[Silence], reviews: Sequence[datetime], as_of: datetime) -> ScalePosterior:
    """Returns the posterior of p and scale. `reviews` are the negative ones that mention silence, until `as_of`."""
    exposures, logs = [], []
    for scale in GRID:
        exposure = sum(one.weight * (1 - _survival(_lasted(one, as_of), scale)) for one in silences)
        at_reviews = sum(log(BACKGROUND + _intensity(silences, at, scale)) for at in reviews)
        prior = -0.5 * (log(scale / REVIEW_DAYS) / LOG_SPREAD) ** 2
        exposures.append(exposure)
        logs.append(prior + at_reviews - (PRIOR_SHAPE + len(reviews)) * log(PRIOR_RATE + exposure))
    most = max(logs)
    weights = [exp(one - most) for one in logs]
    total = sum(weights)
    return ScalePosterior(tuple(one / total for one in weights), tuple(exposures), len(reviews))


def silences_of_tally(tally: Tally, as_of: datetime) -> list[Silence]:
    """Returns the silences of the last 365 days from the tally, by day."""
    first = (as_of.astimezone(UTC) - LOOKBACK).date()
    found: dict[tuple[datetime, float | None], float] = {}
    for cell in cells(tally):
        if isinstance(cell, OpenCell):
            due, days = cell.hour.replace(hour=12), None
        else:
            due = datetime(cell.due_on.year, cell.due_on.month, cell.due_on.day, 12, tzinfo=UTC)
            days = MIDDLES[cell.bucket]
        if due.date() >= first and days != 0:
            found[due, days] = found.get((due, days), 0.0) + STAGE_WEIGHT[cell.stage] * cell.count
    return [Silence(due, weight, days) for (due, days), weight in found.items()]


def silences_of_waits(waits: Iterable[Wait]) -> list[Silence]:
    """Returns the silences of waits, to the second."""
    return [
        Silence(
            wait.word_due_at,
            STAGE_WEIGHT[wait.stage],
            (wait.answered_at - wait.word_due_at) / timedelta(days=1) if wait.answered_at else None,
        )
        for wait in waits
        if wait.state in ("open", "answered")
    ]


def _lasted(one: Silence, at: datetime) -> float:
    until_now = (at - one.due) / timedelta(days=1)
    return until_now if one.days is None else min(one.days, until_now)


def _survival(days: float, scale: float) -> float:
    return exp(-((days / scale) ** 2)) if days > 0 else 1.0


def _intensity(silences: Sequence[Silence], at: datetime, scale: float) -> float:
    """Returns h: the weighted density of reviews at an instant, of the silences that last."""
    total = 0.0
    for one in silences:
        days = (at - one.due) / timedelta(days=1)
        if 0 < days < 8 * scale and (one.days is None or days < one.days):
            total += one.weight * 2 * days / scale**2 * exp(-((days / scale) ** 2))
    return total
