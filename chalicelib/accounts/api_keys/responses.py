"""Responses about API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.auth.actors import Actor
from chalicelib.rules.model import KeyScope


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key. From `expires_at` on it is refused. `created_by` is null for keys of earlier versions."""

    id: str
    employer_id: str
    name: str | None
    scopes: list[KeyScope]
    created_at: datetime
    created_by: Actor | None
    expires_at: datetime | None
    last_used_on: date | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiKey(ApiKey):
    """`secret` is what goes into the Authorization header. It is shown once."""

    secret: str
