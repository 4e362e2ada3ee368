"""The tally: what counts, under which date and code, and what changes when a wait does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.model import STAGES, Wait
from chalicelib.rules.tally import (
    AnsweredCell,
    OpenCell,
    add,
    cells,
    difference,
    lateness_bucket,
    not_yet_cells,
    only_not_yet,
    tally,
    tally_key,
    without_not_yet,
)
from tests.rules.strategies import AS_OF, any_wait, many_waits, open_wait

DUE = datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
WAITING = Wait("int_1", "interview", DUE - timedelta(hours=48), DUE)


def _answered(late: timedelta) -> Wait:
    return replace(WAITING, stage="screen", state="answered", answered_at=DUE + late, answered_by="contact", answer="rejected")


def test_an_open_wait_counts_under_its_stage_its_reachability_and_the_hour_in_which_word_is_due() -> None:
    """The call list finds the rows of an hour by these codes: a wrong hour hides people from the recruiter."""
    assert tally_key(WAITING, True) == ("2026-11-20", "ir09")
    assert tally_key(WAITING, False) == ("2026-11-20", "iu09")
    assert tally_key(replace(WAITING, stage="final"), True) == ("2026-11-20", "fr09")
    assert tally_key(replace(WAITING, stage="screen"), False) == ("2026-11-20", "su09")


def test_dates_and_hours_are_those_of_utc_whatever_zone_an_instant_is_given_in() -> None:
    """Half-hour zones exist: 01:15 in Kolkata is 19:45 of the day before, and counts there."""
    kolkata = datetime(2026, 11, 20, 1, 15, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert tally_key(replace(WAITING, word_due_at=kolkata), True) == ("2026-11-19", "ir19")


@pytest.mark.parametrize("state", ["dropped", "lapsed"])
def test_dropped_and_lapsed_waits_count_nowhere(state: str) -> None:
    """An employer is not charged for candidates who withdrew, nor for ever for one."""
    assert tally_key(replace(WAITING, state=state), True) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (timedelta(days=-3), 0),
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=3), 2),
        (timedelta(days=7), 3),
        (timedelta(days=7, seconds=1), 4),
        (timedelta(days=14), 4),
        (timedelta(days=30), 5),
        (timedelta(days=30, microseconds=1), 6),
        (timedelta(days=300), 6),
    ],
)
def test_the_edge_of_a_bucket_belongs_to_the_earlier_one(late: timedelta, bucket: int) -> None:
    """An answer at the very deadline is in time."""
    assert lateness_bucket(late) == bucket
    assert tally_key(_answered(late), True) == ("2026-11-20", f"as{bucket}")
    assert tally_key(_answered(late), False) == ("2026-11-20", f"as{bucket}")


def test_an_answered_wait_without_its_instant_is_refused() -> None:
    """A silent guess here would shift every figure after it."""
    with pytest.raises(ValueError, match="int_1"):
        tally_key(replace(WAITING, state="answered"), True)


def test_a_tally_counts_equal_places_together() -> None:
    """One employer's Friday: two waits of one hour, one unreachable, one answered four days late, one withdrawn."""
    waits = [
        (WAITING, True),
        (replace(WAITING, cause="int_2", word_due_at=DUE + timedelta(minutes=10)), True),
        (replace(WAITING, cause="int_3"), False),
        (_answered(timedelta(days=4)), True),
        (replace(WAITING, cause="int_5", state="dropped"), True),
    ]
    assert tally(waits) == {"2026-11-20": {"ir09": 2, "iu09": 1, "as3": 1}}
    assert tally([]) == {}


def test_answering_a_wait_moves_one_count() -> None:
    """What a logged contact writes to the table is these two numbers."""
    before, after = tally([(WAITING, True)]), tally([(_answered(timedelta(hours=-1)), True)])
    assert difference(before, after) == {"2026-11-20": {"ir09": -1, "as0": 1}}


def test_an_answer_without_a_decision_counts_twice_and_the_two_can_be_told_apart() -> None:
    """The versions before refuse the second code: the table keeps it where they do not read."""
    told = (replace(_answered(timedelta(days=4)), answer="pending"), True)
    assert tally([told]) == {"2026-11-20": {"as3": 1, "ns3": 1}}
    assert without_not_yet(tally([told])) == {"2026-11-20": {"as3": 1}}
    assert only_not_yet(tally([told])) == {"2026-11-20": {"ns3": 1}}
    assert list(cells(tally([told]))) == list(not_yet_cells(tally([told]))) == [AnsweredCell("screen", date(2026, 11, 20), 3, 1)]
    assert list(not_yet_cells({"2026-11-20": {"ns3": -1}})) == []


