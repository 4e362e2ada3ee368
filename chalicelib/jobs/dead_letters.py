"""What the queue gave up on. A step that was never claimed belongs to tick until its `not_after`; a claim looks after itself.

So there is one thing to finish here: a message that was provably refused, and whose time for another attempt is over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from chalicelib.errors import ConditionFailed
from chalicelib.jobs.queue import key_of
from chalicelib.jobs.worker import Record
from chalicelib.messaging import plans
from chalicelib.messaging.messages import MessageItem
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

log = logging.getLogger(__name__)


def run(records: Iterable[Record], now: datetime) -> int:
    """Finishes messages that are out of attempts, and returns how many. Raises Unavailable: the records come again."""
    keys = []
    for record in records:
        try:
            keys.append(key_of(record["body"]))
        except ValueError:
            log.error("a dead letter names no key")
    return sum(_finish(item, now) for item in table.get_many(keys).values() if isinstance(item, MessageItem))


def _finish(item: MessageItem, now: datetime) -> bool:
    if item.status != "retrying" or now < item.last_try_before:
        return False
    transaction = Transaction()
    plans.ended(item, now, "failed", "out of attempts").into(transaction, "")
    try:
        transaction.commit()
    except ConditionFailed:
        return False  # somebody else has finished it
    return True
