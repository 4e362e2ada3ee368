"""The review risk, in figures worked by hand, and where its edges lie."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from math import exp

import pytest

from chalicelib.rules.model import Stage, Wait
from chalicelib.rules.risk import report
from chalicelib.rules.risk.contributions import contributions
from chalicelib.rules.risk.model import CONSTANTS
from chalicelib.rules.risk.report import Risk, assess
from chalicelib.rules.tally import tally, without_not_yet
from tests.rules.strategies import answered_wait, open_wait

HOUR = timedelta(hours=1)
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A whole hour, for numbers that can be worked by hand."""


def _open(stage: Stage, days: float, as_of: datetime = NINE) -> tuple[Wait, bool]:
    return open_wait(stage, timedelta(days=days), as_of), True


def _answered(stage: Stage, days: float, late: float, as_of: datetime = NINE) -> tuple[Wait, bool]:
    return answered_wait(stage, timedelta(days=days), timedelta(days=late), as_of), True


def _assess(*waits: tuple[Wait, bool], as_of: datetime = NINE) -> Risk:
    return assess(tally(waits), as_of)


# -- worked by hand ----------------------------------------------------------------------------------------------------


def test_one_final_wait_a_fortnight_overdue() -> None:
    """v(14) = 1 - 1/e = 0.632121; over N + 5 = 6; S(14) = exp(-0.217778) = 0.804304, S(44) = exp(-2.151111) = 0.116354."""
    risk = _assess(_open("final", 14))
    assert risk.score == pytest.approx(100 * 0.6321205588 / 6, abs=1e-7)
    assert risk.band == "moderate"
    assert risk.small_sample
    assert risk.incurred["central"] == pytest.approx(0.02 * (1 - 0.8043043), abs=1e-7)
    assert risk.next_30_days["high"] == pytest.approx(0.15 * (0.8043043 - 0.1163549), abs=1e-7)
    assert risk.tally.longest_overdue_hours == 336


def test_a_late_answer_costs_a_quarter_at_the_lower_edge_of_its_bucket() -> None:
    """An interview answered five days late falls in "3 to 7": 0.25 x 0.78 x (1 - exp(-3/14)) = 0.026078, over 6."""
    risk = _assess(_answered("interview", 20, 5))
    assert risk.score == pytest.approx(100 * 0.25 * 0.78 * 0.1928802 / 6, abs=1e-5)
    assert risk.incurred["low"] == pytest.approx(0.009 * 0.78 * (1 - exp(-0.01)), abs=1e-12)
    assert risk.next_30_days == {"low": 0, "central": 0, "high": 0}
    assert (risk.tally.answered, risk.tally.answered_on_time) == (1, 0)


def test_a_small_employers_week() -> None:
    """Two in time, one a day late, one screen a week overdue, one interview due tomorrow: N is 4, the score 0.67 v(7) / 9."""
    risk = _assess(
        *(_answered("screen", 3, -1), _answered("final", 4, 0), _answered("final", 5, 0.5)),
        *(_open("screen", 7), _open("interview", -1)),
    )
    assert (risk.tally.waits, risk.tally.waiting, risk.tally.overdue) == (4, 2, 1)
    assert (risk.tally.answered, risk.tally.answered_on_time) == (3, 2)
    assert risk.tally.by_stage == {
        "screen": {"waiting": 1, "overdue": 1},
        "interview": {"waiting": 1, "overdue": 0},
        "final": {"waiting": 0, "overdue": 0},
    }
    assert risk.score == pytest.approx(100 * 0.67 * 0.3934693403 / 9, abs=1e-7)
    s7, s37, s29 = exp(-49 / 900), exp(-1369 / 900), exp(-841 / 900)
    assert risk.next_30_days["central"] == pytest.approx(0.02 * (0.67 * (s7 - s37) + 0.78 * (1 - s29)), abs=1e-12)


def test_what_if_calls_the_first_of_the_list_and_computes_again() -> None:
    """Seven finals, 10 days overdue: five calls leave two open and five at the edge of 7 days."""
    seven = [_open("final", 10) for _ in range(7)]
    first, second, third = _assess(*seven).what_if
    v10, v7 = 1 - exp(-10 / 14), 1 - exp(-0.5)
    assert (first.calls, second.calls, third.calls) == (5, 10, 25)
    assert first.score == pytest.approx(100 * (2 * v10 + 0.25 * 5 * v7) / 12, abs=1e-9)
    assert first.next_30_days["high"] == pytest.approx(0.15 * 2 * (exp(-1 / 9) - exp(-16 / 9)), abs=1e-12)
    assert second.score == third.score == pytest.approx(100 * 0.25 * 7 * v7 / 12, abs=1e-9)
    assert second.next_30_days["high"] == pytest.approx(0, abs=1e-12)


