"""The call list: what a call avoids, what a week's delay costs, and the order that follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.model import STAGES, Stage, Wait, truncated_to_hour
from chalicelib.rules.risk.model import days_overdue, reviews_avoided
from chalicelib.rules.risk.ranking import (
    Cell,
    Outlook,
    delay_cost,
    delay_cost_peak,
    horizon_days,
    outlook,
    rank_key,
    ranked_cells,
)
from chalicelib.rules.risk.recount import assess_waits
from chalicelib.rules.tally import tally
from tests.rules.strategies import AS_OF, answered_wait, many_waits, open_wait

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = Outlook(7)


def _open(stage: Stage, days: float) -> tuple[Wait, bool]:
    return open_wait(stage, timedelta(days=days), NINE), True


def test_what_a_call_avoids_falls_with_time_and_with_the_channel() -> None:
    """Before the deadline nothing is lost yet; the earlier the call, the more it saves; a template saves least."""
    assert (
        reviews_avoided("final", -3)
        == reviews_avoided("final", 0)
        == {
            "low": pytest.approx(0.75 * 0.009),
            "central": pytest.approx(0.75 * 0.02),
            "high": pytest.approx(0.75 * 0.15),
        }
    )
    assert reviews_avoided("screen", 30, "email")["central"] == pytest.approx(0.5 * 0.02 * 0.67 / exp(1))
    assert reviews_avoided("screen", 30, "template")["central"] == pytest.approx(0.25 * 0.02 * 0.67 / exp(1))
    assert reviews_avoided("final", 20)["low"] > reviews_avoided("final", 21)["low"]


def test_delay_costs_nothing_until_a_week_before_the_deadline_and_most_about_two_and_a_half_weeks_past_it() -> None:
    """Neither "oldest first" nor "newest first": the list begins where a week more costs most."""
    assert delay_cost("final", -7, WEEK) == delay_cost("final", -20, WEEK) == 0
    assert delay_cost("final", -6.9, WEEK) > 0
    assert delay_cost("interview", 10, WEEK) == pytest.approx(0.75 * 0.02 * 0.78 * (exp(-1 / 9) - exp(-289 / 900)), abs=1e-15)
    peak = delay_cost_peak(WEEK)
    assert peak == pytest.approx(17.81, abs=0.01)
    assert all(delay_cost("final", peak, WEEK) > delay_cost("final", peak + shift, WEEK) for shift in (-1, -0.05, 0.05, 1))
    assert delay_cost("final", 90, WEEK) < delay_cost("final", -1, WEEK)


def test_the_call_list_begins_near_the_peak_and_leaves_out_waits_that_can_be_delayed() -> None:
    """At equal stages: 18 days past, 10, 1, 45 and 100; those due in eight days are not listed at all."""
    waits = [_open("final", days) for days in (100, 1, 18, -8, 45, 10)]
    assert [(NINE - cell.hour).days for cell in ranked_cells(tally(waits), NINE, WEEK)] == [18, 10, 1, 45, 100]


def test_the_call_list_can_be_asked_for_a_stage_and_for_the_unreachable() -> None:
    """Rows that cannot be called would make half of the list noise."""
    counts = tally(
        [
            _open("final", 10),
            _open("screen", 10),
            (_open("screen", 11)[0], False),
            (answered_wait("screen", timedelta(10), timedelta(1), NINE), True),
        ]
    )
    assert [(cell.stage, cell.count) for cell in ranked_cells(counts, NINE, WEEK)] == [("final", 1), ("screen", 1)]
    assert [cell.stage for cell in ranked_cells(counts, NINE, WEEK, stage="screen")] == ["screen"]
    assert [(NINE - cell.hour).days for cell in ranked_cells(counts, NINE, WEEK, reachable=False)] == [11]


@given(many_waits)
def test_rows_sort_as_their_cells_do_and_within_a_cell_by_id(waits: list[tuple[Wait, bool]]) -> None:
    """A page of the list is read hour by hour: two orders would lose or repeat people at its edge."""
    ahead = outlook(tally(waits), AS_OF)
    rows = [(wait, f"app_{index:03}") for index, (wait, reachable) in enumerate(waits) if wait.state == "open" and reachable]
    rows = [row for row in rows if delay_cost(row[0].stage, days_overdue(row[0].word_due_at, AS_OF), ahead) > 0]
    rows.sort(key=lambda row: rank_key(row[0].stage, row[0].word_due_at, AS_OF, ahead, row[1]))
    by_cell = [(cell.stage, cell.hour) for cell in ranked_cells(tally(waits), AS_OF, ahead) for _ in range(cell.count)]
    assert [(wait.stage, truncated_to_hour(wait.word_due_at)) for wait, _ in rows] == by_cell
    for (one, one_id), (other, other_id) in pairwise(rows):
        if (one.stage, truncated_to_hour(one.word_due_at)) == (other.stage, truncated_to_hour(other.word_due_at)):
            assert one_id < other_id


@given(st.sampled_from(STAGES), st.integers(-90 * 24, 365 * 24 - 1), st.integers(7, 90), st.sampled_from((30.0, 12.5, 71.0)))
def test_the_cost_of_delay_has_one_peak_for_every_stage_and_horizon(stage: Stage, hours: int, days: int, scale: float) -> None:
    """One range query per stage finds the top of the list only if the cost rises to one peak and falls from it."""
    here, next_hour, ahead = hours / 24, (hours + 1) / 24, Outlook(days, scale)
    if next_hour <= delay_cost_peak(ahead):
        assert delay_cost(stage, here, ahead) <= delay_cost(stage, next_hour, ahead)
    elif here >= delay_cost_peak(ahead):
        assert delay_cost(stage, here, ahead) >= delay_cost(stage, next_hour, ahead)


def test_an_empty_cell_has_no_place() -> None:
    """A count of zero appears while two differences are added."""
    assert ranked_cells({"2026-11-13": {"ir09": 0, "fr09": 1, "sr09": -1}}, NINE, WEEK) == [
        Cell("final", datetime(2026, 11, 13, 9, tzinfo=UTC), 1)
    ]


def _answered(days: float) -> tuple[Wait, bool]:
    return answered_wait("final", timedelta(days=days), timedelta(0), NINE), True


def test_the_horizon_is_the_backlog_divided_by_the_pace() -> None:
    """Ten open and five answered over ten dates: half an answer a day, so the desk comes round again after twenty days."""
    answered = [_answered(days) for days in (9, 7, 5, 3, 1)]
    assert horizon_days(tally([*answered, *(_open("screen", 5) for _ in range(10))]), NINE) == 20
    assert assess_waits([*answered, *(_open("screen", 5) for _ in range(10))], NINE).outlook.horizon_days == 20
    assert horizon_days(tally([*answered, *(_open("screen", 5) for _ in range(10)), _open("screen", 8)]), NINE) == 22


def test_the_horizon_is_rounded_up_and_kept_between_a_week_and_ninety_days() -> None:
    """7 open, 6 answered over 7 dates: 49 / 6 = 8.2 days."""
    six = [_answered(days) for days in (6, 5, 4, 3, 2, 1)]
    assert horizon_days(tally([*six, *(_open("screen", 2) for _ in range(7))]), NINE) == 9
    assert horizon_days(tally(six), NINE) == 7
    assert horizon_days(tally([*six, *(_open("screen", 2) for _ in range(500))]), NINE) == 90


def test_with_fewer_than_five_answers_the_horizon_is_a_week() -> None:
    """Four answers say nothing about a desk's pace. One from before the window is none of them."""
    backlog = [_open("screen", 5) for _ in range(40)]
    assert horizon_days(tally([*backlog, *(_answered(days) for days in (1, 2, 3, 4, 90))]), NINE) == 7
    assert horizon_days(tally([*backlog, *(_answered(days) for days in (1, 2, 3, 4, 5))]), NINE) > 7


def test_who_cannot_be_reached_or_is_due_later_or_long_lost_is_no_backlog() -> None:
    """The edges: two days before the deadline counts, ninety days past it does not."""
    answered = [_answered(days) for days in (9, 9, 9, 9, 9, 9, 9, 9, 9, 9)]  # one a day
    outside = [(_open("final", 5)[0], False), _open("final", -2.05), _open("final", 90), _open("final", 200)]
    inside = [_open("final", days) for days in (-2, 0, 1, 2, 3, 4, 5, 6, 89)]
    oldest = 90  # the wait of 89 days is the earliest date of the window
    assert horizon_days(tally([*answered, *outside, *inside]), NINE) == -(-9 * oldest // 10)