def test_no_change_makes_no_difference() -> None:
    """A write that changes nothing writes nothing, and a transaction has no room for idle items."""
    same = tally([(WAITING, True), (_answered(timedelta(days=2)), False)])
    assert difference(same, same) == {}


def test_an_unknown_code_is_refused_by_name() -> None:
    """A damaged item must not pass for a low risk."""
    with pytest.raises(ValueError, match="'rev'"):
        list(cells({"2026-11-20": {"ir09": 1, "rev": 4}}))


def test_codes_fit_the_table() -> None:
    """Names of attributes are paid for with every read: four characters at most, and never a word the table reserves."""
    codes = {
        placed[1]
        for stage in STAGES
        for hour in range(24)
        for reachable in (True, False)
        if (placed := tally_key(open_wait(stage, timedelta(hours=hour)), reachable))
    }
    assert len(codes) == 3 * 24 * 2
    assert max(map(len, codes)) == 4


@given(many_waits, many_waits)
def test_a_tally_plus_the_difference_is_the_other_tally(some: list[tuple[Wait, bool]], others: list[tuple[Wait, bool]]) -> None:
    """The table adds differences for years: they must sum to what a recount finds."""
    before, after = tally(some), tally(others)
    kept = {day: dict(codes) for day, codes in before.items()}
    assert add(before, difference(before, after)) == after
    assert before == kept, "adding changes no tally in place"


@given(many_waits, any_wait())
def test_order_does_not_matter_and_every_wait_counts_once(waits: list[tuple[Wait, bool]], one: tuple[Wait, bool]) -> None:
    """Facts arrive late and out of order."""
    assert tally([*waits, one]) == tally([one, *waits]) == add(tally(waits), tally([one]))
    counted = [wait for wait, _ in waits if wait.state in ("open", "answered")]
    assert sum(sum(codes.values()) for codes in without_not_yet(tally(waits)).values()) == len(counted)


@given(st.lists(any_wait(), max_size=8))
def test_cells_read_back_what_was_counted(waits: list[tuple[Wait, bool]]) -> None:
    """The report page reads the same counts that the writes made."""
    read = {"open": 0, "answered": 0}
    for cell in cells(tally(waits)):
        matching = [
            wait
            for wait, reachable in waits
            if (
                isinstance(cell, OpenCell)
                and wait.state == "open"
                and wait.stage == cell.stage
                and reachable == cell.reachable
                and timedelta(0) <= wait.word_due_at - cell.hour < timedelta(hours=1)
            )
            or (
                isinstance(cell, AnsweredCell)
                and wait.state == "answered"
                and wait.stage == cell.stage
                and wait.word_due_at.date() == cell.due_on
                and wait.answered_at is not None
                and lateness_bucket(wait.answered_at - wait.word_due_at) == cell.bucket
            )
        ]
        assert len(matching) == cell.count
        read["open" if isinstance(cell, OpenCell) else "answered"] += cell.count
    assert read == {state: sum(wait.state == state for wait, _ in waits) for state in read}


def test_an_open_wait_of_now_is_counted_today() -> None:
    """The strategies use this instant."""
    assert tally([(open_wait("final", timedelta(0)), True)]) == {AS_OF.date().isoformat(): {"fr10": 1}}


def test_a_codes_hour_and_bucket_are_read_back() -> None:
    """Each stage, way and hour has its own code, as stored."""
    read = list(cells({"2026-11-20": {"su00": 1, "fr23": 2, "ai6": 3}}))
    assert read == [
        OpenCell("screen", False, datetime(2026, 11, 20, 0, tzinfo=UTC), 1),
        OpenCell("final", True, datetime(2026, 11, 20, 23, tzinfo=UTC), 2),
        AnsweredCell("interview", date(2026, 11, 20), 6, 3),
    ]
    for code in ("ir24", "as7", "xr01", "a00"):
        with pytest.raises(ValueError, match=code):
            list(cells({"2026-11-20": {code: 1}}))


def test_what_comes_to_zero_is_left_out() -> None:
    """Dates as well as codes."""
    assert add({"2026-11-20": {"ir09": 1, "as0": 2}}, {"2026-11-20": {"ir09": -1}}) == {"2026-11-20": {"as0": 2}}
    assert add({"2026-11-20": {"ir09": 1}}, {"2026-11-20": {"ir09": -1}, "2026-11-21": {"ir09": 1}}) == {
        "2026-11-21": {"ir09": 1}
    }
