"""Responses about connections to applicant tracking systems and their events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.api.serialize import ABSENT, MAY_BE_ABSENT
from chalicelib.rules.model import AtsEventStatus, AtsName


@dataclass(frozen=True, slots=True)
class Connection:
    """`url` is where the system sends its events."""

    id: str
    system: AtsName
    url: str
    has_api_key: bool
    client_id: str | None
    subdomain: str | None
    emails_rejections: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Poll:
    """How asking the system by ourselves went the last time; `note` says what went wrong."""

    polled_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class PolledConnection(Connection):
    """With how its poll went, where it is polled."""

    poll: Poll | None


@dataclass(frozen=True, slots=True)
class NewConnection(Connection):
    """`secret` is shown once, where we made it."""

    secret: str = field(default=ABSENT, metadata=MAY_BE_ABSENT)


@dataclass(frozen=True, slots=True)
class Connections:
    data: list[Connection]


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came in, and what was made of it."""

    id: str
    system: AtsName
    status: AtsEventStatus
    note: str | None
    attempts: int
    received_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class WholeEvent(Event):
    body: Any


@dataclass(frozen=True, slots=True)
class TriedOut:
    """What a payload would do, and nothing done."""

    mapped: bool
    note: str | None
    applications: list[dict[str, Any]]
    people_gone: list[str] = field(default=ABSENT, metadata=MAY_BE_ABSENT)
    interviews_gone: list[str] = field(default=ABSENT, metadata=MAY_BE_ABSENT)


@dataclass(frozen=True, slots=True)
class Replayed:
    replayed: int