def test_what_if_lets_those_due_before_the_window_leave_the_score() -> None:
    """A wait 100 days overdue counts while it is open; once answered it was due too long ago to count."""
    risk = _assess(_open("final", 100))
    assert risk.tally.waits == 1
    assert risk.score > 16
    assert risk.what_if[0].score == 0


def test_what_if_keeps_the_90th_date_and_calls_those_due_in_just_two_days() -> None:
    """The edges of what-if are those of the score: an off-by-one here would promise more than calls bring."""
    oldest = _assess(_open("final", 89 + 9 / 24)).what_if[0]
    assert oldest.score == pytest.approx(100 * 0.25 * (1 - exp(-30 / 14)) / 6, abs=1e-9)
    in_two_days = _assess(_open("final", -2))
    assert in_two_days.next_30_days["high"] > 0
    assert in_two_days.what_if[0].next_30_days["high"] == 0


def test_what_if_calls_only_those_that_a_call_can_reach_now() -> None:
    """No call reaches somebody without a number, and nobody is called about an interview that has not been."""
    unreachable = (_open("final", 10)[0], False)
    next_week = _open("final", -5)
    risk = _assess(unreachable, next_week)
    assert all(what.score == risk.score and what.next_30_days == risk.next_30_days for what in risk.what_if)


def test_nothing_yet_reads_as_no_risk() -> None:
    """A new employer's page must not divide by zero, nor boast."""
    risk = _assess()
    assert (risk.score, risk.band, risk.small_sample, risk.tally.longest_overdue_hours) == (0, "low", True, 0)
    assert [what.score for what in risk.what_if] == [0, 0, 0]


def test_the_json_names_what_clients_were_promised() -> None:
    """Web and mobile clients read these names."""
    body = _assess(_open("screen", 3)).as_json()
    assert list(body) == [
        "as_of",
        "method",
        "score",
        "band",
        "small_sample",
        "tally",
        "expected_negative_reviews",
        "what_if",
        "horizon_days",
    ]
    assert (body["as_of"], body["method"]) == ("2026-11-23T09:00:00.000Z", "2026-12")
    assert list(body["tally"]) == [
        "waits",
        "waiting",
        "overdue",
        "answered",
        "answered_on_time",
        "not_yet",
        "longest_overdue_hours",
        "by_stage",
    ]
    assert {key: list(value) for key, value in body["expected_negative_reviews"].items()} == {
        "incurred": ["low", "central", "high"],
        "next_30_days": ["low", "central", "high"],
    }
    assert [list(what) for what in body["what_if"]] == [["calls", "score", "next_30_days"]] * 3


def test_the_counts_come_before_the_index() -> None:
    """One in time, one a day late, two overdue: 1 of 4, with Wilson's 90 % interval worked out by hand."""
    risk = _assess(_answered("final", 4, 0), _answered("final", 5, 0.5), _open("screen", 3), _open("final", 23))
    heard = risk.heard_on_time
    assert (heard.on_time, heard.due, heard.share) == (1, 4, 0.25)
    assert (heard.low, heard.high) == (pytest.approx(0.057905, abs=1e-6), pytest.approx(0.643841, abs=1e-6))
    assert (risk.late_now.count, risk.late_now.longest_days) == (2, 23)


def test_an_answer_without_a_decision_is_counted_apart() -> None:
    """25 holding notices must not read as 25 candidates who were told. "I heard" without more tells no decision either."""
    told, _ = _answered("final", 4, 0)
    pending, silent, late = replace(told, answer="pending"), replace(told, answer=None), replace(told, answer="invited")
    risk = _assess((told, True), (pending, True), (silent, True), (late, True))
    assert (risk.tally.answered, risk.tally.not_yet) == (4, 2)
    assert risk.heard_on_time.on_time == 4
    before = replace(pending, word_due_at=NINE - timedelta(days=91), answered_at=NINE - timedelta(days=91))
    assert _assess((before, True)).tally.not_yet == 0
    today = replace(pending, word_due_at=NINE, answered_at=NINE)
    assert _assess((today, True)).tally.not_yet == 1
    assert assess(without_not_yet(tally([(pending, True)])), NINE).tally.not_yet == 0


