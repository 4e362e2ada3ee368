"""Finding the application that a request speaks of, or opening it: candidate and job title, or an id in another system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib import ids, table
from chalicelib.applications import candidates, matching
from chalicelib.applications.candidates import Person, Write
from chalicelib.applications.case import Case
from chalicelib.applications.table import ApplicationItem, CandidateItem, JobItem
from chalicelib.errors import Conflict, Fault, Unprocessable
from chalicelib.table import Item, Key


@dataclass(frozen=True, slots=True)
class Opening:
    """One candidate for one job, as a client gives it: the candidate by id or whole."""

    job_title: str
    candidate_id: str | None = None
    person: Person | None = None
    external_ids: tuple[dict[str, str], ...] = ()

    def keys(self, employer_id: str) -> list[Key]:
        """Every unique key that could lead to a known record: read in one round trip."""
        of_person = self.person.keys(employer_id) if self.person else []
        return [*of_person, *matching.application_keys(employer_id, self.external_ids)]


def find_or_open(write: Write, opening: Opening, found: Mapping[Key, Item], pointer: str = "") -> Case:
    """The case of that application: a known one, read whole, or a new one, not yet written. `found` answers `opening.keys()`.

    Raises Unprocessable for a candidate who is not there, Conflict for another candidate's application.
    """
    employer_id = write.employer.id
    known = matching.first_match(matching.application_keys(employer_id, opening.external_ids), found)
    if known and (case := Case.read(employer_id, known)):
        if opening.candidate_id not in (None, case.application.candidate_id):
            raise Conflict("Another candidate's application has this external id.", code="duplicate_application")
        if opening.person:
            _fill(write, case, opening.person, found)
        return case
    candidate_id = opening.candidate_id
    if opening.person and not candidate_id:
        candidate_id = matching.first_match(opening.person.keys(employer_id), found)
        if candidate_id is None:
            return _open_for_new(write, opening, opening.person, found)
    candidate, former = _candidate_and_job(employer_id, candidate_id, opening, pointer)
    return _for_known(write, candidate, opening, found, former)


def _for_known(
    write: Write, candidate: CandidateItem, opening: Opening, found: Mapping[Key, Item], former: JobItem | None
) -> Case:
    """The open application of a known candidate for the job, else a new one; the person's empty fields are filled by the way."""
    before = table.snapshot(candidate)
    filled = bool(opening.person and candidates.fill(write, candidate, opening.person, found))
    case = Case.read(write.employer.id, former.application_id) if former else None
    if case is None or case.finished:
        application_id = ids.new_id("app", write.now)
        candidates.note_application(candidate, application_id)
        case = _open(write, candidate, application_id, opening, found, former)
    else:
        _claim_external_ids(write, case, opening, found)
    candidates.save(write, candidate, before)
    if filled:
        candidates.copy_to_applications(write, candidate, case)
    return case


def _candidate_and_job(
    employer_id: str, candidate_id: str | None, opening: Opening, pointer: str
) -> tuple[CandidateItem, JobItem | None]:
    key = (ids.candidate_pk(employer_id, candidate_id or ""), "CAND")
    job_key = matching.job_key(employer_id, candidate_id or "", opening.job_title)
    items = table.get_many([key, job_key])
    candidate, job = items.get(key), items.get(job_key)
    if not isinstance(candidate, CandidateItem):
        raise Unprocessable(errors=[Fault(f"{pointer}/candidate_id", "there is no such candidate")])
    return candidate, job if isinstance(job, JobItem) else None


def _fill(write: Write, case: Case, person: Person, found: Mapping[Key, Item]) -> None:
    """A known application says more about its person only where the copy at hand lacks something."""
    lacks = any(
        getattr(case.application, name) is None and getattr(person, name) is not None
        for name in ("email", "phone", "timezone", "locale")
    )
    if lacks or (person.sms_consent and case.application.sms_consent_at is None):
        candidate = candidates.read(write.employer.id, case.application.candidate_id)
        before = table.snapshot(candidate)
        if candidates.fill(write, candidate, person, found):
            candidates.save(write, candidate, before)
            candidates.copy_to_applications(write, candidate, case)


def _open_for_new(write: Write, opening: Opening, person: Person, found: Mapping[Key, Item]) -> Case:
    application_id = ids.new_id("app", write.now)
    candidate = candidates.new_candidate(write, person, found, [application_id])
    return _open(write, candidate, application_id, opening, found, None)


def _open(
    write: Write,
    candidate: CandidateItem,
    application_id: str,
    opening: Opening,
    found: Mapping[Key, Item],
    former: JobItem | None,
) -> Case:
    employer_id = write.employer.id
    item = ApplicationItem(
        ids.case_pk(employer_id, application_id),
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
        list_key=ids.list_key(employer_id, "APP"),
        list_at=application_id,
    )
    candidates.copy_person(candidate, item)
    matching.claim(
        write.transaction,
        [key for key in matching.application_keys(employer_id, opening.external_ids) if key not in found],
        application_id,
    )
    matching.point_job(write.transaction, matching.job_key(employer_id, candidate.id, opening.job_title), application_id, former)
    return Case(item, is_new=True)


def _claim_external_ids(write: Write, case: Case, opening: Opening, found: Mapping[Key, Item]) -> None:
    """An application found by its job title takes over the ids in other systems that nobody has."""
    known = {(e["system"], e["id"]) for e in case.application.external_ids}
    fresh = [e for e in opening.external_ids if (e["system"], e["id"]) not in known]
    unclaimed = [e for e in fresh if matching.application_keys(write.employer.id, [e])[0] not in found]
    if unclaimed:
        case.application.external_ids = [*case.application.external_ids, *unclaimed]
        matching.claim(write.transaction, matching.application_keys(write.employer.id, unclaimed), case.application.id)
