"""Lists of what changed after an instant, read from the change feed: they cost what changed, not what exists.

A record is listed at its last change, oldest change first, so that one that changes while somebody pages moves on and is met
later: none is skipped. Where the feed does not reach back far enough, `begin` says so, and the whole list is read instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api import pagination
from chalicelib.api.request import Request
from chalicelib.rules.model import RecordType
from chalicelib.storage import table
from chalicelib.storage.feed import FeedItem, feed_pk, machine_time, place_at

_ENTRIES = 100
_ENTRIES_MOST = 1_000
"""Entries that one request reads. A page of a rare filter may then be short, and still say that there is more."""
_EARLIER = timedelta(minutes=1)
"""How far clocks of two machines may differ, generously."""
_DEPLOYED_WITHIN = timedelta(hours=1)
"""While a version that keeps no feed runs beside this one. What changed before that is not all there."""
Read = Callable[[Sequence[str]], Sequence[Any]]
Row = tuple[Any, Any]


def begin(request: Request, query: dict[str, Any]) -> list[Any] | None:
    """Returns the position in the feed from which a list reads: a cursor's, else that of `updated_after`.

    None where the feed did not exist an hour before that instant, or holds nothing from then any more.
    """
    position = pagination.position_of(request, query)
    if position is not None:
        return position if isinstance(position, list) else None
    after: datetime = query["updated_after"]
    ahead = request.now - machine_time()
    before = place_at(after - ahead - _DEPLOYED_WITHIN)
    earlier = next(table.query_backwards(feed_pk(request.employer_id), "FEED#", before, page=1), None)
    if not isinstance(earlier, FeedItem) or earlier.at > after:
        return None
    return [place_at(after - ahead - _EARLIER), 0]


def paginate(request: Request, query: dict[str, Any], kind: RecordType, begin: list[Any], read_records: Read) -> dict[str, Any]:
    """Makes one page from where `begin` says. `read_records` drops what does not pass the filters."""

    def rows_after(start: Any) -> tuple[list[Row], Any]:
        return _read(request.employer_id, kind, start or begin, query["limit"], read_records)

    return pagination.paginate_rows(request, query, rows_after)


def _read(employer_id: str, kind: RecordType, position: list[Any], most: int, read_records: Read) -> tuple[list[Row], Any]:
    """Reads rows (position after it, record) from a position, and the position to continue from where there is more.

    Stops after `most` + 1 records.
    """
    rows: list[Row] = []
    found, read_entries = 0, 0
    while True:
        items, more = table.query_page(feed_pk(employer_id), position[0], "FEED#~", _ENTRIES)
        entries = [item for item in items if isinstance(item, FeedItem)]
        told = _last_told(entries, kind, position)
        records = read_records([record_id for _, record_id, _ in told])
        for (place, _, at), record in zip(told, records, strict=True):
            is_last = record is not None and record.updated_at <= at
            rows.append((place, record if is_last else None))
            found += is_last
        if not more or not items:
            return rows, None
        position = [items[-1].SK, 1 + len(entries[-1].rows) if entries and entries[-1] is items[-1] else 1]
        read_entries += len(items)
        if found > most or read_entries >= _ENTRIES_MOST:
            return rows, position


def _last_told(entries: Sequence[FeedItem], kind: RecordType, position: list[Any]) -> list[tuple[list[Any], str, datetime]]:
    """Lists (position after it, id, instant) of the records of a kind, each where these entries tell it last."""
    told: dict[str, tuple[list[Any], str, datetime]] = {}
    for entry in entries:
        done = position[1] if position[0] == entry.SK else 0
        for number, change in enumerate(entry.changes(), 1):
            if number > done and change.type == kind:
                told.pop(change.id, None)
                if not change.deleted:
                    told[change.id] = ([entry.SK, number], change.id, change.at)
    return list(told.values())
