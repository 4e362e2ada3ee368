"""Finding the application that a request speaks of, or opening it: candidate and job title, or an id in another system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import Case
from chalicelib.applications.candidates import service
from chalicelib.applications.candidates.service import Person, Write
from chalicelib.applications.items import ApplicationItem, CandidateItem, JobItem
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Key


@dataclass(frozen=True, slots=True)
class ApplicationInput:
    """One candidate for one job, as a client gives it: the candidate by id or whole."""

    job_title: str
    candidate_id: str | None = None
    person: Person | None = None
    external_ids: tuple[dict[str, str], ...] = ()

    def keys(self, employer_id: str) -> list[Key]:
        """Every unique key that could lead to a known record: read in one round trip."""
        of_person = self.person.keys(employer_id) if self.person else []
        return [*of_person, *unique_keys.application_keys(employer_id, self.external_ids)]


def find_or_create(write: Write, opening: ApplicationInput, found: Mapping[Key, Item], pointer: str = "") -> Case:
    """The case of that application: a known one, read whole, or a new one, not yet written. `found` answers `opening.keys()`.

    Raises Unprocessable for a candidate who is not there, Conflict for another candidate's application.
    """
    employer_id = write.employer.id
    known = unique_keys.first_match(unique_keys.application_keys(employer_id, opening.external_ids), found)
    if known and (case := Case.read(employer_id, known)):
        if opening.candidate_id not in (None, case.application.candidate_id):
            raise Conflict("Another candidate's application has this external id.", code="duplicate_application")
        if opening.person:
            _fill(write, case, opening.person, found)
        return case
    candidate_id = opening.candidate_id
    if opening.person and not candidate_id:
        candidate_id = unique_keys.first_match(opening.person.keys(employer_id), found)
        if candidate_id is None:
            return _open_for_new(write, opening, opening.person, found)
    candidate, former = _candidate_and_job(employer_id, candidate_id, opening, pointer)
    return _for_known(write, candidate, opening, found, former)


def _for_known(
    write: Write, candidate: CandidateItem, opening: ApplicationInput, found: Mapping[Key, Item], former: JobItem | None
) -> Case:
    """The open application of a known candidate for the job, else a new one; the person's empty fields are filled by the way."""
    before = table.snapshot(candidate)
    filled = bool(opening.person and service.fill(write, candidate, opening.person, found))
    case = Case.read(write.employer.id, former.application_id) if former else None
    if case is None or case.finished:
        application_id = ids.new_id("app", write.now)
        service.note_application(candidate, application_id)
        case = _open(write, candidate, application_id, opening, found, former)
    else:
        _claim_external_ids(write, case, opening, found)
    service.save(write, candidate, before)
    if filled:
        service.copy_to_applications(write, candidate, case)
    return case


def _candidate_and_job(
    employer_id: str, candidate_id: str | None, opening: ApplicationInput, pointer: str
) -> tuple[CandidateItem, JobItem | None]:
    key = (keys.candidate_pk(employer_id, candidate_id or ""), "CAND")
    job_key = unique_keys.job_key(employer_id, candidate_id or "", opening.job_title)
    items = table.get_many([key, job_key])
    candidate, job = items.get(key), items.get(job_key)
    if not isinstance(candidate, CandidateItem):
        raise Unprocessable(errors=[FieldError(f"{pointer}/candidate_id", "there is no such candidate")])
    return candidate, job if isinstance(job, JobItem) else None


def _fill(write: Write, case: Case, person: Person, found: Mapping[Key, Item]) -> None:
    """A known application says more about its person only where the copy at hand lacks something."""
    lacks = any(
        getattr(case.application, name) is None and getattr(person, name) is not None
        for name in ("email", "phone", "timezone", "locale")
    )
    if lacks or (person.sms_consent and case.application.sms_consent_at is None):
        candidate = service.read(write.employer.id, case.application.candidate_id)
        before = table.snapshot(candidate)
        if service.fill(write, candidate, person, found):
            service.save(write, candidate, before)
            service.copy_to_applications(write, candidate, case)


def _open_for_new(write: Write, opening: ApplicationInput, person: Person, found: Mapping[Key, Item]) -> Case:
    application_id = ids.new_id("app", write.now)
    candidate = service.new_candidate(write, person, found, [application_id])
    return _open(write, candidate, application_id, opening, found, None)


def _open(
    write: Write,
    candidate: CandidateItem,
    application_id: str,
    opening: ApplicationInput,
    found: Mapping[Key, Item],
    former: JobItem | None,
) -> Case:
    employer_id = write.employer.id
    item = ApplicationItem(
        keys.case_pk(employer_id, application_id),
        "APP",
        id=application_id,
        employer_id=employer_id,
        candidate_id=candidate.id,
        job_title=opening.job_title,
        external_ids=list(opening.external_ids),
        status="active",
        created_at=write.now,
        updated_at=write.now,
        version=1,
        revision=1,
        nudges={},
        list_key=keys.list_key(employer_id, "APP"),
        list_at=application_id,
    )
    service.copy_person(candidate, item)
    unique_keys.claim(
        write.transaction,
        [key for key in unique_keys.application_keys(employer_id, opening.external_ids) if key not in found],
        application_id,
    )
    unique_keys.point_job(
        write.transaction, unique_keys.job_key(employer_id, candidate.id, opening.job_title), application_id, former
    )
    return Case(item, is_new=True)


def _claim_external_ids(write: Write, case: Case, opening: ApplicationInput, found: Mapping[Key, Item]) -> None:
    """An application found by its job title takes over the ids in other systems that nobody has."""
    known = {(e["system"], e["id"]) for e in case.application.external_ids}
    fresh = [e for e in opening.external_ids if (e["system"], e["id"]) not in known]
    unclaimed = [e for e in fresh if unique_keys.application_keys(write.employer.id, [e])[0] not in found]
    if unclaimed:
        case.application.external_ids = [*case.application.external_ids, *unclaimed]
        unique_keys.claim(write.transaction, unique_keys.application_keys(write.employer.id, unclaimed), case.application.id)
