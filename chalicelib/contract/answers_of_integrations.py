"""Answers about connections to applicant tracking systems, and what candidates wrote back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

System = Literal["greenhouse", "ashby", "workable", "lever", "teamtailor"]
EventStatus = Literal["queued", "done", "waiting", "ignored", "unmapped", "failed"]


class Connection(BaseModel):
    """`url` is where the system sends its events."""

    id: str
    system: System
    url: str
    has_api_key: bool
    subdomain: str | None
    emails_rejections: bool
    created_at: datetime


class NewConnection(Connection):
    """`secret` is shown once, where we made it."""

    secret: str = ""


class Connections(BaseModel):
    data: list[Connection]


class Event(BaseModel):
    """One event as it came in, and what was made of it."""

    id: str
    system: System
    status: EventStatus
    note: str | None
    attempts: int
    received_at: datetime
    settled_at: datetime | None


class WholeEvent(Event):
    body: Any


class TriedOut(BaseModel):
    """What a payload would do, and nothing done."""

    mapped: bool
    note: str | None
    applications: list[dict[str, Any]]
    people_gone: list[str] = []
    interviews_gone: list[str] = []


class Replayed(BaseModel):
    replayed: int


class Reply(BaseModel):
    """What a candidate answered by text, and what was made of it."""

    id: str
    application_id: str | None
    sender: str = Field(alias="from")
    body: str
    understood_as: str | None
    received_at: datetime
