"""Responses about webhook endpoints and outgoing events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.serialize import ResponseBody
from chalicelib.rules.model import EventDeliveryStatus, EventType, WebhookFormat


class Endpoint(ResponseBody):
    """Where events go. `disabled_reason` says why we stopped."""

    id: str
    url: str
    format: WebhookFormat
    events: list[EventType]
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    last_status: str | None
    created_at: datetime
    updated_at: datetime


class NewEndpoint(Endpoint):
    """`secret` is shown once: verify signatures by it, as Standard Webhooks say."""

    secret: str


class ToldEvent(ResponseBody):
    """What happened, by ids alone: `data` holds no name, address or text."""

    id: str
    type: EventType
    timestamp: datetime
    data: dict[str, Any]


class Handing(ResponseBody):
    """What became of an event at one endpoint."""

    endpoint_id: str
    status: EventDeliveryStatus
    attempts: int
    last_status: str | None
    settled_at: datetime | None


class WholeToldEvent(ToldEvent):
    deliveries: list[Handing]
