"""Properties of the review risk for any waits; the tally's figures against those of the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.model import STAGES, Stage, Wait
from chalicelib.rules.risk.contributions import contributions
from chalicelib.rules.risk.recount import assess_waits
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import tally
from tests.rules.strategies import AS_OF, answered_wait, any_wait, many_waits, open_wait


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, numbers to 1e-9."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9)) if isinstance(one, float) else bool(one == other)


@given(many_waits, st.sampled_from((1799, 1800, 1801)) | st.integers(0, 3599))
def test_the_tally_and_the_list_give_the_same_figures(waits: list[tuple[Wait, bool]], seconds: int) -> None:
    """The tally is all that the report reads: it must know as much as the waits themselves, at the full hour too."""
    as_of = AS_OF + timedelta(seconds=seconds)
    assert _same(assess(tally(waits), as_of).as_json(), assess_waits(waits, as_of).as_json())


def test_the_two_ways_agree_for_many_waits_too() -> None:
    """Rounding grows with the sum: two thousand waits still agree to 1e-9."""
    waits = [
        (open_wait(STAGES[i % 3], timedelta(minutes=i * 61 % 150_000)), i % 7 > 0)
        if i % 2
        else (answered_wait(STAGES[i % 3], timedelta(minutes=i * 53 % 140_000), timedelta(minutes=i * 31 % 50_000)), True)
        for i in range(2000)
    ]
    assert _same(assess(tally(waits), AS_OF).as_json(), assess_waits(waits, AS_OF).as_json())


@given(many_waits)
def test_the_score_lies_between_0_and_100(waits: list[tuple[Wait, bool]]) -> None:
    """A score outside its scale is a bug that customers see."""
    risk = assess(tally(waits), AS_OF)
    assert 0 <= risk.score < 100
    assert all(0 <= what.score < 100 and what.next_30_days["high"] >= 0 for what in risk.what_if)
    assert risk.incurred["low"] <= risk.incurred["central"] <= risk.incurred["high"]


@given(many_waits, st.sampled_from(STAGES), st.integers(0, 88 * 24 * 60), st.floats(0, 1), st.booleans())
def test_logging_that_somebody_was_reached_never_raises_a_figure(
    waits: list[tuple[Wait, bool]], stage: Stage, minutes_overdue: int, answered_after: float, reachable: bool
) -> None:
    """A call must never make the figures worse: any wait due within the window, answered at any time since."""
    wait = open_wait(stage, timedelta(minutes=minutes_overdue))
    told_at = wait.since + (AS_OF - wait.since) * answered_after
    told = replace(wait, state="answered", answered_at=told_at, answered_by="contact")
    before, after = assess(tally([*waits, (wait, reachable)]), AS_OF), assess(tally([*waits, (told, reachable)]), AS_OF)
    assert after.score <= before.score + 1e-9
    for name in ("low", "central", "high"):
        assert after.incurred[name] <= before.incurred[name] + 1e-12  # type: ignore[literal-required]
        assert after.next_30_days[name] <= before.next_30_days[name] + 1e-12  # type: ignore[literal-required]
    assert after.tally.waits == before.tally.waits
    assert after.tally.waiting == before.tally.waiting - 1
    assert after.tally.overdue <= before.tally.overdue
    assert after.tally.longest_overdue_hours <= before.tally.longest_overdue_hours


@given(st.lists(any_wait(earliest_days=60, latest_days=5), max_size=30), st.integers(1, 20 * 24))
def test_incurred_reviews_only_grow_while_nobody_is_told(waits: list[tuple[Wait, bool]], hours: int) -> None:
    """While nobody is told and nothing leaves the window, what was incurred only grows, and the oldest silence with it."""
    silent = [(wait, reachable) for wait, reachable in waits if wait.state == "open"]
    now, later = assess(tally(silent), AS_OF), assess(tally(silent), AS_OF + timedelta(hours=hours))
    assert later.incurred["central"] >= now.incurred["central"] - 1e-12
    assert later.tally.overdue >= now.tally.overdue
    assert later.tally.longest_overdue_hours >= now.tally.longest_overdue_hours


@given(st.lists(any_wait(earliest_days=80, latest_days=20), max_size=40))
def test_more_calls_never_make_it_worse(waits: list[tuple[Wait, bool]]) -> None:
    """The page says what 5, 10 or 25 calls would do: of waits due within the window, each says more than the last."""
    risk = assess(tally(waits), AS_OF)
    scores = [risk.score, *(what.score for what in risk.what_if)]
    coming = [risk.next_30_days["central"], *(what.next_30_days["central"] for what in risk.what_if)]
    assert all(fewer >= more - 1e-9 for fewer, more in pairwise(scores))
    assert all(fewer >= more - 1e-12 for fewer, more in pairwise(coming))


@given(many_waits)
def test_every_figure_is_the_sum_of_its_contributions(waits: list[tuple[Wait, bool]]) -> None:
    """The lines of the page must add up to its headline."""
    risk, lines = assess(tally(waits), AS_OF), contributions(tally(waits), AS_OF)
    assert sum(line.counted for line in lines) == risk.tally.waits
    assert 100 * sum(line.harm for line in lines) / (risk.tally.waits + 5) == pytest.approx(risk.score)
    assert sum(line.incurred["high"] for line in lines) == pytest.approx(risk.incurred["high"])
    assert sum(line.next_30_days["low"] for line in lines) == pytest.approx(risk.next_30_days["low"])
    assert sum(line.waits for line in lines if line.state == "open") == sum(wait.state == "open" for wait, _ in waits)
    assert len({(line.stage, line.state, line.band) for line in lines}) == len(lines)
