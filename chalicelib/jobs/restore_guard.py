"""Keeps a table that was restored from a backup from sending: it does not know what was sent since the backup.

The table records the id that it had at its first use. A restored copy has another id: until it is released, the scheduler
queues nothing and the worker works nothing, while clients may read and write. Opt-outs lie in the table and survive.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.errors import ConditionFailed
from chalicelib.storage import table
from chalicelib.storage.table import InstantAttribute, Item, Transaction

_originals: set[str] = set()
"""Names of tables that this process has found to be no copies."""
log = logging.getLogger(__name__)


class TableIdItem(Item):
    """PK HOME, SK HOME: the id of the table that may send."""

    kind = "HOME"
    table_id = UnicodeAttribute()
    since = InstantAttribute()


def is_restored_copy(now: datetime) -> bool:
    """Whether the bound table is a copy that nobody has released.

    A process asks until it is no copy, then never again.
    """
    name = Item.Meta.table_name
    if name in _originals:
        return False
    recorded = _recorded()
    if recorded is None and not _record(now, None):
        recorded = _recorded()
    if recorded is not None and recorded.table_id != _table_id():
        log.error("quarantined: this table is a copy, restored from a backup; nothing is sent until it is released")
        return True
    remember_original()
    return False


def release(now: datetime) -> bool:
    """Lets the bound table send from now on. False where another release was first, or nothing was ever recorded."""
    recorded = _recorded()
    return recorded is not None and _record(now, recorded)


def remember_original() -> None:
    """Takes the bound table for no copy, in this process, without reading it."""
    _originals.add(Item.Meta.table_name)


def forget_originals() -> None:
    """Makes this process ask again, as a new one would."""
    _originals.clear()


def _table_id() -> str:
    """The id of the bound table: no two tables ever share one, whatever their names. Raises Unavailable."""
    described: dict[str, Any] = table.call(table.client().describe_table, TableName=Item.Meta.table_name)["Table"]
    return str(described.get("TableId") or f"{described['TableArn']} of {described['CreationDateTime']}")


def _recorded() -> TableIdItem | None:
    item = table.get("HOME", "HOME")
    return item if isinstance(item, TableIdItem) else None


def _record(now: datetime, before: TableIdItem | None) -> bool:
    """Records the bound table's id, unless somebody else changed the record since it was read."""
    transaction = Transaction()
    if before is None:
        transaction.create(TableIdItem("HOME", "HOME", table_id=_table_id(), since=now))
    else:
        transaction.update(
            TableIdItem("HOME", "HOME"),
            [TableIdItem.table_id.set(_table_id()), TableIdItem.since.set(now)],
            TableIdItem.table_id == before.table_id,
        )
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True
