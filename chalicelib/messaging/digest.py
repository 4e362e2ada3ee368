"""Plans the employer's digests: of its own lists, of each owner, and the escalation.

The digest's state is an item in the due index. It moves to its next instant in the transaction that creates the mails.
Where there is nothing to say, nothing is sent and the next one is scheduled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.applications import digest_schedule
from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.auth.users import held_digest_addresses
from chalicelib.messaging import digest_recipients, gate, weekly_report
from chalicelib.messaging.digest_recipients import WEEKLY, Recipient
from chalicelib.messaging.digest_writer import DigestWriter
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_digest
from chalicelib.messaging.plans import Draft, Plan, ended
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, MessageStatus
from chalicelib.storage import table
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import Transaction, read_instant, stored_instant

ONE_DAY = timedelta(days=1)
FIRST_LOOKS_BACK = timedelta(days=7)
"""The first digest tells what came up within a week: over a weekend or a holiday, a day would miss it."""
NOT_VERIFIED = "the address is not verified: its owner has not opened the link, nor accepted an invitation"
STALE_AFTER = timedelta(hours=12)
"""A digest that is half a day late gives way to the next one."""
MAILS_AT_ONCE = 60
"""Of one plan: a transaction has room for so many. The digest stays due for the rest."""


@dataclass(frozen=True)
class Stay:
    """Leaves the digest due for the mails that found no place in this plan, unless it was moved since it was read."""

    item: DigestItem

    def into(self, transaction: Transaction) -> None:
        same = DigestItem.version == self.item.version
        transaction.update(DigestItem(*self.item.key), [DigestItem.version.set(self.item.version + 1)], same)


@dataclass(frozen=True)
class Move:
    """Moves the digest to its next instant, unless it was moved since it was read."""

    item: DigestItem
    employer: Employer
    planned: datetime | None
    now: datetime
    counts: dict[str, int] | None = None
    """What webhooks are told of this morning; None: nothing."""
    report_week: str | None = None
    """The week whose report is among the mails."""

    def into(self, transaction: Transaction) -> None:
        if self.counts:
            emit(transaction, self.employer.id, "digest.ready", self.counts, self.now)
        noted = [DigestItem.sent_at.set(self.now)]
        noted += [DigestItem.report_week.set(self.report_week)] if self.report_week else []
        digest_schedule.move(transaction, self.item, self.employer, self.planned, *noted)


def plan(item: DigestItem, employer: Employer, now: datetime) -> Plan | None:
    """Plans the mails of one instant and the next instant. None where nothing is due."""
    if item.due_at is None or item.due_at > stored_instant(now):
        return None
    planned_at = read_instant(item.due_at)
    in_time = now < planned_at + STALE_AFTER
    # after an outage yesterday's digest is too late, but this morning's may still be worth reading
    since = item.sent_at or planned_at - FIRST_LOOKS_BACK
    people = digest_recipients.of(employer)
    writer = DigestWriter(employer, now, since, people.owners)
    week = weekly_report.week_to_tell(item, employer, planned_at)
    wanted = [one for one in people.all if week or one.step != WEEKLY]
    mails = [] if employer.suspended else _without_done(list(_mails(employer, wanted, writer, planned_at)))
    if len(mails) > MAILS_AT_ONCE:
        move: Stay | Move = Stay(item)
        mails = mails[:MAILS_AT_ONCE]
    else:
        after = now if in_time else max(planned_at, now - STALE_AFTER)
        told = employer.webhooks and in_time and not employer.suspended
        move = Move(item, employer, digest_schedule.next_planned(employer, after), now, writer.counts() if told else None, week)
    if in_time:
        held = held_digest_addresses(employer)
        reasons = {mail.item.id: _block_reason(employer, mail.item.to, held) for mail in mails}
        blocked = tuple(_unsent(mail, "suppressed", reason, now) for mail in mails if (reason := reasons[mail.item.id]))
        allowed = tuple(mail for mail in mails if not reasons[mail.item.id])
        return Plan(item.key, "sending" if mails else "deferred", (move,), blocked, allowed)
    return Plan(item.key, "expired", (move,), tuple(_unsent(mail, "expired", "too late", now) for mail in mails))


def _block_reason(employer: Employer, to: str, held: set[str]) -> str | None:
    """Says why no digest goes to an address: it tells who was interviewed, so its owner must have agreed."""
    return gate.block_reason(employer, "email", to) or (NOT_VERIFIED if canonical_email(to) in held else None)


def _unsent(mail: Draft, status: MessageStatus, reason: str, now: datetime) -> MessageItem:
    """The message of a mail that does not go out, with why."""
    mail.item.status, mail.item.reason, mail.item.attempts, mail.item.settled_at = status, reason, 0, now
    return mail.item


def of_retry(item: MessageItem, employer: Employer, now: datetime) -> Plan | None:
    """Plans another attempt at a digest that was refused: written again if it is still wanted."""
    if item.status != "retrying":
        return None
    people = digest_recipients.of(employer)
    recipient = next((one for one in people.all if (one.step, one.to) == (item.step, item.to)), None)
    if employer.suspended or recipient is None:
        return ended(item, now, "cancelled", "not wanted any more")
    if reason := _block_reason(employer, item.to, held_digest_addresses(employer)):
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "refused until it was too late")
    since = item.wait_since or item.created_at - ONE_DAY
    message = _message(employer, DigestWriter(employer, now, since, people.owners), recipient)
    if message is None:
        return ended(item, now, "cancelled", "nothing left to tell")
    return Plan(item.key, "sending", drafts=(Draft(item, message, (("email", item.to),), is_retry=True),))


def _without_done(mails: list[Draft]) -> list[Draft]:
    """Leaves out mails of this instant that an earlier plan took, where they may not all have fitted."""
    if len(mails) <= MAILS_AT_ONCE:
        return mails
    done = table.get_many([mail.item.key for mail in mails])
    return [mail for mail in mails if mail.item.key not in done]


def _message(employer: Employer, writer: DigestWriter, one: Recipient) -> Message | None:
    return weekly_report.message(employer, one.to, writer.now) if one.step == WEEKLY else writer.message(one)


def _mails(employer: Employer, wanted: Iterable[Recipient], writer: DigestWriter, planned_at: datetime) -> Iterable[Draft]:
    for one in wanted:
        message = _message(employer, writer, one)
        if message is not None:
            yield _draft(employer, one, message, planned_at, writer.since, writer.now)


def _draft(employer: Employer, one: Recipient, message: Message, planned_at: datetime, since: datetime, now: datetime) -> Draft:
    not_after = planned_at + STALE_AFTER
    item = new_digest(employer.id, step=one.step, to=one.to, planned_at=planned_at, since=since, not_after=not_after, now=now)
    return Draft(item, message, (("email", one.to),))
