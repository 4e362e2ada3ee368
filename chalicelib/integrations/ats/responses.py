"""Responses about connections to applicant tracking systems and their events."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any

from chalicelib.api.serialize import ABSENT, MAY_BE_ABSENT, ResponseBody
from chalicelib.applications.employers.responses import Warning
from chalicelib.rules.model import AtsEventStatus, AtsName


class Connection(ResponseBody):
    """`url` is where the system sends its events. `warnings` tells what the connection lacks."""

    id: str
    system: AtsName
    url: str
    has_api_key: bool
    client_id: str | None
    subdomain: str | None
    emails_rejections: bool
    warnings: list[Warning]
    created_at: datetime


class Poll(ResponseBody):
    """How asking the system by ourselves went the last time; `note` says what went wrong."""

    polled_at: datetime | None
    note: str | None


class PolledConnection(Connection):
    """With how its poll went, where it is polled."""

    poll: Poll | None


class NewConnection(Connection):
    """`secret` is shown once, where we made it."""

    secret: str = field(default=ABSENT, metadata=MAY_BE_ABSENT)


class Event(ResponseBody):
    """One event as it came in, and what was made of it."""

    id: str
    system: AtsName
    status: AtsEventStatus
    note: str | None
    attempts: int
    received_at: datetime
    settled_at: datetime | None


class WholeEvent(Event):
    body: Any


class TriedOut(ResponseBody):
    """What a payload would do, and nothing done."""

    mapped: bool
    note: str | None
    applications: list[dict[str, Any]]
    people_gone: list[str] = field(default=ABSENT, metadata=MAY_BE_ABSENT)
    interviews_gone: list[str] = field(default=ABSENT, metadata=MAY_BE_ABSENT)


class Replayed(ResponseBody):
    replayed: int
