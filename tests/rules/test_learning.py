"""The learned review probability: against tables, by properties, and on simulated employers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import learning as simulated
from bench import ranking
from chalicelib.rules import tally
from chalicelib.rules.model import Wait
from chalicelib.rules.risk import learning, model
from chalicelib.rules.risk.learning import (
    MAX_NEGATIVE_STARS,
    Posterior,
    Week,
    backtest,
    calibration,
    exposure_between,
    gamma_cdf,
    gamma_quantile,
    negative_binomial,
    posterior,
    tally_exposure,
)

DUE = datetime(2026, 6, 1, 9, tzinfo=UTC)


def wait(days_late: float | None = None, stage: str = "final") -> Wait:
    answered = None if days_late is None else DUE + timedelta(days=days_late)
    return Wait("int_1", stage, DUE - timedelta(days=2), DUE, "open" if answered is None else "answered", answered)  # type: ignore[arg-type]


def test_the_prior_has_its_points_where_the_sources_are():
    """0.9 % and 15 %: the low and the high estimate."""
    assert Posterior().p["low"] == pytest.approx(model.REVIEW_LOW, rel=1e-9)
    assert Posterior().p["high"] == pytest.approx(model.REVIEW_HIGH, rel=1e-9)


@pytest.mark.parametrize(
    ("shape", "x", "cdf"),
    [(1, 1, 1 - exp(-1)), (2, 3, 1 - 4 * exp(-3)), (0.5, 1.920729410347062, 0.95), (10, 10, 0.5420702855281476)],
)
def test_the_gamma_distribution_agrees_with_tables(shape, x, cdf):
    """Erlang by hand, chi-squared of one degree at 3.8415, and a printed table."""
    assert gamma_cdf(shape, x) == pytest.approx(cdf, abs=1e-9)
    assert gamma_quantile(shape, cdf) == pytest.approx(x, rel=1e-6)


def test_a_mixed_poisson_by_hand():
    """Shape 1, rate 1, exposure 1: P(n) = 1/2^(n+1), so 95 % are reached at 4."""
    assert [negative_binomial(1, 1, 1, share) for share in (0.05, 0.5, 0.75, 0.95)] == [0, 0, 1, 4]


def test_one_silence_of_thirty_days_by_hand():
    """F(30) = 1 - 1/e for a final interview; answered on time, nothing."""
    assert exposure_between([wait()], DUE, DUE + timedelta(days=30)) == pytest.approx(1 - exp(-1))
    assert exposure_between([wait(days_late=-1)], DUE, DUE + timedelta(days=30)) == 0
    assert tally_exposure(tally.tally([(wait(), True)]), DUE + timedelta(days=30)) == pytest.approx(1 - exp(-1))


def test_the_tally_never_overstates_the_exposure():
    """Answered waits stand at their bucket's lower edge: 5 days late count as 3."""
    late, as_of = wait(days_late=5), DUE + timedelta(days=40)
    assert tally_exposure(tally.tally([(late, True)]), as_of) < exposure_between([late], DUE, as_of)


@given(st.integers(0, 200), st.floats(0, 2000), st.floats(0.01, 50))
def test_reviews_raise_p_and_quiet_exposure_lowers_it(reviews, exposure, more):
    """From any number of reviews and any exposure."""
    here = posterior(reviews, exposure)
    assert posterior(reviews + 1, exposure).mean > here.mean > posterior(reviews, exposure + more).mean
    assert here.p["low"] < here.p["central"] < here.p["high"]


def test_weeks_add_up_to_the_whole():
    """Predicting by weeks must not lose or invent a silence."""
    some = [wait(), wait(days_late=12), wait(days_late=3, stage="screen")]
    end = DUE + timedelta(days=70)
    weeks = learning.backtest(some, [DUE + timedelta(days=9)], DUE, end)
    assert sum(w.exposure for w in weeks) == pytest.approx(exposure_between(some, DUE, end))
    assert [w.observed for w in weeks[:3]] == [0, 1, 0] and weeks[0].p == pytest.approx(Posterior().mean)
    assert weeks[-1].p != weeks[0].p, "and p moves with what came"
    assert sum(band.weeks for band in learning.calibration(weeks)) == len(weeks)


