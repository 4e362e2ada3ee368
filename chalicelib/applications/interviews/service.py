"""What can happen to an interview: booked, moved, corrected, cancelled, marked as no-show.

Functions with a unit of work change a case in memory; the others are one transaction each (see `unit_of_work`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.unit_of_work import UnitOfWork, read_application, read_case, retry_on_conflict, update_case
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.rules.model import CallBack, Employer, InterviewStatus
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key
from chalicelib.storage.transaction import AT_ONCE, Committer


@dataclass(frozen=True, slots=True)
class Booking:
    """An interview to book, for an application by id or by input. `booked_at` is now where it is not given."""

    stage: str
    start_at: datetime
    end_at: datetime
    next_word_by: datetime | None = None
    call_back: CallBack = field(default_factory=CallBack)
    application_id: str | None = None
    application: ApplicationInput | None = None
    booked_at: datetime | None = None
    external_ref: str | None = None


def add_interview(unit: UnitOfWork, case: ApplicationCase, booking: Booking) -> InterviewItem:
    """Adds an interview to a case. The caller has looked for the same one (`case.interview_at`)."""
    interview_id = case.new_id("int", unit.now)
    item = InterviewItem(
        case.application.PK,
        f"INT#{interview_id}",
        id=interview_id,
        stage=booking.stage,
        start_at=booking.start_at,
        end_at=booking.end_at,
        booked_at=booking.booked_at or unit.now,
        word_due_hours=unit.employer.policy.word_due_hours,
        next_word_by=booking.next_word_by,
        call_back_name=booking.call_back.name,
        call_back_phone=booking.call_back.phone,
        call_back_email=booking.call_back.email,
        status="scheduled",
        updated_at=unit.now,
        revision=1,
        external_ref=booking.external_ref,
        list_key=keys.list_key(unit.employer.id, "INT"),
        list_at=interview_id,
    )
    case.add(item)
    return item


def set_fields(unit: UnitOfWork, interview: InterviewItem, fields: Mapping[str, Any]) -> None:
    """Sets fields of an interview. Its revision and `updated_at` move where anything differs."""
    before = table.snapshot(interview)
    for name, value in fields.items():
        setattr(interview, name, value)
    if table.changes(interview, before):
        interview.updated_at, interview.revision = unit.now, int(interview.revision) + 1


def set_status(unit: UnitOfWork, interview: InterviewItem, status: InterviewStatus) -> None:
    """Marks an interview as scheduled, cancelled or no-show."""
    set_fields(unit, interview, {"status": status})


def check_takes_interviews(case: ApplicationCase) -> None:
    """Raises Conflict where the application is closed or withdrawn."""
    if case.application.status != "active":
        raise Conflict(f"The application is {case.application.status}: it takes no more interviews.", code="application_closed")


def book(
    employer: Employer,
    booking: Booking,
    now: datetime,
    found: Mapping[Key, Item] | None = None,
    *,
    committer: Committer = AT_ONCE,
) -> tuple[ApplicationCase, InterviewItem, bool]:
    """Books an interview: (case, interview, is new). The same application and start is the same interview.

    `found` are the records behind the unique keys of `booking.application`, where the caller has read them already.
    Raises NotFound, Conflict (closed).
    """
    first_read = [found] if found is not None else []

    def write_once() -> tuple[ApplicationCase, InterviewItem, bool]:
        unit = UnitOfWork(employer, now, committer)
        if booking.application is None:
            case = _read_for_booking(employer.id, booking.application_id or "")
        else:
            known = first_read.pop() if first_read else table.get_many(booking.application.keys(employer.id))
            case = find_or_create(unit, booking.application, known, "/application")
        same = case.interview_at(booking.start_at)
        if same is None:
            check_takes_interviews(case)
        interview = same or add_interview(unit, case, booking)
        unit.save(case)
        unit.commit()
        return case, interview, same is None

    return retry_on_conflict(write_once)


def _read_for_booking(employer_id: str, application_id: str) -> ApplicationCase:
    try:
        return read_application(employer_id, application_id)
    except NotFound:
        raise Unprocessable(errors=[FieldError("/application_id", "there is no such application")]) from None


def interview_in(case: ApplicationCase, interview_id: str) -> InterviewItem:
    """Finds an interview of a case. Raises NotFound."""
    if interview_id not in case.interviews:
        raise NotFound
    return case.interviews[interview_id]


def change_interview(
    employer: Employer,
    interview_id: str,
    fields: Mapping[str, Any],
    now: datetime,
    check: Callable[[ApplicationCase, InterviewItem], None],
) -> tuple[ApplicationCase, InterviewItem]:
    """Moves or corrects an interview. `check` sees the case as read, and raises for a stale If-Match.

    Raises NotFound, Conflict, Unprocessable.
    """

    def change(unit: UnitOfWork, case: ApplicationCase) -> InterviewItem:
        interview = interview_in(case, interview_id)
        check(case, interview)
        if interview.status != "scheduled":
            raise Conflict(f"The interview is marked {interview.status}.", code="interview_" + interview.status)
        set_fields(unit, interview, fields)
        _check_times(case, interview, fields)
        return interview

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, change)


def out_of_order(start_at: datetime | None, end_at: datetime | None, next_word_by: datetime | None) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with the order of an interview's times, as (pointer, message). None is unknown."""
    if start_at and end_at and end_at <= start_at:
        yield "/end_at", "must be after start_at"
    if end_at and next_word_by and next_word_by <= end_at:
        yield "/next_word_by", "must be after end_at"


