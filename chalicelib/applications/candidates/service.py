"""Candidates: found or made by their unique keys, filled where fields are empty, changed together with their applications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.api.validators import takes_texts
from chalicelib.applications import tally_items, unique_keys
from chalicelib.applications.aggregate import Case
from chalicelib.applications.items import ApplicationItem, CandidateItem
from chalicelib.errors import ConditionFailed, Conflict, NotFound, Unavailable, WriteUnknown
from chalicelib.rules import tally
from chalicelib.rules.model import Employer
from chalicelib.storage import ids, keys, recipients, table
from chalicelib.storage.recipients import Arrival
from chalicelib.storage.table import TRANSACTION_MOST, Item, Key, Transaction, stored_instant

T = TypeVar("T")
APPLICATIONS_MOST = 40
"""Applications of one candidate at one employer: all of them carry a copy of the person and change in one transaction, together
with their open waits and the days of the tally where the person can or can no longer be reached."""
_TRIES = 8


def retry_on_conflict(write: Callable[[], T]) -> T:
    """Runs a write that reads, folds and commits; where another write came first, all of it again."""
    for _ in range(_TRIES):
        try:
            return write()
        except ConditionFailed:
            continue
        except WriteUnknown as error:
            raise Unavailable("The table did not answer: read the record to learn whether the change was made.") from error
    raise Unavailable


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate as a client gives it: validated, phone in E.164, instants aware."""

    name: str
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    locale: str | None = None
    sms_consent: dict[str, str] | None = None
    """{given_at (stored form), source}"""
    external_ids: tuple[dict[str, str], ...] = ()

    def keys(self, employer_id: str) -> list[Key]:
        return unique_keys.candidate_keys(
            employer_id, name=self.name, email=self.email, phone=self.phone, external_ids=self.external_ids
        )


@dataclass(slots=True)
class Write:
    """One transaction in the making: its cases' tally differences are summed before they are added."""

    employer: Employer
    now: datetime
    transaction: Transaction = field(default_factory=Transaction)
    difference: tally.Tally = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    def case(self, case: Case) -> None:
        """Refolds a case into this write."""
        self.difference = tally.add(self.difference, case.write(self.transaction, self.employer, self.now))
        self.arrivals += case.arrivals()

    @property
    def size(self) -> int:
        """Operations that it will take, of the hundred that a transaction may hold."""
        return len(self.transaction) + len(self.difference) + len({arrival.address for arrival in self.arrivals})

    def see_that_it_fits(self, most: int = TRANSACTION_MOST) -> None:
        """Raises Conflict: a candidate may stand on more records than go together."""
        if self.size > most:
            raise Conflict(
                "This changes more records than can be written together: close some of the candidate's applications first.",
                code="too_much_at_once",
            )

    def absorb(self, other: Write) -> None:
        """Takes another write of the same employer into this one: many records, one transaction, one summed difference."""
        self.transaction.absorb(other.transaction)
        self.difference = tally.add(self.difference, other.difference)
        self.arrivals += other.arrivals

    def commit(self) -> None:
        """Raises ConditionLost where another write came first, Conflict where it is too much for one transaction."""
        self.see_that_it_fits()
        tally_items.add(self.transaction, self.employer.id, self.difference)
        recipients.note(self.transaction, self.arrivals)
        self.transaction.commit()


def read(employer_id: str, candidate_id: str) -> CandidateItem:
    """Raises NotFound."""
    item = table.get(keys.candidate_pk(employer_id, candidate_id), "CAND")
    if not isinstance(item, CandidateItem):
        raise NotFound
    return item


def create(employer: Employer, person: Person, now: datetime) -> tuple[CandidateItem, bool]:
    """The candidate of that person, and whether it is new. A known one is filled where fields are empty."""
    return retry_on_conflict(lambda: _create(employer, person, now))


def _create(employer: Employer, person: Person, now: datetime) -> tuple[CandidateItem, bool]:
    write = Write(employer, now)
    made = find_or_make(write, person, table.get_many(person.keys(employer.id)))
    write.commit()
    return made


def find_or_make(write: Write, person: Person, found: Mapping[Key, Item]) -> tuple[CandidateItem, bool]:
    """Puts a person into a write, as a new candidate or into a known one's empty fields. `found` answers `person.keys()`."""
    known = unique_keys.first_match(person.keys(write.employer.id), found)
    if known is None:
        return new_candidate(write, person, found), True
    candidate = read(write.employer.id, known)
    before = table.snapshot(candidate)
    if fill(write, candidate, person, found):
        save(write, candidate, before)
        copy_to_applications(write, candidate)
    return candidate, False


def new_candidate(write: Write, person: Person, found: Mapping[Key, Item], applications: Iterable[str] = ()) -> CandidateItem:
    """Puts a new candidate and its unique keys into the write. `found` are keys that other records already have."""
    employer_id = write.employer.id
    candidate_id = ids.new_id("cand", write.now)
    item = CandidateItem(
        keys.candidate_pk(employer_id, candidate_id),
        "CAND",
        id=candidate_id,
        employer_id=employer_id,
        external_ids=[],
        applications=list(applications),
        created_at=write.now,
        updated_at=write.now,
        revision=1,
        name=person.name,
        list_key=keys.list_key(employer_id, "CAND"),
        list_at=candidate_id,
    )
    _take_over(item, person)
    write.transaction.create(item)
    unique_keys.claim(write.transaction, [key for key in person.keys(employer_id) if key not in found], candidate_id)
    return item


