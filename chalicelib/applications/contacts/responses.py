"""Responses about contacts and statements: their fields, and how they are built from stored items."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody, extend
from chalicelib.applications.items import ApplicationItem, ContactItem, StatementItem
from chalicelib.applications.responses import Application, Statement
from chalicelib.applications.serializers import serialize_application
from chalicelib.auth.actors import Actor, stored_actor
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


def serialize_contact(item: ContactItem) -> Contact:
    return Contact(
        id=item.id,
        channel=item.channel,
        outcome=item.outcome,
        decision=item.decision,
        status="voided" if item.voided_at else "disputed" if item.disputed else "recorded",
        occurred_at=item.occurred_at,
        next_word_by=item.next_word_by,
        promised_by=item.promised_by,
        feedback=item.feedback,
        share_feedback=item.share_feedback,
        thanked=item.thanked,
        keep_in_mind=item.keep_in_mind,
        keep_in_mind_until=item.keep_in_mind_until,
        note=item.note,
        notice=Notice(item.notice_text, item.notice_names or []) if item.notice_text or item.notice_names else None,
        created_at=item.recorded_at,
        recorded_by=stored_actor(item.recorded_by),
        voided_at=item.voided_at,
        voided_by=stored_actor(item.voided_by),
    )


def contact_with_application(item: ContactItem, application: ApplicationItem, now: datetime) -> ContactWithApplication:
    shown = serialize_application(application, now)
    return extend(ContactWithApplication, serialize_contact(item), application_id=application.id, application=shown)


def serialize_statement(item: StatementItem, application: ApplicationItem, now: datetime) -> Statement:
    return Statement(
        id=item.id,
        heard=bool(item.heard),
        decision=item.decision,
        at=item.at,
        created_at=item.recorded_at,
        recorded_by=stored_actor(item.recorded_by),
        application_id=application.id,
        application=serialize_application(application, now),
    )
