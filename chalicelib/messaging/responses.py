"""Responses about messages, holding notices, replies and health."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chalicelib.api.serialize import ResponseBody
from chalicelib.auth.actors import Actor
from chalicelib.errors import ProblemCode
from chalicelib.rules.model import Audience, MessageChannel, MessageStatus, ReplyKind, SenderCheck


class Health(ResponseBody):
    status: Literal["ok", "late"]
    oldest_due_seconds: int
    version: str


class Message(ResponseBody):
    """One reminder as it was handed to SNS or SES. `sent` means that the provider took it, not that it arrived."""

    id: str
    application_id: str | None
    audience: Audience
    step: str
    channel: MessageChannel
    to: str | None
    status: MessageStatus
    reason: str | None
    provider_message_id: str | None
    attempts: int
    created_at: datetime
    recorded_by: Actor | None
    settled_at: datetime | None
    delivered_at: datetime | None
    bounced_at: datetime | None
    complained_at: datetime | None
    bounce: str | None
    lacks: list[str]
    what_to_do: str | None


class NoticeRow(ResponseBody):
    """What became of one row of a call for many holding notices."""

    application_id: str
    status: Literal["accepted", "accepted_before", "refused"]
    message_id: str | None
    lacks: list[str]
    code: ProblemCode | None
    detail: str | None


class NoticeRows(ResponseBody):
    data: list[NoticeRow]
    next_after: str | None


class Reply(ResponseBody):
    """What a candidate said: by text, by mail, or on their own page that nobody got in touch yet."""

    id: str
    application_id: str | None
    kind: ReplyKind
    from_: str | None
    body: str
    understood_as: str | None
    channel: MessageChannel | None
    sender_check: SenderCheck | None
    attachments: int
    received_at: datetime
    seen_at: datetime | None
    seen_by: Actor | None