def _take_over(item: CandidateItem, person: Person) -> None:
    """Fills the empty fields of a candidate from a person, and adds its ids in other systems. Overwrites nothing."""
    for name in ("email", "phone", "timezone", "locale", "sms_consent"):
        if getattr(item, name) is None and getattr(person, name) is not None:
            setattr(item, name, getattr(person, name))
            if name == "phone":
                item.phone_takes_texts = takes_texts(person.phone or "")
    known = {(e["system"], e["id"]) for e in item.external_ids}
    item.external_ids = [*item.external_ids, *(e for e in person.external_ids if (e["system"], e["id"]) not in known)]


def fill(write: Write, candidate: CandidateItem, person: Person, found: Mapping[Key, Item]) -> bool:
    """Fills a known candidate's empty fields in memory and claims their unique keys; `save` writes it. True if anything changed.

    A field whose unique key leads to somebody else is left empty.
    """
    before = table.snapshot(candidate)
    _take_over(candidate, _without_what_is_anothers(candidate, person, found, write.employer.id))
    if not table.changes(candidate, before):
        return False
    keys_before = keys_of(before, write.employer.id)
    unique_keys.claim(
        write.transaction,
        [key for key in keys_of(candidate.attribute_values, write.employer.id) if key not in keys_before and key not in found],
        candidate.id,
    )
    return True


def _without_what_is_anothers(candidate: CandidateItem, person: Person, found: Mapping[Key, Item], employer_id: str) -> Person:
    def anothers(**only: Any) -> bool:
        keys = unique_keys.candidate_keys(
            employer_id, **{"name": candidate.name, "email": None, "phone": None, "external_ids": (), **only}
        )
        return any(getattr(found.get(key), "record_id", candidate.id) != candidate.id for key in keys)

    return Person(
        name=candidate.name,
        timezone=person.timezone,
        locale=person.locale,
        sms_consent=person.sms_consent,
        email=None if anothers(email=person.email) else person.email,
        phone=None if anothers(phone=person.phone) else person.phone,
        external_ids=tuple(e for e in person.external_ids if not anothers(external_ids=(e,))),
    )


def keys_of(attributes: Mapping[str, Any], employer_id: str) -> list[Key]:
    """The unique keys that a candidate's attributes stand for."""
    return unique_keys.candidate_keys(
        employer_id,
        name=attributes["name"],
        email=attributes.get("email"),
        phone=attributes.get("phone"),
        external_ids=attributes["external_ids"],
    )


def change(
    employer: Employer, candidate_id: str, given: Mapping[str, Any], now: datetime, demand: Callable[[CandidateItem], None]
) -> CandidateItem:
    """Sets the given fields (None empties one). `demand` is called with the record as read: it raises for a stale If-Match.

    Raises NotFound, and Conflict where an address, number with name, or id elsewhere is another candidate's.
    """

    def write_once() -> CandidateItem:
        candidate = read(employer.id, candidate_id)
        demand(candidate)
        before = table.snapshot(candidate)
        for name, value in given.items():
            setattr(candidate, name, value)
        if "phone" in given:
            candidate.phone_takes_texts = bool(candidate.phone and takes_texts(candidate.phone))
        if not table.changes(candidate, before):
            return candidate
        write = Write(employer, now)
        _move_keys(write, candidate, before)
        save(write, candidate, before)
        copy_to_applications(write, candidate)
        write.commit()
        return candidate

    return retry_on_conflict(write_once)


def _move_keys(write: Write, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    former, present = (keys_of(attributes, write.employer.id) for attributes in (before, candidate.attribute_values))
    wanted = [key for key in present if key not in former]
    held = table.get_many([*wanted, *(key for key in former if key not in present)])
    if any(key in held for key in wanted):
        raise Conflict(
            "Another candidate of yours already has this email, phone with this name, or external id.", code="duplicate_candidate"
        )
    unique_keys.claim(write.transaction, wanted, candidate.id)
    unique_keys.release(
        write.transaction,
        [key for key in former if key not in present and getattr(held.get(key), "record_id", None) == candidate.id],
    )


def save(write: Write, candidate: CandidateItem, before: Mapping[str, Any]) -> None:
    """Puts a changed candidate into the write, conditional on nobody having changed it since `before`."""
    if table.changes(candidate, dict(before)):
        candidate.revision = int(candidate.revision) + 1
        candidate.updated_at = write.now
        write.transaction.update(candidate, table.changes(candidate, dict(before)), CandidateItem.revision == before["revision"])


def note_application(candidate: CandidateItem, application_id: str) -> None:
    """Notes a new application on a known candidate, in memory. Raises Conflict at 40."""
    if len(candidate.applications) >= APPLICATIONS_MOST:
        raise Conflict(f"A candidate can have at most {APPLICATIONS_MOST} applications.", code="too_many_applications")
    candidate.applications = [*candidate.applications, application_id]


def copy_to_applications(write: Write, candidate: CandidateItem, at_hand: Case | None = None) -> None:
    """Rewrites the person's copy on each application; a case at hand is changed in memory and left for its own write."""
    for application_id in candidate.applications:
        if at_hand and at_hand.application.id == application_id:
            copy_person(candidate, at_hand.application)
        elif case := Case.read(write.employer.id, application_id):
            copy_person(candidate, case.application)
            write.case(case)


def copy_person(candidate: CandidateItem, application: ApplicationItem) -> None:
    """The copy of the person that an application carries, so that a reminder needs one read."""
    for name in ("name", "email", "phone", "timezone", "locale"):
        setattr(application, name, getattr(candidate, name))
    application.phone_takes_texts = bool(candidate.phone_takes_texts)
    consent = candidate.sms_consent
    application.sms_consent_at = table.read_instant(consent["given_at"]) if consent else None


def consent(given_at: datetime, source: str) -> dict[str, str]:
    """Recorded consent to texts, as the table holds it."""
    return {"given_at": stored_instant(given_at), "source": source}
