"""Brings one of our applications in line with what its ATS says, in one transaction.

* An application is opened here by its first interview. A decision reaches an application that is known, by its id in the ATS or
  by person and job title.
* A rejection or a move to another stage is recorded as `decided`. It counts as told only where the employer says that its ATS
  emails rejected candidates.
* A hire is the candidate's own "I heard": nobody accepts an offer without knowing of it.
* Recruiter and hiring manager become owner and decider, where they are people on the team who accepted. Nobody is invited.
* What a recruiter changed here stays, unless the ATS says something new: `SeenItem.applied` holds what it said before.
* Where the candidate is gone, the interviews still count, without a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.applications import service as applications
from chalicelib.applications import team, unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create, has_open_application
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.auth.actors import Actor
from chalicelib.auth.users import PersonItem
from chalicelib.integrations.ats import ats_state, merge
from chalicelib.integrations.ats.ats_state import KnownApplication
from chalicelib.integrations.ats.items import ConnectionItem, SeenItem
from chalicelib.integrations.ats.merge import WantedInterview
from chalicelib.integrations.ats.reconcile_candidate import candidate_input, person_json, reconcile_candidate
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import ApplicationStatus
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key, stored_instant

Json = dict[str, Any]
_STATUS: dict[str, ApplicationStatus] = {"withdrawn": "withdrawn", "deleted": "closed"}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one transaction came to: our ids, and what the ATS had said before and says now."""

    application_id: str
    candidate_id: str
    before: Json
    applied: Json


def reconcile(employer: Employer, connection: ConnectionItem, application: str, now: datetime) -> str | None:
    """Bring an application in line and return our id.

    None where it has no place here yet: it has no interview, and nobody here is known by it.
    """
    outcome = retry_on_conflict(lambda: _reconcile_once(employer, connection, application, now))
    if outcome is None:
        return None
    reconcile_candidate(employer, outcome.candidate_id, outcome.before, outcome.applied, now)
    return outcome.application_id


def _reconcile_once(employer: Employer, connection: ConnectionItem, application: str, now: datetime) -> _Outcome | None:
    known = ats_state.read(connection, application)
    if known is None or known.seen.erased:
        return None
    candidate = candidate_input(known, connection.system, employer.policy.sms_countries)
    given = ApplicationInput(
        known.wanted.job_title or "", candidate=candidate, external_ids=({"system": connection.system, "id": application},)
    )
    unit = UnitOfWork(employer, now, by=Actor("ats", connection.id, connection.system))
    case = _find_or_open(unit, given, known, table.get_many(given.keys(employer.id)))
    if case is None:
        return None
    people = team.accepted(employer.id) if known.wanted.recruiter or known.wanted.hiring_manager else ()
    by_email = {canonical_email(one.email): one for one in people}
    change = _Change(unit, case, known, connection, f"{connection.system}:{application}", by_email)
    change.apply()
    unit.save(case)
    before, applied = dict(known.seen.applied), change.applied(person_json(candidate))
    _remember(unit, known, applied)
    unit.commit()
    return _Outcome(case.application.id, case.application.candidate_id, before, applied)


def _find_or_open(
    unit: UnitOfWork, given: ApplicationInput, known: KnownApplication, found: Mapping[Key, Item]
) -> ApplicationCase | None:
    """Return the known application; a new one only for an interview, of a person and a job that are known."""
    employer_id = unit.employer.id
    application_id = unique_keys.first_match(unique_keys.application_keys(employer_id, given.external_ids), found)
    if given.candidate is None:
        return ApplicationCase.read(employer_id, application_id) if application_id else None
    may_open = bool(given.job_title and known.wanted.interviews)
    if application_id or may_open or (given.job_title and has_open_application(employer_id, given, found)):
        return find_or_create(unit, given, found)
    return None


def _remember(unit: UnitOfWork, known: KnownApplication, applied: Json) -> None:
    """Store what was applied, and forget the name of a candidate who is gone."""
    seen, actions = known.seen, []
    if applied != seen.applied:
        actions.append(SeenItem.applied.set(applied))
    if known.candidate_gone and (nameless := merge.without_person(seen.state)) != seen.state:
        actions.append(SeenItem.state.set(nameless))
    if actions:
        actions.append(SeenItem.version.set(int(seen.version) + 1))
        unit.transaction.update(SeenItem(*seen.key), actions, SeenItem.version == seen.version)