@pytest.mark.long
def test_the_posterior_covers_the_truth_as_often_as_it_says():
    """On employers whose p is known; 90 % of 150, give or take three standard errors of 2.4 %."""
    found = simulated.coverage(150, seed=11)
    assert 0.826 <= found.covered / found.employers <= 0.974
    assert found.weeks_covered / found.weeks >= 0.9, "counts are whole, so their interval covers more, never less"
    predicted, observed = (sum(getattr(w, name) for w in found.history) for name in ("predicted", "observed"))
    assert observed == pytest.approx(predicted, rel=0.15)


@pytest.mark.long
@pytest.mark.parametrize("share", ranking.SHARES)
def test_on_simulated_employers_the_ranking_beats_oldest_newest_and_random(share):
    """In reviews avoided per call, where some candidates hear without being called. docs/risk.md has the figures, and what
    becomes of them where the curve is wrong."""
    found = ranking.population(ranking.WORLDS[0], 30, 7, share)
    assert max(found, key=found.__getitem__) == "horizon"


@pytest.mark.long
@pytest.mark.parametrize("desk", ranking.DESKS, ids=lambda desk: desk.name)
def test_where_nobody_else_tells_anybody_the_ranking_beats_oldest_first_and_is_never_far_from_the_best(desk):
    """With two seeds each: within a twentieth of the best order, whichever that is. docs/risk.md has the figures."""
    for seed in (1, 2):
        found = ranking.alone(desk, seed)
        assert found["horizon"] > found["oldest first"]
        assert found["horizon"] >= 0.95 * max(found.values())


@pytest.mark.long
def test_only_stage_weights_and_the_review_curve_move_the_ranking():
    """Stage weights and the review curve move it; the others scale the figures."""
    found = simulated.sensitivity(7)
    assert {one.constant for one in found if one.stay < 25} == {"STAGE_WEIGHT", "REVIEW_DAYS"}
    assert {one.constant for one in found if one.stay == 25 and one.expected != 1} <= {"REVIEW_CENTRAL", "STAGE_WEIGHT"}


NOON = DUE + timedelta(days=365, hours=3)
"""A year and three hours after word was due, at noon UTC."""


def test_exposure_is_that_of_the_last_365_days():
    """Due on the 365th date back counts, whether open or answered; a day earlier does not."""
    for late in (None, 40):
        here, before = wait(late), wait(late)
        before = replace(before, word_due_at=DUE - timedelta(days=1))
        if late:
            before = replace(before, answered_at=before.answered_at - timedelta(days=1))
        assert tally_exposure(tally.tally([(here, True)]), NOON) > 0
        assert tally_exposure(tally.tally([(before, True)]), NOON) == 0


def test_exposure_counts_every_wait_by_its_stage():
    """Three screens, and three interviews answered 5 days late: at 3 days, the lower edge."""
    screen, answered = wait(stage="screen"), wait(5, stage="interview")
    some = [(screen, True), (screen, True), (screen, False), *[(answered, True)] * 3]
    expected = 3 * 0.67 * (1 - exp(-1)) + 3 * 0.78 * (1 - exp(-0.01))
    assert tally_exposure(tally.tally(some), DUE + timedelta(days=30)) == pytest.approx(expected)


def test_exposure_between_two_instants_by_hand():
    """Only what accrued there, until the answer; dropped waits count nowhere."""
    start, end = DUE + timedelta(days=15), DUE + timedelta(days=30)
    assert exposure_between([wait(stage="screen")], start, end) == pytest.approx(0.67 * (exp(-0.25) - exp(-1)))
    assert exposure_between([wait(20)], start, end) == pytest.approx(exp(-0.25) - exp(-4 / 9))
    assert exposure_between([wait(10)], start, end) == exposure_between([replace(wait(), state="dropped")], start, end) == 0
    assert exposure_between([wait(15)], start, end) == 0


