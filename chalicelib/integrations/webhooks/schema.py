"""Bodies of requests about endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from chalicelib.api.schema_types import Body
from chalicelib.rules.copy.chat import CHAT_EVENTS
from chalicelib.rules.model import SubscribedEvent, WebhookFormat

Url = Annotated[str, Field(min_length=10, max_length=500, json_schema_extra={"pattern": "^[Hh][Tt]{2}[Pp][Ss]://[!-~]+$"})]


_OF_CHATS: dict[str, Any] = {
    "dependentSchemas": {
        "format": {
            "if": {"properties": {"format": {"enum": ["slack", "teams"]}}},
            "then": {
                "properties": {"events": {"type": "array", "items": {"enum": list(CHAT_EVENTS)}}},
                "additionalProperties": True,
            },
        }
    }
}


class EndpointIn(Body):
    """Where events go; without `events`, all of them, or all that a chat gets."""

    model_config = ConfigDict(json_schema_extra=_OF_CHATS)

    url: Url
    format: WebhookFormat = "json"
    events: Annotated[list[SubscribedEvent], Field(max_length=50)] = []

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        events = values.get("events", [])
        if values.get("format", "json") != "json" and (wrong := {*events} - {*CHAT_EVENTS}):
            yield "/events", f"a chat gets no {', '.join(sorted(wrong))}"


class EndpointPatch(Body):
    url: Url = ""
    events: Annotated[list[SubscribedEvent], Field(max_length=50)] = []
    enabled: bool = True
