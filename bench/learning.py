"""Simulates employers with known hazards: does the posterior cover the truth, and which assumption matters?

python -m bench.learning [--employers 400] [--seed 7]

Every figure in docs/risk.md under "What the simulation says" comes from here. The hazards are those of the method, so this
shows that the arithmetic is right if the assumptions hold: not that they hold. What the ranking is worth: ranking.py.
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.rules.model import STAGES, Stage, Wait
from chalicelib.rules.risk import learning, model
from chalicelib.rules.risk.learning import Week, backtest, calibration, exposure_between, posterior
from chalicelib.rules.risk.ranking import Outlook, delay_cost
from chalicelib.rules.risk.scale import GRID, LOG_SPREAD, learn_scale, silences_of_waits

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 364


@dataclass(frozen=True)
class Simulated:
    """One employer: its true p, its waits, and when reviews came."""

    p: float
    waits: list[Wait]
    reviews: list[datetime]


def employer(dice: random.Random) -> Simulated:
    """p from the prior; 5 to 800 waits over a year, half never answered; reviews by the method's own hazard."""
    p = min(1.0, dice.gammavariate(learning.PRIOR_SHAPE, 1 / learning.PRIOR_RATE))
    waits = [_wait(dice, number) for number in range(dice.choice([5, 20, 80, 300, 800]))]
    return Simulated(p, waits, [at for wait in waits if (at := _review(dice, wait, p))])


def _wait(dice: random.Random, number: int) -> Wait:
    due = START + timedelta(days=dice.uniform(0, DAYS))
    stage: Stage = dice.choice(STAGES)
    answered = due + timedelta(days=dice.uniform(-2, 45)) if dice.random() < 0.5 else None
    return Wait(f"int_{number}", stage, due - timedelta(days=2), due, "answered" if answered else "open", answered)


def _review(dice: random.Random, wait: Wait, p: float, scale: float = model.REVIEW_DAYS) -> datetime | None:
    """The day of a review, u days past the deadline with S(u) = exp(-(u/30)^2), if the silence lasts that long."""
    if dice.random() >= p * model.STAGE_WEIGHT[wait.stage]:
        return None
    at = wait.word_due_at + timedelta(days=scale * dice.expovariate(1.0) ** 0.5)
    return None if wait.answered_at and at > wait.answered_at else at


@dataclass(frozen=True)
class ScaleCoverage:
    """Of employers whose scale was drawn from its prior, or is fixed: how often the 90 % intervals held the truth, and how often
    that of the scale excludes the method's."""

    employers: int
    scale_held: int
    p_held: int
    told: int
    reviews: int


def scale_coverage(employers: int, seed: int, fixed: float | None = None, waits: int = 300) -> ScaleCoverage:
    """The joint posterior of p and scale after a year. `fixed` is the true scale in days; else it is drawn."""
    dice, counts = random.Random(f"{seed} {fixed} {waits}"), [0, 0, 0, 0]
    end = START + timedelta(days=DAYS)
    for _ in range(employers):
        true = fixed or min(GRID[-1], max(GRID[0], model.REVIEW_DAYS * math.exp(dice.gauss(0, LOG_SPREAD))))
        p = min(1.0, dice.gammavariate(learning.PRIOR_SHAPE, 1 / learning.PRIOR_RATE))
        crowd = [_wait(dice, number) for number in range(waits)]
        seen = [at for wait in crowd if (at := _review(dice, wait, p, true)) and at < end]
        belief = learn_scale(silences_of_waits(crowd), seen, end)
        days = belief.review_days
        for place, held in enumerate((days["low"] <= true <= days["high"], 0.05 <= belief.p_is_below(p) <= 0.95, belief.tells)):
            counts[place] += held
        counts[3] += len(seen)
    return ScaleCoverage(employers, *counts)


@dataclass(frozen=True)
class ScaleBacktest:
    """Reviews of the second half of a year: observed, and predicted from the first half with each of the two scales."""

    observed: int
    by_default: float
    by_learned: float


