"""The doors of the ATS connections: managed by the employer, and one public door for events, whose signature is its key."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.integrations.ats import items  # noqa: F401 - its kinds are known from the start, the ATS when one is asked for
from chalicelib.rules.model import ATS_EVENT_STATUSES

integrations = Blueprint(__name__)
Json = dict[str, Any]


@route(integrations, "POST", "/integrations/{system}/{connection}", public=True)
def post_event(request: Request, system: str, connection: str) -> Json:
    """Verified, deduplicated and stored in one write; worked from the queue."""
    from chalicelib.integrations.ats import receive

    return {"received": True, "new": receive.accept(system, connection, request.headers, request.raw_body, request.now)}


@route(integrations, "POST", "/v1/integrations", scope="manage")
def post_connection(request: Request) -> Response:
    from chalicelib.integrations.ats import connections
    from chalicelib.integrations.ats.schema import ConnectionIn

    item, made = connections.create(request.employer_id, request.body(ConnectionIn).model_dump(), request.now)
    shown = {**connections.connection_json(item), **({"secret": made} if made else {})}
    return Response(201, shown, {"Location": f"/v1/integrations/{item.id}"})


@route(integrations, "GET", "/v1/integrations", scope="read")
def list_connections(request: Request) -> Json:
    from chalicelib.integrations.ats import connections

    request.read_query({})
    return {"data": [connections.connection_json(item) for item in connections.listed(request.employer_id)]}


@route(integrations, "GET", "/v1/integrations/{integration_id}", scope="read")
def get_connection(request: Request, integration_id: str) -> Json:
    from chalicelib.integrations.ats import connections

    return connections.with_poll(connections.read(request.employer_id, integration_id))


@route(integrations, "PATCH", "/v1/integrations/{integration_id}", scope="manage")
def patch_connection(request: Request, integration_id: str) -> Json:
    from chalicelib.integrations.ats import connections
    from chalicelib.integrations.ats.schema import ConnectionPatch

    given = request.body(ConnectionPatch).model_dump(exclude_unset=True)
    return connections.connection_json(connections.change(request.employer_id, integration_id, given, request.now))


@route(integrations, "DELETE", "/v1/integrations/{integration_id}", scope="manage")
def delete_connection(request: Request, integration_id: str) -> Response:
    from chalicelib.integrations.ats import connections

    connections.revoke(request.employer_id, integration_id, request.now)
    return Response(204)


@route(integrations, "POST", "/v1/integrations/{integration_id}/test", scope="read")
def try_payload(request: Request, integration_id: str) -> Json:
    """Shows what a payload would do; does nothing."""
    from chalicelib.integrations.ats import connections, events
    from chalicelib.integrations.ats.schema import TryIn

    connection = connections.read(request.employer_id, integration_id)
    return events.tried_out(connection, request.body(TryIn).payload, request.now)


@route(integrations, "GET", "/v1/integrations/{integration_id}/events", scope="read")
def list_events(request: Request, integration_id: str) -> Json:
    from chalicelib.integrations.ats import connections, events

    query = {"status": "unmapped", **request.read_query({**PAGING, "status": one_of(*ATS_EVENT_STATUSES)})}
    connection = connections.read(request.employer_id, integration_id)
    status = query["status"]
    return pagination.paginate(
        request, query, events.candidates(connection, status), lambda some: events.read_listed(connection, list(some), status)
    )


@route(integrations, "GET", "/v1/integrations/{integration_id}/events/{event_id}", scope="read")
def get_event(request: Request, integration_id: str, event_id: str) -> Json:
    from chalicelib.integrations.ats import connections, events

    return events.event_json(events.read(connections.read(request.employer_id, integration_id), event_id), whole=True)


@route(integrations, "POST", "/v1/integrations/{integration_id}/events/{event_id}/replay", scope="write")
def replay_event(request: Request, integration_id: str, event_id: str) -> Response:
    from chalicelib.integrations.ats import connections, events

    item = events.read(connections.read(request.employer_id, integration_id), event_id)
    return Response(202, events.event_json(events.replay(item, request.now)))


@route(integrations, "POST", "/v1/integrations/{integration_id}/replay", scope="write")
def replay_events(request: Request, integration_id: str) -> Response:
    """All of one status, up to 500 at a time."""
    from chalicelib.integrations.ats import connections, events
    from chalicelib.integrations.ats.schema import ReplayIn

    connection = connections.read(request.employer_id, integration_id)
    return Response(202, {"replayed": events.replay_all(connection, request.body(ReplayIn).status, request.now)})
