"""Answers about employers, their keys and their people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from chalicelib.rules.model import NudgeKind, Role, Scope, Weekday


class Window(BaseModel):
    days: list[Weekday]
    start: str
    end: str


class Policy(BaseModel):
    """The whole policy, defaults included."""

    word_due_hours: int
    candidate_nudge: NudgeKind
    max_nudges: int
    second_nudge_days: int
    candidate_window: Window
    digest_time: str
    digest_days: list[Weekday]
    escalate_to: list[str]
    escalate_after_business_days: int
    holidays: str | None
    promise_default_days: int
    sms_monthly_cap_usd: float
    sms_countries: list[str]
    jurisdiction: str | None
    headcount: int | None
    retention_months: int | None


class Warning(BaseModel):
    code: str
    detail: str


class Employer(BaseModel):
    """`warnings` tells what keeps follow-ups from working as they could."""

    id: str
    name: str
    timezone: str
    call_back_name: str | None
    call_back_phone: str | None
    call_back_email: str | None
    digest_to: list[str]
    policy: Policy
    trial: bool
    suspended: bool
    warnings: list[Warning]
    created_at: datetime
    updated_at: datetime


class OwnAddressOut(BaseModel):
    """An address or number that is the employer's own: while on trial, messages go to verified ones only."""

    channel: Literal["email", "sms"]
    address: str
    verified: bool
    verified_by: str | None
    added_at: datetime
    verified_at: datetime | None


class OwnAddresses(BaseModel):
    data: list[OwnAddressOut]


class ApiKey(BaseModel):
    id: str
    employer_id: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class NewApiKey(ApiKey):
    """`secret` is what goes into the Authorization header. It is shown once."""

    secret: str


class Person(BaseModel):
    """Somebody at the employer who may open the pages."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    updated_at: datetime
