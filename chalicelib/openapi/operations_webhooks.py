"""Operations of webhook endpoints and outgoing events."""

from __future__ import annotations

from chalicelib.integrations.webhooks.responses import Endpoint, NewEndpoint, ToldEvent, WholeToldEvent
from chalicelib.integrations.webhooks.schema import EndpointIn, EndpointPatch
from chalicelib.openapi.operation import Operation, one_of
from chalicelib.rules.model import EVENT_TYPES

_ENDPOINT = "/v1/webhook_endpoints/{endpoint_id}"

OPERATIONS = {
    "POST /v1/webhook_endpoints": Operation(
        "create_webhook_endpoint",
        "Subscribe to events",
        NewEndpoint,
        201,
        takes=EndpointIn,
        example={"url": "https://hooks.example.com/heardback", "events": ["application.overdue"]},
        says="By HTTPS, on the public internet. Signed as Standard Webhooks say; the secret is shown once. With `format` "
        "`slack` or `teams`, `url` is the incoming webhook of a channel: it gets one line with counts and a link, without names, "
        "and its URL is not shown whole again.",
        faults=(409,),
    ),
    "GET /v1/webhook_endpoints": Operation("list_webhook_endpoints", "List endpoints", Endpoint, page=True, is_short=True),
    f"GET {_ENDPOINT}": Operation("get_webhook_endpoint", "Get an endpoint", Endpoint),
    f"PATCH {_ENDPOINT}": Operation(
        "patch_webhook_endpoint",
        "Change, stop or start an endpoint",
        Endpoint,
        takes=EndpointPatch,
        example={"enabled": True},
    ),
    f"DELETE {_ENDPOINT}": Operation("delete_webhook_endpoint", "Delete an endpoint", None, 204),
    f"POST {_ENDPOINT}/rotate_secret": Operation(
        "rotate_webhook_secret", "A new secret", NewEndpoint, says="The old one signs too for a day."
    ),
    f"POST {_ENDPOINT}/test": Operation(
        "send_test_event", "Send a test event to this endpoint", ToldEvent, 202, says="Its fate is at the event."
    ),
    "GET /v1/events": Operation(
        "list_told_events",
        "List what was told",
        ToldEvent,
        page=True,
        query={"type": one_of(*EVENT_TYPES[-1:], *EVENT_TYPES[:-1], says="Only these.")},
        says="Newest first, for thirty days.",
    ),
    "GET /v1/events/{event_id}": Operation("get_told_event", "Get an event and its deliveries", WholeToldEvent),
    "POST /v1/events/{event_id}/replay": Operation(
        "replay_told_event", "Send an event again", ToldEvent, 202, says="Under the same webhook-id."
    ),
}
