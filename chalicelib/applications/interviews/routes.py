"""`/v1/interviews`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.caching import require_match
from chalicelib.api.query_params import PAGING, id_of, near, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route
from chalicelib.api.serialize import extend
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.errors import NotFound
from chalicelib.rules.model import INTERVIEW_STATUSES
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key

if TYPE_CHECKING:
    from chalicelib.applications.aggregate import ApplicationCase
    from chalicelib.applications.interviews.changes import Check

interviews = Blueprint(__name__)
Json = dict[str, Any]


def _unique_keys_of_body(request: Request) -> list[Key]:
    from chalicelib.applications.interviews.schema import InterviewIn

    body = request.body_or_none(InterviewIn)
    return body.booking.keys(request.claimed_employer_id or "") if body else []


@route(interviews, "POST", "/v1/interviews", scope="write", reads=_unique_keys_of_body)
def post_interview(request: Request) -> Response:
    """Books an interview. Candidate and application are found or created."""
    from chalicelib.applications.interviews.schema import InterviewIn
    from chalicelib.applications.interviews.serializers import interview_etag, serialize_interview
    from chalicelib.applications.interviews.service import book
    from chalicelib.applications.responses import MatchedInterview
    from chalicelib.applications.serializers import match_fields

    booking = request.body(InterviewIn).booking
    booked = book(request.employer, booking, request.now, request.items, committer=request.committer, by=request.caller.actor)
    item, application = booked.interview, booked.case.application
    matched = match_fields(booked.created, booked.matched_by, booked.ignored, booked.shared)
    body = extend(MatchedInterview, serialize_interview(item, application, request.now), **matched)
    etag = interview_etag(item, application)
    return created(body, f"/v1/interviews/{item.id}", etag, is_new=booked.created)


def _interview(request: Request, item: InterviewItem, application: ApplicationItem) -> Response:
    from chalicelib.applications.interviews import serializers

    body = serializers.serialize_interview(item, application, request.now)
    return created(body, f"/v1/interviews/{item.id}", serializers.interview_etag(item, application), is_new=False)


@route(interviews, "GET", "/v1/interviews", scope="read")
def list_interviews(request: Request) -> Json:
    from chalicelib.applications.interviews import serializers

    query = request.read_query(
        {
            **PAGING,
            "application_id": id_of("app", "an application"),
            "starts_after": near(request.now),
            "starts_before": near(request.now),
            "updated_after": near(request.now),
            "status": one_of(*INTERVIEW_STATUSES),
        }
    )
    employer_id = request.employer_id

    def read(some: Sequence[str]) -> list[Any]:
        found = _read_passing(employer_id, some, query)
        return [serializers.serialize_interview(*found[one], request.now) if one in found else None for one in some]

    if "updated_after" in query and "application_id" not in query:
        from chalicelib.applications.changes import changed_lists

        if begin := changed_lists.begin(request, query):
            return changed_lists.paginate(request, query, "interview", begin, read)
    if "application_id" in query:
        ids = pagination.ids_in(_interviews_of(employer_id, query["application_id"]))
    else:
        ids = pagination.ids_of_kind(employer_id, "INT")
    return pagination.paginate(request, query, ids, read)


def _interviews_of(employer_id: str, application_id: str) -> Iterable[str]:
    """Returns the ids of an application's interviews; none where there is no such application."""
    from chalicelib.applications.unit_of_work import read_application

    try:
        return read_application(employer_id, application_id).interviews
    except NotFound:
        return ()


def _read_passing(employer_id: str, some: Sequence[str], query: Json) -> dict[str, tuple[InterviewItem, ApplicationItem]]:
    """Reads interviews that pass the filters, with their applications: first the interviews alone where there is a filter."""
    filters = query.keys() & {"starts_after", "starts_before", "status", "updated_after"}
    places = {one: (keys.case_pk(employer_id, one), f"INT#{one}") for one in some}
    applications = {one: (pk, "APP") for one, (pk, _) in places.items()}
    found = table.get_many([*places.values(), *(() if filters else applications.values())])
    passing = {one: item for one, key in places.items() if isinstance(item := found.get(key), InterviewItem)}
    if filters:
        passing = {one: item for one, item in passing.items() if _passes(item, query)}
        found |= table.get_many([applications[one] for one in passing])
    pairs = ((one, item, found.get(applications[one])) for one, item in passing.items())
    return {one: (item, application) for one, item, application in pairs if isinstance(application, ApplicationItem)}


