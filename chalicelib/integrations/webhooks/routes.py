"""Endpoints of webhooks and events: what was sent, to which endpoint, and with which result."""

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
from chalicelib.integrations.webhooks.items import SendItem, queue_again
from chalicelib.rules.model import EVENT_TYPES
from chalicelib.storage import table
from chalicelib.storage.outbox import OutItem, event_key
from chalicelib.storage.table import Transaction

if TYPE_CHECKING:
    from chalicelib.integrations.webhooks.responses import Endpoint, Handing, NewEndpoint, ToldEvent, WholeToldEvent

webhooks = Blueprint(__name__)
Json = dict[str, Any]


@route(webhooks, "POST", "/v1/webhook_endpoints", scope="manage")
def post_endpoint(request: Request) -> Response:
    """Create an endpoint. Its secret is in this response only."""
    from chalicelib.integrations.webhooks import endpoints
    from chalicelib.integrations.webhooks.responses import NewEndpoint
    from chalicelib.integrations.webhooks.schema import EndpointIn

    body = request.body(EndpointIn)
    item, secret = endpoints.create(
        request.employer_id,
        body.url,
        list(dict.fromkeys(body.events)),
        request.now,
        sent_as=body.format,
        committer=request.committer,
        origin=request.origin,
    )
    return Response(
        201,
        extend(NewEndpoint, endpoints.serialize_endpoint(item), secret=secret),
        {"Location": f"/v1/webhook_endpoints/{item.id}"},
    )


@route(webhooks, "GET", "/v1/webhook_endpoints", scope="read")
def list_endpoints(request: Request) -> Json:
    """List all endpoints."""
    from chalicelib.integrations.webhooks import endpoints

    found = endpoints.list_all(request.employer_id)
    return pagination.paginate_few(request, [endpoints.serialize_endpoint(item) for item in found])


@route(webhooks, "GET", "/v1/webhook_endpoints/{endpoint_id}", scope="read")
def get_endpoint(request: Request, endpoint_id: str) -> Endpoint:
    """Read an endpoint."""
    from chalicelib.integrations.webhooks import endpoints

    return endpoints.serialize_endpoint(endpoints.read(request.employer_id, endpoint_id))


@route(webhooks, "PATCH", "/v1/webhook_endpoints/{endpoint_id}", scope="manage")
def patch_endpoint(request: Request, endpoint_id: str) -> Endpoint:
    """Change an endpoint."""
    from chalicelib.integrations.webhooks import endpoints
    from chalicelib.integrations.webhooks.schema import EndpointPatch

    given = request.body(EndpointPatch).model_dump(exclude_unset=True)
    return endpoints.serialize_endpoint(
        endpoints.change(request.employer_id, endpoint_id, given, request.now, origin=request.origin)
    )


@route(webhooks, "DELETE", "/v1/webhook_endpoints/{endpoint_id}", scope="manage")
def delete_endpoint(request: Request, endpoint_id: str) -> Response:
    """Remove an endpoint."""
    from chalicelib.integrations.webhooks import endpoints

    endpoints.remove(request.employer_id, endpoint_id, request.now, origin=request.origin)
    return Response(204)


@route(webhooks, "POST", "/v1/webhook_endpoints/{endpoint_id}/rotate_secret", scope="manage")
def rotate_secret(request: Request, endpoint_id: str) -> NewEndpoint:
    """Replace the secret, which is shown once; the old one signs too for a day."""
    from chalicelib.integrations.webhooks import endpoints
    from chalicelib.integrations.webhooks.responses import NewEndpoint

    item, secret = endpoints.rotate(
        request.employer_id, endpoint_id, request.now, committer=request.committer, origin=request.origin
    )
    return extend(NewEndpoint, endpoints.serialize_endpoint(item), secret=secret)


@route(webhooks, "POST", "/v1/webhook_endpoints/{endpoint_id}/test", scope="manage")
def test_endpoint(request: Request, endpoint_id: str) -> Response:
    """Send an event to this endpoint alone, through the queue like any other. The event shows the result."""
    from chalicelib.integrations.webhooks import endpoints, events

    endpoint = endpoints.read(request.employer_id, endpoint_id)
    event = events.send_test(endpoint, request.now, request.committer)
    return Response(202, _serialize_event(event), {"Location": f"/v1/events/{event.id}"})


@route(webhooks, "GET", "/v1/events", scope="read")
def list_events(request: Request) -> Json:
    """List events, newest first, of thirty days: here a receiver that was offline reads what it missed."""
    from chalicelib.integrations.webhooks import events

    query = request.read_query({**PAGING, "type": one_of(*EVENT_TYPES)})
    employer_id = request.employer_id

    def read(listed: Sequence[str]) -> list[ToldEvent | None]:
        keys = [event_key(employer_id, place[27:]) for place in listed]
        found = table.get_many(keys)
        items = [found.get(key) for key in keys]
        wanted = [item if events.is_live(item, request.now) else None for item in items]
        return [_serialize_event(item) if item and query.get("type", item.type) == item.type else None for item in wanted]

    return pagination.paginate(request, query, pagination.ids_of_kind(employer_id, "OUT"), read)


@route(webhooks, "GET", "/v1/events/{event_id}", scope="read")
def get_event(request: Request, event_id: str) -> WholeToldEvent:
    """Read an event with its deliveries."""
    from chalicelib.integrations.webhooks import events
    from chalicelib.integrations.webhooks.responses import WholeToldEvent

    item = events.read(request.employer_id, event_id, request.now)
    told = [_serialize_delivery(one) for one in events.deliveries(item)]
    return extend(WholeToldEvent, _serialize_event(item), deliveries=told)


@route(webhooks, "POST", "/v1/events/{event_id}/replay", scope="manage")
def replay_event(request: Request, event_id: str) -> Response:
    """Send an event again, under the same webhook-id, to every endpoint that is subscribed now."""
    from chalicelib.integrations.webhooks import events

    item = events.read(request.employer_id, event_id, request.now)
    transaction = Transaction()
    for one in events.deliveries(item):
        transaction.delete(SendItem(*one.key))
    queue_again(transaction, item, request.now)
    request.committer.commit(transaction)
    return Response(202, _serialize_event(item), {"Location": f"/v1/events/{item.id}"})


def _serialize_event(item: OutItem) -> ToldEvent:
    from chalicelib.integrations.webhooks.responses import ToldEvent

    return ToldEvent(id=item.id, type=item.type, timestamp=item.at, data=item.data)


def _serialize_delivery(item: SendItem) -> Handing:
    from chalicelib.integrations.webhooks.responses import Handing

    return Handing(
        endpoint_id=item.endpoint_id,
        status=item.status,
        attempts=int(item.attempts),
        last_status=item.last_status,
        settled_at=item.settled_at,
    )
