"""Finding people by name: each word that is typed begins some word of the name, in any order.

Names are compared as `canonical_name` makes them, without accents:

    words_of("Zoë O’Brien-Łukasz")   ("zoe", "o", "brien", "lukasz")
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from chalicelib.rules.canonical import canonical_name

INDEXED_MOST = 12
"""Words of one name by which it is found: each is an item, and all are written in one transaction."""
PREFIX_MOST = 60
"""Characters of a word by which it is found. A sort key holds 1024 bytes, a character up to 4."""
BUCKETS = 32
_ACCENTS_FROM = 10
"""Combining classes: those below are signs of Indic scripts and the Japanese voicing mark, which make another letter."""
_PLAIN = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that Unicode does not take apart into a letter and an accent."""


@lru_cache(maxsize=1024)
def words_of(name: str) -> tuple[str, ...]:
    """Lists the different words of a name, or of what is searched for, in order. Signs alone are no word."""
    letters = unicodedata.normalize("NFD", canonical_name(name))
    plain = "".join(c for c in letters if unicodedata.combining(c) < _ACCENTS_FROM).translate(_PLAIN)
    words = unicodedata.normalize("NFC", plain).split()
    return tuple(dict.fromkeys(word for word in words if any(unicodedata.category(c)[0] in "LN" for c in word)))


def is_match(wanted: Iterable[str], words: Sequence[str]) -> bool:
    """Whether every wanted word begins some word of the name."""
    return all(any(word.startswith(one) for word in words) for one in wanted)


def indexed_words(words: Iterable[str]) -> list[str]:
    """Lists the beginnings of words under which a name is entered, sorted.

    A word that begins another one ("Sam" in "Sam Sample") is found under the longer one.
    """
    cut = list(dict.fromkeys(word[:PREFIX_MOST] for word in words))
    longest = [word for word in cut if not any(other != word and other.startswith(word) for other in cut)]
    return sorted(longest[:INDEXED_MOST])


def lookup_prefix(wanted: Iterable[str]) -> str:
    """Returns what to look up: the longest wanted word, which the fewest names have."""
    return max(wanted, key=len)[:PREFIX_MOST]


def leading_word(prefix: str, words: Iterable[str]) -> str | None:
    """Returns the one indexed word under which a search by that prefix finds the name. Others with the prefix repeat it."""
    return next((word for word in indexed_words(words) if word.startswith(prefix)), None)


def bucket(word: str) -> int:
    """Returns the number of the bucket of all words with this first letter. Letters of one alphabet have different ones."""
    return ord(word[0]) % BUCKETS