def scale_backtest(employers: int, seed: int, true: float, waits: int = 300) -> ScaleBacktest:
    """Where the true scale is another, does the learned one predict better? Where the data cannot tell, both are the method's."""
    dice, observed, sums = random.Random(f"{seed} {true} {waits} backtest"), 0, [0.0, 0.0]
    half, end = START + timedelta(days=DAYS // 2), START + timedelta(days=DAYS)
    for _ in range(employers):
        p = min(1.0, dice.gammavariate(learning.PRIOR_SHAPE, 1 / learning.PRIOR_RATE))
        crowd = [_wait(dice, number) for number in range(waits)]
        came = [at for wait in crowd if (at := _review(dice, wait, p, true)) and at < end]
        before = [at for at in came if at < half]
        observed += len(came) - len(before)
        learned = learn_scale(silences_of_waits([w for w in crowd if w.word_due_at < half]), before, half).used
        for place, scale in enumerate((None, learned)):
            belief = posterior(len(before), exposure_between(crowd, START, half, scale))
            sums[place] += belief.mean * exposure_between(crowd, half, end, scale)
    return ScaleBacktest(observed, *sums)


@dataclass(frozen=True)
class Coverage:
    """How often the 90 % interval of p held the truth, and how often that of a week's count held the count."""

    employers: int
    covered: int
    weeks: int
    weeks_covered: int
    history: list[Week]


def coverage(employers: int, seed: int) -> Coverage:
    dice, covered, history = random.Random(seed), 0, []
    end = START + timedelta(days=DAYS)
    for _ in range(employers):
        one = employer(dice)
        seen = sum(at < end for at in one.reviews)
        belief = posterior(seen, exposure_between(one.waits, START, end)).p
        covered += belief["low"] <= one.p <= belief["high"]
        history += backtest(one.waits, one.reviews, START, end)
    return Coverage(employers, covered, len(history), sum(week.covered for week in history), history)


Person = tuple[Stage, datetime]
"""A stage, and when word was due."""


# --- which assumption moves what -------------------------------------------------------------------------------------

CONSTANTS = ("STAGE_WEIGHT", "REVIEW_DAYS", "REVIEW_CENTRAL", "CALL_EFFECT", "SEVERITY_DAYS", "LATE_RESIDUAL")


@dataclass(frozen=True)
class Sensitivity:
    """Halve or double a constant: how many of the first 25 calls stay, and the factor of the expected reviews."""

    constant: str
    factor: float
    stay: int
    expected: float


def sensitivity(seed: int) -> list[Sensitivity]:
    dice = random.Random(seed)
    now = START + timedelta(days=60)
    crowd: list[Person] = [(dice.choice(STAGES), START + timedelta(days=dice.uniform(0, 62))) for _ in range(400)]

    def first() -> set[Person]:
        ahead = Outlook(review_days=model.REVIEW_DAYS)
        return set(sorted(crowd, key=lambda one: (-delay_cost(one[0], model.days_overdue(one[1], now), ahead), one[1]))[:25])

    def reviews() -> float:
        weigh = ((s, model.days_overdue(due, now)) for s, due in crowd)
        coming = (model.STAGE_WEIGHT[s] * (model.survival(u) - model.survival(u + 30)) for s, u in weigh)
        return model.REVIEW_CENTRAL * sum(coming)

    usual, base = first(), reviews()
    found = []
    for name in CONSTANTS:
        for factor in (0.5, 2.0):
            kept = getattr(model, name)
            setattr(
                model,
                name,
                {**kept, **{s: min(1.0, kept[s] * factor) for s in STAGES[:2]}} if isinstance(kept, dict) else kept * factor,
            )
            try:
                found.append(Sensitivity(name, factor, len(first() & usual), reviews() / base))
            finally:
                setattr(model, name, kept)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.learning", description=__doc__)
    parser.add_argument("--employers", type=int, default=400)
    parser.add_argument("--scale-employers", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    covered = coverage(asked.employers, asked.seed)
    share = covered.covered / covered.employers
    print(f"p in its 90 % interval: {covered.covered} of {covered.employers} employers ({share:.1%})")
    print(f"a week's count in its 90 % interval: {covered.weeks_covered / covered.weeks:.1%} of {covered.weeks} weeks")
    print("predicted per week   weeks  predicted  observed")
    for band in calibration(covered.history):
        print(f"from {band.at_least:<14g} {band.weeks:6}  {band.predicted:9.1f}  {band.observed:8}")
    print("\ntrue scale  waits  reviews each  scale held  p held  told apart from 30 days")
    for fixed, waits in ((None, 300), (30.0, 300), (15.0, 300), (60.0, 300)):
        one = scale_coverage(asked.scale_employers, asked.seed, fixed, waits)
        each, name = one.reviews / one.employers, f"{fixed:g}" if fixed else "drawn"
        held, p_held, told = (count / one.employers for count in (one.scale_held, one.p_held, one.told))
        print(f"{name:10}  {waits:5}  {each:12.1f}  {held:10.1%}  {p_held:6.1%}  {told:.1%}", flush=True)
    print("\ntrue scale  observed  predicted by 30 days  by the learned scale")
    for fixed in (15.0, 30.0, 60.0):
        both = scale_backtest(asked.scale_employers, asked.seed, fixed)
        print(f"{fixed:10g}  {both.observed:8}  {both.by_default:20.0f}  {both.by_learned:20.0f}", flush=True)
    print("\nconstant         x     of the first 25 stay   expected reviews x")
    for changed in sensitivity(asked.seed):
        print(f"{changed.constant:16} {changed.factor:<5g} {changed.stay:8}               {changed.expected:.2f}")


if __name__ == "__main__":
    main()
