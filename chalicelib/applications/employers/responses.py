"""Responses about employers and their own addresses."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.rules.employer import Limits, Policy
from chalicelib.rules.model import MessageChannel


class Warning(ResponseBody):
    code: str
    detail: str


class Employer(ResponseBody):
    """`policy` is what holds now, within the operator's `limits`. `warnings` tells what keeps follow-ups from working."""

    id: str
    name: str
    timezone: str
    call_back_name: str | None
    call_back_phone: str | None
    call_back_email: str | None
    sms_origination_number: str | None
    email_from: str | None
    email_reply_to: str | None
    digest_to: list[str]
    policy: Policy
    limits: Limits
    trial: bool
    suspended: bool
    warnings: list[Warning]
    created_at: datetime
    updated_at: datetime


class OwnAddressOut(ResponseBody):
    """An address or number that is the employer's own: while on trial, messages go to verified ones only."""

    channel: MessageChannel
    address: str
    verified: bool
    verified_by: str | None
    added_at: datetime
    verified_at: datetime | None
