"""`/v1/candidates` and `/v1/keep_in_mind`, and the feedback that a candidate may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.caching import require_match
from chalicelib.api.phone_numbers import read_phone
from chalicelib.api.query_params import LIMIT_MOST, PAGING, near, text
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route
from chalicelib.api.serialize import extend
from chalicelib.api.validators import read_email
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.rules.canonical import canonical_email, canonical_phone
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key

candidates = Blueprint(__name__)
Json = dict[str, Any]


def _phone(value: str) -> str:
    """Reads a number whose "+" was not encoded and arrives as a space."""
    return read_phone("+" + value[1:] if value.startswith(" ") else value)


@route(candidates, "POST", "/v1/candidates", scope="write")
def post_candidate(request: Request) -> Response:
    from chalicelib.applications.candidates import serializers, service
    from chalicelib.applications.candidates.schema import CandidateIn
    from chalicelib.applications.responses import MatchedCandidate
    from chalicelib.applications.serializers import match_fields

    wanted, by = request.body(CandidateIn).to_input(), request.caller.actor
    matched = service.create(request.employer, wanted, request.now, committer=request.committer, by=by)
    item, is_new = matched.candidate, matched.created
    fields = match_fields(is_new, matched.matched_by, matched.ignored, matched.shared)
    body = extend(MatchedCandidate, serializers.serialize_candidate(item), **fields)
    return created(body, f"/v1/candidates/{item.id}", serializers.candidate_etag(item), is_new=is_new)


@route(candidates, "GET", "/v1/candidates", scope="read")
def list_candidates(request: Request) -> Json:
    from chalicelib.applications import unique_keys
    from chalicelib.applications.candidates import search, serializers

    query = request.read_query(
        {
            **PAGING,
            "q": search.read_wanted,
            "email": read_email,
            "phone": _phone,
            "external_id": unique_keys.read_external_id,
            "updated_after": near(request.now),
        }
    )
    employer_id = request.employer_id

    def shown(item: CandidateItem | None) -> Any:
        return serializers.serialize_candidate(item) if item and _passes(item, query) else None

    def by_name(start: str | None) -> Any:
        most = query["limit"] if query.keys() <= {*PAGING, "q"} else LIMIT_MOST
        rows, following = search.find_candidates(employer_id, query["q"], most, start)
        return [(position, shown(item)) for position, item in rows], following

    def read(some: Sequence[str]) -> list[Any]:
        items = pagination.items_of([(keys.candidate_pk(employer_id, one), "CAND") for one in some])
        return [shown(item) if isinstance(item, CandidateItem) else None for item in items]

    if "q" in query and query.keys().isdisjoint(("email", "external_id")):
        return pagination.paginate_rows(request, query, by_name)
    if "updated_after" in query and query.keys().isdisjoint(("email", "external_id")):
        from chalicelib.applications.changes import changed_lists

        if begin := changed_lists.begin(request, query):
            return changed_lists.paginate(request, query, "candidate", begin, read)
    return pagination.paginate(request, query, _candidates_for(employer_id, query), read)


def _passes(item: CandidateItem, query: Json) -> bool:
    from chalicelib.rules.name_search import is_match, words_of

    same_email = "email" not in query or canonical_email(item.email or "") == canonical_email(query["email"])
    same_id = "external_id" not in query or query["external_id"] in item.external_ids
    same_phone = "phone" not in query or canonical_phone(item.phone or "") == canonical_phone(query["phone"])
    same_name = "q" not in query or is_match(query["q"], words_of(item.name))
    is_changed = "updated_after" not in query or item.updated_at > query["updated_after"]
    return bool(is_changed and same_email and same_id and same_phone and same_name)


def _candidates_for(employer_id: str, query: Json) -> Callable[[str | None], Iterator[str]]:
    from chalicelib.applications import unique_keys

    if "email" in query:
        key = unique_keys.address_keys(employer_id, query["email"], None)["email"]
        item = table.get(*key)
        if not unique_keys.lists_some(item):
            return pagination.ids_in(sorted(unique_keys.record_ids(item)))
    elif "external_id" in query:
        return pagination.ids_in(unique_keys.find(unique_keys.external_keys(employer_id, (query["external_id"],))))
    return pagination.ids_of_kind(employer_id, "CAND")


def _candidate_key(request: Request) -> list[Key]:
    return [(keys.candidate_pk(request.claimed_employer_id or "", request.params["candidate_id"]), "CAND")]


@route(candidates, "GET", "/v1/candidates/{candidate_id}", scope="read", reads=_candidate_key)
def get_candidate(request: Request, candidate_id: str) -> Response:
    from chalicelib.applications.candidates import serializers, service

    item = request.items.get(_candidate_key(request)[0])
    if not isinstance(item, CandidateItem):
        item = service.read(request.employer_id, candidate_id)
    return Response(200, serializers.serialize_candidate(item), {"ETag": serializers.candidate_etag(item)})


@route(candidates, "PATCH", "/v1/candidates/{candidate_id}", scope="write")
def patch_candidate(request: Request, candidate_id: str) -> Response:
    from chalicelib.applications.candidates import serializers, service
    from chalicelib.applications.candidates.schema import CandidatePatch

    given = request.body(CandidatePatch).changes()
    item = service.change(
        request.employer,
        candidate_id,
        given,
        request.now,
        lambda found: require_match(request.if_match, serializers.candidate_etag(found)),
    )
    return Response(200, serializers.serialize_candidate(item), {"ETag": serializers.candidate_etag(item)})


@route(candidates, "GET", "/v1/keep_in_mind", scope="read")
def list_kept_in_mind(request: Request) -> Json:
    """Lists candidates kept in mind, by job title; `job_title` filters by similar jobs."""
    from chalicelib.applications.candidates import keep_in_mind, serializers
    from chalicelib.rules.title_similarity import are_similar

    query = request.read_query({**PAGING, "job_title": text})
    like = query.get("job_title")

    def read(some: Sequence[str]) -> list[Any]:
        similar = [place for place in some if like is None or are_similar(like, keep_in_mind.title_of(place))]
        found = dict(zip(similar, keep_in_mind.still_kept(request.employer_id, similar, request.now), strict=True))
        return [serializers.serialize_kept_in_mind(*kept) if (kept := found.get(place)) else None for place in some]

    return pagination.paginate(request, query, pagination.ids_of_kind(request.employer_id, "KEEP"), read)


@route(candidates, "GET", "/v1/applications/{application_id}/shared_feedback", scope="read")
def get_shared_feedback(request: Request, application_id: str) -> dict[str, Any]:
    """Lists feedback that the candidate may read on their own page."""
    from chalicelib.applications.candidates import keep_in_mind
    from chalicelib.applications.responses import FeedbackShown
    from chalicelib.applications.unit_of_work import read_application

    shared = keep_in_mind.shared_feedback(read_application(request.employer_id, application_id))
    return pagination.paginate_few(request, [FeedbackShown(at, words) for at, words in shared])
