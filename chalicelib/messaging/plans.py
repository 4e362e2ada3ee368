"""What one queue record leads to: conditional writes that belong together, and the messages to send once these are written.

`nudges.py`, `digest.py` and `notices/dispatch.py` make plans; `claims.py` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from chalicelib.messaging.messages import MessageItem
from chalicelib.rules.model import Message, MessageStatus
from chalicelib.storage.recipients import Address
from chalicelib.storage.table import Item, Key, Transaction


class Change(Protocol):
    """One conditional operation of a plan."""

    @property
    def item(self) -> Item: ...

    def into(self, transaction: Transaction) -> None: ...


@dataclass(frozen=True)
class Write:
    """One conditional operation on an item. Without `actions` only the condition is checked."""

    item: Item
    condition: Any
    actions: Sequence[Any] = ()

    def into(self, transaction: Transaction) -> None:
        if self.actions:
            transaction.update(self.item, self.actions, self.condition)
        else:
            transaction.check(self.item, self.condition)


@dataclass(frozen=True)
class Draft:
    """A message about to be sent. `people` are all addresses of the person: the frequency cap counts them together."""

    item: MessageItem
    message: Message
    people: tuple[Address, ...]
    is_retry: bool = False
    """Whether the item exists and an earlier attempt was provably refused."""
    has_listener: bool = False
    """Whether a webhook is to be told the outcome."""
    stopped_at: tuple[str, ...] = ()
    """Keyed hashes of numbers and mailboxes that said STOP to this application: their items are read before it is sent."""
    counted: bool = False
    """Whether this application alone may have sent the person several messages in a week."""

    def into(self, transaction: Transaction, token: str) -> None:
        if not self.is_retry:
            self.item.claim = token
            transaction.create(self.item)
            return
        transaction.update(
            MessageItem(*self.item.key),
            [
                MessageItem.status.set("sending"),
                MessageItem.claim.set(token),
                MessageItem.channel.set(self.message.channel),
                MessageItem.to.set(self.message.to),
                MessageItem.attempts.set(self.item.attempts + 1),
                MessageItem.due_shard.remove(),
                MessageItem.due_at.remove(),
            ],
            still_retrying(self.item),
        )


@dataclass(frozen=True)
class Held:
    """Why a claimed message is not sent. With `later` it is tried again in a minute, without it never."""

    reason: str
    later: bool = False
    most: int = 0
    """Of a quota of an hour that is full: how many it lets through."""


@dataclass(frozen=True)
class Plan:
    """What one queue record leads to, all or nothing. `unsent` are messages that are listed without being sent."""

    record: Key
    outcome: str
    writes: tuple[Change, ...] = ()
    unsent: tuple[MessageItem, ...] = ()
    drafts: tuple[Draft, ...] = ()
    ends: tuple[MessageItem, ...] = ()
    """Messages that `writes` end."""

    @property
    def listed(self) -> list[MessageItem]:
        """The messages that clients see changed by it. Those that it sends are told of when they are settled."""
        return [*self.unsent, *self.ends]

    @property
    def touches(self) -> list[Key]:
        """Keys of all items it writes or checks: one transaction may name an item once."""
        return [
            *(write.item.key for write in self.writes),
            *(draft.item.key for draft in self.drafts),
            *(item.key for item in self.unsent),
        ]

    @property
    def creates(self) -> list[MessageItem]:
        """The messages that must not exist yet."""
        return [*self.unsent, *(draft.item for draft in self.drafts if not draft.is_retry)]

    def into(self, transaction: Transaction, token: str) -> None:
        for write in self.writes:
            write.into(transaction)
        for item in self.unsent:
            transaction.create(item)
        for draft in self.drafts:
            draft.into(transaction, token)

    def without(self, taken: set[Key]) -> Plan:
        """The same plan without the messages that exist already, so that a step taken before does not stay due."""
        return replace(
            self,
            outcome="taken",
            unsent=tuple(item for item in self.unsent if item.key not in taken),
            drafts=tuple(draft for draft in self.drafts if draft.item.key not in taken),
        )


def ended(item: MessageItem, now: datetime, status: MessageStatus, reason: str, *writes: Change) -> Plan:
    """Plans the end of a retrying message without another attempt."""
    end = Write(
        MessageItem(*item.key),
        still_retrying(item),
        [
            MessageItem.status.set(status),
            MessageItem.reason.set(reason),
            MessageItem.settled_at.set(now),
            MessageItem.due_shard.remove(),
            MessageItem.due_at.remove(),
        ],
    )
    return Plan(item.key, status, (end, *writes), ends=(item,))


def still_retrying(item: MessageItem) -> Any:
    """The condition that a message is as it was read."""
    same = MessageItem.texts.does_not_exist() if item.texts is None else MessageItem.texts == item.texts
    return (MessageItem.status == "retrying") & (MessageItem.attempts == item.attempts) & same
