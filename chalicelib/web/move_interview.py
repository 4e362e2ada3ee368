"""The page that moves an interview to another day or time, or corrects its stage."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import unit_of_work
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.interviews import changes
from chalicelib.applications.interviews.service import interview_in
from chalicelib.applications.items import InterviewItem
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.rules.model import STAGES
from chalicelib.web import add_interview, field_errors, formatting, page_support

FIELDS = {name: add_interview.FIELDS[name] for name in ("stage", "date", "start", "end", "timezone")}
_POINTERS = {"/start_at": "start", "/end_at": "end"}


def form(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    """GET /applications/{application}/interviews/{interview}/move"""
    case, item = _read(visitor, application, interview)
    return _page(request, visitor, case, item, None, {})


def save(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    """POST /applications/{application}/interviews/{interview}/move"""
    given = page_support.form(request, visitor)
    case, item = _read(visitor, application, interview)
    try:
        start, end, faults = add_interview.times_of(given)
        if given.one("stage") not in STAGES:
            faults.append(FieldError("/stage", "must be one of the stages"))
        if faults:
            raise Unprocessable(errors=faults)
        fields = {"start_at": start, "end_at": end, "stage": given.one("stage")}
        changes.change_interview(visitor.employer, item.id, fields, request.now, lambda *_: None)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: _POINTERS.get(path, path[1:]), given)
        return _page(request, visitor, case, item, given, problems)
    except Conflict as error:
        detail = error.detail if item.status == "scheduled" else "This interview was cancelled or missed: reinstate it first."
        return _page(request, visitor, case, item, given, {"": detail}, 409)
    return page_support.see_other(request, f"/applications/{case.application.id}?done=yes")


def _read(visitor: Visitor, application: str, interview: str) -> tuple[ApplicationCase, InterviewItem]:
    """Return an interview with its case. Raises NotFound."""
    application_id, interview_id = page_support.demand_id(application, "app"), page_support.demand_id(interview, "int")
    case = unit_of_work.read_application(visitor.employer.id, application_id)
    return case, interview_in(case, interview_id)


def _page(
    request: Request,
    visitor: Visitor,
    case: ApplicationCase,
    item: InterviewItem,
    given: Form | None,
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    return page_support.page(
        "move_interview.html",
        request,
        visitor,
        status if problems else 200,
        application=case.application,
        interview=item,
        fields=FIELDS,
        typed=field_errors.typed(given, FIELDS, _shown(item, visitor.employer.timezone)),
        problems=problems,
        stages={stage: formatting.STAGE_NAMES[stage] for stage in STAGES},
    )


def _shown(item: InterviewItem, zone: str) -> dict[str, str]:
    def wall(instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(zone))

    return {
        "stage": item.stage,
        "date": f"{wall(item.start_at):%Y-%m-%d}",
        "start": f"{wall(item.start_at):%H:%M}",
        "end": f"{wall(item.end_at):%H:%M}",
        "timezone": zone,
    }
