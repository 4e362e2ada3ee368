"""Tells the owner of an application at once, by mail, that its candidate wrote. Created with the reply, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.applications import team
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, StatementItem
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.config import settings
from chalicelib.errors import NotFound
from chalicelib.messaging import gate, inbox
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_asked
from chalicelib.messaging.plans import Draft, Plan, ended
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.copy.reply_mails import owner_mail
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import stored_instant

STEP = "reply"
FRESH_FOR = timedelta(hours=12)
"""After that the digest has named it."""


def mail_to_owner(application: ApplicationItem, entry_id: str, now: datetime) -> MessageItem | None:
    """Makes the message that is due now. None where nobody on the team owns the application, or its owner has not accepted."""
    owner = team.read(application.employer_id, [application.owner_id]).get(application.owner_id or "")
    if owner is None or not owner.is_accepted:
        return None
    item = new_asked(
        application.employer_id,
        step=STEP,
        channel="email",
        to=owner.email,
        nonce=entry_id,
        not_after=now + FRESH_FOR,
        now=now,
    )
    item.application_id, item.status, item.attempts = application.id, "retrying", 0
    item.due_shard, item.due_at = ids.due_shard(item.id), stored_instant(now)
    return item


def tell_owner(unit: UnitOfWork, case: ApplicationCase, statement: StatementItem) -> None:
    """Adds the mail about a "not yet" of the candidate's own page to the transaction that records it."""
    if (mail := mail_to_owner(case.application, statement.id, unit.now)) is not None:
        unit.transaction.create(mail)


def plan(item: MessageItem, employer: Employer, now: datetime) -> Plan | None:
    """Plans to send the mail, with what was said as it is now; ends it where it was seen, erased, or its owner changed."""
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now):
        return None
    pk = keys.case_pk(employer.id, item.application_id or "")
    application = table.get(pk, "APP")
    if not isinstance(application, ApplicationItem):
        return ended(item, now, "cancelled", "nothing left to tell about")
    try:
        entry = inbox.read(employer.id, item.cause)
    except NotFound:  # erased
        return ended(item, now, "cancelled", "nothing left to tell about")
    if entry.item.seen_at is not None:
        return ended(item, now, "cancelled", "it was seen already")
    owner = table.get(*person_key(employer.id, application.owner_id)) if application.owner_id else None
    if not isinstance(owner, PersonItem) or canonical_email(owner.email) != canonical_email(item.to):
        return ended(item, now, "cancelled", "somebody else owns it now")
    if reason := gate.block_reason(employer, "email", item.to):
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "refused until it was too late")
    url = f"{settings().base_url}/applications/{application.id}"
    message = owner_mail(item.to, employer, entry.kind, application.name, application.job_title, entry.words, url)
    return Plan(item.key, "sending", drafts=(Draft(item, message, (("email", item.to),), is_retry=True),))
