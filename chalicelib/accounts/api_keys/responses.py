"""Responses about API keys."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.rules.model import Scope


class ApiKey(ResponseBody):
    id: str
    employer_id: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class NewApiKey(ApiKey):
    """`secret` is what goes into the Authorization header. It is shown once."""

    secret: str