def test_negative_counts_are_refused():
    """Without reviews and exposure the posterior is the prior."""
    for reviews, exposure in ((-1, 0.0), (0, -0.1)):
        with pytest.raises(ValueError, match="cannot be negative"):
            posterior(reviews, exposure)
    assert posterior(0, 0) == Posterior()


def test_the_posterior_by_hand():
    """3 reviews and an exposure of 20 added to the prior's shape and rate."""
    belief = posterior(3, 20)
    assert (belief.shape, belief.rate) == (pytest.approx(4.7496895850), pytest.approx(48.8802816212))
    assert belief.mean == pytest.approx(0.0971698, abs=1e-7)
    assert gamma_cdf(belief.shape, belief.p["low"] * belief.rate) == pytest.approx(0.05)
    assert gamma_cdf(belief.shape, belief.p["central"] * belief.rate) == pytest.approx(0.5)
    assert gamma_cdf(belief.shape, belief.p["high"] * belief.rate) == pytest.approx(0.95)
    assert belief.predicted(0) == (0, 0.0, 0)
    low, mean, high = belief.predicted(100)
    assert mean == pytest.approx(9.71698, abs=1e-5) and (low, high) == (2, 20)


def test_a_week_is_covered_where_the_count_lies_within_its_bounds():
    """Both bounds included."""
    week = Week(DUE, 1.0, 1, 2.0, 3, 0, 0.1)
    assert [replace(week, observed=count).covered for count in range(5)] == [False, True, True, True, False]


def test_a_backtest_predicts_each_week_from_what_came_before_it():
    """A review at a week's first instant is of that week, one at its end of the next."""
    reviews = [DUE + timedelta(days=7), DUE + timedelta(days=14, seconds=-1)]
    weeks = backtest([wait()], reviews, DUE, DUE + timedelta(days=21))
    assert [w.begins for w in weeks] == [DUE, DUE + timedelta(days=7), DUE + timedelta(days=14)]
    assert [w.observed for w in weeks] == [0, 2, 0]
    second, third = (1 - exp(-(((7 * n) / 30) ** 2)) for n in (2, 3))
    assert weeks[2].exposure == pytest.approx(third - second)
    assert weeks[2].p == pytest.approx(posterior(2, second).mean)
    low, mean, high = posterior(2, second).predicted(third - second)
    assert (weeks[2].low, weeks[2].predicted, weeks[2].high) == (low, pytest.approx(mean), high)


def test_calibration_sorts_weeks_by_what_was_predicted():
    """A band begins at its own edge; empty bands are left out."""
    predicted = (0.0, 0.09, 0.1, 0.3, 0.99, 1.0, 3.0, 9.9, 10.0, 40.0)
    weeks = [Week(DUE, 1.0, 0, value, 4, index, 0.1) for index, value in enumerate(predicted)]
    found = [(band.at_least, band.weeks, round(band.predicted, 2), band.observed, band.covered) for band in calibration(weeks)]
    assert found == [
        (0.0, 2, 0.09, 1, 2),
        (0.1, 1, 0.1, 2, 1),
        (0.3, 2, 1.29, 7, 2),
        (1.0, 1, 1.0, 5, 0),
        (3.0, 2, 12.9, 13, 0),
        (10.0, 2, 50.0, 17, 0),
    ]
    assert [band.at_least for band in calibration(weeks[:1])] == [0.0]


def test_a_share_that_is_never_reached_ends_the_count():
    """The count stops at 100,000."""
    assert negative_binomial(2, 3, 4, 0.9) == 6
    assert negative_binomial(2, 3, 0, 0.9) == 0
    assert negative_binomial(2, 3, 4, 1.1) == 100_000
    assert gamma_cdf(2, 0) == gamma_cdf(2, -1) == 0


def test_a_review_of_one_or_two_stars_is_negative() -> None:
    """Three are a complaint with praise; only negative ones that mention silence are counted."""
    assert MAX_NEGATIVE_STARS == 2