def _passes(item: InterviewItem, query: Json) -> bool:
    """Whether an interview is one of those asked for. `starts_after` includes its instant, so that no two days share one."""
    start, status = item.start_at, item.status
    is_within = query.get("starts_after", start) <= start and ("starts_before" not in query or start < query["starts_before"])
    is_changed = "updated_after" not in query or item.updated_at > query["updated_after"]
    return bool(is_within and is_changed and query.get("status", status) == status)


def _interview_keys(request: Request) -> list[Key]:
    pk = keys.case_pk(request.claimed_employer_id or "", request.params["interview_id"])
    return [(pk, f"INT#{request.params['interview_id']}"), (pk, "APP")]


@route(interviews, "GET", "/v1/interviews/{interview_id}", scope="read", reads=_interview_keys)
def get_interview(request: Request, interview_id: str) -> Response:
    from chalicelib.applications.interviews import serializers, service
    from chalicelib.applications.unit_of_work import read_case

    item, application = (request.items.get(key) for key in _interview_keys(request))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem):
        case = read_case(request.employer_id, interview_id)
        item, application = service.interview_in(case, interview_id), case.application
    return Response(
        200,
        serializers.serialize_interview(item, application, request.now),
        {"ETag": serializers.interview_etag(item, application)},
    )


@route(interviews, "GET", "/v1/interviews/{interview_id}/calendar.ics", scope="read", reads=_interview_keys)
def get_interview_calendar(request: Request, interview_id: str) -> Response:  # noqa: ARG001 - `reads` uses the id
    """Writes a calendar file of the follow-up: when, what number to call, what to ask."""
    from chalicelib.applications.interviews import calendar_file

    item, application = (request.items.get(key) for key in _interview_keys(request))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem):
        raise NotFound
    text = calendar_file.follow_up(request.employer, item, application, request.now)
    kept = {"Content-Disposition": 'attachment; filename="follow-up.ics"'}
    return Response(200, text, {"Content-Type": calendar_file.MEDIA_TYPE, **kept})


def _is_as_read(request: Request) -> Check:
    from chalicelib.applications.interviews import serializers

    return lambda found, item: require_match(request.if_match, serializers.interview_etag(item, found.application))


@route(interviews, "PATCH", "/v1/interviews/{interview_id}", scope="write")
def patch_interview(request: Request, interview_id: str) -> Response:
    from chalicelib.applications.interviews.changes import change_interview
    from chalicelib.applications.interviews.schema import InterviewPatch

    given, by = request.body(InterviewPatch).changes(), request.caller.actor
    case, item = change_interview(request.employer, interview_id, given, request.now, _is_as_read(request), by=by)
    return _interview(request, item, case.application)


@route(interviews, "POST", "/v1/interviews/{interview_id}/cancel", scope="write")
def cancel_interview(request: Request, interview_id: str) -> Response:
    from chalicelib.applications.interviews import changes

    return _change_status(request, interview_id, changes.cancel_interview)


@route(interviews, "POST", "/v1/interviews/{interview_id}/reinstate", scope="write")
def reinstate_interview(request: Request, interview_id: str) -> Response:
    """Takes back a cancellation or a no-show."""
    from chalicelib.applications.interviews import changes

    return _change_status(request, interview_id, changes.reinstate_interview)


@route(interviews, "POST", "/v1/interviews/{interview_id}/no_show", scope="write")
def mark_no_show(request: Request, interview_id: str) -> Response:
    from chalicelib.applications.interviews import changes

    return _change_status(request, interview_id, changes.mark_no_show)


def _change_status(request: Request, interview_id: str, change: Callable[..., tuple[ApplicationCase, InterviewItem]]) -> Response:
    """Answers with the interview as `change` left it. A stale If-Match is refused."""
    case, item = change(
        request.employer,
        interview_id,
        request.now,
        _is_as_read(request),
        committer=request.committer,
        by=request.caller.actor,
    )
    return _interview(request, item, case.application)
