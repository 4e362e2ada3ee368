"""Figures of how candidates found it are shown in whole fives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.experience import Answer, Figures, by_group, by_stage, figures

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)


def answers(*scores: int, group: str | None = None, line: str | None = None) -> list[Answer]:
    return [Answer("final", group, score, line, BEGIN + timedelta(hours=number)) for number, score in enumerate(scores)]


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10), (11, 10)])
def test_only_whole_fives_are_shown(count: int, shown: int) -> None:
    """With each single answer shown, the difference of two days would be one person's score."""
    assert figures(answers(*[7] * count)).answers == shown


def test_fewer_than_five_show_nothing_at_all() -> None:
    """Neither an average nor a line."""
    assert figures(answers(0, 1, 2, 3, line="I am the one in the wheelchair")) == Figures()


def test_the_average_and_the_counts_are_those_of_the_oldest_answers() -> None:
    """The sixth answer waits for the tenth, in whatever order they were read."""
    [final] = [one for stage, one in by_stage(reversed(answers(10, 8, 8, 0, 4, 1))).items() if stage == "final"]
    assert final.average == 6 and sum(final.scores) == 5
    assert [final.scores[score] for score in (0, 1, 4, 8, 10)] == [1, 0, 1, 2, 1]


def test_each_stage_and_group_has_figures_of_its_own() -> None:
    """Five of one group say nothing about another."""
    shown = by_group([*answers(1, 2, 3, 4, 5, group="Boston"), *answers(9, 9, group="Austin")], ["Boston", "Austin"])
    assert shown["Boston"].average == 3 and shown["Austin"] == Figures()
    assert by_stage(answers(1, 2, 3, 4, 5))["screen"] == Figures()


def test_lines_stand_in_the_order_of_the_alphabet() -> None:
    """The order in which they came would tell the newest one."""
    given = [
        Answer("final", None, 5, line, BEGIN + timedelta(hours=n)) for n, line in enumerate(["zeal", None, "Ample", "kind", ""])
    ]
    assert figures(given).lines == ("Ample", "kind", "zeal")
