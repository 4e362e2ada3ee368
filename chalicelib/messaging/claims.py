"""Claims messages before they are sent, and settles them afterwards: one transaction each.

The first moves a chunk's applications on and creates their messages. Losing it is normal: the candidate was told, or another
worker was first. Messages that are claimed and never settled, because a worker died, become `unknown` when the claim is due.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.errors import ConditionFailed, Unavailable, WriteUnknown
from chalicelib.messaging import messages
from chalicelib.messaging.messages import ClaimItem, MessageItem, new_claim
from chalicelib.messaging.plans import Draft, Plan
from chalicelib.rules.model import Message, MessageStatus
from chalicelib.storage import ids, outbox, table
from chalicelib.storage.table import Key, Transaction, stored_instant

OPERATIONS_MOST = 90
"""In one transaction: DynamoDB takes 100, and the claim item is one of them."""
SETTLE_TRIES = 4
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=16)
WORDS_MOST = 4_000
LINK = "[personal link]"
"""Replaces each link in stored words: anyone who opens one acts as the candidate, or ends their messages."""
_LINK = re.compile(r"https?://\S+")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """The plans that one transaction wrote. `item` is None where they send nothing."""

    item: ClaimItem | None
    plans: Sequence[Plan]

    @property
    def drafts(self) -> list[Draft]:
        return [draft for plan in self.plans for draft in plan.drafts]


@dataclass(frozen=True)
class SendResult:
    """The outcome of one message: `sent`, `retrying`, `failed`, `unknown` or `suppressed`."""

    draft: Draft
    status: MessageStatus
    reason: str | None = None
    provider_message_id: str | None = None
    tried: bool = True
    """Whether the provider was called at all."""


def packs(plans: Iterable[Plan]) -> list[list[Plan]]:
    """Groups plans that fit one transaction: few enough operations, and no item twice."""
    packed: list[tuple[list[Plan], set[Key]]] = []
    for plan in plans:
        touches = plan.touches
        for pack, taken in packed:
            if len(taken) + len(touches) <= OPERATIONS_MOST and taken.isdisjoint(touches):
                pack.append(plan)
                taken.update(touches)
                break
        else:
            packed.append(([plan], set(touches)))
    return [pack for pack, _ in packed]


def claim(plans: Sequence[Plan], now: datetime) -> Claim:
    """Writes one pack of plans in one transaction.

    Plans whose condition fails are dropped, and the rest are written again under a new token. Raises Unavailable or
    WriteUnknown where the claim may not have been won: the records come again.
    """
    left = list(plans)
    while left:
        drafts = [draft for plan in left for draft in plan.drafts]
        item = new_claim([draft.item.key for draft in drafts], now) if drafts else None
        try:
            _commit_claim(left, item, now)
            return Claim(item, left)
        except ConditionFailed as lost:
            if item is not None and item.key in lost.failed:
                return Claim(item, left)  # the SDK tried twice, and its first try was written
            left = list(_not_lost(left, set(lost.failed)))
        except WriteUnknown:
            if item is not None and table.get(*item.key) is not None:
                return Claim(item, left)
            raise
    return Claim(None, [])


def _commit_claim(plans: Sequence[Plan], item: ClaimItem | None, now: datetime) -> None:
    transaction = Transaction()
    if item is not None:
        transaction.create(item)
    for plan in plans:
        plan.into(transaction, item.token if item else "")
        for message in plan.listed:
            messages.tell(transaction, message, now)
    transaction.commit()


def _not_lost(plans: Sequence[Plan], failed: set[Key]) -> Iterable[Plan]:
    for plan in plans:
        lost = failed.intersection(plan.touches)
        if not lost:
            yield plan
        elif lost <= {item.key for item in plan.creates}:
            yield plan.without(lost)


def settle(claimed: Claim, results: Sequence[SendResult], now: datetime) -> None:
    """Writes the outcome of messages that are still claimed, and ends the claim.

    Messages that cannot be settled expire with the claim.
    """
    if claimed.item is None:
        return
    left, tries = list(results), 0
    while tries < SETTLE_TRIES:
        try:
            _commit_settle(claimed.item, left, now)
            log.info("settled", extra={"sent": _count(left, "sent"), "unknown": _count(left, "unknown")})  # the alarms read it
            return
        except ConditionFailed as lost:
            left = [result for result in left if result.draft.item.key not in lost.failed]
        except (Unavailable, WriteUnknown):
            tries += 1
            time.sleep(0.05 * 2**tries)
    log.error("a claim of %d messages could not be settled", len(left))


def _count(results: Sequence[SendResult], status: MessageStatus) -> int:
    return sum(result.status == status for result in results)


def _commit_settle(item: ClaimItem, results: Sequence[SendResult], now: datetime) -> None:
    transaction = Transaction()
    for result in results:
        transaction.update(MessageItem(*result.draft.item.key), _settled(result, now), _claimed_under(item.token))
        messages.tell_outcome(transaction, result.draft.item, _settled_status(result, now), now)
        if result.draft.has_listener:
            messages.emit_outcome(transaction, result.draft.item, _settled_status(result, now), now)
    transaction.delete(ClaimItem(*item.key))
    transaction.commit()


def _claimed_under(token: str) -> Any:
    return (MessageItem.status == "sending") & (MessageItem.claim == token)


def _settled(result: SendResult, now: datetime) -> list[Any]:
    item, tries = result.draft.item, _tries_of(result)
    actions = [] if result.tried else [MessageItem.attempts.set(tries - 1)]
    if result.status == "retrying":
        return actions + _retry_or_fail(result, now)
    actions += [MessageItem.status.set(result.status), MessageItem.settled_at.set(now)]
    actions.append(MessageItem.reason.set(result.reason) if result.reason else MessageItem.reason.remove())
    if item.is_word and result.status == "sent":  # due until its contact is logged
        actions += [MessageItem.due_shard.set(ids.due_shard(item.id)), MessageItem.due_at.set(stored_instant(now))]
    if item.audience == "candidate" and result.status in ("sent", "unknown"):
        actions += _words(result.draft.message)
    if result.provider_message_id:
        actions.append(MessageItem.provider_message_id.set(result.provider_message_id))
    return actions


def _words(message: Message) -> list[Any]:
    """Stores the words, without links, with the outcome: a message that was not sent says nothing, and costs nothing."""
    subject = [MessageItem.subject.set(message.subject)] if message.subject else []
    return [*subject, MessageItem.body.set(_LINK.sub(LINK, message.text).strip()[:WORDS_MOST])]


def _tries_of(result: SendResult) -> int:
    return int(result.draft.item.attempts) + (1 if result.draft.is_retry else 0)


def _retry_at(result: SendResult, now: datetime) -> datetime:
    return now + min(FIRST_RETRY * 2 ** (_tries_of(result) - 1), LONGEST_RETRY)


def _settled_status(result: SendResult, now: datetime) -> MessageStatus:
    """The status that settling a result writes."""
    over = result.status == "retrying" and _retry_at(result, now) >= result.draft.item.last_try_before
    return "failed" if over else result.status


def _retry_or_fail(result: SendResult, now: datetime) -> list[Any]:
    """Makes a message due again with a back-off, or fails it where its time is over."""
    item, at = result.draft.item, _retry_at(result, now)
    if at >= item.last_try_before:
        return [
            MessageItem.status.set("failed"),
            MessageItem.settled_at.set(now),
            MessageItem.reason.set(f"out of attempts; {result.reason or 'refused'}"),
        ]
    begun = [MessageItem.opens_at.set(item.opens_at)] if item.opens_at else []
    return [
        *begun,
        MessageItem.status.set("retrying"),
        MessageItem.reason.set(result.reason or "refused"),
        MessageItem.due_shard.set(ids.due_shard(item.id)),
        MessageItem.due_at.set(stored_instant(at)),
    ]


def expire_claim(item: ClaimItem, now: datetime) -> int:
    """Ends a claim whose worker died: its messages may have been sent, so they become `unknown`. Returns how many."""
    left: list[Key] = [(pk, sk) for pk, sk in item.members]
    while True:
        transaction = Transaction()
        sending = _still_sending(left)
        listening = outbox.listening({one.employer_id for one in sending})
        for one in sending:
            messages.tell_outcome(transaction, one, "unknown", now)
            if one.employer_id in listening:
                messages.emit_outcome(transaction, one, "unknown", now)
        for key in left:
            transaction.update(
                MessageItem(*key),
                [
                    MessageItem.status.set("unknown"),
                    MessageItem.settled_at.set(now),
                    MessageItem.reason.set("the worker stopped while sending"),
                ],
                _claimed_under(item.token),
            )
        transaction.delete(ClaimItem(*item.key))
        try:
            transaction.commit()
            return len(left)
        except ConditionFailed as lost:
            left = [key for key in left if key not in lost.failed]


def _still_sending(keys: Sequence[Key]) -> list[MessageItem]:
    return [item for item in table.get_many(keys).values() if isinstance(item, MessageItem) and item.status == "sending"]
