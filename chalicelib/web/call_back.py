"""Puts a candidate off until a day and a time, such as one that they asked for: "call me tomorrow at three"."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications import service, unit_of_work
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.storage.table import stored_instant
from chalicelib.web import contacts, field_errors, page_support, today

FIELDS = {"day": "Date", "at": "Time"}


def form(request: Request, visitor: Visitor, application: str) -> Response:
    """GET /applications/{application}/call-back"""
    item = unit_of_work.read_application(visitor.employer.id, page_support.demand_id(application, "app")).application
    return _page(request, visitor, item, contacts.safe_back(request.query.get("back", [""])[0]), None, {})


def save(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/call-back"""
    from chalicelib.applications.schema import ApplicationPatch  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    application_id = page_support.demand_id(application, "app")
    item = unit_of_work.read_application(visitor.employer.id, application_id).application
    back = contacts.back_of(given)
    try:
        until = stored_instant(_instant(given, visitor.employer.timezone))
        changes = validate(ApplicationPatch, {"snooze_until": until}, request.now).changes()
        service.change_application(visitor.employer, application_id, changes, request.now, lambda _: None)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: "day" if path == "/snooze_until" else path[1:], given)
        return _page(request, visitor, item, back, given, problems)
    except Conflict as error:
        return _page(request, visitor, item, back, given, {"": error.detail}, 409)
    return page_support.see_other(request, back)


def _instant(given: Form, zone: str) -> datetime:
    """Return the instant of a day and a time in a zone. Raises Unprocessable, which names both where both are wrong."""
    faults: list[FieldError] = []
    day, at = date.min, time.min
    try:
        day = date.fromisoformat(given.one("day"))
    except ValueError:
        faults.append(FieldError("/day", "must be a date, like 2026-05-31"))
    try:
        at = time.fromisoformat(given.one("at"))
    except ValueError:
        faults.append(FieldError("/at", "must be a time, like 14:00"))
    if faults:
        raise Unprocessable(errors=faults)
    try:
        return datetime.combine(day, at.replace(tzinfo=None), ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        raise Unprocessable(errors=[FieldError("/day", "must be a date, like 2026-05-31")]) from None


def _page(
    request: Request,
    visitor: Visitor,
    item: ApplicationItem,
    back: str,
    given: Form | None,
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    return page_support.page(
        "call_back.html",
        request,
        visitor,
        status if problems else 200,
        application=item,
        fields=FIELDS,
        typed=field_errors.typed(given, FIELDS, {}),
        problems=problems,
        back=back,
        **today.days(visitor.employer, request.now),
    )
