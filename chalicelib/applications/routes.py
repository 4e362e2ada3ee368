"""`/v1/applications`: its candidates, interviews and contacts have packages of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.caching import require_match
from chalicelib.api.query_params import LIMIT_MOST, PAGING, id_of, near, one_of, read_owner, true_or_false
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route
from chalicelib.api.serialize import extend
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.rules.model import DECIDED, LOOP_STATES, STAGES
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key

if TYPE_CHECKING:
    from chalicelib.applications.aggregate import ApplicationCase
    from chalicelib.applications.responses import Application

applications = Blueprint(__name__)
Json = dict[str, Any]


@route(applications, "POST", "/v1/applications", scope="write")
def post_application(request: Request) -> Response:
    from chalicelib.applications import serializers, service
    from chalicelib.applications.responses import MatchedApplication
    from chalicelib.applications.schema import ApplicationIn

    matched = service.create_application(
        request.employer,
        request.body(ApplicationIn).to_input(),
        request.now,
        committer=request.committer,
        by=request.caller.actor,
    )
    item, is_new = matched.case.application, matched.created
    fields = serializers.match_fields(is_new, matched.matched_by, matched.ignored, matched.shared)
    body = extend(MatchedApplication, serializers.serialize_application(item, request.now), **fields)
    return created(body, f"/v1/applications/{item.id}", serializers.application_etag(item), is_new=is_new)


@route(applications, "GET", "/v1/applications", scope="read")
def list_applications(request: Request) -> Json:
    from chalicelib.applications import overdue_list, unique_keys
    from chalicelib.applications.candidates import search
    from chalicelib.rules.name_search import is_match, words_of

    query = request.read_query(
        {
            **PAGING,
            "q": search.read_wanted,
            "loop": one_of(*LOOP_STATES),
            "overdue": true_or_false,
            "stage": one_of(*STAGES),
            "decided": one_of(*DECIDED),
            "candidate_id": id_of("cand", "a candidate"),
            "owner": read_owner(request.caller.actor),
            "external_id": unique_keys.read_external_id,
            "updated_after": near(request.now),
        }
    )
    employer_id = request.employer_id

    def is_named(item: ApplicationItem) -> bool:
        return "q" not in query or is_match(query["q"], words_of(item.name))

    def read(some: Sequence[str]) -> list[Any]:
        items = pagination.items_of([(keys.case_pk(employer_id, one), "APP") for one in some])
        found = [item if isinstance(item, ApplicationItem) and is_named(item) else None for item in items]
        return [item and _filtered(item, query, request.now) for item in found]

    def by_name(start: str | None) -> Any:
        most = query["limit"] if query.keys() <= {*PAGING, "q"} else LIMIT_MOST
        rows, following = search.find_applications(employer_id, query["q"], most, start)
        return [(position, item and _filtered(item, query, request.now)) for position, item in rows], following

    if "q" in query and query.keys().isdisjoint(("candidate_id", "external_id")):
        return pagination.paginate_rows(request, query, by_name)
    if "updated_after" in query and query.keys().isdisjoint(("candidate_id", "external_id", "owner")):
        from chalicelib.applications.changes import changed_lists

        if begin := changed_lists.begin(request, query):
            return changed_lists.paginate(request, query, "application", begin, read)
    if overdue_list.reads(query):
        return overdue_list.paginate(request, query, read)
    return pagination.paginate(request, query, _applications_for(employer_id, query), read)


def _filtered(item: ApplicationItem, query: Json, now: datetime) -> Application | None:
    from chalicelib.applications import serializers

    shown = serializers.serialize_application(item, now)
    same = all(
        query.get(name, getattr(shown, name)) == getattr(shown, name)
        for name in ("loop", "overdue", "stage", "decided", "candidate_id")
    )
    same_id = "external_id" not in query or query["external_id"] in item.external_ids
    owned = query.get("owner", item.owner_id) == item.owner_id
    fresh = "updated_after" not in query or item.updated_at > query["updated_after"]
    return shown if same and same_id and owned and fresh else None


def _applications_for(employer_id: str, query: Json) -> Callable[[str | None], Iterator[str]]:
    from chalicelib.applications import unique_keys
    from chalicelib.applications.people_lists import owned_list

    if "external_id" in query:
        return pagination.ids_in(unique_keys.find(unique_keys.application_keys(employer_id, (query["external_id"],))))
    if "candidate_id" in query:
        item = table.get(keys.candidate_pk(employer_id, query["candidate_id"]), "CAND")
        return pagination.ids_in(item.applications if isinstance(item, CandidateItem) else [])
    return pagination.ids_of_kind(employer_id, owned_list(query["owner"]) if "owner" in query else "APP")


def _application_key(request: Request) -> list[Key]:
    return [(keys.case_pk(request.claimed_employer_id or "", request.params["application_id"]), "APP")]


@route(applications, "GET", "/v1/applications/{application_id}", scope="read", reads=_application_key)
def get_application(request: Request, application_id: str) -> Response:
    from chalicelib.applications.serializers import application_etag, serialize_application
    from chalicelib.applications.unit_of_work import read_application

    item = request.items.get(_application_key(request)[0])
    if not isinstance(item, ApplicationItem) or item.id != application_id:
        item = read_application(request.employer_id, application_id).application
    return Response(200, serialize_application(item, request.now), {"ETag": application_etag(item)})


@route(applications, "PATCH", "/v1/applications/{application_id}", scope="write")
def patch_application(request: Request, application_id: str) -> Response:
    from chalicelib.applications.schema import ApplicationPatch
    from chalicelib.applications.serializers import application_etag, serialize_application
    from chalicelib.applications.service import change_application

    def check(found: ApplicationCase) -> None:
        if request.if_match is not None:
            require_match(request.if_match, application_etag(found.application))

    given = request.body(ApplicationPatch).changes()
    case = change_application(request.employer, application_id, given, request.now, check, by=request.caller.actor)
    return Response(
        200,
        serialize_application(case.application, request.now),
        {"ETag": application_etag(case.application)},
    )


@route(applications, "POST", "/v1/applications/{application_id}/feedback", scope="write")
def post_feedback(request: Request, application_id: str) -> Response:
    from chalicelib.applications import feedback, serializers
    from chalicelib.applications.schema import FeedbackAnswerIn

    given = request.body(FeedbackAnswerIn)
    case = feedback.answer(
        request.employer,
        application_id,
        given.reasons,
        given.note,
        request.now,
        lambda found: require_match(request.if_match, serializers.application_etag(found.application)),
        committer=request.committer,
        by=request.caller.actor,
    )
    body = serializers.serialize_application(case.application, request.now)
    return Response(200, body, {"ETag": serializers.application_etag(case.application)})
