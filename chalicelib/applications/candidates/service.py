"""Candidates: found or created by their unique keys, completed where fields are empty, changed with their applications.

Functions with a unit of work put changes into it; the others are one transaction each (see `unit_of_work`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.api.validators import takes_texts
from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, CandidateItem
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.errors import Conflict, NotFound
from chalicelib.rules.model import Employer
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Key, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

APPLICATIONS_MOST = 40
"""Applications of one candidate at one employer. All carry a copy of the person and change in one transaction, together
with their open waits and the days of the tally where the person becomes reachable or unreachable."""
COPIED = ("name", "email", "phone", "phone_extension", "timezone", "locale")
"""Fields of the candidate that each application carries a copy of."""


@dataclass(frozen=True, slots=True)
class CandidateInput:
    """A candidate as a client gives it: validated, phone in E.164, instants aware."""

    name: str
    email: str | None = None
    phone: str | None = None
    phone_extension: str | None = None
    timezone: str | None = None
    locale: str | None = None
    sms_consent: dict[str, str] | None = None
    """{given_at (stored form), source}"""
    external_ids: tuple[dict[str, str], ...] = ()

    def keys(self, employer_id: str) -> list[Key]:
        """The unique keys by which this candidate may be known already."""
        return unique_keys.candidate_keys(
            employer_id, name=self.name, email=self.email, phone=self.phone, external_ids=self.external_ids
        )


def read(employer_id: str, candidate_id: str) -> CandidateItem:
    """Raises NotFound."""
    item = table.get(keys.candidate_pk(employer_id, candidate_id), "CAND")
    if not isinstance(item, CandidateItem):
        raise NotFound
    return item


def create(
    employer: Employer, person: CandidateInput, now: datetime, *, committer: Committer = AT_ONCE
) -> tuple[CandidateItem, bool]:
    """Finds or creates a candidate: (candidate, is new). Empty fields of a known one are completed."""

    def write_once() -> tuple[CandidateItem, bool]:
        unit = UnitOfWork(employer, now, committer)
        result = find_or_create_candidate(unit, person, table.get_many(person.keys(employer.id)))
        unit.commit()
        return result

    return retry_on_conflict(write_once)


def find_or_create_candidate(unit: UnitOfWork, person: CandidateInput, found: Mapping[Key, Item]) -> tuple[CandidateItem, bool]:
    """Finds or creates a candidate in a unit of work: (candidate, is new). `found` is what `person.keys()` lead to."""
    known = unique_keys.first_match(person.keys(unit.employer.id), found)
    if known is None:
        return new_candidate(unit, person, found), True
    candidate = read(unit.employer.id, known)
    before = table.snapshot(candidate)
    if fill(unit, candidate, person, found):
        save(unit, candidate, before)
        copy_to_applications(unit, candidate)
    return candidate, False


def new_candidate(
    unit: UnitOfWork, person: CandidateInput, found: Mapping[Key, Item], applications: Iterable[str] = ()
) -> CandidateItem:
    """Adds a new candidate and its unique keys. Keys in `found` belong to other records and are left alone."""
    employer_id = unit.employer.id
    candidate_id = ids.new_id("cand", unit.now)
    item = CandidateItem(
        keys.candidate_pk(employer_id, candidate_id),
        "CAND",
        id=candidate_id,
        employer_id=employer_id,
        external_ids=[],
        applications=list(applications),
        created_at=unit.now,
        updated_at=unit.now,
        revision=1,
        name=person.name,
        list_key=keys.list_key(employer_id, "CAND"),
        list_at=candidate_id,
    )
    _complete(item, person)
    unit.transaction.create(item)
    unique_keys.claim(unit.transaction, [key for key in person.keys(employer_id) if key not in found], candidate_id)
    return item


def _complete(item: CandidateItem, person: CandidateInput) -> None:
    """Completes empty fields of a candidate, and adds its ids in other systems. Overwrites nothing."""
    for name in ("email", "phone", "timezone", "locale", "sms_consent"):
        if getattr(item, name) is None and getattr(person, name) is not None:
            setattr(item, name, getattr(person, name))
            if name == "phone":
                item.phone_extension = person.phone_extension
                item.phone_takes_texts = _takes_texts(item)
    known = {(e["system"], e["id"]) for e in item.external_ids}
    item.external_ids = [*item.external_ids, *(e for e in person.external_ids if (e["system"], e["id"]) not in known)]


def _takes_texts(candidate: CandidateItem) -> bool:
    """Whether texts may go to the number: not where an extension says that it is a switchboard's."""
    return bool(candidate.phone and not candidate.phone_extension and takes_texts(candidate.phone))


