"""Answers by week, worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.rules.risk.weekly_stats import weekly_stats

FRIDAY = datetime(2026, 6, 5, 12, tzinfo=UTC)


def test_a_week_counts_those_who_were_owed_word_in_it() -> None:
    """Three heard in time, one a day late, one not at all: three of five."""
    tally = {"2026-06-01": {"as0": 2, "ai1": 1}, "2026-06-03": {"af0": 1, "ir09": 1}}
    [week] = weekly_stats(tally, FRIDAY, shown=1)
    assert (week.monday, week.owed, week.on_time, week.still_open, week.share) == (date(2026, 6, 1), 5, 3, 1, 0.6)
    assert week.median == 0


def test_the_median_may_not_have_heard_yet() -> None:
    """A median over those who heard alone would praise an employer who answers nobody else."""
    [week] = weekly_stats({"2026-06-02": {"as0": 1, "ir09": 2}}, FRIDAY, shown=1)
    assert week.median is None


def test_a_wait_that_is_not_due_yet_is_in_no_week() -> None:
    """Nobody is late before the day."""
    [week] = weekly_stats({"2026-06-05": {"ir12": 4, "ir10": 1}}, FRIDAY, shown=1)
    assert week.owed == 1


def test_weeks_without_anybody_are_shown_as_such() -> None:
    """A gap in the chart is a fact too."""
    found = weekly_stats({"2026-05-20": {"as5": 1}}, FRIDAY, shown=3)
    assert [week.owed for week in found] == [1, 0, 0]
    assert [week.share for week in found] == [0.0, None, None]
    assert found[0].median == 5


def test_twelve_weeks_are_shown_the_current_one_last() -> None:
    """Whether or not anything was due in them."""
    found = weekly_stats({}, FRIDAY)
    assert len(found) == 12 and found[-1].monday == date(2026, 6, 1) and found[0].monday == date(2026, 3, 16)


def test_today_counts_what_was_answered_and_what_is_overdue_by_an_hour() -> None:
    """Due in the hour from 11:00 is overdue at noon; an answer that is due tomorrow is in no week yet."""
    today = {"ir11": 1, "ir12": 8, "as0": 1}
    [week] = weekly_stats({"2026-06-05": today, "2026-06-06": {"as0": 4}}, FRIDAY, shown=1)
    assert (week.owed, week.on_time, week.still_open) == (2, 1, 1)


@pytest.mark.parametrize(
    ("answered", "still_open", "median"),
    [
        ({"as0": 2, "as3": 2}, 0, 0),
        ({"as0": 1, "as3": 2}, 0, 3),
        ({"as1": 1, "af2": 1, "ai4": 1}, 0, 2),
        ({"as0": 1, "as2": 1}, 1, 2),
        ({"as0": 2}, 2, 0),
        ({"as0": 2}, 3, None),
        ({"as6": 1}, 0, 6),
    ],
)
def test_the_median_is_the_bucket_by_which_half_had_heard(answered: dict[str, int], still_open: int, median: int | None) -> None:
    """Of four the second, of three the second; open waits count as later than all answers."""
    [week] = weekly_stats({"2026-06-02": {**answered, "ir09": still_open}}, FRIDAY, shown=1)
    assert week.median == median
