"""Claim before you act: one transaction moves a chunk's applications on and bears its messages; another settles their fate.

Losing a claim is normal: somebody was told, or another worker was first. What is claimed and never settled
(a worker died) comes due with its claim item, and becomes `unknown`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.errors import ConditionFailed, Unavailable, WriteUnknown
from chalicelib.messaging import messages
from chalicelib.messaging.messages import ClaimItem, MessageItem, new_claim
from chalicelib.messaging.plans import Draft, Plan
from chalicelib.storage import ids, outbox, table
from chalicelib.storage.table import Key, Transaction, stored_instant

OPERATIONS_MOST = 90
"""Of one transaction: DynamoDB takes 100, and a claim item goes with it."""
SETTLE_TRIES = 4
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=16)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """What was won in one transaction. `item` is None where nothing of it is to be sent."""

    item: ClaimItem | None
    plans: Sequence[Plan]

    @property
    def drafts(self) -> list[Draft]:
        return [draft for plan in self.plans for draft in plan.drafts]


@dataclass(frozen=True)
class SendResult:
    """What became of one message: `sent`, `retrying`, `failed`, `unknown` or `suppressed`."""

    draft: Draft
    status: str
    reason: str | None = None
    provider_message_id: str | None = None
    tried: bool = True
    """Whether the provider was called at all."""


def packs(plans: Iterable[Plan]) -> list[list[Plan]]:
    """Plans that fit one transaction together: few enough operations, and no item twice."""
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
    """Writes one pack of plans. Members whose condition fails are dropped, the rest go again under a fresh token.

    Raises Unavailable or WriteUnknown where nothing is known to be won: the records come again.
    """
    left = list(plans)
    while left:
        drafts = [draft for plan in left for draft in plan.drafts]
        item = new_claim([draft.item.key for draft in drafts], now) if drafts else None
        try:
            _commit_claim(left, item)
            return Claim(item, left)
        except ConditionFailed as lost:
            if item is not None and item.key in lost.failed:
                return Claim(item, left)  # the SDK tried twice, and lost to itself
            left = list(_kept(left, set(lost.failed)))
        except WriteUnknown:
            if item is not None and table.get(*item.key) is not None:
                return Claim(item, left)
            raise
    return Claim(None, [])


def _commit_claim(plans: Sequence[Plan], item: ClaimItem | None) -> None:
    transaction = Transaction()
    if item is not None:
        transaction.create(item)
    for plan in plans:
        plan.into(transaction, item.token if item else "")
    transaction.commit()


def _kept(plans: Sequence[Plan], failed: set[Key]) -> Iterable[Plan]:
    for plan in plans:
        lost = failed.intersection(plan.touches)
        if not lost:
            yield plan
        elif lost <= {item.key for item in plan.bears}:
            yield plan.without(lost)


def settle(claimed: Claim, fates: Sequence[SendResult], now: datetime) -> None:
    """Writes what became of the messages, if they are still ours, and ends the claim. What can't be is left to the claim."""
    if claimed.item is None:
        return
    left, tries = list(fates), 0
    while tries < SETTLE_TRIES:
        try:
            _commit_settle(claimed.item, left, now)
            log.info("settled", extra={"sent": _count(left, "sent"), "unknown": _count(left, "unknown")})  # the alarms read it
            return
        except ConditionFailed as lost:
            left = [fate for fate in left if fate.draft.item.key not in lost.failed]
        except (Unavailable, WriteUnknown):
            tries += 1
            time.sleep(0.05 * 2**tries)
    log.error("a claim of %d messages could not be settled", len(left))


def _count(fates: Sequence[SendResult], status: str) -> int:
    return sum(fate.status == status for fate in fates)


def _commit_settle(item: ClaimItem, fates: Sequence[SendResult], now: datetime) -> None:
    transaction = Transaction()
    for fate in fates:
        transaction.update(MessageItem(*fate.draft.item.key), _settled(fate, now), _held(item.token))
        if fate.draft.tells:
            messages.tell(transaction, fate.draft.item, _end_of(fate, now), now)
    transaction.delete(ClaimItem(*item.key))
    transaction.commit()


def _held(token: str) -> Any:
    return (MessageItem.status == "sending") & (MessageItem.claim == token)


def _settled(fate: SendResult, now: datetime) -> list[Any]:
    item, tried = fate.draft.item, _tries_of(fate)
    actions = [] if fate.tried else [MessageItem.attempts.set(tried - 1)]
    if fate.status == "retrying":
        return actions + _again_or_failed(fate, now)
    actions += [MessageItem.status.set(fate.status), MessageItem.settled_at.set(now)]
    actions.append(MessageItem.reason.set(fate.reason) if fate.reason else MessageItem.reason.remove())
    if item.next_word_by and fate.status == "sent":  # a holding notice: due until its contact is logged
        actions += [MessageItem.due_shard.set(ids.due_shard(item.id)), MessageItem.due_at.set(stored_instant(now))]
    if fate.provider_message_id:
        actions.append(MessageItem.provider_message_id.set(fate.provider_message_id))
    return actions


def _tries_of(fate: SendResult) -> int:
    return int(fate.draft.item.attempts) + (1 if fate.draft.again else 0)


def _again_at(fate: SendResult, now: datetime) -> datetime:
    return now + min(FIRST_RETRY * 2 ** (_tries_of(fate) - 1), LONGEST_RETRY)


def _end_of(fate: SendResult, now: datetime) -> str:
    """The status that settling a fate will write."""
    over = fate.status == "retrying" and _again_at(fate, now) >= fate.draft.item.last_try_before
    return "failed" if over else fate.status


def _again_or_failed(fate: SendResult, now: datetime) -> list[Any]:
    """Back into the due index with a back-off, while the hour of retries and the message's own time last."""
    item, at = fate.draft.item, _again_at(fate, now)
    if at >= item.last_try_before:
        return [
            MessageItem.status.set("failed"),
            MessageItem.settled_at.set(now),
            MessageItem.reason.set(f"out of attempts; {fate.reason or 'refused'}"),
        ]
    begun = [MessageItem.opens_at.set(item.opens_at)] if item.opens_at else []
    return [
        *begun,
        MessageItem.status.set("retrying"),
        MessageItem.reason.set(fate.reason or "refused"),
        MessageItem.due_shard.set(ids.due_shard(item.id)),
        MessageItem.due_at.set(stored_instant(at)),
    ]


def expire_claim(item: ClaimItem, now: datetime) -> int:
    """A claim that came due: what is still being sent under it was cut off, and may have been sent. Returns how many were."""
    left: list[Key] = [(pk, sk) for pk, sk in item.members]
    while True:
        transaction = Transaction()
        for item_told in _told(left):
            messages.tell(transaction, item_told, "unknown", now)
        for key in left:
            transaction.update(
                MessageItem(*key),
                [
                    MessageItem.status.set("unknown"),
                    MessageItem.settled_at.set(now),
                    MessageItem.reason.set("the worker stopped while sending"),
                ],
                _held(item.token),
            )
        transaction.delete(ClaimItem(*item.key))
        try:
            transaction.commit()
            return len(left)
        except ConditionFailed as lost:
            left = [key for key in left if key not in lost.failed]


def _told(keys: Sequence[Key]) -> list[MessageItem]:
    """The messages of a buried claim that somebody listens to: those that are still being sent."""
    found = [item for item in table.get_many(keys).values() if isinstance(item, MessageItem) and item.status == "sending"]
    listening = outbox.listening({item.employer_id for item in found})
    return [item for item in found if item.employer_id in listening]
