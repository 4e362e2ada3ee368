"""Learning the scale of the review curve: what the reviews can tell, and when they cannot."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp

import pytest

from chalicelib.rules.risk.learning import PRIOR_RATE, PRIOR_SHAPE, gamma_cdf
from chalicelib.rules.risk.scale import GRID, Silence, learn_scale, silences_of_tally, silences_of_waits
from chalicelib.rules.tally import tally
from tests.rules.strategies import AS_OF, answered_wait, open_wait

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=360)
SILENCES = [Silence(START + timedelta(days=day), 1.0) for day in range(300)]


def reviews(scale: float, count: int, seed: int = 3) -> list[datetime]:
    """Of silences that are never broken, at the method's hazard with another scale."""
    dice = random.Random(seed)  # noqa: S311
    found = []
    while len(found) < count:
        at = dice.choice(SILENCES).due + timedelta(days=scale * dice.expovariate(1) ** 0.5)
        found += [at] if at < END else []
    return found


def test_without_reviews_the_data_cannot_tell() -> None:
    """The ranking keeps the method's scale; the interval is about the prior's."""
    belief = learn_scale([], [], END)
    assert belief.used is None and not belief.tells
    assert belief.review_days == {
        "low": pytest.approx(12, rel=0.05),
        "central": pytest.approx(30, rel=0.02),
        "high": pytest.approx(75, rel=0.05),
    }


def test_reviews_of_everyday_silences_tell_little() -> None:
    """One silence a day: whenever a review comes, some silence is of any age. Only their pattern in time tells."""
    assert learn_scale(SILENCES, reviews(30, 3), END).used is None


@pytest.mark.parametrize("true", [8.0, 90.0])
def test_silences_that_end_on_one_day_show_how_long_reviews_take(true: float) -> None:
    """A hiring day, and when its reviews came: the scale is learned, and used where it is surely another."""
    day = [Silence(START, 60.0)]
    dice = random.Random(1)  # noqa: S311
    came = [START + timedelta(days=true * dice.expovariate(1) ** 0.5) for _ in range(25)]
    belief = learn_scale(day, [at for at in came if at < END], END)
    assert belief.used == belief.review_days["central"] == pytest.approx(true, rel=0.35)
    assert (belief.review_days["high"] < 30) == (true < 30)


def test_the_posterior_is_that_of_the_two_grids() -> None:
    """Computed in another way: p on a fine grid instead of the exact integral, one silence, one review."""
    silence, at = Silence(START, 2.0, 40.0), START + timedelta(days=10)
    belief = learn_scale([silence], [at], END)
    weights = []
    for scale, prior in zip(GRID, learn_scale([], [], END).weights, strict=True):
        exposure = 2.0 * (1 - exp(-((40 / scale) ** 2)))
        density = 2.0 * 2 * 10 / scale**2 * exp(-((10 / scale) ** 2)) + 1e-9
        ps = [(step + 0.5) / 4000 for step in range(4000)]
        over_p = sum(p ** (PRIOR_SHAPE - 1) * exp(-PRIOR_RATE * p) * p * density * exp(-p * exposure) for p in ps)
        weights.append(prior * over_p)
    total = sum(weights)
    assert belief.weights == pytest.approx([one / total for one in weights], abs=1e-5)
    assert belief.exposures[20] == pytest.approx(2.0 * (1 - exp(-((40 / 30) ** 2))))
    gammas = zip(belief.weights, belief.exposures, strict=True)
    below = sum(weight * gamma_cdf(PRIOR_SHAPE + 1, 0.05 * (PRIOR_RATE + exposure)) for weight, exposure in gammas)
    assert belief.p_is_below(0.05) == pytest.approx(below)


def test_a_tally_tells_when_silences_began_and_about_when_they_ended() -> None:
    """Answers in time were never silences; those of a year ago are forgotten."""
    waits = [
        (open_wait("final", timedelta(days=10)), True),
        (open_wait("screen", timedelta(days=10)), False),
        (answered_wait("interview", timedelta(days=20), timedelta(days=5)), True),
        (answered_wait("final", timedelta(days=20), timedelta(days=-1)), True),
        (open_wait("final", timedelta(days=400)), True),
    ]
    found = sorted(silences_of_tally(tally(waits), AS_OF), key=lambda one: one.due)
    assert [(one.weight, one.days) for one in found] == [(0.78, 5.0), (pytest.approx(1.67), None)]


def test_the_prior_of_the_scale_is_log_normal_with_90_percent_from_12_to_75_days() -> None:
    """Twice the method's scale has the weight exp(-(ln 2 / 0.5570)² / 2) = 0.461 of it, half of it too."""
    weights = learn_scale([], [], END).weights
    assert weights[28] / weights[20] == pytest.approx(0.46109, rel=1e-3)
    assert weights[12] / weights[20] == pytest.approx(0.46109, rel=1e-3)


def test_silences_of_one_day_and_end_are_added_and_keep_their_date() -> None:
    """Three finals that were due on 4 March weigh 1 each. Answered after five days, they are another silence."""
    as_of = datetime(2026, 3, 20, 9, tzinfo=UTC)
    waits = [(open_wait("final", timedelta(days=16), as_of), True)] * 3
    answered = [(answered_wait("final", timedelta(days=16), timedelta(days=4), as_of), True)] * 2
    found = sorted(silences_of_tally(tally([*waits, *answered]), as_of), key=lambda one: one.weight)
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert found == [Silence(noon, 2.0, 5.0), Silence(noon, 3.0, None)]


def test_waits_tell_to_the_second_when_silences_began_and_ended() -> None:
    """What was dropped or lapsed tells nothing."""
    still, answered = open_wait("interview", timedelta(days=3)), answered_wait("final", timedelta(days=9), timedelta(hours=36))
    dropped = replace(still, state="dropped")
    assert silences_of_waits([still, dropped, answered]) == [
        Silence(AS_OF - timedelta(days=3), 0.78),
        Silence(AS_OF - timedelta(days=9), 1.0, 1.5),
    ]


@pytest.mark.parametrize(("late", "middle"), [(0.5, 0.5), (2, 2.0), (5, 5.0), (10, 10.5), (20, 22.0), (40, 45.0)])
def test_a_late_answer_ended_its_silence_in_the_middle_of_its_bucket(late: float, middle: float) -> None:
    """Up to 1, 3, 7, 14, 30 and 60 days late."""
    waits = [(answered_wait("final", timedelta(days=80), timedelta(days=late)), True)]
    assert [one.days for one in silences_of_tally(tally(waits), AS_OF)] == [middle]


def test_many_reviews_are_weighed_without_underflow() -> None:
    """The product of 400 densities is far below the smallest float."""
    came = [START + timedelta(days=1 + day / 10) for day in range(400)]
    assert sum(learn_scale([Silence(START, 60.0)], came, END).weights) == pytest.approx(1)
