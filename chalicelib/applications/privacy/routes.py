"""Exports and erasure: `/v1/export`, `/v1/erasures`, and both of one candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.caching import require_match
from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.applications.privacy.items import ErasureItem, erasure_key
from chalicelib.auth.audit_log import About, note_now
from chalicelib.config import settings

privacy = Blueprint(__name__)
Json = dict[str, Any]


@route(privacy, "DELETE", "/v1/candidates/{candidate_id}", scope="manage")
def delete_candidate(request: Request, candidate_id: str) -> Response:
    """Erases a candidate. The response says what is kept, and under which law."""
    from chalicelib.applications.candidates import serializers
    from chalicelib.applications.privacy import erasure
    from chalicelib.applications.privacy.serializers import serialize_erasure

    item = erasure.erase(
        request.employer,
        candidate_id,
        request.now,
        lambda found: require_match(request.if_match, serializers.candidate_etag(found)),
        origin=request.origin,
    )
    return Response(200, serialize_erasure(item))


@route(privacy, "GET", "/v1/candidates/{candidate_id}/export", scope="read")
def export_candidate(request: Request, candidate_id: str) -> Response:
    from chalicelib.applications.candidates import service
    from chalicelib.applications.privacy import export

    request.read_query({})
    body = export.of_candidate(service.read(request.employer_id, candidate_id), request.now)
    note_now(request.employer_id, "export", request.origin, request.now, about=About("candidate", candidate_id))
    return Response(200, body, {"Content-Disposition": f'attachment; filename="{candidate_id}.json"'})


@route(privacy, "GET", "/v1/erasures", scope="read")
def list_erasures(request: Request) -> Json:
    """Lists erasures by candidate id, with what was kept: proof that they were done."""
    from chalicelib.applications.privacy.serializers import serialize_erasure

    query = request.read_query(PAGING)
    stream = pagination.ids_of_kind(request.employer_id, "ERASURE")

    def read(places: Sequence[str]) -> list[Any]:
        items = pagination.items_of([erasure_key(request.employer_id, place[27:]) for place in places])
        return [serialize_erasure(item) if isinstance(item, ErasureItem) else None for item in items]

    return pagination.paginate(request, query, stream, read)


@route(privacy, "GET", "/v1/export", scope="manage", also_needs="read")
def export_employer(request: Request) -> Response:
    """Exports the whole employer as JSON Lines. Follow `Link: rel="next"` until the line {"type": "end"}."""
    from chalicelib.applications.privacy import export

    query = request.read_query(PAGING)
    bound_to, keys = f"{request.employer_id} export", settings().sign
    start = decode_cursor(query["cursor"], keys=keys, bound_to=bound_to, now=request.now) if "cursor" in query else None
    if start is None:  # a client follows the links of one export
        note_now(request.employer_id, "export", request.origin, request.now)
    text, position = export.page(request.employer_item, start, query["limit"], request.now)
    headers = {"Content-Type": export.LINES}
    if position:
        cursor = encode_cursor(position, keys=keys, bound_to=bound_to)
        headers["Link"] = f'<{settings().base_url}/v1/export?limit={query["limit"]}&cursor={cursor}>; rel="next"'
    return Response(200, text, headers)
