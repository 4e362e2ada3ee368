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
from chalicelib.rules.risk.ranking import Cell, delay_cost, delay_cost_peak, rank_key, ranked_cells
from chalicelib.rules.tally import tally
from tests.rules.strategies import AS_OF, answered_wait, many_waits, open_wait

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _open(stage: Stage, days: float) -> tuple[Wait, bool]:
    return open_wait(stage, timedelta(days=days), NINE), True


def test_what_a_call_avoids_falls_with_time_and_with_the_channel() -> None:
    """Before the deadline nothing is lost yet; the earlier the call, the more it saves; a template saves least."""
    assert (
        reviews_avoided("final", -3)
        == reviews_avoided("final", 0)
        == {
            "low": pytest.approx(0.75 * 0.009),
            "central": pytest.approx(0.75 * 0.037),
            "high": pytest.approx(0.75 * 0.15),
        }
    )
    assert reviews_avoided("screen", 30, "email")["central"] == pytest.approx(0.5 * 0.037 * 0.67 / exp(1))
    assert reviews_avoided("screen", 30, "template")["central"] == pytest.approx(0.25 * 0.037 * 0.67 / exp(1))
    assert reviews_avoided("final", 20)["low"] > reviews_avoided("final", 21)["low"]


def test_delay_costs_nothing_until_a_week_before_the_deadline_and_most_about_two_and_a_half_weeks_past_it() -> None:
    """Neither "oldest first" nor "newest first": the list begins where a week more costs most."""
    assert delay_cost("final", -7) == delay_cost("final", -20) == 0
    assert delay_cost("final", -6.9) > 0
    assert delay_cost("interview", 10) == pytest.approx(0.75 * 0.037 * 0.78 * (exp(-1 / 9) - exp(-289 / 900)), abs=1e-15)
    peak = delay_cost_peak("final")
    assert peak == pytest.approx(17.81, abs=0.01)
    assert all(delay_cost("final", peak) > delay_cost("final", peak + shift) for shift in (-1, -0.05, 0.05, 1))
    assert delay_cost("final", 90) < delay_cost("final", -1)


def test_the_call_list_begins_near_the_peak_and_leaves_out_waits_that_can_be_delayed() -> None:
    """At equal stages: 18 days past, 10, 1, 45 and 100; those due in eight days are not listed at all."""
    waits = [_open("final", days) for days in (100, 1, 18, -8, 45, 10)]
    assert [(NINE - cell.hour).days for cell in ranked_cells(tally(waits), NINE)] == [18, 10, 1, 45, 100]


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
    assert [(cell.stage, cell.count) for cell in ranked_cells(counts, NINE)] == [("final", 1), ("screen", 1)]
    assert [cell.stage for cell in ranked_cells(counts, NINE, stage="screen")] == ["screen"]
    assert [(NINE - cell.hour).days for cell in ranked_cells(counts, NINE, reachable=False)] == [11]


@given(many_waits)
def test_rows_sort_as_their_cells_do_and_within_a_cell_by_id(waits: list[tuple[Wait, bool]]) -> None:
    """A page of the list is read hour by hour: two orders would lose or repeat people at its edge."""
    rows = [(wait, f"app_{index:03}") for index, (wait, reachable) in enumerate(waits) if wait.state == "open" and reachable]
    rows = [row for row in rows if delay_cost(row[0].stage, days_overdue(row[0].word_due_at, AS_OF)) > 0]
    rows.sort(key=lambda row: rank_key(row[0].stage, row[0].word_due_at, AS_OF, row[1]))
    by_cell = [(cell.stage, cell.hour) for cell in ranked_cells(tally(waits), AS_OF) for _ in range(cell.count)]
    assert [(wait.stage, truncated_to_hour(wait.word_due_at)) for wait, _ in rows] == by_cell
    for (one, one_id), (other, other_id) in pairwise(rows):
        if (one.stage, truncated_to_hour(one.word_due_at)) == (other.stage, truncated_to_hour(other.word_due_at)):
            assert one_id < other_id


@given(st.sampled_from(STAGES), st.integers(-7 * 24, 365 * 24 - 1))
def test_the_cost_of_delay_has_one_peak_for_every_stage(stage: Stage, hours: int) -> None:
    """One range query per stage finds the top of the list only if the cost rises to one peak and falls from it."""
    here, next_hour = hours / 24, (hours + 1) / 24
    if next_hour <= delay_cost_peak(stage):
        assert delay_cost(stage, here) < delay_cost(stage, next_hour)
    elif here >= delay_cost_peak(stage):
        assert delay_cost(stage, here) > delay_cost(stage, next_hour)


def test_an_unknown_stage_has_no_peak_and_an_empty_cell_no_place() -> None:
    """A count of zero appears while two differences are added."""
    with pytest.raises(ValueError, match="'offer' is not a stage"):
        delay_cost_peak("offer")  # type: ignore[arg-type]
    assert ranked_cells({"2026-11-13": {"ir09": 0, "fr09": 1, "sr09": -1}}, NINE) == [
        Cell("final", datetime(2026, 11, 13, 9, tzinfo=UTC), 1)
    ]
