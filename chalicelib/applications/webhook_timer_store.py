"""The one write of a watch that its own worker makes."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.items import WatchItem
from chalicelib.storage.table import Transaction, stored_instant


def moved(transaction: Transaction, item: WatchItem, told: str | None, at: datetime | None) -> None:
    """Notes what was told and when there is more, if the case has not been written meanwhile."""
    actions = [WatchItem.told.set(told)] if told else []
    actions += [WatchItem.due_at.set(stored_instant(at))] if at else [WatchItem.due_at.remove(), WatchItem.due_shard.remove()]
    same = WatchItem.told == item.told if item.told else WatchItem.told.does_not_exist()
    transaction.update(WatchItem(*item.key), actions, (WatchItem.due_at == item.due_at) & same)
