"""The records wing's doors: candidates and applications. Interviews and contacts have rooms of their own beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.caching import require_match
from chalicelib.api.json_text import instant
from chalicelib.api.query_params import PAGING, one_of, text, true_or_false
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route
from chalicelib.api.validators import instant_near, read_email, read_phone
from chalicelib.applications import serializers, service, unique_keys, unit_of_work
from chalicelib.applications.candidates import keep_in_mind
from chalicelib.applications.candidates import service as candidate_service
from chalicelib.applications.items import ApplicationItem, CandidateItem
from chalicelib.rules.model import DECIDED, LOOP_STATES, STAGES
from chalicelib.rules.title_similarity import are_similar
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key

records = Blueprint(__name__)
Json = dict[str, Any]


def _external_id(value: str) -> tuple[str, str]:
    system, colon, record = value.partition(":")
    if not (system and colon and record):
        raise ValueError("must be system:id, like greenhouse:265277")
    return system, record


def _phone(value: str) -> str:
    """A "+" that was not encoded arrives as a space."""
    return read_phone("+" + value[1:] if value.startswith(" ") else value)


# --- candidates ------------------------------------------------------------------------------------------------------


@route(records, "POST", "/v1/candidates", scope="write")
def post_candidate(request: Request) -> Response:
    from chalicelib.applications.schema import CandidateIn

    item, is_new = candidate_service.create(request.employer, request.body(CandidateIn).person(), request.now)
    return created(serializers.candidate_json(item), f"/v1/candidates/{item.id}", serializers.candidate_etag(item), is_new=is_new)


@route(records, "GET", "/v1/candidates", scope="read")
def list_candidates(request: Request) -> Json:
    query = request.read_query({**PAGING, "email": read_email, "phone": _phone, "external_id": _external_id})
    employer_id = request.employer_id

    def passes(item: CandidateItem) -> bool:
        same_email = "email" not in query or (item.email or "").casefold() == query["email"].casefold()
        known = {(e["system"], e["id"]) for e in item.external_ids}
        return (
            same_email
            and query.get("phone", item.phone) == item.phone
            and ("external_id" not in query or query["external_id"] in known)
        )

    def read(some: Sequence[str]) -> list[Json | None]:
        items = pagination.items_of([(keys.candidate_pk(employer_id, one), "CAND") for one in some])
        return [serializers.candidate_json(i) if isinstance(i, CandidateItem) and passes(i) else None for i in items]

    return pagination.paginate(request, query, _candidates_for(employer_id, query), read)


def _candidates_for(employer_id: str, query: Json) -> Callable[[str | None], Iterator[str]]:
    if "email" in query:
        return pagination.ids_in(
            _matched(unique_keys.candidate_keys(employer_id, name="", email=query["email"], phone=None, external_ids=()))
        )
    if "external_id" in query:
        system, record = query["external_id"]
        return pagination.ids_in(
            _matched(
                unique_keys.candidate_keys(
                    employer_id, name="", email=None, phone=None, external_ids=({"system": system, "id": record},)
                )
            )
        )
    return pagination.ids_of_kind(employer_id, "CAND")


def _matched(keys: list[Key]) -> list[str]:
    known = unique_keys.first_match(keys, table.get_many(keys))
    return [known] if known else []


def _candidate_key(request: Request) -> list[Key]:
    return [(keys.candidate_pk(request.claimed_employer_id or "", request.params["candidate_id"]), "CAND")]


@route(records, "GET", "/v1/candidates/{candidate_id}", scope="read", reads=_candidate_key)
def get_candidate(request: Request, candidate_id: str) -> Response:
    item = request.items.get(_candidate_key(request)[0])
    if not isinstance(item, CandidateItem):
        item = candidate_service.read(request.employer_id, candidate_id)
    return Response(200, serializers.candidate_json(item), {"ETag": serializers.candidate_etag(item)})


@route(records, "PATCH", "/v1/candidates/{candidate_id}", scope="write")
def patch_candidate(request: Request, candidate_id: str) -> Response:
    from chalicelib.applications.schema import CandidatePatch

    given = request.body(CandidatePatch).changes()
    item = candidate_service.change(
        request.employer,
        candidate_id,
        given,
        request.now,
        lambda found: require_match(request.if_match, serializers.candidate_etag(found)),
    )
    return Response(200, serializers.candidate_json(item), {"ETag": serializers.candidate_etag(item)})


# --- applications ----------------------------------------------------------------------------------------------------


@route(records, "POST", "/v1/applications", scope="write")
def post_application(request: Request) -> Response:
    from chalicelib.applications.schema import ApplicationIn

    case, is_new = service.open_application(request.employer, request.body(ApplicationIn).opening(), request.now)
    return _application(request, case.application, is_new=is_new)


def _application(request: Request, item: ApplicationItem, *, is_new: bool = False) -> Response:
    return created(
        serializers.application_json(item, request.now),
        f"/v1/applications/{item.id}",
        serializers.application_etag(item),
        is_new=is_new,
    )


@route(records, "GET", "/v1/applications", scope="read")
def list_applications(request: Request) -> Json:
    query = request.read_query(
        {
            **PAGING,
            "loop": one_of(*LOOP_STATES),
            "overdue": true_or_false,
            "stage": one_of(*STAGES),
            "decided": one_of(*DECIDED),
            "candidate_id": text,
            "external_id": _external_id,
            "updated_after": lambda value: instant_near(value.replace(" ", "+"), request.now),
        }
    )
    employer_id = request.employer_id

    def read(some: Sequence[str]) -> list[Json | None]:
        items = pagination.items_of([(keys.case_pk(employer_id, one), "APP") for one in some])
        return [_filtered(i, query, request.now) if isinstance(i, ApplicationItem) else None for i in items]

    return pagination.paginate(request, query, _applications_for(employer_id, query), read)


def _filtered(item: ApplicationItem, query: Json, now: datetime) -> Json | None:
    shown = serializers.application_json(item, now)
    same = all(query.get(name, shown[name]) == shown[name] for name in ("loop", "overdue", "stage", "decided", "candidate_id"))
    known = {(e["system"], e["id"]) for e in item.external_ids}
    fresh = "updated_after" not in query or item.updated_at > query["updated_after"]
    return shown if same and fresh and ("external_id" not in query or query["external_id"] in known) else None


def _applications_for(employer_id: str, query: Json) -> Callable[[str | None], Iterator[str]]:
    if "external_id" in query:
        system, record = query["external_id"]
        return pagination.ids_in(_matched(unique_keys.application_keys(employer_id, ({"system": system, "id": record},))))
    if "candidate_id" in query:
        item = table.get(keys.candidate_pk(employer_id, query["candidate_id"]), "CAND")
        return pagination.ids_in(item.applications if isinstance(item, CandidateItem) else [])
    return pagination.ids_of_kind(employer_id, "APP")


def _application_key(request: Request) -> list[Key]:
    return [(keys.case_pk(request.claimed_employer_id or "", request.params["application_id"]), "APP")]


@route(records, "GET", "/v1/applications/{application_id}", scope="read", reads=_application_key)
def get_application(request: Request, application_id: str) -> Response:
    item = request.items.get(_application_key(request)[0])
    if not isinstance(item, ApplicationItem) or item.id != application_id:
        item = unit_of_work.read_application(request.employer_id, application_id).application
    return Response(200, serializers.application_json(item, request.now), {"ETag": serializers.application_etag(item)})


@route(records, "PATCH", "/v1/applications/{application_id}", scope="write")
def patch_application(request: Request, application_id: str) -> Response:
    from chalicelib.applications.schema import ApplicationPatch

    given = request.body(ApplicationPatch).changes()
    case = service.change_application(
        request.employer,
        application_id,
        given,
        request.now,
        lambda found: require_match(request.if_match, serializers.application_etag(found.application)),
    )
    return Response(
        200, serializers.application_json(case.application, request.now), {"ETag": serializers.application_etag(case.application)}
    )


# --- kept in mind ----------------------------------------------------------------------------------------------------


@route(records, "GET", "/v1/keep_in_mind", scope="read")
def list_kept_in_mind(request: Request) -> Json:
    """Whom somebody promised to keep in mind, by job title; `job_title` asks for those of similar work."""
    query = request.read_query({**PAGING, "job_title": text})
    like = query.get("job_title")

    def read(some: Sequence[str]) -> list[Json | None]:
        similar = [place for place in some if like is None or are_similar(like, keep_in_mind.title_of(place))]
        found = dict(zip(similar, keep_in_mind.still_kept(request.employer_id, similar, request.now), strict=True))
        return [keep_in_mind.keep_json(*kept) if (kept := found.get(place)) else None for place in some]

    return pagination.paginate(request, query, pagination.ids_of_kind(request.employer_id, "KEEP"), read)


@route(records, "GET", "/v1/applications/{application_id}/shared_feedback", scope="read")
def get_shared_feedback(request: Request, application_id: str) -> Json:
    """What the candidate may read on their own page."""
    request.read_query({})
    shared = keep_in_mind.shared_feedback(unit_of_work.read_application(request.employer_id, application_id))
    return {"data": [{"at": instant(at), "feedback": words} for at, words in shared]}
