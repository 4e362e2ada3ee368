"""Responses about webhook endpoints and outgoing events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.rules.model import EventDeliveryStatus, EventType


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go. `disabled_reason` says why we stopped."""

    id: str
    url: str
    events: list[EventType]
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    last_status: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewEndpoint(Endpoint):
    """`secret` is shown once: verify signatures by it, as Standard Webhooks say."""

    secret: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    data: list[Endpoint]


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """What happened, by ids alone: `data` holds no name, address or text."""

    id: str
    type: EventType
    timestamp: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handing:
    """What became of an event at one endpoint."""

    endpoint_id: str
    status: EventDeliveryStatus
    attempts: int
    last_status: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class WholeToldEvent(ToldEvent):
    deliveries: list[Handing]
