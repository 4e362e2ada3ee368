"""What a job seeker does with their own interviews: book, change, delete, record what came of them.

Each is one transaction. Waits, reminders and the rest follow as for an employer's applications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications import service, unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.candidates.items import CandidateItem, JobItem
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.changes import Check
from chalicelib.applications.interviews.service import Booked, Booking
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.privacy import erasure
from chalicelib.applications.seekers import tenant
from chalicelib.applications.unit_of_work import UnitOfWork, read_case, retry_on_conflict, update_case
from chalicelib.auth.actors import CANDIDATE
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem
from chalicelib.errors import Conflict, FieldError, NotFound
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Stage
from chalicelib.storage import keys, table
from chalicelib.storage.transaction import AT_ONCE, Committer

INTERVIEWS_MOST = 1000


@dataclass(frozen=True, slots=True)
class OwnInterview:
    """An interview as the seeker gives it."""

    company: str
    job_title: str
    stage: Stage
    start_at: datetime
    end_at: datetime
    next_word_by: datetime | None = None
    call_back: CallBack = field(default_factory=CallBack)
    external_ids: tuple[dict[str, str], ...] = ()
    calendar_sequence: int | None = None


def book(item: EmployerItem, person: PersonItem, own: OwnInterview, now: datetime, *, committer: Committer = AT_ONCE) -> Booked:
    """Adds an interview. The same company, job and start is the same interview.

    Raises Conflict where that one is known with other values, or the seeker has the most that there may be.
    """
    check_number(item.id)
    booking = Booking(
        stage=own.stage,
        start_at=own.start_at,
        end_at=own.end_at,
        next_word_by=own.next_word_by,
        call_back=own.call_back,
        application=ApplicationInput(own.job_title, company=own.company, candidate=tenant.as_candidate(item, person)),
        external_ids=own.external_ids,
        calendar_sequence=own.calendar_sequence,
    )
    try:
        return interviews.book(employer_of(item), booking, now, committer=committer, by=CANDIDATE)
    except Conflict as error:
        raise _in_own_words(error) from None


_OWN_WORDS = (("/v1/interviews/", "/v1/my/interviews/"), ("This candidate has", "You have"), ("call_back", "contact"))


def _in_own_words(error: Conflict) -> Conflict:
    """Returns an error of an employer's interviews as a seeker's request names things."""
    detail = error.detail
    for theirs, own in _OWN_WORDS:
        detail = detail.replace(theirs, own)
    errors = [FieldError(one.pointer.replace("/call_back", "/contact"), one.message) for one in error.errors]
    return Conflict(detail, code=error.code, errors=errors)


def check_number(employer_id: str) -> None:
    """Raises Conflict where the seeker has as many interviews as the list takes."""
    found, _ = table.query_index("listing", keys.list_key(employer_id, "INT"), limit=INTERVIEWS_MOST)
    if len(found) >= INTERVIEWS_MOST:
        detail = f"Your list holds at most {INTERVIEWS_MOST} interviews. Delete old ones first."
        raise Conflict(detail, code="too_many_interviews")


def find(case: ApplicationCase, interview_id: str) -> InterviewItem:
    """Finds an interview that was not deleted. Raises NotFound."""
    interview = interviews.interview_in(case, interview_id)
    if interview.status != "scheduled":
        raise NotFound
    return interview


def change(
    employer: Employer, interview_id: str, fields: Mapping[str, Any], now: datetime, check: Check
) -> tuple[ApplicationCase, InterviewItem]:
    """Moves or corrects an interview. Its company and job title are those of all rounds there.

    `check` raises for a stale If-Match. Raises NotFound, Conflict, Unprocessable.
    """
    own = {name: value for name, value in fields.items() if name not in ("company", "job_title")}

    def write(unit: UnitOfWork, case: ApplicationCase) -> InterviewItem:
        interview = find(case, interview_id)
        check(case, interview)
        interviews.set_fields(unit, interview, own)
        interviews.check_times(case, interview, own)
        _rename(unit, case.application, fields)
        return interview

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, write, by=CANDIDATE)


def _rename(unit: UnitOfWork, application: ApplicationItem, fields: Mapping[str, Any]) -> None:
    """Sets company and job title, and has the new pair lead to this application where it leads nowhere yet."""
    former = _job_key(application)
    application.company = fields.get("company", application.company)
    application.job_title = fields.get("job_title", application.job_title)
    present = _job_key(application)
    if former == present:
        return
    found = table.get_many([former, present])
    known = found.get(former)
    if isinstance(known, JobItem) and known.application_id == application.id:
        unit.transaction.delete(JobItem(*former), JobItem.application_id == application.id)
    if present not in found:
        unit.transaction.create(JobItem(*present, application_id=application.id))


def _job_key(application: ApplicationItem) -> tuple[str, str]:
    job = unique_keys.job_name(application.job_title, application.company)
    return unique_keys.job_keys(application.employer_id, application.candidate_id, job)[0]


def delete(employer: Employer, interview_id: str, now: datetime, check: Check) -> None:
    """Deletes an interview. With the last one of a job everything about that job is erased. Raises NotFound."""
    case = read_case(employer.id, interview_id)
    interview = find(case, interview_id)
    check(case, interview)
    if any(one.id != interview_id and one.status == "scheduled" for one in case.interviews.values()):
        _cancel(employer, interview_id, now, check)
        return
    erasure.erase_application(employer, case.application.id, now)
    retry_on_conflict(lambda: _forget(employer, case.application, now))


def _cancel(employer: Employer, interview_id: str, now: datetime, check: Check) -> None:
    """Takes one of several interviews for a job off the list. The event that it came from may bring it again, as another one."""

    def write(unit: UnitOfWork, case: ApplicationCase) -> None:
        interview = find(case, interview_id)
        check(case, interview)
        unique_keys.release(unit.transaction, unique_keys.interview_keys(employer.id, interview.external_ids or ()))
        gone = {"status": "cancelled", "list_key": None, "list_at": None, "external_ids": None}
        interviews.set_fields(unit, interview, gone)

    update_case(employer, lambda: read_case(employer.id, interview_id), now, write, by=CANDIDATE)


def _forget(employer: Employer, application: ApplicationItem, now: datetime) -> None:
    """Takes an erased application off the candidate's list, so that it makes room."""
    candidate = table.get(keys.candidate_pk(employer.id, application.candidate_id), "CAND")
    if not isinstance(candidate, CandidateItem):
        return
    before, unit = table.snapshot(candidate), UnitOfWork(employer, now, by=CANDIDATE)
    candidate.applications = [one for one in candidate.applications if one != application.id]
    candidate.past = [one for one in candidate.past or () if one != application.id] or None
    candidates.save(unit, candidate, before)
    unit.commit()


def close(case: ApplicationCase) -> None:
    """Ends the reminders about a job."""
    service.set_status(case, "closed")
