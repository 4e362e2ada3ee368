"""Notes what the files of an import profile said last of a candidate, so that only what is new there is a correction.

Without it the same file, imported again, would undo what a recruiter has changed since. Values are kept as keyed hashes:
`CandidateItem.given` is {profile: {field: [import, hash, ...]}}.
"""

from __future__ import annotations

from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.candidates.identity import CandidateInput, Source
from chalicelib.rules.canonical import canonical_email, canonical_phone

FIELDS = ("name", "email", "phone", "phone_extension", "timezone", "locale")
"""Fields of a candidate that a file can correct."""
_VALUES_MOST = 10
Notes = dict[str, list[str]]
"""By field: the import that the note is of, and hashes of the values that it has."""


def values_of(person: CandidateInput) -> dict[str, str]:
    """Returns the given fields that a file can correct, addresses in canonical form."""
    found = {name: value for name in FIELDS if (value := getattr(person, name))}
    if "email" in found:
        found["email"] = canonical_email(found["email"])
    if "phone" in found:
        found["phone"] = canonical_phone(found["phone"])
    return found


def of_new(person: CandidateInput) -> dict[str, Any] | None:
    """Returns the notes of a candidate that a file creates; None where no file does."""
    source = person.source
    if source is None:
        return None
    hashes = {name: unique_keys.fingerprint(name, value) for name, value in values_of(person).items()}
    return {source.profile: {name: [source.import_id, one] for name, one in hashes.items()}}


def is_news(notes: Notes, source: Source, name: str, value: str) -> bool:
    """Whether the profile's files say something new. Not twice in one import: of contradictory rows the first counts."""
    note = notes.get(name)
    if note is None:
        return True
    return note[0] != source.import_id and unique_keys.fingerprint(name, value) not in note[1:]


def noted(notes: Notes, source: Source, name: str, value: str) -> Notes:
    """Returns the notes with a value that a row has: the new one, or one more of this import."""
    note, one = notes.get(name), unique_keys.fingerprint(name, value)
    if note and one in note[1:]:
        return notes
    if note and note[0] == source.import_id:
        return {**notes, name: [*note, one][: _VALUES_MOST + 1]}
    return {**notes, name: [source.import_id, one]}
