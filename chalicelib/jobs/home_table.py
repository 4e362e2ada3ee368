"""What a table knows about itself: the id that it had when this deployment moved in. A restored copy has another one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.errors import ConditionFailed
from chalicelib.storage import table
from chalicelib.storage.table import InstantAttribute, Item, Transaction


class HomeItem(Item):
    """PK HOME, SK HOME."""

    kind = "HOME"
    table_id = UnicodeAttribute()
    since = InstantAttribute()


def table_id() -> str:
    """The id of the table that is bound: no two tables ever share one, whatever their names. Raises Unavailable."""
    described: dict[str, Any] = table.call(table.client().describe_table, TableName=Item.Meta.table_name)["Table"]
    return str(described.get("TableId") or f"{described['TableArn']} of {described['CreationDateTime']}")


def home() -> HomeItem | None:
    item = table.get("HOME", "HOME")
    return item if isinstance(item, HomeItem) else None


def move_in(now: datetime, before: HomeItem | None) -> bool:
    """Writes that this table is at home, if nobody else has. Says whether it was us."""
    transaction = Transaction()
    if before is None:
        transaction.create(HomeItem("HOME", "HOME", table_id=table_id(), since=now))
    else:
        transaction.update(
            HomeItem("HOME", "HOME"),
            [HomeItem.table_id.set(table_id()), HomeItem.since.set(now)],
            HomeItem.table_id == before.table_id,
        )
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True
