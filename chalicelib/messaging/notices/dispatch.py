"""A holding notice that is due: every check that a nudge gets, at hours of its own. Sent, it becomes a contact of the employer's.

The contact's id derives from the message's, and the message stays in the due index until the contact is written: so it is
written once, also when the worker dies in between.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed, NotFound
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.nudges import Case
from chalicelib.messaging.opt_outs import unsubscribe_url
from chalicelib.messaging.plans import Draft, Plan, Write, ended, still_waits
from chalicelib.rules.copy import notices
from chalicelib.rules.model import WEEKDAYS, Employer, Window
from chalicelib.rules.reminders import send_windows
from chalicelib.storage import ids, table
from chalicelib.storage.table import Transaction, stored_instant

MAIL_WINDOW = Window(days=WEEKDAYS, start="08:00", end="21:00")
"""It is the employer's direct word, so a mail may come any day; a text keeps to the candidate's window."""


def plan(item: MessageItem, case: Case) -> Plan | None:
    """Send, defer or end a notice that is due; None where it is not (any more)."""
    now, wait = case.now, case.wait
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now) or item.next_word_by is None:
        return None
    if wait is None or (wait.cause, wait.word_due_at) != (item.cause, item.word_due_at):
        return ended(item, now, "cancelled", "no longer waiting for this word", _unchanged(case.item))
    channel = case.channel
    if channel is None or case.to is None:
        return ended(item, now, "cancelled", "this candidate cannot be reached any more")
    if reason := case.block_reason():
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "too late")
    window = MAIL_WINDOW if channel == "email" else case.employer.policy.candidate_window
    opening = send_windows.next_open(
        now, window, case.candidate.timezone or case.employer.timezone, case.is_holiday if channel == "sms" else lambda _: False
    )
    if opening >= item.not_after:
        return ended(item, now, "expired", "no open hour before it was too late")
    if opening > now:
        return Plan(
            item.key,
            "deferred",
            (Write(MessageItem(*item.key), still_waits(item), [MessageItem.due_at.set(stored_instant(opening))]),),
        )
    item.opens_at = item.opens_at or now
    link = unsubscribe_url(case.candidate.email, case.candidate.phone, now) if channel == "email" else None
    message = notices.holding_notice(
        channel,
        employer=case.employer,
        candidate=case.candidate,
        job_title=case.item.job_title,
        stage=wait.stage,
        next_word_by=item.next_word_by,
        unsubscribe_url=link,
    )
    draft = Draft(item, message, case.people, again=True, counted=True)
    return Plan(item.key, "sending", (_unchanged(case.item),), drafts=(draft,))


def _unchanged(item: ApplicationItem) -> Write:
    """Word that is given meanwhile moves the version, and stops it."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)


def log_contact(key: table.Key, employer: Employer, now: datetime) -> bool:
    """Writes down what a notice that was sent has told, and starts the promise's clock. Twice is once; False if not sent."""
    item = table.get(*key)
    if not isinstance(item, MessageItem) or item.status != "sent" or item.next_word_by is None or item.due_at is None:
        return False
    told = {
        "channel": item.channel,
        "outcome": "bounced" if returned(item) else "sent",
        "decision": "pending",
        "occurred_at": item.settled_at or now,
        "next_word_by": item.next_word_by,
    }
    if returned(item):
        del told["decision"], told["next_word_by"]
    with suppress(NotFound):  # erased meanwhile
        contacts.log_contact(employer, item.application_id or "", told, now, known_as=item.id)
    transaction = Transaction()
    as_read = MessageItem.bounced_at.does_not_exist() if item.bounced_at is None else MessageItem.bounced_at == item.bounced_at
    transaction.update(
        MessageItem(*key), [MessageItem.due_shard.remove(), MessageItem.due_at.remove()], MessageItem.PK.exists() & as_read
    )
    with suppress(ConditionFailed):  # it came back just now: the next look at it, a minute later, notes that
        transaction.commit()
        return True
    take_back(key, employer, now)
    return True


def returned(item: MessageItem) -> bool:
    """Whether it came back for good: then it told nothing."""
    return item.bounced_at is not None and not (item.bounce or "").startswith("transient")


def take_back(key: table.Key, employer: Employer, now: datetime) -> None:
    """A notice that came back told nothing: its contact counts as bounced, and the wait is open again with its old deadline."""
    item = table.get(*key)
    if isinstance(item, MessageItem) and item.next_word_by is not None and returned(item):
        with suppress(NotFound):
            contacts.bounce_contact(employer, item.application_id or "", ids.derived_id("con", item.id, item.id), now)
