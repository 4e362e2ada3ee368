"""Lets a restored table send again, without sending twice what the lost table had sent already."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed
from chalicelib.jobs import restore_guard, scheduler
from chalicelib.messaging.digest import STALE_AFTER
from chalicelib.messaging.messages import MessageItem
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key, Transaction, stored_instant

_ALL = 2**31 - 1
"""The scheduler may leave items for its next run; what is left out here would be sent twice."""


def release(sent_until: datetime, now: datetime) -> dict[str, int]:
    """Expires what was due until `sent_until`, then lets the bound table send. Counts: passed_over, released (0 or 1).

    `sent_until` is when the lost table stopped sending: what was due before may have been sent from there.
    """
    due = [key for _, key in scheduler.due_keys(sent_until, most=_ALL)]
    passed_over = sum(_expire(key, sent_until, now) for key in due)
    return {"passed_over": passed_over, "released": int(restore_guard.release(now))}


def _expire(key: Key, sent_until: datetime, now: datetime) -> bool:
    """Makes one due item too late, so that delivery treats it as after an outage."""
    while True:
        item = table.get(*key)
        if item is None or item.due_at is None or item.due_at > stored_instant(sent_until):
            return False
        transaction = Transaction()
        if not _make_too_late(transaction, item, now):
            return False
        try:
            transaction.commit()
        except ConditionFailed:
            continue  # a client has just written: look again
        return True


def _make_too_late(transaction: Transaction, item: Item, now: datetime) -> bool:
    """Adds the change to the transaction. False where nothing could be sent for this item."""
    if isinstance(item, ApplicationItem) and item.not_after is not None:
        transaction.update(
            item,
            [ApplicationItem.not_after.set(now), ApplicationItem.version.set(item.version + 1)],
            ApplicationItem.version == item.version,
        )
    elif isinstance(item, MessageItem):
        transaction.update(item, [MessageItem.not_after.set(now)], MessageItem.status == "retrying")
    elif isinstance(item, DigestItem) and item.planned_at is not None:
        stale = min(item.planned_at, now - STALE_AFTER)
        transaction.update(
            item,
            [
                DigestItem.planned_at.set(stale),
                DigestItem.due_at.set(stored_instant(stale)),
                DigestItem.version.set(item.version + 1),
            ],
            DigestItem.version == item.version,
        )
    else:
        return False
    return True
