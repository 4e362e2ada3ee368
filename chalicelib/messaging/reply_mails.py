"""Tells the owner of an application at once, by mail, that its candidate wrote. Created with the reply, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.applications import team
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, DisputeItem, StatementItem
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.config import settings
from chalicelib.errors import NotFound
from chalicelib.messaging import gate, inbox, reply_store
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_asked
from chalicelib.messaging.plans import Draft, Plan, Write, ended
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.copy.reply_mails import owner_mail
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, ReplyKind
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Key, Transaction, stored_instant

STEP = "reply"
DISPUTE_STEP = "dispute"
"""The step of a mail about a dispute that a client recorded: the inbox lists what candidates say themselves."""
FRESH_FOR = timedelta(hours=12)
"""After that the digest has named it."""
TOGETHER = timedelta(minutes=10)
"""Texts of one application within so long are told in one mail at once, and one more at the end for those that came after it."""
QUOTED_TEXTS = 10
_TEXTS = "texts"


def mail_to_owner(application: ApplicationItem, entry_id: str, now: datetime) -> MessageItem | None:
    """Makes the message that is due now. None where nobody on the team owns the application, or its owner has not accepted."""
    owner = _owner_of(application)
    return _due(application, owner.email, entry_id, now, now) if owner else None


@dataclass(frozen=True, slots=True)
class OwnersMail:
    """The mail that tells an owner of a text. `waits`: it is stored, and will quote this text too."""

    item: MessageItem
    waits: bool = False


def tell_owner_of_text(transaction: Transaction, application: ApplicationItem, now: datetime) -> Key | None:
    """Adds the mail about a text that has just come to the transaction that stores it. Returns its key; None where there is none.

    A mail that waits is counted up, so that a worker that read it before this text came does not send it without.
    """
    mail = mail_about_texts(application, now)
    if mail is None:
        return None
    if mail.waits:
        transaction.update(MessageItem(*mail.item.key), [MessageItem.texts.add(1)], MessageItem.status == "retrying")
    else:
        transaction.create(mail.item)
    return mail.item.key


def mail_about_texts(application: ApplicationItem, now: datetime) -> OwnersMail | None:
    """Finds the mail that will tell of a text that has just come, or makes it. None where nobody owns the application."""
    owner = _owner_of(application)
    if owner is None:
        return None
    number = int(now.timestamp() // TOGETHER.total_seconds())
    end = datetime.fromtimestamp((number + 1) * TOGETHER.total_seconds(), UTC)

    def mail(slot: int, place: str, due: datetime) -> MessageItem:
        return _due(application, owner.email, f"{_TEXTS}:{application.id}:{slot}:{place}", due, now)

    first, more = mail(number, "first", now), mail(number, "more", end)
    before = [mail(number - 1, place, now) for place in ("first", "more")]
    found = table.get_many([one.key for one in (first, more, *before)])
    waiting = [one for one in found.values() if isinstance(one, MessageItem) and one.status == "retrying"]
    if waiting:
        return OwnersMail(waiting[0], waits=True)
    return OwnersMail(more if first.key in found else first)


def _owner_of(application: ApplicationItem) -> PersonItem | None:
    if not application.owner_id:
        return None
    owner = team.read(application.employer_id, [application.owner_id]).get(application.owner_id)
    return owner if owner is not None and owner.is_accepted else None


def _due(application: ApplicationItem, to: str, nonce: str, due: datetime, now: datetime) -> MessageItem:
    item = new_asked(application.employer_id, step=STEP, channel="email", to=to, nonce=nonce, not_after=due + FRESH_FOR, now=now)
    item.application_id, item.status, item.attempts = application.id, "retrying", 0
    item.due_shard, item.due_at = ids.due_shard(item.id), stored_instant(due)
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
        entries = _entries(item, employer, application, now)
    except NotFound:  # erased
        return ended(item, now, "cancelled", "nothing left to tell about")
    if not entries:
        return ended(item, now, "cancelled", "it was seen already")
    owner = table.get(*person_key(employer.id, application.owner_id)) if application.owner_id else None
    if not isinstance(owner, PersonItem) or canonical_email(owner.email) != canonical_email(item.to):
        return ended(item, now, "cancelled", "somebody else owns it now")
    if reason := gate.block_reason(employer, "email", item.to):
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "refused until it was too late")
    words = "\n\n".join(_words_of(entry) for entry in entries if entry.words or entry.notes)
    message = _mail(item.to, employer, application, entries[-1].kind, words)
    return Plan(item.key, "sending", drafts=(Draft(item, message, (("email", item.to),), is_retry=True),))


def _mail(to: str, employer: Employer, application: ApplicationItem, kind: ReplyKind, words: str) -> Message:
    url = f"{settings().base_url}/applications/{application.id}"
    return owner_mail(to, employer, kind, application.name, application.job_title, words, url)


def _entries(item: MessageItem, employer: Employer, application: ApplicationItem, now: datetime) -> list[inbox.Entry]:
    """What a mail tells of and nobody has seen: one entry, or the candidate's latest texts, oldest first. Raises NotFound."""
    if not item.cause.startswith(f"{_TEXTS}:"):
        entry = inbox.read(employer.id, item.cause)
        return [entry] if entry.item.seen_at is None else []
    texts = [one for one in reply_store.replies_of(application.PK) if one.seen_at is None]
    fresh = [one for one in texts if one.received_at > now - FRESH_FOR][:QUOTED_TEXTS]
    return [inbox.Entry(one, application) for one in reversed(fresh)]


