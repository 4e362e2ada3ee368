"""The page about ASVS goes through every requirement of levels 1 and 2, and its sums are right."""

from __future__ import annotations

import re
from collections import Counter

from infra.setup import ROOT

PAGE = (ROOT / "docs" / "asvs.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (met|partly|no|does not apply) \| ([^|]+) \|$", re.M)
BY_CHAPTER = {1: 38, 2: 53, 3: 18, 4: 9, 5: 30, 6: 13, 7: 12, 8: 15, 9: 7, 10: 5, 11: 8, 12: 15, 13: 13, 14: 23}
"""Requirements of levels 1 and 2 in ASVS 4.0.3, by chapter."""


def test_every_requirement_of_level_2_has_a_state_and_a_reason() -> None:
    numbers = [row[0] for row in ROW.findall(PAGE)]
    assert len(numbers) == len(set(numbers)) == PAGE.count("\n| ") - PAGE.count("\n| number")
    assert Counter(int(number.split(".")[0]) for number in numbers) == BY_CHAPTER
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])


def test_what_is_met_names_where_or_why() -> None:
    """A path, a page or a plain reason: an empty claim convinces nobody."""
    assert [row[0] for row in ROW.findall(PAGE) if len(row[3]) < 8] == []


def test_the_sums_are_right() -> None:
    states = Counter(row[2] for row in ROW.findall(PAGE))
    told = {state: int(count) for state, count in re.findall(r"\*\*([a-z ]+)\*\* (\d+)", PAGE)}
    assert told == states
    assert f"All {sum(states.values())} requirements" in PAGE
