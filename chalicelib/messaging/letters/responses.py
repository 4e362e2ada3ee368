"""Responses about letters."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chalicelib.api.serialize import ResponseBody
from chalicelib.auth.actors import Actor
from chalicelib.errors import ProblemCode
from chalicelib.rules.model import Decision, LetterReason, MessageStatus


class LetterFeedback(ResponseBody):
    reasons: list[LetterReason]
    promised_by: datetime | None


class LetterRow(ResponseBody):
    """What became of the letter to one candidate. `code` says why it was refused."""

    application_id: str
    status: Literal["accepted", "accepted_before", "refused"]
    message_id: str | None
    message_status: MessageStatus | None
    bounced_at: datetime | None
    lacks: list[str]
    code: ProblemCode | None
    detail: str | None


class LetterCounts(ResponseBody):
    """Of the accepted ones: on their way, sent (bounced ones too), came back, and ended without being sent."""

    queued: int
    sent: int
    bounced: int
    not_sent: int
    refused: int


class Letter(ResponseBody):
    """A rejection told in writing to one candidate or to many."""

    id: str
    decision: Decision
    feedback: LetterFeedback | None
    send_at: datetime | None
    created_at: datetime
    recorded_by: Actor | None
    cancelled_at: datetime | None
    counts: LetterCounts
    data: list[LetterRow]
