"""Finds candidates, and their applications, by words of the name: one query of the entries, one read of the records.

The entries (`name_index`) are looked up by the longest word and compared with the other ones. The records decide: an entry
that an older version left behind finds nobody. Rows are in the order of the word that was found, then of the candidate's id.
A position is the place of a row in that order; the next page continues after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from chalicelib.api.query_params import text
from chalicelib.applications.candidates.items import CandidateItem, NameItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.rules.name_search import bucket, is_match, leading_word, lookup_prefix, words_of
from chalicelib.storage import keys, table

READ_MOST = 2_000
"""Entries that one request reads to compare them with further words. A page may be short, and continue after them."""
_READ_IN_VAIN = 25
_LAST = "\U0010ffff"
T = TypeVar("T", CandidateItem, ApplicationItem)
Rows = tuple[list[tuple[str, T | None]], str | None]
"""(position, record) in order, None for one that is gone or has another name; the position to continue after, or None."""


def find(employer_id: str, q: str, limit: int, start: str | None) -> tuple[list[CandidateItem], str | None]:
    """Returns the candidates whose names match, and where the next page starts. Signs alone match nobody.

    A page may be short, even empty, and still have a next one.
    """
    wanted = words_of(q)
    if not wanted:
        return [], None
    rows, following = find_candidates(employer_id, wanted, limit, start)
    return [item for _, item in rows if item], following


def read_wanted(value: str) -> tuple[str, ...]:
    """Reads the words of `?q=`. Raises ValueError."""
    wanted = words_of(text(value))
    if not wanted:
        raise ValueError("must hold a letter or a digit")
    return wanted


def find_candidates(employer_id: str, wanted: Sequence[str], most: int, start: str | None) -> Rows[CandidateItem]:
    """Reads up to `most` candidates after a position."""
    entries, following = _entries(employer_id, wanted, most, _after(start))
    places = [(entry, (keys.candidate_pk(employer_id, entry.candidate_id), "CAND")) for entry in entries]
    found = table.get_many([key for _, key in places])
    return [(entry.SK, _checked(found.get(key), CandidateItem, entry, wanted)) for entry, key in places], following


def find_applications(employer_id: str, wanted: Sequence[str], most: int, start: str | None) -> Rows[ApplicationItem]:
    """Reads up to `most` applications after a position, of each candidate the newest first."""
    began, _, last_id = (start or "").partition("|")
    # The candidate of the last row may have more applications, or none: then one more is read.
    entries, following = _entries(employer_id, wanted, most + 1, began if last_id else _after(began))
    listed = [(entry, one) for entry in entries for one in sorted(entry.applications, reverse=True)]
    listed = [(entry, one) for entry, one in listed if began != entry.SK or one < last_id]
    places = [(f"{entry.SK}|{one}", entry, (keys.case_pk(employer_id, one), "APP")) for entry, one in listed[:most]]
    found = table.get_many([key for _, _, key in places])
    rows = [(position, _checked(found.get(key), ApplicationItem, entry, wanted)) for position, entry, key in places]
    if len(listed) > most:
        return rows, rows[-1][0]
    return rows, f"{following}|" if following else None


def _after(sort_key: str | None) -> str:
    """Returns the first possible sort key after one: their words hold no space."""
    return f"{sort_key} " if sort_key else ""


def _entries(employer_id: str, wanted: Sequence[str], most: int, first: str) -> tuple[list[NameItem], str | None]:
    """Reads up to `most` matching entries from a sort key on; returns also the one to continue after, or None at the end."""
    prefix = lookup_prefix(wanted)
    begin = f"NAME#{prefix}"
    # Of a candidate only one entry counts; others with the prefix ("Anna Anders", by "an") are read in vain.
    count = READ_MOST if len(wanted) > 1 else 2 * most + _READ_IN_VAIN
    pk = keys.names_pk(employer_id, bucket(prefix))
    items, is_more = table.query_page(pk, max(begin, first), begin + _LAST, count)
    matching = [item for item in items if isinstance(item, NameItem) and _is_found(item, wanted, item.name)]
    if len(matching) > most:
        return matching[:most], matching[most - 1].SK
    return matching, items[-1].SK if is_more and items else None


def _is_found(entry: NameItem, wanted: Sequence[str], name: str) -> bool:
    """Whether a name matches, and this entry is the one that finds it."""
    words = words_of(name)
    return is_match(wanted, words) and leading_word(lookup_prefix(wanted), words) == entry.word


def _checked(item: table.Item | None, model: type[T], entry: NameItem, wanted: Sequence[str]) -> T | None:
    if not isinstance(item, model):
        return None
    # A past application may have the person's former name (`copies`).
    is_past = isinstance(item, ApplicationItem) and item.past
    return item if is_past or _is_found(entry, wanted, item.name) else None