@dataclass(frozen=True, slots=True)
class _Change:
    """The changes of one application. `ref` marks the records that come from this application of the ATS."""

    unit: UnitOfWork
    case: ApplicationCase
    known: KnownApplication
    connection: ConnectionItem
    ref: str
    people: Mapping[str, PersonItem]
    """Who accepted, by canonical email. Read only where the ATS names a recruiter or a hiring manager."""

    def apply(self) -> None:
        self._interviews()
        self._people()
        self._decision()
        self._status()
        self._rejection_email()
        self._acceptance()

    def applied(self, person: Json | None) -> Json:
        """Describe what the ATS says now, to know later whether it says something new."""
        want, application = self.known.wanted, self.case.application
        return {
            "decided": want.decided,
            "decided_at": _stored(want.decided_at),
            "status": application.status,
            "told_status": self._status_there(),
            "person": person,
            "application_id": application.id,
            "gone": self.known.candidate_gone,
            "word": self._rejection_emailed_at(),
            "interviews": {one.ref: _interview_json(one) for one in want.interviews},
            **{role: [email, self._person_id(email)] for role, email in self._roles().items() if email},
        }

    def _roles(self) -> dict[str, str | None]:
        return {"owner_id": self.known.wanted.recruiter, "decider_id": self.known.wanted.hiring_manager}

    def _person_id(self, email: str) -> str | None:
        person = self.people.get(email)
        return person.id if person else None

    def _people(self) -> None:
        """Set owner and decider where the ATS names somebody new, or somebody who has just become known.

        What a person set or emptied here stays while the ATS repeats itself.
        """
        chosen: set[str] = set()
        for role, email in self._roles().items():
            person_id, present = self._person_id(email) if email else None, getattr(self.case.application, role)
            former_email, former_id = self.known.seen.applied.get(role) or (None, None)
            if email is None or (former_email, former_id) == (email, person_id):
                continue
            is_free = present in (None, former_id)
            if (email != former_email or is_free) and (person_id or is_free):
                setattr(self.case.application, role, person_id)
                chosen |= {person_id} if person_id else set()
        for person in self.people.values():
            if person.id in chosen:
                self.unit.transaction.check(PersonItem(*person.key), PersonItem.PK.exists())

    def _interviews(self) -> None:
        """Add or change each wanted interview, and cancel those of this application that are no longer wanted."""
        before = self.known.seen.applied.get("interviews", {})
        by_ref = {item.external_ref: item for item in self.case.interviews.values() if item.external_ref}
        wanted = {f"{self.ref}:{one.ref}": one for one in self.known.wanted.interviews}
        for ref, one in wanted.items():
            is_news = ref not in by_ref or before.get(one.ref) != _interview_json(one)
            same_start = self.case.interview_at(one.start_at)
            unclaimed = same_start if same_start is not None and same_start.external_ref is None else None
            item = by_ref.get(ref) or unclaimed or self._add_interview(ref, one)
            changed: Json = {"booked_at": min(item.booked_at, one.first_at)}
            if is_news:
                status = "scheduled" if item.status == "cancelled" else item.status
                changed |= {"external_ref": ref, "stage": one.stage, "status": status}
                changed |= {"start_at": one.start_at, "end_at": one.end_at}
            interviews.set_fields(self.unit, item, changed)
        for ref, item in by_ref.items():
            if ref.startswith(self.ref + ":") and ref not in wanted and item.status == "scheduled":
                interviews.set_status(self.unit, item, "cancelled")

    def _add_interview(self, ref: str, one: WantedInterview) -> InterviewItem:
        booking = Booking(one.stage, one.start_at, one.end_at, booked_at=one.first_at, external_ref=ref)
        return interviews.add_interview(self.unit, self.case, booking)

    def _decision(self) -> None:
        """Decide where nothing is decided, or over the ATS's own or an older decision.

        A decision that the ATS repeats is not applied again: a recruiter may have taken it back.
        """
        want, applied, application = self.known.wanted, self.known.seen.applied, self.case.application
        if "decided_at" in applied and (applied["decided"], applied["decided_at"]) == (want.decided, _stored(want.decided_at)):
            return
        is_theirs = application.decided is None or application.decided == applied.get("decided")
        is_newer = want.decided_at is not None and application.decided_at is not None and want.decided_at > application.decided_at
        if is_theirs or is_newer:
            applications.decide(self.case, want.decided, want.decided_at)

    def _status(self) -> None:
        """Follow the ATS where it says something new; reopen only what it closed itself."""
        status, applied = self._status_there(), self.known.seen.applied
        if status == applied.get("told_status"):
            return
        if status != "active" or self.case.application.status == applied.get("status"):
            applications.set_status(self.case, status)

    def _status_there(self) -> ApplicationStatus:
        return "closed" if self.known.candidate_gone else _STATUS.get(self.known.wanted.status, "active")

    def _rejection_emailed_at(self) -> str | None:
        """When the ATS emailed the rejection, where the employer says that it does."""
        want = self.known.wanted
        return _stored(want.decided_at) if self.connection.emails_rejections and want.decided == "rejected" else None

    def _rejection_email(self) -> None:
        """Log the ATS's own rejection email as a contact, and void it when the rejection is taken back."""
        emailed_at, applied, want = self._rejection_emailed_at(), self.known.seen.applied, self.known.wanted
        if "word" in applied and applied["word"] == emailed_at:
            return
        contact = next((c for c in self.case.contacts.values() if c.external_ref == self.ref), None)
        if emailed_at is None:
            if contact is not None:
                contacts.void(self.unit, contact)
        elif contact is None:
            email = {"channel": "email", "outcome": "sent", "decision": "rejected"}
            contacts.add_contact(self.unit, self.case, {**email, "occurred_at": want.decided_at, "external_ref": self.ref})
        else:
            contacts.restore(contact)
            contact.occurred_at = want.decided_at

    def _acceptance(self) -> None:
        """Record a hire as the candidate's own statement, and void it when the hire is taken back."""
        want, is_hired = self.known.wanted, self.known.wanted.status == "hired"
        statement = next((s for s in self.case.statements.values() if s.external_ref == self.ref), None)
        if statement is None:
            if is_hired:
                heard = {"heard": True, "decision": "offer", "at": want.decided_at, "external_ref": self.ref}
                contacts.add_statement(self.unit, self.case, heard)
            return
        statement.voided = not is_hired
        if is_hired:
            statement.at = want.decided_at


def _stored(at: datetime | None) -> str | None:
    return stored_instant(at) if at else None


def _interview_json(one: WantedInterview) -> list[str]:
    return [one.stage, stored_instant(one.start_at), stored_instant(one.end_at)]
