"""Finds the application that a request names (candidate and job title, or an external id), or creates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import service
from chalicelib.applications.candidates.service import CandidateInput
from chalicelib.applications.items import ApplicationItem, CandidateItem, JobItem
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Key


@dataclass(frozen=True, slots=True)
class ApplicationInput:
    """One candidate for one job, as a client gives it: the candidate by id or whole."""

    job_title: str
    candidate_id: str | None = None
    candidate: CandidateInput | None = None
    external_ids: tuple[dict[str, str], ...] = ()

    def keys(self, employer_id: str) -> list[Key]:
        """Lists every unique key that may lead to a known record, for one read."""
        of_person = self.candidate.keys(employer_id) if self.candidate else []
        return [*of_person, *unique_keys.application_keys(employer_id, self.external_ids)]


def find_or_create(unit: UnitOfWork, wanted: ApplicationInput, found: Mapping[Key, Item], pointer: str = "") -> ApplicationCase:
    """Returns the case of that application: a known one, read, or a new one. The caller changes and saves it.

    `found` is what `wanted.keys()` lead to. `pointer` is the application's place in the request's body.
    Raises Unprocessable for an unknown candidate id, Conflict for another candidate's application.
    """
    employer_id = unit.employer.id
    known = unique_keys.first_match(unique_keys.application_keys(employer_id, wanted.external_ids), found)
    if known and (case := ApplicationCase.read(employer_id, known)):
        if wanted.candidate_id not in (None, case.application.candidate_id):
            raise Conflict("Another candidate's application has this external id.", code="duplicate_application")
        if wanted.candidate:
            _complete_candidate(unit, case, wanted.candidate, found)
        return case
    candidate_id = wanted.candidate_id
    if wanted.candidate and not candidate_id:
        candidate_id = unique_keys.first_match(wanted.candidate.keys(employer_id), found)
        if candidate_id is None:
            return _create_with_candidate(unit, wanted, wanted.candidate, found)
    candidate, former = _candidate_and_job(employer_id, candidate_id, wanted, pointer)
    return _for_known(unit, candidate, wanted, found, former)


def has_open_application(employer_id: str, wanted: ApplicationInput, found: Mapping[Key, Item]) -> bool:
    """Whether a known candidate has an open application for that job, from whatever source."""
    candidate_id = unique_keys.first_match(wanted.candidate.keys(employer_id) if wanted.candidate else [], found)
    if candidate_id is None:
        return False
    job = table.get(*unique_keys.job_key(employer_id, candidate_id, wanted.job_title))
    case = ApplicationCase.read(employer_id, job.application_id) if isinstance(job, JobItem) else None
    return case is not None and not case.finished


def _for_known(
    unit: UnitOfWork, candidate: CandidateItem, wanted: ApplicationInput, found: Mapping[Key, Item], former: JobItem | None
) -> ApplicationCase:
    """The open application of a known candidate for the job, else a new one. Completes the candidate's empty fields."""
    before = table.snapshot(candidate)
    filled = bool(wanted.candidate and service.fill(unit, candidate, wanted.candidate, found))
    case = ApplicationCase.read(unit.employer.id, former.application_id) if former else None
    if case is None or case.finished:
        application_id = ids.new_id("app", unit.now)
        service.add_application_id(candidate, application_id)
        case = _create(unit, candidate, application_id, wanted, found, former)
    else:
        _claim_external_ids(unit, case, wanted, found)
    service.save(unit, candidate, before)
    if filled:
        service.copy_to_applications(unit, candidate, case)
    return case


def _candidate_and_job(
    employer_id: str, candidate_id: str | None, wanted: ApplicationInput, pointer: str
) -> tuple[CandidateItem, JobItem | None]:
    key = (keys.candidate_pk(employer_id, candidate_id or ""), "CAND")
    job_key = unique_keys.job_key(employer_id, candidate_id or "", wanted.job_title)
    items = table.get_many([key, job_key])
    candidate, job = items.get(key), items.get(job_key)
    if not isinstance(candidate, CandidateItem):
        raise Unprocessable(errors=[FieldError(f"{pointer}/candidate_id", "there is no such candidate")])
    return candidate, job if isinstance(job, JobItem) else None


def _complete_candidate(unit: UnitOfWork, case: ApplicationCase, person: CandidateInput, found: Mapping[Key, Item]) -> None:
    """Completes the candidate of a known application. Reads it only where the application's copy lacks something."""
    lacks = any(
        getattr(case.application, name) is None and getattr(person, name) is not None
        for name in ("email", "phone", "timezone", "locale")
    )
    if lacks or (person.sms_consent and case.application.sms_consent_at is None):
        candidate = service.read(unit.employer.id, case.application.candidate_id)
        before = table.snapshot(candidate)
        if service.fill(unit, candidate, person, found):
            service.save(unit, candidate, before)
            service.copy_to_applications(unit, candidate, case)


def _create_with_candidate(
    unit: UnitOfWork, wanted: ApplicationInput, person: CandidateInput, found: Mapping[Key, Item]
) -> ApplicationCase:
    application_id = ids.new_id("app", unit.now)
    candidate = service.new_candidate(unit, person, found, [application_id])
    return _create(unit, candidate, application_id, wanted, found, None)


def _create(
    unit: UnitOfWork,
    candidate: CandidateItem,
    application_id: str,
    wanted: ApplicationInput,
    found: Mapping[Key, Item],
    former: JobItem | None,
) -> ApplicationCase:
    employer_id = unit.employer.id
    unique_keys.claim(
        unit.transaction,
        [key for key in unique_keys.application_keys(employer_id, wanted.external_ids) if key not in found],
        application_id,
    )
    unique_keys.point_job(
        unit.transaction, unique_keys.job_key(employer_id, candidate.id, wanted.job_title), application_id, former
    )
    return ApplicationCase(_new_item(unit, candidate, application_id, wanted), is_new=True)


def _new_item(unit: UnitOfWork, candidate: CandidateItem, application_id: str, wanted: ApplicationInput) -> ApplicationItem:
    item = ApplicationItem(
        keys.case_pk(unit.employer.id, application_id),
        "APP",
        id=application_id,
        employer_id=unit.employer.id,
        candidate_id=candidate.id,
        job_title=wanted.job_title,
        external_ids=list(wanted.external_ids),
        status="active",
        created_at=unit.now,
        updated_at=unit.now,
        version=1,
        revision=1,
        nudges={},
        list_key=keys.list_key(unit.employer.id, "APP"),
        list_at=application_id,
    )
    service.copy_person(candidate, item)
    return item


def _claim_external_ids(unit: UnitOfWork, case: ApplicationCase, wanted: ApplicationInput, found: Mapping[Key, Item]) -> None:
    """Adds external ids that no other application has to one that was found by its job title."""
    known = {(e["system"], e["id"]) for e in case.application.external_ids}
    fresh = [e for e in wanted.external_ids if (e["system"], e["id"]) not in known]
    unclaimed = [e for e in fresh if unique_keys.application_keys(unit.employer.id, [e])[0] not in found]
    if unclaimed:
        case.application.external_ids = [*case.application.external_ids, *unclaimed]
        unique_keys.claim(unit.transaction, unique_keys.application_keys(unit.employer.id, unclaimed), case.application.id)
