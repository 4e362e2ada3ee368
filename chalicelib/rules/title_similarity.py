"""Whether two job titles are about the same kind of work, by their words alone."""

from __future__ import annotations

import re

_RANK = "senior sr junior jr lead principal staff chief head intern trainee graduate associate assistant mid level i ii iii iv"
_TERMS = "interim part full time remote hybrid temporary contract freelance"
_SMALL = "the and for of in at to a an"
_SAYS_LITTLE = frozenset(f"{_RANK} {_TERMS} {_SMALL}".split(" "))


def words(title: str) -> frozenset[str]:
    """The words that name the work: without seniority, contract and small words."""
    found = re.findall(r"[^\W_]+", title.casefold())
    return frozenset(word for word in found if word not in _SAYS_LITTLE and not word.isdigit())


def are_similar(one: str, other: str) -> bool:
    """At least half of the words in common: "Senior Welder" and "Welder (nights)", not "Data Engineer" and "Sales Engineer"."""
    left, right = words(one), words(other)
    return bool(left & right) and 2 * len(left & right) >= len(left | right)
