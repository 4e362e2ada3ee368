"""What a few calls fix, and the chart's arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.model import Stage, Wait
from chalicelib.rules.risk.advice import Advice, advise, shown_what_ifs
from chalicelib.rules.risk.report import assess
from chalicelib.rules.risk.weekly_stats import weekly_stats
from chalicelib.rules.tally import tally
from chalicelib.web import weekly_chart
from chalicelib.web.report_words import heading, sentence
from tests.rules.strategies import answered_wait, open_wait

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def _open(stage: Stage, days: float, *, reachable: bool = True) -> tuple[Wait, bool]:
    return open_wait(stage, timedelta(days=days), NINE), reachable


def _answered(days: float, late: float) -> tuple[Wait, bool]:
    return answered_wait("final", timedelta(days=days), timedelta(days=late), NINE), True


def _advice(*waits: tuple[Wait, bool]) -> Advice:
    counted = tally(waits)
    return advise(counted, assess(counted, NINE))


EIGHT = [
    *(_open(stage, days) for stage, days in (("final", 23), ("final", 18), ("interview", 9), ("screen", 6), ("interview", 4))),
    *(_answered(days, late) for days, late in ((30, -1), (25, 4), (40, 9))),
]


def test_the_boss_reads_how_many_heard_who_waits_longest_and_what_to_do() -> None:
    """1 of 8, 23 days, two calls: the two finals are 0.81 + 0.72 of 2.32."""
    counted = tally(EIGHT)
    risk = assess(counted, NINE)
    assert heading(risk) == "1 of 8 heard on time"
    told = "5 candidates are late now. The longest has waited 23 days past the deadline. Two calls today fix most of it."
    assert sentence(risk, advise(counted, risk)) == told
    assert risk.band == "high"


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ([], "The report begins when the answer to a first interview is due."),
        ([_answered(3, -1)], "Nobody is late now."),
        ([_open("final", -1)], "Nobody is late now. 1 candidate is due to hear within two days."),
        (
            [_open("final", 3)],
            "1 candidate is late now. They have waited 3 days past the deadline. One call today fixes most of it.",
        ),
        (
            [_open("final", 0.2)] * 2,
            "2 candidates are late now. The longest has waited less than a day past the deadline. One call ",
        ),
        ([_open("final", 3, reachable=False)], "waited 3 days past the deadline. None of them has a phone number or an email."),
        ([_open("final", 20)] * 400, "One day's calls are not enough: start with the first 25 on the call list."),
    ],
)
def test_the_sentence_fits_every_employer(waits: list[tuple[Wait, bool]], told: str) -> None:
    """New, quiet, one late, nobody to be reached, too many."""
    counted = tally(waits)
    risk = assess(counted, NINE)
    assert told in sentence(risk, advise(counted, risk))


def test_what_calling_changes_is_shown_for_those_who_wait_only() -> None:
    """With three waiting, "25 calls" would promise people who are not there."""
    risk = assess(tally([_open("final", 9)] * 3), NINE)
    assert [one.calls for one in shown_what_ifs(risk, 3)] == [3]
    assert [one.calls for one in shown_what_ifs(risk, 7)] == [5, 7]
    assert [one.calls for one in shown_what_ifs(risk, 300)] == [5, 10, 25]
    assert shown_what_ifs(risk, 0) == []
    (row,) = shown_what_ifs(risk, 3)
    assert (row.score, row.next_30_days) == (risk.what_if[0].score, risk.what_if[0].next_30_days)


def test_the_share_is_of_all_who_wait_also_of_those_who_cannot_be_called() -> None:
    """Two equal silences, one reachable: a call fixes less than half, and says so."""
    advice = _advice(_open("final", 20), _open("final", 20, reachable=False))
    assert (advice.calls, advice.can_be_called, advice.fixes_most) == (1, 1, False)


def test_a_bar_has_everybody_once_in_the_order_of_the_table() -> None:
    """On time, late, not yet, still waiting: five who were due, and "not yet" is in no other part."""
    counted = {"2026-11-18": {"af0": 2, "nf0": 1, "af3": 2, "nf3": 1, "fr09": 1}}
    week = weekly_stats(counted, NINE)[-2]
    assert week.parts == (1, 1, 2, 1) and sum(week.parts) == week.owed == 5
    bar = weekly_chart.chart(weekly_stats(counted, NINE), "UTC").bars[-2]
    assert [piece.part for piece in bar.pieces] == ["on-time", "late", "not-yet", "waiting"]
    assert sum(piece.height for piece in bar.pieces) == pytest.approx(bar.height, abs=0.05)
    assert bar.share == "40%"


AXES = [(0, [0, 1, 2]), (1, [0, 1, 2]), (3, [0, 2, 4]), (11, [0, 10, 20]), (246, [0, 200, 400])]


@pytest.mark.parametrize(("most", "lines"), AXES)
def test_the_axis_counts_whole_candidates(most: int, lines: list[int]) -> None:
    """Half a candidate is nobody."""
    counted = {"2026-11-18": {"af0": most}} if most else {}
    assert [value for _, value in weekly_chart.chart(weekly_stats(counted, NINE), "UTC").lines] == lines


def test_a_week_in_which_nobody_heard_is_drawn_as_an_outline_with_0_percent() -> None:
    """Nothing at all would read as a quiet week."""
    chart = weekly_chart.chart(weekly_stats({"2026-11-18": {"fr09": 3}}, NINE), "UTC")
    assert (chart.bars[-2].share, chart.bars[-2].height > 0) == ("0%", True)
    assert (chart.bars[0].share, chart.bars[0].pieces) == ("", ())


def test_who_is_due_in_exactly_two_days_is_on_the_call_list_too() -> None:
    """They come before a silence of 85 days, so the call that fixes something is the second."""
    assert _advice(_open("final", -2), _open("final", 85)).calls == 2
