"""Endpoints of ATS connections: managed by the employer, and one public endpoint that receives signed events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.api.serialize import extend
from chalicelib.rules.model import ATS_EVENT_STATUSES

if TYPE_CHECKING:
    from chalicelib.integrations.ats.responses import Connection, Event, PolledConnection, TriedOut, WholeEvent

integrations = Blueprint(__name__)
Json = dict[str, Any]


@route(integrations, "POST", "/integrations/{system}/{connection}", public=True)
def post_event(request: Request, system: str, connection: str) -> Json:
    """Verify, deduplicate and store an event in one write; it is processed from the queue."""
    from chalicelib.integrations.ats.receive import receive

    return {"received": True, "new": receive(system, connection, request.headers, request.raw_body, request.now)}


@route(integrations, "POST", "/v1/integrations", scope="manage")
def post_connection(request: Request) -> Response:
    """Create a connection. The secret is in the response where we made it."""
    from chalicelib.integrations.ats import connections
    from chalicelib.integrations.ats.responses import NewConnection
    from chalicelib.integrations.ats.schema import ConnectionIn

    item, made = connections.create(
        request.employer_id,
        request.body(ConnectionIn).model_dump(),
        request.now,
        committer=request.committer,
        origin=request.origin,
    )
    shown = extend(NewConnection, connections.serialize_connection(item, request.now), secret=made or None)
    return Response(201, shown, {"Location": f"/v1/integrations/{item.id}"})


@route(integrations, "GET", "/v1/integrations", scope="read")
def list_connections(request: Request) -> Json:
    """List the connections that are not revoked."""
    from chalicelib.integrations.ats import connections

    active = connections.list_active(request.employer_id)
    return pagination.paginate_few(request, [connections.serialize_connection(item, request.now) for item in active])


@route(integrations, "GET", "/v1/integrations/{integration_id}", scope="read")
def get_connection(request: Request, integration_id: str) -> PolledConnection:
    """Read a connection, with the result of its last poll."""
    from chalicelib.integrations.ats import connections

    return connections.serialize_polled_connection(connections.read(request.employer_id, integration_id), request.now)


@route(integrations, "PATCH", "/v1/integrations/{integration_id}", scope="manage")
def patch_connection(request: Request, integration_id: str) -> Connection:
    """Change a connection."""
    from chalicelib.integrations.ats import connections
    from chalicelib.integrations.ats.schema import ConnectionPatch

    given = request.body(ConnectionPatch).model_dump(exclude_unset=True)
    item = connections.change(request.employer_id, integration_id, given, request.now, origin=request.origin)
    return connections.serialize_connection(item, request.now)


@route(integrations, "DELETE", "/v1/integrations/{integration_id}", scope="manage")
def delete_connection(request: Request, integration_id: str) -> Response:
    """Revoke a connection."""
    from chalicelib.integrations.ats import connections

    connections.revoke(request.employer_id, integration_id, request.now, origin=request.origin)
    return Response(204)


@route(integrations, "POST", "/v1/integrations/{integration_id}/test", scope="read")
def try_payload(request: Request, integration_id: str) -> TriedOut:
    """Show what a payload would do, and change nothing."""
    from chalicelib.integrations.ats import connections
    from chalicelib.integrations.ats.preview import describe_effect
    from chalicelib.integrations.ats.schema import TryIn

    connection = connections.read(request.employer_id, integration_id)
    return describe_effect(connection, request.body(TryIn).payload, request.now)


@route(integrations, "GET", "/v1/integrations/{integration_id}/events", scope="read")
def list_events(request: Request, integration_id: str) -> Json:
    """List the events of one status, unmapped ones by default."""
    from chalicelib.integrations.ats import connections, event_index

    query = {"status": "unmapped", **request.read_query({**PAGING, "status": one_of(*ATS_EVENT_STATUSES)})}
    connection = connections.read(request.employer_id, integration_id)
    status = query["status"]

    def read(some: Sequence[str]) -> list[Event | None]:
        return event_index.read_page(connection, list(some), status)

    return pagination.paginate(request, query, event_index.ids_with_status(connection, status), read)


@route(integrations, "GET", "/v1/integrations/{integration_id}/events/{event_id}", scope="read")
def get_event(request: Request, integration_id: str, event_id: str) -> WholeEvent:
    """Read an event with its body."""
    from chalicelib.integrations.ats import connections, event_index

    connection = connections.read(request.employer_id, integration_id)
    return event_index.serialize_event_with_body(event_index.read(connection, event_id))


@route(integrations, "POST", "/v1/integrations/{integration_id}/events/{event_id}/replay", scope="write")
def replay_event(request: Request, integration_id: str, event_id: str) -> Response:
    """Queue an event again."""
    from chalicelib.integrations.ats import connections, event_index

    item = event_index.read(connections.read(request.employer_id, integration_id), event_id)
    again = event_index.replay(item, request.now, committer=request.committer)
    return Response(202, event_index.serialize_event(again), {"Location": f"/v1/integrations/{integration_id}/events"})


@route(integrations, "POST", "/v1/integrations/{integration_id}/replay", scope="write")
def replay_events(request: Request, integration_id: str) -> Response:
    """Replay all events of one status, up to 500 at a time."""
    from chalicelib.integrations.ats import connections, event_index
    from chalicelib.integrations.ats.responses import Replayed
    from chalicelib.integrations.ats.schema import ReplayIn

    connection = connections.read(request.employer_id, integration_id)
    count = event_index.replay_all(connection, request.body(ReplayIn).status, request.now, committer=request.committer)
    return Response(202, Replayed(count), {"Location": f"/v1/integrations/{integration_id}/events"})