def test_where_nobody_was_due_an_answer_no_share_is_made_up() -> None:
    """0 of 0 is neither 0 % nor 100 %. One who is due tomorrow is not counted."""
    heard = _assess(_open("screen", -1)).heard_on_time
    assert (heard.on_time, heard.due, heard.share, heard.low, heard.high) == (0, 0, None, None, None)


@pytest.mark.parametrize(("on_time", "due"), [(0, 8), (8, 8), (1, 1), (0, 1), (500, 1000)])
def test_the_interval_holds_the_share_and_stays_between_none_and_all(on_time: int, due: int) -> None:
    """Also where all or none heard on time."""
    heard = report.heard_on_time(on_time, due)
    assert heard.share is not None and heard.low is not None and heard.high is not None
    assert 0 <= heard.low <= heard.share <= heard.high <= 1 and heard.low < heard.high


# -- edges -------------------------------------------------------------------------------------------------------------


def test_overdue_begins_an_hour_past_the_hour_in_which_word_was_due() -> None:
    """Due 09:45 counts from 09:00, so it is overdue at 10:00 and not a second before: the tally knows hours only."""
    wait = (open_wait("screen", timedelta(0), datetime(2026, 11, 23, 9, 45, tzinfo=UTC)), True)
    ten = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    before, at = _assess(wait, as_of=ten - timedelta(microseconds=1)), _assess(wait, as_of=ten)
    assert (before.tally.overdue, before.tally.longest_overdue_hours) == (0, 0)
    assert (at.tally.overdue, at.tally.longest_overdue_hours) == (1, 1)


def test_waiting_begins_two_days_before_word_is_due() -> None:
    """An interview booked for next week is in none of the shown counts, and still in what the next 30 days may bring."""
    soon, later = _assess(_open("final", -2)), _assess(_open("final", -2 - 1 / 24))
    assert (soon.tally.waiting, later.tally.waiting) == (1, 0)
    assert later.tally.waits == 0
    assert later.next_30_days["central"] > 0


def test_the_window_is_ninety_utc_dates_with_today() -> None:
    """Answered on the 90th date back counts; on the 91st it does not, and an open one always does."""
    midnight = NINE.replace(hour=0)
    inside = midnight - timedelta(days=89)
    outside = inside - timedelta(microseconds=1)
    for due, counted in ((inside, 1), (outside, 0), (midnight + timedelta(hours=23), 1), (midnight + timedelta(days=1), 0)):
        answered = Wait("int_1", "final", due - 48 * HOUR, due, "answered", due, "contact")
        assert _assess((answered, True)).tally.waits == _assess((answered, True)).tally.answered == counted
    old = Wait("int_1", "final", outside - 48 * HOUR, outside)
    assert _assess((old, True)).tally.waits == 1


@pytest.mark.parametrize(
    ("finals", "in_time", "band"), [(1, 20, "low"), (1, 3, "moderate"), (3, 5, "high"), (4, 0, "severe"), (0, 9, "low")]
)
def test_bands(finals: int, in_time: int, band: str) -> None:
    """Old silences weigh 1 each: 1 of 26, 1 of 9, 3 of 13, 4 of 9 (v(80) = 0.9967)."""
    risk = _assess(*[_open("final", 80)] * finals, *[_answered("final", 5, 0)] * in_time)
    assert risk.band == band


def test_fewer_than_five_waits_are_a_small_sample() -> None:
    """One unhappy candidate of a start-up is no trend."""
    assert _assess(*[_open("screen", 1)] * 4).small_sample
    assert not _assess(*[_open("screen", 1)] * 5).small_sample


def test_the_page_lists_every_constant_with_its_source() -> None:
    """Who is scored may ask how: each number has a source or is marked as an assumption."""
    shown = {constant.name: constant.value for constant in CONSTANTS}
    assert shown["Stage weight"] == "screen 0.67, interview 0.78, final 1"
    assert shown["Review probability, central"] == "2.0%"
    assert all(constant.source for constant in CONSTANTS)


