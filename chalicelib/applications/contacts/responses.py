"""Responses about logged contacts."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.applications.responses import Application
from chalicelib.auth.actors import Actor
from chalicelib.rules.model import ContactChannel, ContactStatus, Decision, Outcome


class Notice(ResponseBody):
    text: str | None
    names: list[str]


class Contact(ResponseBody):
    """A logged act of telling the candidate something, or of trying to. Earlier versions stored no `recorded_by`."""

    id: str
    channel: ContactChannel
    outcome: Outcome
    decision: Decision | None
    status: ContactStatus
    occurred_at: datetime
    next_word_by: datetime | None
    promised_by: datetime | None
    feedback: str | None
    share_feedback: bool | None
    thanked: bool | None
    keep_in_mind: bool | None
    keep_in_mind_until: datetime | None
    note: str | None
    notice: Notice | None
    created_at: datetime
    recorded_by: Actor | None
    voided_at: datetime | None
    voided_by: Actor | None


class ContactWithApplication(Contact):
    application_id: str
    application: Application
