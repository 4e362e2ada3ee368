"""What can happen to an interview, each one transaction: booked, moved, cancelled, not turned up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import Case
from chalicelib.applications.candidates.service import Write, retry_on_conflict
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.unit_of_work import read_application, read_case, update_case
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.rules.model import CallBack, Employer, InterviewStatus
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key


@dataclass(frozen=True, slots=True)
class Booking:
    """An interview as a client gives it, for an application by id or as an opening."""

    stage: str
    start_at: datetime
    end_at: datetime
    next_word_by: datetime | None = None
    call_back: CallBack = field(default_factory=CallBack)
    application_id: str | None = None
    opening: ApplicationInput | None = None


def book(
    employer: Employer, booking: Booking, now: datetime, found: Mapping[Key, Item] | None = None
) -> tuple[Case, InterviewItem, bool]:
    """Books an interview and starts its clock. The same application and start is the same interview: (case, interview, is new).

    `found` are the records behind the opening's keys where the caller has read them already. Raises NotFound, Conflict (closed).
    """
    at_hand = [found] if found is not None else []

    def write_once() -> tuple[Case, InterviewItem, bool]:
        write = Write(employer, now)
        if booking.opening is None:
            case = _case_for_booking(employer.id, booking.application_id or "")
        else:
            keys = booking.opening.keys(employer.id)
            case = find_or_create(write, booking.opening, at_hand.pop() if at_hand else table.get_many(keys), "/application")
        same = case.interview_at(booking.start_at)
        if same is None and case.application.status != "active":
            raise Conflict(
                f"The application is {case.application.status}: it takes no more interviews.", code="application_closed"
            )
        interview = same or new_interview(case, booking, employer, now)
        write.case(case)
        write.commit()
        return case, interview, same is None

    return retry_on_conflict(write_once)


def _case_for_booking(employer_id: str, application_id: str) -> Case:
    try:
        return read_application(employer_id, application_id)
    except NotFound:
        raise Unprocessable(errors=[FieldError("/application_id", "there is no such application")]) from None


def new_interview(case: Case, booking: Booking, employer: Employer, now: datetime) -> InterviewItem:
    """Adds an interview to a case in memory."""
    interview_id = case.new_id("int", now)
    item = InterviewItem(
        case.application.PK,
        f"INT#{interview_id}",
        id=interview_id,
        stage=booking.stage,
        start_at=booking.start_at,
        end_at=booking.end_at,
        booked_at=now,
        word_due_hours=employer.policy.word_due_hours,
        next_word_by=booking.next_word_by,
        call_back_name=booking.call_back.name,
        call_back_phone=booking.call_back.phone,
        call_back_email=booking.call_back.email,
        status="scheduled",
        updated_at=now,
        revision=1,
        list_key=keys.list_key(employer.id, "INT"),
        list_at=interview_id,
    )
    case.add(item)
    return item


def interview_in(case: Case, interview_id: str) -> InterviewItem:
    """Raises NotFound."""
    if interview_id not in case.interviews:
        raise NotFound
    return case.interviews[interview_id]


def change_interview(
    employer: Employer, interview_id: str, given: Mapping[str, Any], now: datetime, demand: Callable[[Case, InterviewItem], None]
) -> tuple[Case, InterviewItem]:
    """Moves or corrects an interview; its waits are folded anew. Raises NotFound, Conflict, Unprocessable."""

    def amend(case: Case) -> InterviewItem:
        interview = interview_in(case, interview_id)
        demand(case, interview)
        if interview.status != "scheduled":
            raise Conflict(f"The interview is marked {interview.status}.", code="interview_" + interview.status)
        before = table.snapshot(interview)
        for name, value in given.items():
            setattr(interview, name, value)
        _check_times(case, interview, given)
        return _touched(interview, before, now)

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, amend)


def out_of_order(start_at: datetime | None, end_at: datetime | None, next_word_by: datetime | None) -> Iterator[tuple[str, str]]:
    """What is wrong with an interview's times among themselves, as (pointer, message); None is not known."""
    if start_at and end_at and end_at <= start_at:
        yield "/end_at", "must be after start_at"
    if end_at and next_word_by and next_word_by <= end_at:
        yield "/next_word_by", "must be after end_at"


_EARLIER = {"/end_at": ("/start_at", "must be before end_at"), "/next_word_by": ("/end_at", "must be before next_word_by")}


def _check_times(case: Case, interview: InterviewItem, given: Mapping[str, Any]) -> None:
    """A fault is told of a time that was given: the client has no other to mend."""
    faults = [
        FieldError(*(fault if fault[0].strip("/") in given else _EARLIER[fault[0]]))
        for fault in out_of_order(interview.start_at, interview.end_at, interview.next_word_by)
    ]
    if faults:
        raise Unprocessable(errors=faults)
    if any(
        i.start_at == interview.start_at and i.id != interview.id and i.status != "cancelled" for i in case.interviews.values()
    ):
        raise Conflict("This application has another interview at that start.", code="duplicate_interview")


def _touched(interview: InterviewItem, before: dict[str, Any], now: datetime) -> InterviewItem:
    if table.changes(interview, before):
        interview.updated_at, interview.revision = now, int(interview.revision) + 1
    return interview


def cancel_interview(employer: Employer, interview_id: str, now: datetime) -> tuple[Case, InterviewItem]:
    """Cancels an interview before its end: it is folded as if it had not been booked. Twice is once."""

    def amend(case: Case) -> InterviewItem:
        interview = interview_in(case, interview_id)
        if interview.status == "no_show" or (interview.status == "scheduled" and now >= interview.end_at):
            raise Conflict("The interview has ended: it can no longer be cancelled.", code="interview_ended")
        return _mark(interview, "cancelled", now)

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, amend)


def mark_no_show(employer: Employer, interview_id: str, now: datetime) -> tuple[Case, InterviewItem]:
    """The candidate did not come: no word is owed for this interview. Twice is once."""

    def amend(case: Case) -> InterviewItem:
        interview = interview_in(case, interview_id)
        if interview.status == "cancelled":
            raise Conflict("The interview was cancelled.", code="interview_cancelled")
        if now < interview.start_at:
            raise Conflict("The interview has not begun: cancel it instead.", code="interview_not_begun")
        return _mark(interview, "no_show", now)

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, amend)


def _mark(interview: InterviewItem, status: InterviewStatus, now: datetime) -> InterviewItem:
    before = table.snapshot(interview)
    interview.status = status
    return _touched(interview, before, now)
