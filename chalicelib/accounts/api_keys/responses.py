"""Responses about API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.rules.model import Scope


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    employer_id: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiKey(ApiKey):
    """`secret` is what goes into the Authorization header. It is shown once."""

    secret: str
