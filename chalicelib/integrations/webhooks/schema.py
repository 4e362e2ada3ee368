"""Bodies of requests about endpoints."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.schema_types import Body

EventType = Literal[
    "interview.waiting",
    "application.overdue",
    "contact.recorded",
    "contact.disputed",
    "message.sent",
    "message.failed",
    "message.unknown",
    "candidate.opted_out",
    "risk.band_changed",
    "webhook_endpoint.disabled",
]
Url = Annotated[str, Field(min_length=10, max_length=500, json_schema_extra={"pattern": "^[Hh][Tt]{2}[Pp][Ss]://[!-~]+$"})]


class EndpointIn(Body):
    """Where events go; without `events`, all of them."""

    url: Url
    events: Annotated[list[EventType], Field(max_length=20)] = []


class EndpointPatch(Body):
    url: Url = ""
    events: Annotated[list[EventType], Field(max_length=20)] = []
    enabled: bool = True
