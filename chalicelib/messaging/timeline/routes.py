"""`/v1/applications/{id}/timeline`."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.route import route

timelines = Blueprint(__name__)


@route(timelines, "GET", "/v1/applications/{application_id}/timeline", scope="read")
def get_timeline(request: Request, application_id: str) -> dict[str, Any]:
    """Lists everything that happened to one application, newest first: two requests to the table, however much it is."""
    from chalicelib.messaging.timeline import entries

    query = request.read_query(PAGING)
    found = entries.read(request.employer_id, application_id, request.now)
    return pagination.paginate(request, query, pagination.ids_in(found), lambda some: [found[one] for one in some])
