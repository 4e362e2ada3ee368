"""Works the records that the queue gave up on, through the `expire` function of each kind's handler.

An item that was never worked stays due and is queued again: only kinds that say so have something to end here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from chalicelib.jobs.queue import key_of
from chalicelib.jobs.registry import Registry
from chalicelib.jobs.worker import Record
from chalicelib.storage import table
from chalicelib.storage.table import Item

log = logging.getLogger(__name__)


def run(records: Iterable[Record], handlers: Registry, now: datetime) -> int:
    """Ends what has no further attempt and returns how many items that were. Raises Unavailable: the records come again."""
    keys = []
    for record in records:
        try:
            keys.append(key_of(record["body"]))
        except ValueError:
            log.error("a dead letter names no key")
    return sum(_expire(item, handlers, now) for item in table.get_many(keys).values())


def _expire(item: Item, handlers: Registry, now: datetime) -> bool:
    handler = handlers.batch(item.kind)
    return handler is not None and handler.expire is not None and handler.expire(item, now)
