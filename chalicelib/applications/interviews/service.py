"""Books interviews, and checks what every change of one must keep to. `changes.py` moves, cancels and reinstates them.

Functions with a unit of work change a case in memory; `book` is one transaction (see `unit_of_work`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates.fill import with_external_ids
from chalicelib.applications.find_or_create import ApplicationInput, MatchedApplication, match_or_create, of_known_case
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.unique_keys import AddressField
from chalicelib.applications.unit_of_work import UnitOfWork, read_application, retry_on_conflict
from chalicelib.auth.actors import Actor
from chalicelib.errors import INTERVIEW_CODES, Conflict, FieldError, NotFound, Unprocessable
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, InterviewStatus, MatchedBy
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
    external_ids: tuple[dict[str, str], ...] = ()
    calendar_sequence: int | None = None

    def keys(self, employer_id: str) -> list[Key]:
        """Lists every unique key that may lead to a known record, for one read."""
        of_application = self.application.keys(employer_id) if self.application else []
        return [*of_application, *unique_keys.interview_keys(employer_id, self.external_ids)]


@dataclass(frozen=True, slots=True)
class Booked:
    """The interview that a request means. `ignored` are JSON pointers into the request to what is given and not taken."""

    case: ApplicationCase
    interview: InterviewItem
    created: bool
    matched_by: MatchedBy | None = None
    ignored: tuple[str, ...] = ()
    shared: tuple[AddressField, ...] = ()


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
        external_ids=list(booking.external_ids) or None,
        calendar_sequence=booking.calendar_sequence,
        external_ref=booking.external_ref,
        list_key=keys.list_key(unit.employer.id, "INT"),
        list_at=interview_id,
    )
    case.add(item)
    unique_keys.claim(unit.transaction, unique_keys.interview_keys(unit.employer.id, booking.external_ids), interview_id)
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
    by: Actor | None = None,
) -> Booked:
    """Books an interview. The same external id is the same interview, and moves it; so is the same application and start.

    `found` are the records behind `booking.keys()`, where the caller has read them already.
    Raises NotFound, Unprocessable, Conflict (closed, known with other values, ...).
    """
    first_read = [found] if found is not None else []

    def write_once() -> Booked:
        unit = UnitOfWork(employer, now, committer, by=by)
        known = first_read.pop() if first_read else table.get_many(booking.keys(employer.id))
        booked = find_or_add(unit, booking, known)
        if booked.case.is_touched or len(unit.transaction):  # a repeated request changes nothing, and need not fold the case
            unit.save(booked.case)
            unit.commit()
        return booked

    return retry_on_conflict(write_once)


def find_or_add(unit: UnitOfWork, booking: Booking, found: Mapping[Key, Item]) -> Booked:
    """The interview that a booking means, or a new one; the caller saves its case. Raises what `book` raises."""
    return _by_external_id(unit, booking, found) or _by_start(unit, booking, found)


def _by_external_id(unit: UnitOfWork, booking: Booking, found: Mapping[Key, Item]) -> Booked | None:
    """The interview that an external id leads to, moved and changed as the request says. None where it is not known."""
    employer_id = unit.employer.id
    interview_id = unique_keys.first_match(unique_keys.interview_keys(employer_id, booking.external_ids), found)
    case = ApplicationCase.read(employer_id, interview_id) if interview_id else None
    interview = case.interviews.get(interview_id or "") if case else None
    if case is None or interview is None:
        return None
    ignored, shared = _check_same_application(unit, case, interview, booking, found)
    changed = _differing(interview, booking)
    if booking.calendar_sequence not in (None, interview.calendar_sequence):
        changed["calendar_sequence"] = booking.calendar_sequence
    if changed:
        check_scheduled(interview)
        set_fields(unit, interview, changed)
        check_times(case, interview, changed)
    ignored += add_external_ids(unit, interview, booking.external_ids, found)
    return Booked(case, interview, False, "external_id", ignored, shared)


def _check_same_application(
    unit: UnitOfWork, case: ApplicationCase, interview: InterviewItem, booking: Booking, found: Mapping[Key, Item]
) -> tuple[tuple[str, ...], tuple[AddressField, ...]]:
    """Completes the application of a known interview. Raises Conflict where the request names another one."""
    if booking.application is None:
        if booking.application_id not in (None, case.application.id):
            raise _conflict(interview, {"application_id": case.application.id})
        return (), ()
    matched = of_known_case(unit, case, booking.application, found)
    return tuple(f"/application{one}" for one in matched.ignored), matched.shared


def _by_start(unit: UnitOfWork, booking: Booking, found: Mapping[Key, Item]) -> Booked:
    """The interview of that application at that start, or a new one. Raises Conflict for a known one with other values."""
    if booking.application is None:
        matched = MatchedApplication(_read_for_booking(unit.employer.id, booking.application_id or ""))
    else:
        matched = match_or_create(unit, booking.application, found, "/application")
    case = matched.case
    same = case.scheduled_at(booking.start_at)
    if same is None:
        check_takes_interviews(case)
    elif differing := _differing(same, booking):
        raise _conflict(same, _known_values(same, differing))
    interview = same or add_interview(unit, case, booking)
    ignored = tuple(f"/application{one}" for one in matched.ignored)
    if same is not None:
        ignored += add_external_ids(unit, same, booking.external_ids, found)
    return Booked(case, interview, same is None, matched.matched_by, ignored, matched.shared)


def _differing(interview: InterviewItem, booking: Booking) -> dict[str, Any]:
    """The stated fields of a booking that differ from a known interview. What it does not state is not compared."""
    call_back = booking.call_back
    stated: dict[str, Any] = {"stage": booking.stage, "start_at": booking.start_at, "end_at": booking.end_at}
    if booking.next_word_by is not None:
        stated["next_word_by"] = booking.next_word_by
    if call_back != CallBack():
        stated |= {"call_back_name": call_back.name, "call_back_phone": call_back.phone, "call_back_email": call_back.email}
    return {name: value for name, value in stated.items() if getattr(interview, name) != value}


def _known_values(interview: InterviewItem, differing: Mapping[str, Any]) -> dict[str, Any]:
    """What a known interview has instead, by the names that clients use."""
    return {_POINTERS.get(name, name): getattr(interview, name) for name in differing}


_POINTERS = {"call_back_name": "call_back/name", "call_back_phone": "call_back/phone", "call_back_email": "call_back/email"}


def _conflict(interview: InterviewItem, known: Mapping[str, Any]) -> Conflict:
    """The error for a known interview with other values: names the interview, each field, and what it is there."""
    shown = {name: instant(value) if isinstance(value, datetime) else value for name, value in known.items()}
    return Conflict(
        f"Interview {interview.id} is known with another {', '.join(known)}. PATCH /v1/interviews/{interview.id} changes it.",
        code="interview_conflict",
        errors=[FieldError(f"/{name}", f"is {json.dumps(value)} in {interview.id}") for name, value in shown.items()],
    )


def add_external_ids(
    unit: UnitOfWork, interview: InterviewItem, external_ids: Sequence[dict[str, str]], found: Mapping[Key, Item]
) -> tuple[str, ...]:
    """Adds external ids that no other interview has. Returns pointers to the others."""
    employer_id, known = unit.employer.id, interview.external_ids or []
    fresh = [one for one in external_ids if one not in known]
    free = [one for one in fresh if unique_keys.interview_keys(employer_id, [one])[0] not in found]
    if free:
        set_fields(unit, interview, {"external_ids": with_external_ids("interview", known, free)})
        unique_keys.claim(unit.transaction, unique_keys.interview_keys(employer_id, free), interview.id)
    taken = [one for one in fresh if one not in free]
    return tuple(f"/external_ids/{number}" for number, one in enumerate(external_ids) if one in taken)


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


def check_scheduled(interview: InterviewItem) -> None:
    """Raises Conflict where the interview is cancelled or a no-show."""
    if interview.status != "scheduled":
        detail = f"The interview is marked {interview.status}: POST /v1/interviews/{interview.id}/reinstate takes that back."
        raise Conflict(detail, code=INTERVIEW_CODES[interview.status])


def out_of_order(start_at: datetime | None, end_at: datetime | None, next_word_by: datetime | None) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with the order of an interview's times, as (pointer, message). None is unknown."""
    if start_at and end_at and end_at <= start_at:
        yield "/end_at", "must be after start_at"
    if end_at and next_word_by and next_word_by <= end_at:
        yield "/next_word_by", "must be after end_at"


_EARLIER = {"/end_at": ("/start_at", "must be before end_at"), "/next_word_by": ("/end_at", "must be before next_word_by")}


def check_times(case: ApplicationCase, interview: InterviewItem, fields: Mapping[str, Any]) -> None:
    """Raises Unprocessable or Conflict. An error names a field that the client sent: it can change no other."""
    errors = [
        FieldError(*(error if error[0].strip("/") in fields else _EARLIER[error[0]]))
        for error in out_of_order(interview.start_at, interview.end_at, interview.next_word_by)
    ]
    if errors:
        raise Unprocessable(errors=errors)
    check_slot(case, interview)


def check_slot(case: ApplicationCase, interview: InterviewItem) -> None:
    """Raises Conflict where the application has another interview at that start, which was not cancelled or missed."""
    others = [one for one in case.interviews.values() if one.id != interview.id and one.status == "scheduled"]
    if any(one.start_at == interview.start_at for one in others):
        raise Conflict("This application has another interview at that start.", code="duplicate_interview")
