"""The doors of the ATS connections: managed by the employer, and one public door for events, whose signature is its key."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access.routes import Call, Reply, route
from chalicelib.applications import lists
from chalicelib.http import PAGING, one_of
from chalicelib.integrations import table  # noqa: F401 - its kinds are known from the start, the ATS when one is asked for

integrations = Blueprint(__name__)
Json = dict[str, Any]


@route(integrations, "POST", "/integrations/{system}/{connection}", public=True)
def post_event(call: Call, system: str, connection: str) -> Json:
    """Verified, deduplicated and stored in one write; worked from the queue."""
    from chalicelib.integrations import receive

    return {"received": True, "new": receive.accept(system, connection, call.headers, call.raw_body, call.now)}


@route(integrations, "POST", "/v1/integrations", scope="manage")
def post_connection(call: Call) -> Reply:
    from chalicelib.integrations import connections
    from chalicelib.integrations.schema import ConnectionIn

    item, made = connections.create(call.employer_id, call.body(ConnectionIn).model_dump(), call.now)
    shown = {**connections.connection_json(item), **({"secret": made} if made else {})}
    return Reply(201, shown, {"Location": f"/v1/integrations/{item.id}"})


@route(integrations, "GET", "/v1/integrations", scope="read")
def list_connections(call: Call) -> Json:
    from chalicelib.integrations import connections

    call.read_query({})
    return {"data": [connections.connection_json(item) for item in connections.listed(call.employer_id)]}


@route(integrations, "GET", "/v1/integrations/{integration_id}", scope="read")
def get_connection(call: Call, integration_id: str) -> Json:
    from chalicelib.integrations import connections

    return connections.with_poll(connections.read(call.employer_id, integration_id))


@route(integrations, "PATCH", "/v1/integrations/{integration_id}", scope="manage")
def patch_connection(call: Call, integration_id: str) -> Json:
    from chalicelib.integrations import connections
    from chalicelib.integrations.schema import ConnectionPatch

    given = call.body(ConnectionPatch).model_dump(exclude_unset=True)
    return connections.connection_json(connections.change(call.employer_id, integration_id, given, call.now))


@route(integrations, "DELETE", "/v1/integrations/{integration_id}", scope="manage")
def delete_connection(call: Call, integration_id: str) -> Reply:
    from chalicelib.integrations import connections

    connections.revoke(call.employer_id, integration_id, call.now)
    return Reply(204)


@route(integrations, "POST", "/v1/integrations/{integration_id}/test", scope="read")
def try_payload(call: Call, integration_id: str) -> Json:
    """Shows what a payload would do; does nothing."""
    from chalicelib.integrations import connections, events
    from chalicelib.integrations.schema import TryIn

    connection = connections.read(call.employer_id, integration_id)
    return events.tried_out(connection, call.body(TryIn).payload, call.now)


@route(integrations, "GET", "/v1/integrations/{integration_id}/events", scope="read")
def list_events(call: Call, integration_id: str) -> Json:
    from chalicelib.integrations import connections, events

    query = {"status": "unmapped", **call.read_query({**PAGING, "status": one_of(*events.STATUSES)})}
    connection = connections.read(call.employer_id, integration_id)
    status = query["status"]
    return lists.page(call, query, events.candidates(connection, status),
                      lambda some: events.read_listed(connection, list(some), status))  # fmt: skip


@route(integrations, "GET", "/v1/integrations/{integration_id}/events/{event_id}", scope="read")
def get_event(call: Call, integration_id: str, event_id: str) -> Json:
    from chalicelib.integrations import connections, events

    return events.event_json(events.read(connections.read(call.employer_id, integration_id), event_id), whole=True)


@route(integrations, "POST", "/v1/integrations/{integration_id}/events/{event_id}/replay", scope="write")
def replay_event(call: Call, integration_id: str, event_id: str) -> Reply:
    from chalicelib.integrations import connections, events

    item = events.read(connections.read(call.employer_id, integration_id), event_id)
    return Reply(202, events.event_json(events.replay(item, call.now)))


@route(integrations, "POST", "/v1/integrations/{integration_id}/replay", scope="write")
def replay_events(call: Call, integration_id: str) -> Reply:
    """All of one status, up to 500 at a time."""
    from chalicelib.integrations import connections, events
    from chalicelib.integrations.schema import ReplayIn

    connection = connections.read(call.employer_id, integration_id)
    return Reply(202, {"replayed": events.replay_all(connection, call.body(ReplayIn).status, call.now)})
