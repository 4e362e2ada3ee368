"""Candidates: found or created by their unique keys, completed where fields are empty, changed with their applications.

Functions with a unit of work put changes into it; the others are one transaction each (see `unit_of_work`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import copies, fill, name_index
from chalicelib.applications.candidates.correct import complete, is_changed
from chalicelib.applications.candidates.identity import CandidateInput, MatchedCandidate, identify, input_of
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.auth.actors import Actor
from chalicelib.errors import Conflict, NotFound
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import ChangeType
from chalicelib.storage import keys, table
from chalicelib.storage.feed import Change
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import TRANSACTION_MOST, Item, Key, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

SHOWN = ("name", "email", "phone", "phone_extension", "timezone", "locale", "sms_consent", "external_ids")
"""Fields of a candidate that clients see."""
PAST_COPIED_MOST = 30
ROOM_LEFT = 10
"""Operations kept free for the tally and the addresses of a changed person."""


def read(employer_id: str, candidate_id: str) -> CandidateItem:
    """Raises NotFound."""
    item = table.get(keys.candidate_pk(employer_id, candidate_id), "CAND")
    if not isinstance(item, CandidateItem):
        raise NotFound
    return item


def create(
    employer: Employer, person: CandidateInput, now: datetime, *, committer: Committer = AT_ONCE, by: Actor | None = None
) -> MatchedCandidate:
    """Finds or creates a candidate. Empty fields of a known one are completed."""

    def write_once() -> MatchedCandidate:
        unit = UnitOfWork(employer, now, committer, by=by)
        result = match_or_create(unit, person, table.get_many(person.keys(employer.id)))
        unit.commit()
        return result

    return retry_on_conflict(write_once)


def match_or_create(unit: UnitOfWork, person: CandidateInput, found: Mapping[Key, Item]) -> MatchedCandidate:
    """Finds or creates a candidate in a unit of work, and tells how it was found and what was ignored.

    `found` is what `person.keys()` lead to.
    """
    match = identify(unit.employer.id, person, found)
    if match.candidate is None:
        candidate = fill.new_candidate(unit, person, found)
        return MatchedCandidate(candidate, True, None, (), fill.shared_by_others(match, person))
    before = table.snapshot(match.candidate)
    filled = complete(unit, match, person, found)
    save(unit, match.candidate, before)
    if is_changed(match.candidate, before):
        copy_to_applications(unit, match.candidate)
    shared = fill.shared_by_others(match, person)
    return MatchedCandidate(match.candidate, False, match.matched_by, filled.ignored, shared, filled)


def change(
    employer: Employer, candidate_id: str, fields: Mapping[str, Any], now: datetime, check: Callable[[CandidateItem], None]
) -> CandidateItem:
    """Sets fields; None empties one. `check` sees the record as read, and raises for a stale If-Match.

    Raises NotFound, and Conflict where another candidate has the email, the phone with the name, or the external id.
    """

    def write_once() -> CandidateItem:
        candidate = read(employer.id, candidate_id)
        check(candidate)
        before = table.snapshot(candidate)
        for name, value in fields.items():
            setattr(candidate, name, value)
        if not fields.keys().isdisjoint(("phone", "phone_extension")):
            candidate.phone_extension = candidate.phone_extension if candidate.phone else None
            candidate.phone_takes_texts = fill.texts_reach(candidate)
        if not table.changes(candidate, before):
            return candidate
        unit = UnitOfWork(employer, now)
        _move_keys(unit, candidate, before)
        save(unit, candidate, before)
        copy_to_applications(unit, candidate)
        _copy_to_past(unit, candidate)
        unit.commit()
        return candidate

    return retry_on_conflict(write_once)


def _move_keys(unit: UnitOfWork, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    """Gives up the keys that the candidate no longer has, and takes the new ones. Raises Conflict for another's."""
    employer_id, former, present = unit.employer.id, input_of(before), input_of(candidate.attribute_values)
    had, has = former.external_keys(employer_id), present.external_keys(employer_id)
    found = table.get_many(dict.fromkeys(key for one in (former, present) for key in fill.all_keys(employer_id, one)))
    wanted = [key for key in has if key not in had]
    if any(key in found for key in wanted):
        raise Conflict("Another candidate of yours already has this external id.", code="duplicate_candidate")
    fill.check_no_double(employer_id, candidate, former, present, found)
    unique_keys.claim(unit.transaction, wanted, candidate.id)
    for key in (key for key in had if key not in has):
        unique_keys.leave(unit.transaction, key, found.get(key), candidate.id)
    fill.move_addresses(unit, candidate.id, former, present, found)


def save(unit: UnitOfWork, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    """Puts a changed candidate into the unit of work, on the condition that nobody has changed it since `before`."""
    if table.changes(candidate, dict(before)):
        if is_changed(candidate, before):
            candidate.revision = int(candidate.revision) + 1
            candidate.updated_at = unit.now
            tell(unit, candidate, before)
        name_index.enter(unit.transaction, candidate, before)
        unit.transaction.update(candidate, table.changes(candidate, dict(before)), CandidateItem.revision == before["revision"])


def tell(unit: UnitOfWork, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    """Tells the change feed of a changed candidate; webhooks too where anything differs but its times and revision."""
    differs = any(candidate.attribute_values.get(name) != before.get(name) for name in SHOWN)
    events: tuple[ChangeType, ...] = ("candidate.updated",) if differs else ()
    unit.transaction.tell(Change(unit.employer.id, "candidate", candidate.id, None, unit.now, events))
    if differs and unit.employer.webhooks:
        emit(unit.transaction, unit.employer.id, "candidate.updated", {"candidate_id": candidate.id}, unit.now)


def copy_to_applications(unit: UnitOfWork, candidate: CandidateItem, open_case: ApplicationCase | None = None) -> None:
    """Copies the person to each application that goes on. `open_case` is changed in memory only: the caller saves it."""
    for application_id in copies.that_go_on(candidate):
        if open_case and open_case.application.id == application_id:
            copies.copy_person(candidate, open_case.application)
        else:
            _copy_to(unit, candidate, application_id)


def _copy_to_past(unit: UnitOfWork, candidate: CandidateItem) -> None:
    """Copies the person to the latest past applications too, as many as the transaction holds."""
    for application_id in reversed((candidate.past or [])[-PAST_COPIED_MOST:]):
        if unit.size >= TRANSACTION_MOST - ROOM_LEFT:
            return
        _copy_to(unit, candidate, application_id)


def _copy_to(unit: UnitOfWork, candidate: CandidateItem, application_id: str) -> None:
    if case := ApplicationCase.read(unit.employer.id, application_id):
        copies.copy_person(candidate, case.application)
        unit.save(case)


def consent(given_at: datetime, source: str) -> dict[str, str]:
    """Recorded consent to texts, in its stored form."""
    return {"given_at": stored_instant(given_at), "source": source}
