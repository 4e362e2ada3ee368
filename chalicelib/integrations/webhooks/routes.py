"""The doors of events out: endpoints, and the events themselves with what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeGuard

from chalice import Blueprint

from chalicelib import table
from chalicelib.access.call import Call, Reply
from chalicelib.access.events_table import TYPES, OutItem, event_key, new_event
from chalicelib.access.routes import route
from chalicelib.applications import lists
from chalicelib.errors import NotFound
from chalicelib.http import PAGING, instant, one_of
from chalicelib.integrations.webhooks import endpoints
from chalicelib.integrations.webhooks.table import SendItem, again, new_send
from chalicelib.table import Item, Transaction

webhooks = Blueprint(__name__)
Json = dict[str, Any]


@route(webhooks, "POST", "/v1/webhook_endpoints", scope="manage")
def post_endpoint(call: Call) -> Reply:
    from chalicelib.integrations.webhooks.schema import EndpointIn

    body = call.body(EndpointIn)
    item, secret = endpoints.create(call.employer_id, body.url, list(dict.fromkeys(body.events)), call.now)
    return Reply(201, {**endpoints.endpoint_json(item), "secret": secret}, {"Location": f"/v1/webhook_endpoints/{item.id}"})


@route(webhooks, "GET", "/v1/webhook_endpoints", scope="read")
def list_endpoints(call: Call) -> Json:
    call.read_query({})
    return {"data": [endpoints.endpoint_json(item) for item in endpoints.of(call.employer_id)]}


@route(webhooks, "GET", "/v1/webhook_endpoints/{endpoint_id}", scope="read")
def get_endpoint(call: Call, endpoint_id: str) -> Json:
    return endpoints.endpoint_json(endpoints.read(call.employer_id, endpoint_id))


@route(webhooks, "PATCH", "/v1/webhook_endpoints/{endpoint_id}", scope="manage")
def patch_endpoint(call: Call, endpoint_id: str) -> Json:
    from chalicelib.integrations.webhooks.schema import EndpointPatch

    given = call.body(EndpointPatch).model_dump(exclude_unset=True)
    return endpoints.endpoint_json(endpoints.change(call.employer_id, endpoint_id, given, call.now))


@route(webhooks, "DELETE", "/v1/webhook_endpoints/{endpoint_id}", scope="manage")
def delete_endpoint(call: Call, endpoint_id: str) -> Reply:
    endpoints.remove(call.employer_id, endpoint_id)
    return Reply(204)


@route(webhooks, "POST", "/v1/webhook_endpoints/{endpoint_id}/rotate_secret", scope="manage")
def rotate_secret(call: Call, endpoint_id: str) -> Json:
    """A new secret, shown once; the old one signs too for a day."""
    item, secret = endpoints.rotate(call.employer_id, endpoint_id, call.now)
    return {**endpoints.endpoint_json(item), "secret": secret}


@route(webhooks, "POST", "/v1/webhook_endpoints/{endpoint_id}/test", scope="manage")
def test_endpoint(call: Call, endpoint_id: str) -> Reply:
    """An event for this endpoint alone, sent by the queue like any other: its fate is at the event."""
    endpoint = endpoints.read(call.employer_id, endpoint_id)
    event = new_event(call.employer_id, "webhook_endpoint.test", {"endpoint_id": endpoint.id}, call.now)
    event.due_at = event.due_shard = None
    transaction = Transaction()
    transaction.create(event)
    transaction.create(new_send(event, endpoint, call.now))
    transaction.commit()
    return Reply(202, _event_json(event), {"Location": f"/v1/events/{event.id}"})


@route(webhooks, "GET", "/v1/events", scope="read")
def list_events(call: Call) -> Json:
    """What was told, newest first, for thirty days: a receiver that was away reads here what it missed."""
    query = call.read_query({**PAGING, "type": one_of(*TYPES)})
    employer_id = call.employer_id

    def read(some: Sequence[str]) -> list[Json | None]:
        keys = [event_key(employer_id, place[27:]) for place in some]
        found = table.get_many(keys)
        items = [found.get(key) for key in keys]
        wanted = [item if _is_live(item, call.now) else None for item in items]
        return [_event_json(item) if item and query.get("type", item.type) == item.type else None for item in wanted]

    return lists.page(call, query, lists.of_kind(employer_id, "OUT"), read)


def _is_live(item: Item | None, now: datetime) -> TypeGuard[OutItem]:
    """DynamoDB deletes late: what has expired is not there."""
    return isinstance(item, OutItem) and int(item.expires_at or 0) > now.timestamp()


def _read(call: Call, event_id: str) -> OutItem:
    item = table.get(*event_key(call.employer_id, event_id))
    if not _is_live(item, call.now):
        raise NotFound
    return item


@route(webhooks, "GET", "/v1/events/{event_id}", scope="read")
def get_event(call: Call, event_id: str) -> Json:
    item = _read(call, event_id)
    return {**_event_json(item), "deliveries": [_send_json(one) for one in _sends(item)]}


@route(webhooks, "POST", "/v1/events/{event_id}/replay", scope="manage")
def replay_event(call: Call, event_id: str) -> Reply:
    """Sends an event anew, under the same webhook-id, to every endpoint that wants it now."""
    item = _read(call, event_id)
    transaction = Transaction()
    for one in _sends(item):
        transaction.delete(SendItem(*one.key))
    again(transaction, item, call.now)
    transaction.commit()
    return Reply(202, _event_json(item))


def _sends(item: OutItem) -> Iterator[SendItem]:
    return (one for one in table.query(item.PK, "SEND#") if isinstance(one, SendItem))


def _event_json(item: OutItem) -> Json:
    return {"id": item.id, "type": item.type, "timestamp": instant(item.at), "data": item.data}


def _send_json(item: SendItem) -> Json:
    return {
        "endpoint_id": item.endpoint_id,
        "status": item.status,
        "attempts": int(item.attempts),
        "last_status": item.last_status,
        "settled_at": instant(item.settled_at),
    }
