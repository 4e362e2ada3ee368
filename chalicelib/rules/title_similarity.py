"""Compares job titles by their words."""

from __future__ import annotations

import re

_RANK = "senior sr junior jr lead principal staff chief head intern trainee graduate associate assistant mid level i ii iii iv"
_TERMS = "interim part full time remote hybrid temporary contract freelance"
_SMALL = "the and for of in at to a an"
_IGNORED = frozenset(f"{_RANK} {_TERMS} {_SMALL}".split(" "))


def words(title: str) -> frozenset[str]:
    """Returns the words that name the work, without rank, contract type, numbers and small words."""
    found = re.findall(r"[^\W_]+", title.casefold())
    return frozenset(word for word in found if word not in _IGNORED and not word.isdigit())


def are_similar(one: str, other: str) -> bool:
    """Whether at least half of all words are shared.

    "Senior Welder" is similar to "Welder (nights)"; "Data Engineer" is not similar to "Sales Engineer".
    """
    left, right = words(one), words(other)
    return bool(left & right) and 2 * len(left & right) >= len(left | right)
