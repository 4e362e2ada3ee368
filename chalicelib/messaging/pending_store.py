"""Stores texts that several employers may be meant by, and the question which one it is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.errors import ConditionFailed
from chalicelib.messaging.reply_store import REPLY_MOST, AnsweredItem
from chalicelib.storage import ids, table
from chalicelib.storage.table import Action, InstantAttribute, Item, Transaction

PENDING_FOR = timedelta(days=7)
ASK_EVERY = timedelta(days=1)
"""A pending text waits so long for its question, from when it was sent: at this hour the person was awake."""


class PendingItem(Item):
    """PK PENDING#<hash of a number>, SK PENDING#<id>: a text that waits to be assigned to an employer. Deleted after 7 days.

    No employer sees it until the person says which one it is for. It is due at its own hour of the next day, when the question
    is asked that could not be asked before (`pending_texts`).
    """

    kind = "PENDING"
    id = UnicodeAttribute()
    sender = UnicodeAttribute()
    body = UnicodeAttribute()
    received_at = InstantAttribute()


class QuestionItem(Item):
    """PK PENDING#<hash of a number>, SK WHICH: the employers that we named to a person, and the one that they chose."""

    kind = "WHICH"
    employers = JSONAttribute()
    """Ids in the order in which they were named: "1" is the first."""
    asked_at = InstantAttribute()
    chosen = UnicodeAttribute(null=True)
    chosen_at = InstantAttribute(null=True)
    chosen_by = UnicodeAttribute(null=True)
    """The carrier's id of the text that chose: delivered again, it finishes what it began."""


def pending(number_hash: str, inbound_id: str, *, sender: str, body: str, at: datetime, now: datetime) -> PendingItem:
    return PendingItem(
        f"PENDING#{number_hash}",
        f"PENDING#{inbound_id}",
        id=inbound_id,
        sender=sender,
        body=body[:REPLY_MOST],
        received_at=at,
        due_shard=ids.due_shard(inbound_id),
        due_at=table.stored_instant(at + ASK_EVERY),
        expires_at=int((now + PENDING_FOR).timestamp()),
    )


def set_due(item: PendingItem, at: datetime | None) -> None:
    """Makes a pending text due at another time, or never again. Nothing happens where it was delivered or moved meanwhile."""
    due: list[Action] = (
        [PendingItem.due_at.set(table.stored_instant(at))]
        if at
        else [PendingItem.due_at.remove(), PendingItem.due_shard.remove()]
    )
    transaction = Transaction()
    transaction.update(PendingItem(*item.key), due, PendingItem.due_at == item.due_at)
    with suppress(ConditionFailed):
        transaction.commit()


def pending_of(number_hash: str, now: datetime) -> list[PendingItem]:
    """The texts of a number that wait for a choice, oldest first. Expired ones may be stored for some days: they do not count."""
    found = [item for item in table.query(f"PENDING#{number_hash}", "PENDING#") if isinstance(item, PendingItem)]
    return sorted((one for one in found if one.received_at > now - PENDING_FOR), key=lambda one: (one.received_at, one.id))


def question_of(number_hash: str, now: datetime) -> QuestionItem | None:
    """The question that a number was asked within seven days."""
    found = table.get(f"PENDING#{number_hash}", "WHICH")
    return found if isinstance(found, QuestionItem) and found.asked_at > now - PENDING_FOR else None


def ask_once(claim: AnsweredItem, number_hash: str, employers: Sequence[str], now: datetime) -> bool:
    """Claims the answer of the day and stores what is asked, together. False where the day's answer is spent."""
    question = QuestionItem(
        f"PENDING#{number_hash}",
        "WHICH",
        employers=list(employers),
        asked_at=now,
        expires_at=int((now + PENDING_FOR).timestamp()),
    )
    transaction = Transaction()
    transaction.create(claim)
    transaction.put(question)
    with suppress(ConditionFailed):
        transaction.commit()
        return True
    return False


def withdraw_question(number_hash: str, asked_at: datetime) -> None:
    """Forgets a question that could not be sent."""
    transaction = Transaction()
    transaction.delete(QuestionItem(f"PENDING#{number_hash}", "WHICH"), QuestionItem.asked_at == asked_at)
    with suppress(ConditionFailed):
        transaction.commit()


def is_pending(number_hash: str, inbound_id: str) -> bool:
    """Whether this text itself waits for a choice."""
    return table.get(f"PENDING#{number_hash}", f"PENDING#{inbound_id}") is not None


def choose(question: QuestionItem, employer_id: str, inbound_id: str, at: datetime) -> bool:
    """Stores the employer that a person chose. False where another text chose, or another question was asked meanwhile."""
    transaction = Transaction()
    transaction.update(
        QuestionItem(*question.key),
        [QuestionItem.chosen.set(employer_id), QuestionItem.chosen_at.set(at), QuestionItem.chosen_by.set(inbound_id)],
        (QuestionItem.asked_at == question.asked_at) & QuestionItem.chosen.does_not_exist(),
    )
    with suppress(ConditionFailed):
        transaction.commit()
        return True
    return False


def delete_pending(item: PendingItem) -> None:
    transaction = Transaction()
    transaction.delete(PendingItem(*item.key))
    transaction.commit()
