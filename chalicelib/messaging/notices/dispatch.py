"""Plans a holding notice that is due, with a nudge's checks and send hours of its own. Once sent, it is logged as a contact.

The contact's id derives from the message's id, and the message stays due until the contact is written. So it is written
exactly once, also when the worker dies in between.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem, ContactItem
from chalicelib.auth.actors import stored_actor
from chalicelib.errors import ConditionFailed, NotFound
from chalicelib.messaging.case import Case
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.opt_outs import unsubscribe_url
from chalicelib.messaging.plans import Draft, Plan, Write, ended, still_retrying
from chalicelib.rules.copy import notices
from chalicelib.rules.copy.language import language_of
from chalicelib.rules.copy.letters import STATUTORY_NAMES, feedback_of
from chalicelib.rules.employer import Employer, Window
from chalicelib.rules.model import WEEKDAYS, Language, Message, MessageChannel, Wait
from chalicelib.rules.reminders import send_windows
from chalicelib.storage import ids, table
from chalicelib.storage.table import Transaction, stored_instant

MAIL_WINDOW = Window(days=WEEKDAYS, start="08:00", end="21:00")
"""A mail with the employer's own message may come any day; a text keeps to the candidate's send window."""


def plan(item: MessageItem, case: Case) -> Plan | None:
    """Plans to send, defer or end a notice. None where it is not due."""
    now, wait = case.now, case.wait
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now) or item.next_word_by is None:
        return None
    if wait is None or not item.is_about(wait):
        return ended(item, now, "cancelled", "no longer waiting for this word", _unchanged(case.item))
    if item.text_id:
        case = replace(case, by_mail=True)
        if is_voided(item.PK, item.text_id):
            return ended(item, now, "cancelled", "the notice was undone")
    if case.channel is None or case.to is None:
        return ended(item, now, "cancelled", "this candidate cannot be reached any more")
    if reason := case.block_reason():
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "too late")
    opening = _opening(case)
    if opening >= item.not_after:
        return ended(item, now, "expired", "no open hour before it was too late")
    if opening > now:
        return Plan(
            item.key,
            "deferred",
            (Write(MessageItem(*item.key), still_retrying(item), [MessageItem.due_at.set(stored_instant(opening))]),),
        )
    item.opens_at = item.opens_at or now
    words = _write(case, case.channel, wait, item.next_word_by)
    draft = Draft(item, words, case.people, is_retry=True, stopped_at=case.stopped_at, counted=True)
    return Plan(item.key, "sending", (_unchanged(case.item),), drafts=(draft,))


def _opening(case: Case) -> datetime:
    """The first instant from now on at which the notice may be sent. Mail keeps to no holidays."""
    if case.channel == "sms":
        return case.opening()
    zone = case.candidate.timezone or case.employer.timezone
    return send_windows.next_open(case.begins, MAIL_WINDOW, zone, send_windows.no_holidays)


def _write(case: Case, channel: MessageChannel, wait: Wait, next_word_by: datetime) -> Message:
    link = unsubscribe_url(case.candidate.email or "", case.now) if channel == "email" else None
    return notices.holding_notice(
        channel,
        employer=case.employer,
        candidate=case.candidate,
        job_title=case.item.job_title,
        stage=wait.stage,
        next_word_by=next_word_by,
        unsubscribe_url=link,
    )


def _unchanged(item: ApplicationItem) -> Write:
    """Stops the notice where the application changed meanwhile."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)


def log_contact(key: table.Key, employer: Employer, now: datetime) -> None:
    """Logs a sent notice or letter as a contact: it answers the wait. Idempotent. Nothing where it was not sent."""
    item = table.get(*key)
    if not isinstance(item, MessageItem) or item.status != "sent" or not item.is_word or item.due_at is None:
        return
    told: dict[str, Any] = {"channel": item.channel, "outcome": "bounced", "occurred_at": item.settled_at or now}
    if not returned(item):
        told |= {"outcome": "sent", **_says(item, employer)}
    with suppress(NotFound):  # erased meanwhile
        contacts.log_contact(employer, item.application_id or "", told, now, known_as=item.id, by=stored_actor(item.recorded_by))
    transaction = Transaction()
    as_read = MessageItem.bounced_at.does_not_exist() if item.bounced_at is None else MessageItem.bounced_at == item.bounced_at
    transaction.update(
        MessageItem(*key), [MessageItem.due_shard.remove(), MessageItem.due_at.remove()], MessageItem.PK.exists() & as_read
    )
    with suppress(ConditionFailed):  # it bounced just now: the next run, a minute later, logs that
        transaction.commit()
        return
    take_back(key, employer, now)


def _says(item: MessageItem, employer: Employer) -> dict[str, Any]:
    """What the contact of a notice or a letter says: a promise, or a decision with the criteria that it named."""
    if item.decision is None:
        return {"decision": "pending", "next_word_by": item.next_word_by}
    written = {"notice_text": item.body, "notice_names": sorted(STATUTORY_NAMES)} if employer.policy.jurisdiction else {}
    feedback = feedback_of(item.reasons or (), _language_of(item, employer)) if item.reasons else None
    shared = {"feedback": feedback, "share_feedback": True} if feedback else {}
    return {"decision": item.decision, "thanked": True, **shared, **written}


def _language_of(item: MessageItem, employer: Employer) -> Language:
    """The language of a letter's candidate, who reads its criteria on their page too."""
    application = table.get(item.PK, "APP")
    return language_of(application.locale if isinstance(application, ApplicationItem) else None, employer.policy.language)


def returned(item: MessageItem) -> bool:
    """Whether the notice came back, so that its contact is none."""
    return item.has_come_back


def is_voided(case_pk: str, text_id: str) -> bool:
    """Whether somebody undid the contact as which the text was logged: then no mail takes its place."""
    contact = table.get(case_pk, f"CON#{ids.derived_id('con', text_id, text_id)}")
    return isinstance(contact, ContactItem) and contact.voided_at is not None


def take_back(key: table.Key, employer: Employer, now: datetime) -> None:
    """Marks the contact of a bounced notice as bounced: the wait opens again with its old deadline."""
    item = table.get(*key)
    if isinstance(item, MessageItem) and item.is_word and returned(item):
        with suppress(NotFound):
            contacts.bounce_contact(employer, item.application_id or "", ids.derived_id("con", item.id, item.id), now)
