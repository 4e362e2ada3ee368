"""Which job titles mean the same kind of work."""

from __future__ import annotations

import pytest

from chalicelib.rules.title_similarity import are_similar, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Welder", "welder"),
        ("Senior Welder", "Welder (nights)"),
        ("Head of Data Engineering", "Data Engineering Lead, part-time"),
        ("Straße Cleaner", "STRASSE CLEANER"),
        ("Data Platform Engineer", "Platform Engineer"),
        ("Welder II", "Welder 3"),
    ],
)
def test_titles_that_share_half_of_their_words_are_similar(one: str, other: str) -> None:
    """Rank, contract, numbers and small words do not count."""
    assert are_similar(one, other) and are_similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Data Engineer", "Sales Engineer"),
        ("Welder", "Nurse"),
        ("Senior", "Senior"),
        ("", ""),
        ("Data Platform Engineer", "Data Site Reliability Engineer"),
    ],
)
def test_titles_with_less_in_common_are_not(one: str, other: str) -> None:
    """One word of three is too little, and no word is none."""
    assert not are_similar(one, other)


def test_only_the_words_that_name_the_work_are_kept() -> None:
    """Underscores part words as spaces do."""
    assert words("Interim Full-Time Chief Data_Officer of the EU 2") == {"data", "officer", "eu"}