def _words_of(entry: inbox.Entry) -> str:
    return "\n".join([entry.words, *(f"[{note}]" for note in entry.notes)]).strip()


def of_dispute(item: DisputeItem, employer: Employer, now: datetime) -> Plan | None:
    """Plans to tell the owner of a dispute that a client recorded. None where nothing is due."""
    if item.due_at is None or item.due_at > stored_instant(now):
        return None
    told = Write(
        DisputeItem(*item.key), DisputeItem.due_at == item.due_at, [DisputeItem.due_at.remove(), DisputeItem.due_shard.remove()]
    )
    application = table.get(keys.case_pk(employer.id, item.application_id), "APP")
    owner = _owner_of(application) if isinstance(application, ApplicationItem) else None
    if not isinstance(application, ApplicationItem) or not application.disputed or owner is None:
        return Plan(item.key, "dropped", (told,))
    message = new_asked(
        employer.id,
        step=DISPUTE_STEP,
        channel="email",
        to=owner.email,
        nonce=f"{item.contact_id}:{item.due_at}",
        not_after=now + FRESH_FOR,
        now=now,
    )
    message.application_id = application.id
    if reason := gate.block_reason(employer, "email", owner.email):
        message.status, message.reason, message.attempts, message.settled_at = "suppressed", reason, 0, now
        return Plan(item.key, "suppressed", (told,), (message,))
    words = _mail(owner.email, employer, application, "dispute", "")
    return Plan(item.key, "sending", (told,), drafts=(Draft(message, words, (("email", owner.email),)),))


def of_refused_dispute(item: MessageItem, employer: Employer, now: datetime) -> Plan | None:
    """Plans another attempt at a mail about a dispute that was refused, while it is still disputed."""
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now):
        return None
    application = table.get(keys.case_pk(employer.id, item.application_id or ""), "APP")
    owner = _owner_of(application) if isinstance(application, ApplicationItem) else None
    if not isinstance(application, ApplicationItem) or not application.disputed or owner is None or owner.email != item.to:
        return ended(item, now, "cancelled", "no longer disputed, or somebody else owns it now")
    if reason := gate.block_reason(employer, "email", item.to):
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "refused until it was too late")
    words = _mail(item.to, employer, application, "dispute", "")
    return Plan(item.key, "sending", drafts=(Draft(item, words, (("email", item.to),), is_retry=True),))
