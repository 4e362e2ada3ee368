"""Bodies of requests about endpoints."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.api.schema_types import Body
from chalicelib.rules.model import SubscribedEvent

Url = Annotated[str, Field(min_length=10, max_length=500, json_schema_extra={"pattern": "^[Hh][Tt]{2}[Pp][Ss]://[!-~]+$"})]


class EndpointIn(Body):
    """Where events go; without `events`, all of them."""

    url: Url
    events: Annotated[list[SubscribedEvent], Field(max_length=50)] = []


class EndpointPatch(Body):
    url: Url = ""
    events: Annotated[list[SubscribedEvent], Field(max_length=50)] = []
    enabled: bool = True
