"""Makes the document's `webhooks`: the requests that we send to endpoints, one for each type of event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.openapi.components import ref
from chalicelib.openapi.samples import sample_of
from chalicelib.openapi.tags import TAG_OF_EVENTS
from chalicelib.openapi.variants import event_name
from chalicelib.rules.model import EventType

Json = dict[str, Any]
WHEN: dict[EventType, str] = {
    "interview.booked": "An interview was booked",
    "interview.moved": "An interview has another start or end",
    "interview.cancelled": "An interview was cancelled",
    "interview.no_show": "The candidate did not come",
    "interview.reinstated": "A cancellation or a no-show was taken back",
    "interview.waiting": "An interview has ended, or a promise was made: the candidate waits",
    "application.decided": "The employer recorded a decision",
    "application.closed": "The application was closed",
    "application.withdrawn": "The candidate withdrew",
    "application.overdue": "The candidate waits an hour past the time of their answer",
    "feedback.requested": "The candidate asked why they were rejected",
    "contact.recorded": "Somebody told the candidate, or tried to",
    "contact.disputed": "The candidate says that nobody got in touch",
    "contact.voided": "A contact was undone",
    "candidate.updated": "The person's details changed",
    "candidate.erased": "The person was erased",
    "reply.received": "A candidate texted, or said that nobody got in touch yet",
    "message.sent": "The provider took a message to a candidate",
    "message.delivered": "The mailbox or the phone took a message",
    "message.failed": "A message to a candidate could not be sent",
    "message.unknown": "Nobody can tell whether a message was sent",
    "candidate.opted_out": "The candidate wants no more messages",
    "risk.band_changed": "The nightly snapshot has another band than the last one",
    "digest.ready": "The morning's digest has something to say",
    "webhook_endpoint.disabled": "We stopped sending to an endpoint",
    "webhook_endpoint.test": "Somebody asked for a test event",
}
_SIGNED = "Signed as Standard Webhooks say. Ids only: read the record for more. The same event may come twice: keep the ids."
_HEADERS = {
    "webhook-id": ("The event's id, the same at each attempt.", "evt_01KT4A4MR0S1K0FS1KR9M52VB2"),
    "webhook-timestamp": ("When this attempt was made: seconds since 1970.", "1780581600"),
    "webhook-signature": ("One or two signatures, apart by a space.", "v1,c2FtcGxl"),
}
_RESPONSES = {
    "204": {"description": "Taken. Any 2xx within four seconds; all else is tried again for about three days."},
    "410": {"description": "Never again: we disable the endpoint at once."},
}


def webhooks_of(schemas: Mapping[str, Json]) -> Json:
    """Return the Path Item Objects of all events, by type."""
    return {kind: {"post": _event(kind, says, schemas)} for kind, says in WHEN.items()}


def _event(kind: str, says: str, schemas: Mapping[str, Json]) -> Json:
    name = event_name(kind)
    parameters = [
        {"name": header, "in": "header", "required": True, "description": about, "schema": {"type": "string"}, "example": example}
        for header, (about, example) in _HEADERS.items()
    ]
    sample = {"sample": {"value": sample_of(schemas[name], schemas)}}
    return {
        "operationId": "on_" + kind.replace(".", "_"),
        "tags": [TAG_OF_EVENTS],
        "summary": says,
        "description": _SIGNED,
        "security": [],
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(name), "examples": sample}}},
        "responses": _RESPONSES,
    }
