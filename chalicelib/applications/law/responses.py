"""Responses about statutory duties to inform."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from chalicelib.api.serialize import ResponseBody
from chalicelib.rules.model import Advertised, DocumentsFiled, DutyState, WorkPlace


class Duty(ResponseBody):
    """One deadline of one statute. Not legal advice."""

    statute: str
    jurisdiction: str
    duty: str
    due_on: date
    due_at: datetime
    state: DutyState
    met_at: datetime | None
    met_by: str | None
    assumed: list[str]
    lacks: list[str]
    source: str
    verified_on: date
    unverified_since: date | None


class Statute(ResponseBody):
    id: str
    jurisdiction: str
    law: str
    duty: str
    status: Literal["watch", "in_force"]
    in_force: date | None
    source: str
    verified_on: date
    review_by: date
    unverified_since: date | None


class StatuteOfJob(Statute):
    applies: bool
    why_not: str | None
    assumed: list[str]


class Posting(ResponseBody):
    """What is known of a job, and which statutes apply to it."""

    id: str
    job_title: str
    jurisdiction: str
    headcount: int | None
    advertised: Advertised | None
    role_days: int | None
    posted_on: date | None
    filled_on: date | None
    timezone: str | None
    work: WorkPlace | None
    food_service: bool | None
    documents_filed: DocumentsFiled | None
    selection_body: str | None
    statutes: list[StatuteOfJob]
    created_at: datetime
    updated_at: datetime


class Duties(ResponseBody):
    application_id: str
    data: list[Duty]
    ways_to_tell: list[str]


class Evidence(ResponseBody):
    """What happened and what was told, as it was written down; each entry carries the hash of the one before."""

    application_id: str
    erased: bool
    duties: list[Duty]
    entries: list[dict[str, Any]]
    head: str | None
    intact: bool
    broken_at: int | None
    kept_until: datetime | None
