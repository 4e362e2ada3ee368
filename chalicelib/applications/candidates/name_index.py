"""Enters candidates under the words of their names, and takes the entries away. `search` reads them.

The entries are written in the transaction that writes the candidate. `CandidateItem.found_as` says what they were made of:
versions before this one write candidates without entries, and `name_pass` finds those by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.applications.candidates.items import CandidateItem, NameItem
from chalicelib.rules.name_search import bucket, indexed_words, words_of
from chalicelib.storage import keys
from chalicelib.storage.table import Key, Transaction


def is_current(candidate: CandidateItem) -> bool:
    """Whether the entries are those of the candidate's present name and applications."""
    return bool(candidate.found_as == _found_as(candidate))


def enter(transaction: Transaction, candidate: CandidateItem, before: Mapping[str, Any] | None = None) -> None:
    """Enters a candidate in the transaction that writes it. `before` are its attributes as they were read.

    Sets `found_as` in memory: the caller writes the candidate after this.
    """
    if is_current(candidate):
        return
    present = _keys(candidate, [candidate.name])
    for pk, sk in _keys(candidate, _names(before)) - present if before else ():
        transaction.delete(NameItem(pk, sk))
    name, applications = " ".join(words_of(candidate.name)), list(candidate.applications)
    for pk, sk in sorted(present):
        transaction.update(NameItem(pk, sk), [NameItem.name.set(name), NameItem.applications.set(applications)])
    candidate.found_as = _found_as(candidate)


def enter_new(transaction: Transaction, candidate: CandidateItem) -> None:
    """Enters a candidate that the transaction creates: of its new id there are no entries yet. Sets `found_as` in memory."""
    name, applications = " ".join(words_of(candidate.name)), list(candidate.applications)
    for pk, sk in sorted(_keys(candidate, [candidate.name])):
        transaction.create(NameItem(pk, sk, name=name, applications=applications))
    candidate.found_as = _found_as(candidate)


def leave(transaction: Transaction, candidate: CandidateItem) -> None:
    """Deletes a candidate's entries in the transaction that deletes the candidate."""
    for pk, sk in sorted(_keys(candidate, _names(candidate.attribute_values))):
        transaction.delete(NameItem(pk, sk))


def _found_as(candidate: CandidateItem) -> dict[str, Any]:
    return {"name": " ".join(words_of(candidate.name)), "applications": len(candidate.applications)}


def _names(attributes: Mapping[str, Any]) -> list[str]:
    """The name, and the one that is entered: an older version may have changed the first alone."""
    return [attributes["name"], (attributes.get("found_as") or {}).get("name", "")]


def _keys(candidate: CandidateItem, names: Iterable[str]) -> set[Key]:
    return {entry_key(candidate.employer_id, word, candidate.id) for name in names for word in indexed_words(words_of(name))}


def entry_key(employer_id: str, word: str, candidate_id: str) -> Key:
    return keys.names_pk(employer_id, bucket(word)), f"NAME#{word}#{candidate_id}"