def fill(unit: UnitOfWork, candidate: CandidateItem, person: CandidateInput, found: Mapping[Key, Item]) -> bool:
    """Completes a known candidate's empty fields in memory and claims their unique keys; `save` writes it.

    Returns whether anything changed. A field whose unique key leads to another candidate is left empty.
    """
    before = table.snapshot(candidate)
    _complete(candidate, _without_keys_of_others(candidate, person, found, unit.employer.id))
    if not table.changes(candidate, before):
        return False
    keys_before = keys_of(before, unit.employer.id)
    unique_keys.claim(
        unit.transaction,
        [key for key in keys_of(candidate.attribute_values, unit.employer.id) if key not in keys_before and key not in found],
        candidate.id,
    )
    return True


def _without_keys_of_others(
    candidate: CandidateItem, person: CandidateInput, found: Mapping[Key, Item], employer_id: str
) -> CandidateInput:
    def is_taken(**field: Any) -> bool:
        keys = CandidateInput(candidate.name, **field).keys(employer_id)
        return any(getattr(found.get(key), "record_id", candidate.id) != candidate.id for key in keys)

    return replace(
        person,
        name=candidate.name,
        email=None if is_taken(email=person.email) else person.email,
        phone=None if is_taken(phone=person.phone) else person.phone,
        external_ids=tuple(e for e in person.external_ids if not is_taken(external_ids=(e,))),
    )


def keys_of(attributes: Mapping[str, Any], employer_id: str) -> list[Key]:
    """The unique keys of a candidate's stored attributes."""
    return unique_keys.candidate_keys(
        employer_id,
        name=attributes["name"],
        email=attributes.get("email"),
        phone=attributes.get("phone"),
        external_ids=attributes["external_ids"],
    )


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
            candidate.phone_takes_texts = _takes_texts(candidate)
        if not table.changes(candidate, before):
            return candidate
        unit = UnitOfWork(employer, now)
        _move_keys(unit, candidate, before)
        save(unit, candidate, before)
        copy_to_applications(unit, candidate)
        unit.commit()
        return candidate

    return retry_on_conflict(write_once)


def _move_keys(unit: UnitOfWork, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    former, present = (keys_of(attributes, unit.employer.id) for attributes in (before, candidate.attribute_values))
    wanted = [key for key in present if key not in former]
    held = table.get_many([*wanted, *(key for key in former if key not in present)])
    if any(key in held for key in wanted):
        raise Conflict(
            "Another candidate of yours already has this email, phone with this name, or external id.", code="duplicate_candidate"
        )
    unique_keys.claim(unit.transaction, wanted, candidate.id)
    unique_keys.release(
        unit.transaction,
        [key for key in former if key not in present and getattr(held.get(key), "record_id", None) == candidate.id],
    )


def save(unit: UnitOfWork, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    """Puts a changed candidate into the unit of work, on the condition that nobody has changed it since `before`."""
    if table.changes(candidate, dict(before)):
        candidate.revision = int(candidate.revision) + 1
        candidate.updated_at = unit.now
        unit.transaction.update(candidate, table.changes(candidate, dict(before)), CandidateItem.revision == before["revision"])


def add_application_id(candidate: CandidateItem, application_id: str) -> None:
    """Adds a new application's id to a known candidate, in memory. Raises Conflict at 40."""
    if len(candidate.applications) >= APPLICATIONS_MOST:
        raise Conflict(f"A candidate can have at most {APPLICATIONS_MOST} applications.", code="too_many_applications")
    candidate.applications = [*candidate.applications, application_id]


def copy_to_applications(unit: UnitOfWork, candidate: CandidateItem, open_case: ApplicationCase | None = None) -> None:
    """Copies the person to each application. `open_case` is changed in memory only: the caller saves it."""
    for application_id in candidate.applications:
        if open_case and open_case.application.id == application_id:
            copy_person(candidate, open_case.application)
        elif case := ApplicationCase.read(unit.employer.id, application_id):
            copy_person(candidate, case.application)
            unit.save(case)


def copy_person(candidate: CandidateItem, application: ApplicationItem) -> None:
    """Copies the person to an application, so that a reminder needs one read."""
    for name in COPIED:
        setattr(application, name, getattr(candidate, name))
    application.phone_takes_texts = bool(candidate.phone_takes_texts)
    consent = candidate.sms_consent
    application.sms_consent_at = table.read_instant(consent["given_at"]) if consent else None


def consent(given_at: datetime, source: str) -> dict[str, str]:
    """Recorded consent to texts, in its stored form."""
    return {"given_at": stored_instant(given_at), "source": source}
