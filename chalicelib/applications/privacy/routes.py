"""The doors of privacy: exports, erasure, and what was erased."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access.call import Call, Reply
from chalicelib.access.routes import route
from chalicelib.applications import candidates, lists, views
from chalicelib.applications.privacy import erasure, export
from chalicelib.config import settings
from chalicelib.http import PAGING, decode_cursor, encode_cursor, require_match

privacy = Blueprint(__name__)
Json = dict[str, Any]


@route(privacy, "DELETE", "/v1/candidates/{candidate_id}", scope="manage")
def delete_candidate(call: Call, candidate_id: str) -> Reply:
    """Takes a person out everywhere. The answer says what stays, and what a law keeps."""
    item = erasure.erase(
        call.employer, candidate_id, call.now, lambda found: require_match(call.if_match, views.candidate_etag(found))
    )
    return Reply(200, erasure.erasure_json(item))


@route(privacy, "GET", "/v1/candidates/{candidate_id}/export", scope="read")
def export_candidate(call: Call, candidate_id: str) -> Reply:
    call.read_query({})
    body = export.of_candidate(candidates.read(call.employer_id, candidate_id), call.now)
    return Reply(200, body, {"Content-Disposition": f'attachment; filename="{candidate_id}.json"'})


@route(privacy, "GET", "/v1/erasures", scope="read")
def list_erasures(call: Call) -> Json:
    """Who was erased, by id, and what was kept: the proof that it was done."""
    query = call.read_query(PAGING)
    stream = lists.of_kind(call.employer_id, "ERASURE")
    return lists.page(call, query, stream, lambda some: erasure.listed(call.employer_id, some))


@route(privacy, "GET", "/v1/export", scope="manage")
def export_employer(call: Call) -> Reply:
    """The whole employer as JSON Lines, page by page: follow `Link: rel="next"` until the line {"type": "end"}."""
    query = call.read_query(PAGING)
    bound_to, secret = f"{call.employer_id} export", settings().secret
    start = decode_cursor(query["cursor"], secret=secret, bound_to=bound_to, now=call.now) if "cursor" in query else None
    text, position = export.page(call.employer_item, start, query["limit"], call.now)
    headers = {"Content-Type": export.LINES}
    if position:
        cursor = encode_cursor(position, secret=secret, bound_to=bound_to)
        headers["Link"] = f'<{settings().base_url}/v1/export?limit={query["limit"]}&cursor={cursor}>; rel="next"'
    return Reply(200, text, headers)
