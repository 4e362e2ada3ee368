"""Request bodies of employers. A policy field that is null or absent has its default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from chalicelib.api.schema_types import (
    Body,
    CallBackPhone,
    Country,
    Email,
    Jurisdiction,
    Name,
    Phone,
    TimeOfDay,
    ZoneName,
    either,
)
from chalicelib.holidays import is_calendar
from chalicelib.rules.employer import Window
from chalicelib.rules.model import ClockHours, DateOrder, Language, NudgeKind, Weekday

ADDRESSES_MOST = 20
USERS_MOST = 10_000
"""All of an employer's people are read by one query."""
KEYS_MOST = 10_000


def _once_each(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _calendar(value: str) -> str:
    if not is_calendar(value):
        raise ValueError("must be an ISO 3166 code of a country or region whose holidays are known, like US or CA-ON")
    return value


Addresses = Annotated[list[Email], Field(max_length=ADDRESSES_MOST), AfterValidator(_once_each)]
Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7), AfterValidator(_once_each)]


class WindowPatch(Body):
    """When candidates may get messages, in their own time zone. Nothing is ever sent outside 08:00-21:00."""

    days: Weekdays | None = None
    start: TimeOfDay | None = None
    end: TimeOfDay | None = None

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        """Checks both where both are given; `policies.check` compares one with the stored other."""
        if values.keys() >= {"start", "end"}:
            window = Window()
            start, end = values["start"] or window.start, values["end"] or window.end
            if start >= end:
                yield "/start", f"must be before the end, which is {end}"


class PolicyPatch(Body):
    """Applies to waits that open afterwards. Windows and nudges are read when a message is sent."""

    word_due_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    candidate_nudge: NudgeKind | None = None
    max_nudges: Annotated[int, Field(ge=0, le=2)] | None = None
    tell_next_step: bool | None = None
    second_nudge_days: Annotated[int, Field(ge=1, le=30)] | None = None
    candidate_window: WindowPatch | None = None
    digest_time: TimeOfDay | None = None
    digest_days: Weekdays | None = None
    escalate_to: Addresses | None = None
    escalate_after_business_days: Annotated[int, Field(ge=1, le=60)] | None = None
    report_to: Addresses | None = None
    holidays: Annotated[str, AfterValidator(_calendar)] | None = None
    promise_default_days: Annotated[int, Field(ge=1, le=30)] | None = None
    sms_monthly_cap_usd: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    sms_countries: Annotated[list[Country], Field(max_length=250), AfterValidator(_once_each)] | None = None
    jurisdiction: Jurisdiction | None = None
    headcount: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    retention_months: Annotated[int, Field(ge=1, le=120)] | None = None
    link_seekers: bool | None = None
    clock_hours: ClockHours | None = None
    date_order: DateOrder | None = None
    language: (
        Annotated[
            Language,
            Field(
                description="Language of messages and pages for candidates whose `locale` is unknown or has no translation. "
                "A candidate's `locale` comes first: `es-MX` is written to in Spanish."
            ),
        ]
        | None
    ) = None


class LimitsPatch(Body):
    """The operator's ceilings for one employer. A field that is null or absent has its default."""

    sms_countries: Annotated[list[Country], Field(max_length=250), AfterValidator(_once_each)] | None = None
    sms_monthly_cap_usd: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    sms_per_day: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    emails_per_day: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    users: Annotated[int, Field(ge=0, le=USERS_MOST)] | None = None
    api_keys: Annotated[int, Field(ge=0, le=KEYS_MOST)] | None = None


class EmployerNew(Body):
    """A new employer. On trial, messages go to its own addresses only."""

    name: Name
    timezone: ZoneName
    call_back_name: Name | None = None
    call_back_phone: CallBackPhone | None = None
    call_back_email: Email | None = None
    digest_to: Addresses | None = None
    policy: PolicyPatch | None = None
    limits: LimitsPatch | None = None
    trial: bool = True


class EmployerPatch(Body):
    """A merge patch: absent keeps a field, null empties or resets it.

    Only the operator changes `name`, `limits`, `sms_origination_number` and `email_from`: 403 `operator_only`.
    """

    name: Name = ""
    timezone: ZoneName = ""
    call_back_name: Name | None = None
    call_back_phone: CallBackPhone | None = None
    call_back_email: Email | None = None
    sms_origination_number: Phone | None = None
    email_from: Email | None = None
    email_reply_to: Email | None = None
    digest_to: Addresses | None = None
    policy: PolicyPatch | None = None
    limits: LimitsPatch | None = None


class OperatorPatch(EmployerPatch):
    """A merge patch by the operator."""

    trial: bool = True
    suspended: bool = False


class OwnAddress(Body):
    """Either an email address or a phone number."""

    model_config = ConfigDict(json_schema_extra=either("email", "phone"))
    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _one(self) -> OwnAddress:
        if (self.email is None) == (self.phone is None):
            raise ValueError("name either an email or a phone")
        return self

    @property
    def channel(self) -> str:
        return "email" if self.email else "sms"

    @property
    def address(self) -> str:
        return self.email or self.phone or ""
