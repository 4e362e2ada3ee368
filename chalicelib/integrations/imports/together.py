"""Finds rows that must be processed one after the other: those that name the same person, application or interview.

Items of rows are processed in any order and by several workers. A row that only refers to another one's application must
not come before it, so both go into one item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.rules.canonical import canonical_email, canonical_phone

TOGETHER_MOST = 200
"""Rows of one person that stay together: an item has at most 400 KB."""
_REFERENCES = ("candidate_ref", "application_ref", "interview_ref", "row_ref")
Json = dict[str, Any]


def rows_together(rows: Sequence[Json]) -> list[list[Json]]:
    """Returns the rows in lists that stay together, in the order of the first row of each."""
    first_of: dict[tuple[str, str], int] = {}
    parent = list(range(len(rows)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for at, row in enumerate(rows):
        for name in _names(row):
            known = root(first_of.setdefault(name, at))
            here = root(at)
            parent[max(known, here)] = min(known, here)
    found: dict[int, list[Json]] = {}
    for at, row in enumerate(rows):
        found.setdefault(root(at), []).append(row)
    return [some[at : at + TOGETHER_MOST] for some in found.values() for at in range(0, len(some), TOGETHER_MOST)]


def _names(row: Json) -> Iterator[tuple[str, str]]:
    """Yields what a row may be found by."""
    yield from ((name, row[name]) for name in _REFERENCES if name in row)
    if "email" in row:
        yield "email", canonical_email(row["email"])
    if "phone" in row:
        yield "phone", canonical_phone(row["phone"])
