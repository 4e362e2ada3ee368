"""Ends the quarantine of a restored table, without sending twice what the lost one had sent already."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed
from chalicelib.jobs import home_table, scheduler
from chalicelib.messaging.digest import STALE_AFTER
from chalicelib.messaging.messages import MessageItem
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key, Transaction, stored_instant

_ALL = 2**31 - 1
"""A tick may leave things for the next one; what is left here would be sent twice."""


def release(sent_until: datetime, now: datetime) -> dict[str, int]:
    """Ends the quarantine. What was due until `sent_until`, the moment at which the lost table fell silent, may have been sent
    from there: it is listed as expired instead of being sent twice. Counts: passed_over, released (0 or 1).
    """
    due = [key for _, key in scheduler.due_keys(sent_until, most=_ALL)]
    passed_over = sum(_pass_over(key, sent_until, now) for key in due)
    home = home_table.home()
    return {"passed_over": passed_over, "released": int(home is not None and home_table.move_in(now, home))}


def _pass_over(key: Key, sent_until: datetime, now: datetime) -> bool:
    """Makes one due thing too late. Deliver then treats it like anything that an outage made too late."""
    while True:
        item = table.get(*key)
        if item is None or item.due_at is None or item.due_at > stored_instant(sent_until):
            return False
        transaction = Transaction()
        if not _too_late(transaction, item, now):
            return False
        try:
            transaction.commit()
        except ConditionFailed:
            continue  # a client has just written: look again
        return True


def _too_late(transaction: Transaction, item: Item, now: datetime) -> bool:
    """Puts the change into the transaction; False where there is nothing that could be sent."""
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
