"""Reads every wait of an employer, and stores the daily snapshots of the risk. `recount` compares waits and tally."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.applications.items import WaitItem
from chalicelib.applications.mappers import wait_of
from chalicelib.applications.tally_items import group_key
from chalicelib.errors import ConditionFailed
from chalicelib.rules.model import Wait
from chalicelib.storage import keys, table
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import InstantAttribute, Item, Transaction

_READERS = 8


def waits_of(employer_id: str) -> Iterator[tuple[Wait, bool]]:
    """Yield every wait of an employer, and whether its candidate is reachable, found by the listing index."""
    yield from ((wait_of(item), bool(item.reachable)) for item in _all_waits(employer_id))


def _all_waits(employer_id: str) -> Iterator[WaitItem]:
    with ThreadPoolExecutor(_READERS) as readers:
        for rows in listed(keys.list_key(employer_id, "APP"), 200):
            for items in readers.map(waits_in, [row["PK"]["S"] for row in rows]):
                yield from items


def waits_in(pk: str) -> list[WaitItem]:
    """Return the waits of one application, read consistently."""
    return [item for item in table.query(pk, "WAIT#") if isinstance(item, WaitItem)]


def listed(list_key: str, page_of: int, after: str | None = None) -> Iterator[list[dict[str, Any]]]:
    """Yield the raw keys of a listing, page by page: all of them, or those after a `list_at`."""
    start = None
    condition = Item.list_at > after if after else None
    while True:
        rows, start = table.query_index("listing", list_key, condition, limit=page_of, start=start)
        if rows:
            yield rows
        if not start:
            return


class SnapshotItem(Item):
    """PK EMP#..#RISK, SK DAY#yyyy-mm-dd: the response of `GET /v1/risk` on a UTC date."""

    kind = "DAY"
    risk = JSONAttribute()
    as_of = InstantAttribute()
    recounted_at = InstantAttribute(null=True)
    recount = UnicodeAttribute(null=True)
    """"right", or "repaired"."""

    @property
    def date(self) -> str:
        return self.SK.partition("#")[2]


class RecountItem(Item):
    """PK EMP#..#RISK, SK RECOUNT#<number>: a part of a recount that has not come to its end (`recount`)."""

    kind = "RECOUNT"
    part = BinaryAttribute(legacy_encoding=False)


def snapshot_key(employer_id: str, date: str, group: str | None = None) -> table.Key:
    return (keys.risk_pk(employer_id, group and group_key(group)), f"DAY#{date}")


def keep_snapshot(
    employer_id: str,
    as_of: datetime,
    risk: dict[str, Any],
    events: Iterable[tuple[str, dict[str, Any]]] = (),
    group: str | None = None,
) -> bool:
    """Store the day's snapshot of all or of one group, with events. Returns False where it was stored before."""
    pk, sk = snapshot_key(employer_id, as_of.astimezone(UTC).date().isoformat(), group)
    transaction = Transaction()
    transaction.create(SnapshotItem(pk, sk, risk=risk, as_of=as_of))
    for kind, about in events:
        emit(transaction, employer_id, kind, about, as_of)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def mark_recounted(snapshot: SnapshotItem, now: datetime, outcome: str) -> None:
    """Mark a day's snapshot as recounted, so that later runs of the night skip this employer."""
    transaction = Transaction()
    transaction.update(snapshot, [SnapshotItem.recounted_at.set(now), SnapshotItem.recount.set(outcome)], Item.PK.exists())
    with contextlib.suppress(ConditionFailed):  # there is no snapshot: the next run writes it, and recounts
        transaction.commit()


def snapshots(employer_id: str, first: str, last: str, limit: int, group: str | None = None) -> list[SnapshotItem]:
    """Return at most `limit` snapshots of the UTC dates first..last, newest first: of all, or of one group."""
    dates = Item.SK.between(f"DAY#{first}", f"DAY#{last}")
    page = table.call(
        Item.table_connection().query,
        keys.risk_pk(employer_id, group and group_key(group)),
        range_key_condition=dates,
        limit=limit,
        scan_index_forward=False,
        consistent_read=True,
    )
    return [item for item in _items(page["Items"]) if isinstance(item, SnapshotItem)]


def _items(raws: Iterable[dict[str, Any]]) -> Iterator[Item]:
    return (item for raw in raws if (item := table.from_raw(raw)))
