"""The page that adds an interview, and with it the person and the application where they are new."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.api.validators import read_zone
from chalicelib.applications import groups
from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.interviews import service
from chalicelib.applications.interviews.service import Booked
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.rules.canonical import dialled_phone
from chalicelib.rules.model import STAGES
from chalicelib.storage.table import stored_instant
from chalicelib.web import field_errors, formatting, page_support
from chalicelib.web.phones import as_written

FIELDS = {
    "name": "Name",
    "email": "Email",
    "phone": "Phone",
    "job_title": "Job title",
    "group": "Group",
    "stage": "Stage",
    "date": "Date",
    "start": "Start time",
    "end": "End time",
    "timezone": "Time zone",
}
_POINTERS = {
    "/application/candidate/name": "name",
    "/application/candidate/email": "email",
    "/application/candidate/phone": "phone",
    "/application/job_title": "job_title",
    "/application/group": "group",
    "/stage": "stage",
    "/start_at": "date",
    "/end_at": "end",
}


def form(request: Request, visitor: Visitor) -> Response:
    """GET /people/add"""
    query = request.read_query({"person": lambda value: value[:40]})
    return _page(request, visitor, None, {}, known=_known(visitor, query.get("person", "")))


def _known(visitor: Visitor, candidate_id: str) -> dict[str, str]:
    """Return the fields of a candidate who is known already. Raises NotFound."""
    if not candidate_id:
        return {}
    item = candidates.read(visitor.employer.id, page_support.demand_id(candidate_id, "cand"))
    phone = dialled_phone(item.phone, item.phone_extension) if item.phone else ""
    return {"name": item.name, "email": item.email or "", "phone": phone or ""}


def save(request: Request, visitor: Visitor) -> Response:
    """POST /people/add"""
    given = page_support.form(request, visitor)
    try:
        return page_support.once(request, visitor, given, lambda: _saved(request, visitor, given))
    except Unprocessable as error:
        return _page(
            request, visitor, given, field_errors.messages_of(error, FIELDS, lambda path: _POINTERS.get(path, path[1:]), given)
        )
    except Conflict as error:
        return _page(request, visitor, given, {"": error.detail}, 409)


def _page(
    request: Request,
    visitor: Visitor,
    given: Form | None,
    problems: dict[str, str],
    status: int = 422,
    *,
    known: dict[str, str] | None = None,
) -> Response:
    defaults = {"stage": "interview", "timezone": visitor.employer.timezone, **(known or {})}
    return page_support.page(
        "add_interview.html",
        request,
        visitor,
        status if problems else 200,
        fields=FIELDS,
        typed=field_errors.typed(given, FIELDS, defaults),
        problems=problems,
        groups=groups.names_of(visitor.employer.id),
        stages={stage: formatting.STAGE_NAMES[stage] for stage in STAGES},
    )


def _saved(request: Request, visitor: Visitor, given: Form) -> Response:
    booked = book(request, visitor, given)
    told = "shared" if booked.shared else "kept" if booked.ignored else "yes"
    return page_support.see_other(request, f"/applications/{booked.case.application.id}?done={told}")


def book(request: Request, visitor: Visitor, given: Form) -> Booked:
    """Book what the form says. Raises Unprocessable, which names every wrong field, and Conflict."""
    from chalicelib.applications.interviews.schema import InterviewIn  # late: it imports pydantic, 96 ms of a cold start

    start, end, faults = times_of(given)
    phone = as_written(given.one("phone"), visitor.employer)
    person = {"name": given.one("name"), "email": given.one("email") or None, "phone": phone}
    body = {
        "application": {"candidate": person, "job_title": given.one("job_title"), "group": given.one("group") or None},
        "stage": given.one("stage"),
        "start_at": stored_instant(start) if start else stored_instant(request.now),
        "end_at": stored_instant(end) if end else stored_instant(request.now),
    }
    try:
        wanted = validate(InterviewIn, body, request.now)
    except Unprocessable as error:
        known = {fault.pointer for fault in faults}
        of_times = {"/start_at", "/end_at"} if known else set()
        others = [fault for fault in error.errors if fault.pointer not in of_times]
        raise Unprocessable(errors=[*others, *faults]) from None
    if faults:
        raise Unprocessable(errors=faults)
    return service.book(visitor.employer, wanted.booking, request.now, committer=request.committer, by=visitor.actor)


_DAY = timedelta(days=1)


def times_of(given: Form) -> tuple[datetime | None, datetime | None, list[FieldError]]:
    """Return start, end and the faults of the date, times and zone.

    The end is on the same day as the start, or a little past the midnight after it, as in an imported sheet.
    """
    from chalicelib.integrations.imports.times import minutes_after

    faults: list[FieldError] = []

    def read(name: str, reader: Any, example: str) -> Any:
        try:
            return reader(given.one(name))
        except ValueError:
            found = f', not "{given.one(name)[:40]}"' if given.has(name) else ""
            faults.append(FieldError(f"/{name}", f"must be {example}{found}"))
            return None

    day = read("date", date.fromisoformat, "a date, like 2026-05-31")
    starts, ends = read("start", time.fromisoformat, "a time, like 14:00"), read("end", time.fromisoformat, "a time, like 15:00")
    zone = read("timezone", read_zone, "a time zone, like Europe/Berlin")
    if faults:
        return None, None, faults
    passes_midnight = ends < starts and day < date.max and minutes_after(starts, ends) is not None
    start, end = _instant(day, starts, zone), _instant(day + _DAY if passes_midnight else day, ends, zone)
    for name, instant in (("start", start), ("end", end)):
        if instant is None:
            faults.append(FieldError(f"/{name}", "does not exist on that day: the clocks go forward"))
    if start and end and end <= start:
        faults.append(FieldError("/end", "must be after the start"))
    return start, end, faults


def _instant(day: date, at: time, zone: str) -> datetime | None:
    """Return the instant of a wall time; None for one that the clocks skip. Of one that comes twice, the first."""
    wall = datetime.combine(day, at.replace(tzinfo=None), ZoneInfo(zone))
    try:
        instant = wall.astimezone(UTC)
        return instant if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall.replace(tzinfo=None) else None
    except OverflowError:
        return None
