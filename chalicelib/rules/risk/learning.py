"""Estimates how likely a silence becomes a negative review, for one employer, from its own reviews.

Reviews that mention silence are Poisson with mean p·E. The exposure E is the number of reviews if every unbroken silence were
reviewed: the sum of m·F over the waits, with the curves of `model.py`. The prior of p is the Gamma distribution whose 5 % and
95 % points are the low and high of docs/risk.md. With k reviews and an exposure E it becomes Gamma(shape + k, rate + E), so a
small employer stays near the prior and a large one near its own figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import exp, lgamma, log

from chalicelib.rules.model import Wait
from chalicelib.rules.risk.model import STAGE_WEIGHT, Range, days_overdue, survival
from chalicelib.rules.tally import LATENESS_LOWER_DAYS, AnsweredCell, Tally, cells

PRIOR_SHAPE, PRIOR_RATE = 1.7496895849662202, 28.88028162118462
"""Gamma with 5 % and 95 % points 0.009 and 0.15: an assumption, as the low and the high themselves are thin."""
LOOKBACK = timedelta(days=365)
MAX_NEGATIVE_STARS = 2
"""Stars of five."""
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Posterior:
    """The Gamma distribution of p after so many reviews and so much exposure."""

    reviews: int = 0
    exposure: float = 0.0

    @property
    def shape(self) -> float:
        return PRIOR_SHAPE + self.reviews

    @property
    def rate(self) -> float:
        return PRIOR_RATE + self.exposure

    @property
    def mean(self) -> float:
        return self.shape / self.rate

    def quantile(self, share: float) -> float:
        return gamma_quantile(self.shape, share) / self.rate

    @property
    def p(self) -> Range:
        """The 90 % interval and the median."""
        low, high = INTERVAL
        return {"low": self.quantile(low), "central": self.quantile(0.5), "high": self.quantile(high)}

    def predicted(self, exposure: float) -> tuple[int, float, int]:
        """Returns (low, mean, high) of the reviews from so much exposure: the 90 % interval of a mixed Poisson."""
        return (
            negative_binomial(self.shape, self.rate, exposure, INTERVAL[0]),
            self.mean * exposure,
            negative_binomial(self.shape, self.rate, exposure, INTERVAL[1]),
        )


def posterior(reviews: int, exposure: float) -> Posterior:
    """Returns the posterior after so many negative reviews of silence. Raises ValueError for negative numbers."""
    if reviews < 0 or exposure < 0:
        raise ValueError("reviews and exposure cannot be negative")
    return Posterior(reviews, exposure)


def tally_exposure(tally: Tally, as_of: datetime) -> float:
    """Returns E of the last 365 days from the tally; answered waits count at their bucket's lower edge."""
    first = (as_of.astimezone(UTC) - LOOKBACK).date()
    total = 0.0
    for cell in cells(tally):
        if isinstance(cell, AnsweredCell):
            if cell.due_on >= first:
                total += STAGE_WEIGHT[cell.stage] * (1 - survival(LATENESS_LOWER_DAYS[cell.bucket])) * cell.count
        elif cell.hour.date() >= first:
            total += STAGE_WEIGHT[cell.stage] * (1 - survival(days_overdue(cell.hour, as_of))) * cell.count
    return total


def exposure_between(waits: Iterable[Wait], start: datetime, end: datetime, review_days: float | None = None) -> float:
    """Returns the E that accrued from `start` to `end`; an answered wait counts until its answer.

    `review_days` is another scale of the curve than the method's.
    """
    total = 0.0
    for wait in waits:
        until = min(end, wait.answered_at) if wait.answered_at else end
        if wait.state in ("open", "answered") and until > start:
            share = survival(_days(wait, start), review_days) - survival(_days(wait, until), review_days)
            total += STAGE_WEIGHT[wait.stage] * max(0.0, share)
    return total


def _days(wait: Wait, at: datetime) -> float:
    return (at - wait.word_due_at) / timedelta(days=1)


# --- backtest --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Week:
    """One week of an employer's history: what was predicted before it, and what was observed."""

    begins: datetime
    exposure: float
    low: int
    predicted: float
    high: int
    observed: int
    p: float

    @property
    def covered(self) -> bool:
        return self.low <= self.observed <= self.high


def backtest(waits: Sequence[Wait], reviews: Sequence[datetime], first: datetime, last: datetime) -> list[Week]:
    """Replays history week by week. p is estimated only from what came before each week."""
    weeks: list[Week] = []
    begins, seen, exposure = first, 0, 0.0
    while begins < last:
        ends = begins + timedelta(days=7)
        belief = posterior(seen, exposure)
        accrued = exposure_between(waits, begins, ends)
        low, mean, high = belief.predicted(accrued)
        observed = sum(begins <= at < ends for at in reviews)
        weeks.append(Week(begins, accrued, low, mean, high, observed, belief.mean))
        begins, seen, exposure = ends, seen + observed, exposure + accrued
    return weeks


@dataclass(frozen=True, slots=True)
class Band:
    """Weeks with a similar prediction: the reviews predicted for them, and those observed."""

    at_least: float
    weeks: int
    predicted: float
    observed: int
    covered: int


CALIBRATION_BANDS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)


def calibration(weeks: Iterable[Week]) -> list[Band]:
    """Groups weeks by the size of the prediction, without empty groups."""
    found = []
    rows = list(weeks)
    for at_least, below in zip(CALIBRATION_BANDS, (*CALIBRATION_BANDS[1:], float("inf")), strict=True):
        some = [week for week in rows if at_least <= week.predicted < below]
        if some:
            found.append(
                Band(
                    at_least,
                    len(some),
                    sum(w.predicted for w in some),
                    sum(w.observed for w in some),
                    sum(w.covered for w in some),
                )
            )
    return found


# --- distributions, from the standard library only -------------------------------------------------------------------


def gamma_cdf(shape: float, x: float) -> float:
    """Computes the regularised lower incomplete gamma function (Numerical Recipes, 6.2)."""
    if x <= 0:
        return 0.0
    scale = exp(-x + shape * log(x) - lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        while abs(term) > 1e-16 * abs(total):
            n += 1
            term *= x / n
            total += term
        return total * scale
    b, c, d = x + 1 - shape, 1e300, 1 / (x + 1 - shape)
    h = d
    for i in range(1, 1000):
        a = -i * (i - shape)
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        h *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return 1 - h * scale


@lru_cache(maxsize=4096)
def gamma_quantile(shape: float, share: float) -> float:
    """Bisects for the quantile of a Gamma distribution of rate 1, to 1e-12 of its size."""
    low, high = 0.0, shape + 1.0
    while gamma_cdf(shape, high) < share:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if gamma_cdf(shape, middle) < share else (low, middle)
        if high - low < 1e-12 * high:
            break
    return (low + high) / 2


def negative_binomial(shape: float, rate: float, exposure: float, share: float) -> int:
    """Returns the smallest count at which the Gamma-mixed Poisson distribution reaches `share`."""
    if exposure <= 0:
        return 0
    ratio = exposure / (rate + exposure)
    chance = total = exp(shape * log(rate / (rate + exposure)))
    count = 0
    while total < share and count < 100_000:
        count += 1
        chance *= ratio * (shape + count - 1) / count
        total += chance
    return count