def test_the_published_table_of_constants_says_this() -> None:
    """Each name beside its own value and its own source."""
    assert [(one.name, one.value, one.source) for one in CONSTANTS] == [
        ("Stage weight", "screen 0.67, interview 0.78, final 1", "a public ghosting index: 1.2, 1.4, 1.8, scaled to 1"),
        ("Severity of silence", "1 − exp(−days overdue / 14)", "assumption; the index starts at 14 days"),
        ("Review probability, low", "0.9%", "under 1% of interviewees ever post; denominator assumed"),
        (
            "Review probability, central",
            "2.0%",
            "The Conference Board, February 2023, over 1,100 people: of those who did not hear back after an interview, 2% "
            "left a negative review online (recalled; subsample unpublished)",
        ),
        ("Review probability, high", "15.0%", "LinkedIn poll 2023, n = 119: would post after being ghosted"),
        ("Not written yet", "exp(−(days overdue / 30)²)", "assumption; no day-by-day curve is published"),
        ("What a late answer leaves", "0.25 of the severity", "assumption"),
        ("Effect of an answer", "call 0.75, email 0.5, template 0.25", "assumptions; only their order is published"),
        (
            "Call list",
            "what waiting costs until your team has called everybody once, 7 to 90 days",
            "your team's own pace, from the tally",
        ),
        ("Bands", "low below 5, moderate below 15, high below 35", "assumption"),
        ("Prior", "5 waits answered in time", "assumption: one bad day must not dominate a small employer's score"),
        ("Window", "90 UTC dates, and all that is still open", "assumption; the index is capped at 90 days"),
    ]


def test_the_lines_of_the_report_come_by_stage_open_first_the_latest_last() -> None:
    """Each with its band's label, its waits and its longest silence."""
    waits = [
        *(_answered("final", 40, late) for late in (0, 1, 2, 5, 10, 20, 31)),
        *(_open("screen", days) for days in (40, 25, 10, 5, 2, 0.5, -1, -3)),
        _open("screen", 0.5),
    ]
    mixed = contributions(tally([_answered("final", 40, 0), _open("final", 40), _answered("screen", 40, 0)]), NINE)
    assert [(line.stage, line.state) for line in mixed] == [("screen", "answered"), ("final", "open"), ("final", "answered")]
    lines = contributions(tally(waits), NINE)
    assert [(line.stage, line.state, line.band, line.waits, line.counted) for line in lines] == [
        ("screen", "open", "due later", 1, 0),
        ("screen", "open", "due within 48 hours", 1, 0),
        ("screen", "open", "up to 1 day", 2, 2),
        ("screen", "open", "1–3 days", 1, 1),
        ("screen", "open", "3–7 days", 1, 1),
        ("screen", "open", "7–14 days", 1, 1),
        ("screen", "open", "14–30 days", 1, 1),
        ("screen", "open", "over 30 days", 1, 1),
        ("final", "answered", "in time", 1, 1),
        ("final", "answered", "up to 1 day", 1, 1),
        ("final", "answered", "1–3 days", 1, 1),
        ("final", "answered", "3–7 days", 1, 1),
        ("final", "answered", "7–14 days", 1, 1),
        ("final", "answered", "14–30 days", 1, 1),
        ("final", "answered", "over 30 days", 1, 1),
    ]
    assert [line.longest for line in lines[:3]] == [timedelta(0), timedelta(0), timedelta(hours=12)]
    assert lines[5].longest == timedelta(days=10) and lines[-1].longest == timedelta(0)


@pytest.mark.parametrize(("harm", "band"), [(4.99, "low"), (5, "moderate"), (14.99, "moderate"), (15, "high"), (35, "severe")])
def test_a_band_begins_at_its_own_edge(harm: float, band: str) -> None:
    """5, 15 and 35 belong to the band above."""
    risk = _assess()
    assert replace(risk, score=harm).band == band


def test_the_figures_keep_their_json_shape() -> None:
    """Rounding is for pages."""
    body = _assess(_open("final", 10)).as_json()
    assert body["tally"] == {
        "waits": 1,
        "waiting": 1,
        "overdue": 1,
        "answered": 0,
        "answered_on_time": 0,
        "not_yet": 0,
        "longest_overdue_hours": 240,
        "by_stage": {
            "screen": {"waiting": 0, "overdue": 0},
            "interview": {"waiting": 0, "overdue": 0},
            "final": {"waiting": 1, "overdue": 1},
        },
    }
    assert body["what_if"][0]["calls"] == 5 and body["band"] == "moderate" and body["small_sample"] is True
    assert _assess(as_of=NINE.astimezone(timezone(timedelta(hours=2)))).as_json()["as_of"] == "2026-11-23T09:00:00.000Z"
