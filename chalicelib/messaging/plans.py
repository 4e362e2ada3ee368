"""What one queue record leads to: a handful of conditional writes that belong together, and the messages to send once they
are won. `nudges.py` and `digest.py` make plans; `claims.py` writes them down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from chalicelib.messaging.messages import MessageItem
from chalicelib.rules.model import Message
from chalicelib.storage.recipients import Address
from chalicelib.storage.table import Item, Key, Transaction


class Change(Protocol):
    """One conditional operation of a plan."""

    @property
    def item(self) -> Item: ...

    def into(self, transaction: Transaction) -> None: ...


@dataclass(frozen=True)
class Write:
    """One conditional operation on an item; without `actions` only the condition is demanded."""

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
    """A message about to be sent. `people` are all addresses of the person: an opt-out at any of them stops it."""

    item: MessageItem
    message: Message
    people: tuple[Address, ...]
    again: bool = False
    """Whether the item exists and was provably refused before."""
    tells: bool = False
    """Whether somebody listens to what becomes of it."""
    counted: bool = False
    """Whether this one case alone may have written to the person often."""

    def into(self, transaction: Transaction, token: str) -> None:
        if not self.again:
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
            still_waits(self.item),
        )


@dataclass(frozen=True)
class Held:
    """Why a claimed message is not sent. With `later` it is tried again in a minute, without it never."""

    reason: str
    later: bool = False


@dataclass(frozen=True)
class Plan:
    """All or nothing: what one queue record leads to. `born` are messages that end where they begin."""

    record: Key
    outcome: str
    writes: tuple[Change, ...] = ()
    born: tuple[MessageItem, ...] = ()
    drafts: tuple[Draft, ...] = ()

    @property
    def touches(self) -> list[Key]:
        """Every item it stands on: one transaction may name an item once."""
        return [
            *(write.item.key for write in self.writes),
            *(draft.item.key for draft in self.drafts),
            *(item.key for item in self.born),
        ]

    @property
    def bears(self) -> list[MessageItem]:
        """The messages that must not exist yet."""
        return [*self.born, *(draft.item for draft in self.drafts if not draft.again)]

    def into(self, transaction: Transaction, token: str) -> None:
        for write in self.writes:
            write.into(transaction)
        for item in self.born:
            transaction.create(item)
        for draft in self.drafts:
            draft.into(transaction, token)

    def without(self, taken: set[Key]) -> Plan:
        """The same move without the messages that exist already: the step was taken once, and must not block the line."""
        return replace(
            self,
            outcome="taken",
            born=tuple(item for item in self.born if item.key not in taken),
            drafts=tuple(draft for draft in self.drafts if draft.item.key not in taken),
        )


def ended(item: MessageItem, now: datetime, status: str, reason: str, *writes: Change) -> Plan:
    """A retrying message that comes to its end without another attempt."""
    end = Write(
        MessageItem(*item.key),
        still_waits(item),
        [
            MessageItem.status.set(status),
            MessageItem.reason.set(reason),
            MessageItem.settled_at.set(now),
            MessageItem.due_shard.remove(),
            MessageItem.due_at.remove(),
        ],
    )
    return Plan(item.key, status, (end, *writes))


def still_waits(item: MessageItem) -> Any:
    return (MessageItem.status == "retrying") & (MessageItem.attempts == item.attempts)
