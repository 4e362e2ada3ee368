"""Answers about connections to applicant tracking systems, imports, and what candidates wrote back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.rules.model import AtsEventStatus, AtsName


class Connection(BaseModel):
    """`url` is where the system sends its events."""

    id: str
    system: AtsName
    url: str
    has_api_key: bool
    client_id: str | None
    subdomain: str | None
    emails_rejections: bool
    created_at: datetime


class Poll(BaseModel):
    """How asking the system by ourselves went the last time; `note` says what went wrong."""

    polled_at: datetime | None
    note: str | None


class PolledConnection(Connection):
    """With how its poll went, where it is polled."""

    poll: Poll | None


class NewConnection(Connection):
    """`secret` is shown once, where we made it."""

    secret: str = ""


class Connections(BaseModel):
    data: list[Connection]


class Event(BaseModel):
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


class TriedOut(BaseModel):
    """What a payload would do, and nothing done."""

    mapped: bool
    note: str | None
    applications: list[dict[str, Any]]
    people_gone: list[str] = []
    interviews_gone: list[str] = []


class Replayed(BaseModel):
    replayed: int


class ImportProgress(BaseModel):
    """How far an import is; `faults` are rows that the records' state refused."""

    id: str
    state: Literal["running", "finished", "abandoned"]
    profile: str
    rows: int
    done: int
    created: int
    matched: int
    unchanged: int
    failed: int
    faults: list[dict[str, Any]]
    created_at: datetime
    finished_at: datetime | None


class Skipped(BaseModel):
    pointer: str
    message: str


class Import(ImportProgress):
    """`skipped` are rows that were wrong, by line and column."""

    skipped: list[Skipped]


class ImportReport(BaseModel):
    """What an import would do. Errors name line and column."""

    dry_run: bool
    profile: str
    rows: int
    good_rows: int
    faulty_rows: int
    columns: dict[str, list[str]]
    preview: list[dict[str, Any]]
    errors: list[Skipped]


class Profile(BaseModel):
    """Which column is which field, and how values are read."""

    name: str
    columns: dict[str, list[str]]
    date_format: str | None
    timezone: str | None
    country: str | None
    minutes: int | None
    system: str
    words: dict[str, dict[str, str]]
    fixed: dict[str, str]
    built_in: bool


class Profiles(BaseModel):
    data: list[Profile]


class Reply(BaseModel):
    """What a candidate answered by text, and what was made of it."""

    id: str
    application_id: str | None
    sender: str = Field(alias="from")
    body: str
    understood_as: str | None
    received_at: datetime