_EARLIER = {"/end_at": ("/start_at", "must be before end_at"), "/next_word_by": ("/end_at", "must be before next_word_by")}


def _check_times(case: ApplicationCase, interview: InterviewItem, fields: Mapping[str, Any]) -> None:
    """Raises Unprocessable or Conflict. An error names a field that the client sent: it can change no other."""
    errors = [
        FieldError(*(error if error[0].strip("/") in fields else _EARLIER[error[0]]))
        for error in out_of_order(interview.start_at, interview.end_at, interview.next_word_by)
    ]
    if errors:
        raise Unprocessable(errors=errors)
    if any(
        i.start_at == interview.start_at and i.id != interview.id and i.status != "cancelled" for i in case.interviews.values()
    ):
        raise Conflict("This application has another interview at that start.", code="duplicate_interview")


def cancel_interview(
    employer: Employer, interview_id: str, now: datetime, *, committer: Committer = AT_ONCE
) -> tuple[ApplicationCase, InterviewItem]:
    """Cancels an interview before its end. Idempotent.

    The fold ignores it from then on. Raises NotFound, Conflict.
    """

    def change(unit: UnitOfWork, case: ApplicationCase) -> InterviewItem:
        interview = interview_in(case, interview_id)
        if interview.status == "no_show" or (interview.status == "scheduled" and now >= interview.end_at):
            raise Conflict("The interview has ended: it can no longer be cancelled.", code="interview_ended")
        set_status(unit, interview, "cancelled")
        return interview

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, change, committer=committer)


def mark_no_show(
    employer: Employer, interview_id: str, now: datetime, *, committer: Committer = AT_ONCE
) -> tuple[ApplicationCase, InterviewItem]:
    """Records that the candidate did not come: no word is due for this interview. Idempotent.

    Raises NotFound, Conflict.
    """

    def change(unit: UnitOfWork, case: ApplicationCase) -> InterviewItem:
        interview = interview_in(case, interview_id)
        if interview.status == "cancelled":
            raise Conflict("The interview was cancelled.", code="interview_cancelled")
        if now < interview.start_at:
            raise Conflict("The interview has not begun: cancel it instead.", code="interview_not_begun")
        set_status(unit, interview, "no_show")
        return interview

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, change, committer=committer)
