"""Corrects known candidates by files: a corrected file is a correction, where it names the person without doubt.

A value that differs is written where

* the row names the candidate by an id, or an earlier file of the same profile named them;
* it is news: the profile's files have not said it before (see `file_notes`);
* the file has no other value of the same person in another row;
* it makes the candidate no double of another one.

Everything else stays as it is known, and is returned as ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.applications.candidates import file_notes, fill
from chalicelib.applications.candidates.identity import (
    ADDRESS_FIELDS,
    CandidateInput,
    Filled,
    Match,
    Source,
    has_address,
    input_of,
)
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.errors import Conflict
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key


def complete(unit: UnitOfWork, match: Match, person: CandidateInput, found: Mapping[Key, Item]) -> Filled:
    """Completes a known candidate's empty fields in memory, and corrects others where a file may. `save` writes it."""
    candidate, source = match.candidate, person.source
    if candidate is None or source is None:
        return Filled(fill.fill(unit, match, person, found))
    before = table.snapshot(candidate)
    if _has_another_id(candidate, person):
        return Filled(fill.fill(unit, match, person, found))
    is_named = match.matched_by == "external_id" or source.profile in (candidate.given or {})
    fill.fill(unit, match, person, found)
    notes = (candidate.given or {}).get(source.profile, {})
    given = file_notes.values_of(person)
    wanted = [name for name in given if is_named and _may_change(candidate, source, notes, name, given[name], person)]
    corrected = [name for name in wanted if _set(unit, candidate, name, person)]
    if corrected:
        _move_keys(unit, candidate, before)
    for name in given:
        # What would have made a double is not noted: the next file may try it again.
        if name not in source.unsure and (name in corrected or name not in wanted):
            notes = file_notes.noted(notes, source, name, given[name])
    if given:
        candidate.given = {**(candidate.given or {}), source.profile: notes}
    is_note = not is_changed(candidate, before) and candidate.given != before.get("given")
    return Filled(fill.ignored(candidate, person), tuple(corrected), is_note)


def _has_another_id(candidate: CandidateItem, person: CandidateInput) -> bool:
    """Whether the row gives the candidate, known by an application or an address, the id of somebody else in its system."""
    systems = {one["system"] for one in candidate.external_ids}
    return any(one not in candidate.external_ids and one["system"] in systems for one in person.external_ids)


def is_changed(candidate: CandidateItem, before: Mapping[str, Any]) -> bool:
    """Whether anything differs that clients see. The notes of what files said, and of how the name is entered, are ours."""
    return bool(table.differing(before, candidate.attribute_values) - {"given", "found_as"})


def _may_change(
    candidate: CandidateItem, source: Source, notes: file_notes.Notes, name: str, value: str, person: CandidateInput
) -> bool:
    if name in source.unsure or not differs(candidate, person, name):
        return False
    if name == "phone_extension" and not has_address(candidate, "phone", person.phone):
        return False  # of a number that the candidate does not have
    return file_notes.is_news(notes, source, name, value)


def differs(candidate: CandidateItem, person: CandidateInput, name: str) -> bool:
    """Whether a file's value is another one than the known one. Two spellings of an address are one."""
    given, known = getattr(person, name), getattr(candidate, name)
    if name in ADDRESS_FIELDS:
        return not has_address(candidate, name, given)
    return bool(given != known)


def _set(unit: UnitOfWork, candidate: CandidateItem, name: str, person: CandidateInput) -> bool:
    """Sets a field, unless the candidate would be the double of another one then."""
    former = input_of(candidate.attribute_values)
    kept = {one: getattr(candidate, one) for one in (name, "phone_extension", "phone_takes_texts")}
    setattr(candidate, name, getattr(person, name))
    if name == "phone":
        candidate.phone_extension = person.phone_extension
    candidate.phone_takes_texts = fill.texts_reach(candidate)
    if name not in ("name", *ADDRESS_FIELDS) or _is_no_double(unit, candidate, former):
        return True
    for one, value in kept.items():
        setattr(candidate, one, value)
    return False


def _is_no_double(unit: UnitOfWork, candidate: CandidateItem, former: CandidateInput) -> bool:
    present = input_of(candidate.attribute_values)
    try:
        fill.check_no_double(unit.employer.id, candidate, former, present, _read(unit, [present]))
    except Conflict:
        return False
    return True


def _read(unit: UnitOfWork, inputs: Iterable[CandidateInput]) -> dict[Key, Item]:
    return table.get_many(dict.fromkeys(key for one in inputs for key in fill.all_keys(unit.employer.id, one)))


def _move_keys(unit: UnitOfWork, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    """Leaves the keys of former addresses and names, and joins the present ones that `fill` has not joined."""
    former, present = input_of(before), input_of(candidate.attribute_values)
    found = _read(unit, [former, present])
    fill.move_addresses(unit, candidate.id, former, present, found)
