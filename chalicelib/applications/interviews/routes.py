"""`/v1/interviews`: one call does the main job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib import ids, table
from chalicelib.access.call import created
from chalicelib.access.routes import Call, Reply, route
from chalicelib.applications import calendar_file, lists, views
from chalicelib.applications.amending import read_application, read_case
from chalicelib.applications.interviews import service
from chalicelib.applications.table import ApplicationItem, InterviewItem
from chalicelib.errors import NotFound
from chalicelib.http import PAGING, require_match, text
from chalicelib.table import Key

interviews = Blueprint(__name__)
Json = dict[str, Any]


def _keys_behind_interview(call: Call) -> list[Key]:
    from chalicelib.applications.schema import InterviewIn

    body = call.body_or_none(InterviewIn)
    opening = body.booking().opening if body else None
    return opening.keys(call.claimed_employer_id or "") if opening else []


@route(interviews, "POST", "/v1/interviews", scope="write", reads=_keys_behind_interview)
def post_interview(call: Call) -> Reply:
    """One call does the main job: candidate, application and interview, found or made; the clock starts."""

    from chalicelib.applications.schema import InterviewIn

    booking = call.body(InterviewIn).booking()
    case, interview, is_new = service.book(call.employer, booking, call.now, call.items if booking.opening else None)
    return _interview(call, interview, case.application, is_new=is_new)


def _interview(call: Call, item: InterviewItem, application: ApplicationItem, *, is_new: bool = False) -> Reply:
    return created(
        views.interview_json(item, application, call.now),
        f"/v1/interviews/{item.id}",
        views.interview_etag(item, application),
        is_new=is_new,
    )


@route(interviews, "GET", "/v1/interviews", scope="read")
def list_interviews(call: Call) -> Json:
    query = call.read_query({**PAGING, "application_id": text})
    employer_id = call.employer_id

    def read(some: Sequence[str]) -> list[Json | None]:
        found = table.get_many([(ids.case_pk(employer_id, one), sk) for one in some for sk in ("APP", f"INT#{one}")])
        pairs = [
            (found.get((ids.case_pk(employer_id, one), f"INT#{one}")), found.get((ids.case_pk(employer_id, one), "APP")))
            for one in some
        ]
        return [
            views.interview_json(i, a, call.now) if isinstance(i, InterviewItem) and isinstance(a, ApplicationItem) else None
            for i, a in pairs
        ]

    if "application_id" in query:
        return lists.page(call, query, lists.of(read_application(employer_id, query["application_id"]).interviews), read)
    return lists.page(call, query, lists.of_kind(employer_id, "INT"), read)


def _interview_keys(call: Call) -> list[Key]:
    pk = ids.case_pk(call.claimed_employer_id or "", call.params["interview_id"])
    return [(pk, f"INT#{call.params['interview_id']}"), (pk, "APP")]


@route(interviews, "GET", "/v1/interviews/{interview_id}", scope="read", reads=_interview_keys)
def get_interview(call: Call, interview_id: str) -> Reply:
    item, application = (call.items.get(key) for key in _interview_keys(call))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem):
        case = read_case(call.employer_id, interview_id)
        item, application = service.interview_in(case, interview_id), case.application
    return Reply(200, views.interview_json(item, application, call.now), {"ETag": views.interview_etag(item, application)})


@route(interviews, "GET", "/v1/interviews/{interview_id}/calendar.ics", scope="read", reads=_interview_keys)
def get_interview_calendar(call: Call, interview_id: str) -> Reply:  # noqa: ARG001 - `reads` has read it
    """The follow-up day, with whom to call and what to ask, for a calendar."""
    item, application = (call.items.get(key) for key in _interview_keys(call))
    if not isinstance(item, InterviewItem) or not isinstance(application, ApplicationItem):
        raise NotFound
    text = calendar_file.follow_up(call.employer, item, application, call.now)
    kept = {"Content-Disposition": 'attachment; filename="follow-up.ics"'}
    return Reply(200, text, {"Content-Type": calendar_file.MEDIA_TYPE, **kept})


@route(interviews, "PATCH", "/v1/interviews/{interview_id}", scope="write")
def patch_interview(call: Call, interview_id: str) -> Reply:
    from chalicelib.applications.schema import InterviewPatch

    given = call.body(InterviewPatch).changes()
    case, item = service.change_interview(
        call.employer,
        interview_id,
        given,
        call.now,
        lambda found, interview: require_match(call.if_match, views.interview_etag(interview, found.application)),
    )
    return _interview(call, item, case.application)


@route(interviews, "POST", "/v1/interviews/{interview_id}/cancel", scope="write")
def cancel_interview(call: Call, interview_id: str) -> Reply:
    case, item = service.cancel_interview(call.employer, interview_id, call.now)
    return _interview(call, item, case.application)


@route(interviews, "POST", "/v1/interviews/{interview_id}/no_show", scope="write")
def mark_no_show(call: Call, interview_id: str) -> Reply:
    case, item = service.mark_no_show(call.employer, interview_id, call.now)
    return _interview(call, item, case.application)
