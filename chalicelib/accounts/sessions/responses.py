"""Responses about sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody is signed in. `from` is a network (IPv4 /24, IPv6 /48); `last_used_at` is exact to the hour."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    from_: str | None
    agent: str | None
    current: bool
