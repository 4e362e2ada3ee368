"""The change feed of an employer: one entry for each transaction that changes what its clients see.

An entry is written in the transaction of the change, so neither exists without the other. It names records by id and holds no
name, address or text. Its sort key is the machine's time just before the commit (not the product's clock): entries of one record
are in order, and an entry becomes visible at most `SETTLED_AFTER` after its stamp, because a commit gives up before.
docs/decisions/change-feed.md says how readers make use of that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute

from chalicelib.rules.model import ChangeType, RecordType
from chalicelib.storage import ids
from chalicelib.storage.base_item import InstantAttribute, Item, Key, stored_instant
from chalicelib.storage.fast_path import put_request

KEPT_FOR = timedelta(days=31)
"""A token lasts 30 days."""
COMMIT_WITHIN_SECONDS = 8
"""No attempt of a commit begins later than this after its stamp. One attempt lasts 12 seconds at most (`Item.Meta`)."""
_WITHOUT_TAIL = 15
"""The longest id without its tail: a prefix of four letters, and ten characters."""
SETTLED_AFTER = timedelta(seconds=30)
"""An entry that is not visible this long after its stamp does not exist: the two bounds above, and clocks that differ."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction changes of one record. `moments`: seconds since 1970 at which time alone will change it next."""

    employer_id: str
    type: RecordType
    id: str
    application_id: str | None
    at: datetime
    events: tuple[ChangeType, ...] = ()
    deleted: bool = False
    moments: tuple[int, ...] = ()

    def with_earlier(self, earlier: Change) -> Change:
        """Returns this change with the events of an earlier one of the same record."""
        return replace(self, events=tuple(dict.fromkeys((*earlier.events, *self.events))))


class FeedItem(Item):
    """PK EMP#..#FEED, SK FEED#<stamp>#<random>."""

    kind = "FEED"
    at = InstantAttribute()
    rows = JSONAttribute()
    """[[type, id, application id, events with spaces between, deleted (0 or 1), [moments]]]. What is empty at the end is left
    out, and so is the tail that an id shares with the application's: a chunk of reminders is told in two kilobytes."""

    def changes(self) -> list[Change]:
        """Returns the changes that the entry tells."""
        employer_id = self.PK.split("#")[1]
        return [_change(employer_id, self.at, *row) for row in self.rows]


def _change(
    employer_id: str,
    at: datetime,
    kind: RecordType,
    record_id: str,
    about: str = "",
    events: str = "",
    deleted: int = 0,
    moments: Sequence[int] = (),
) -> Change:
    whole = record_id if len(record_id) > _WITHOUT_TAIL else record_id + ids.tail(about)
    told: Any = tuple(events.split())
    return Change(employer_id, kind, whole, about or None, at, told, bool(deleted), tuple(moments))


def feed_pk(employer_id: str) -> str:
    """Returns the partition of an employer's feed."""
    return f"EMP#{employer_id}#FEED"


def place_at(instant: datetime) -> str:
    """Returns the sort key before every entry with this stamp or a later one."""
    return f"FEED#{stored_instant(instant)}"


def machine_time() -> datetime:
    """Returns the time by which commits are ordered."""
    return datetime.fromtimestamp(time.time(), UTC)


def merged(changes: Iterable[Change]) -> list[Change]:
    """Returns one change a record, at the place of its last one, with all events."""
    found: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        key = (change.employer_id, change.type, change.id)
        earlier = found.pop(key, None)
        found[key] = change.with_earlier(earlier) if earlier else change
    return list(found.values())


def entries_of(changes: Sequence[Change]) -> list[FeedItem]:
    """Makes the entries of one transaction, one an employer, stamped now."""
    by_employer: dict[str, list[Change]] = {}
    for change in merged(changes):
        by_employer.setdefault(change.employer_id, []).append(change)
    return [_entry(employer_id, some) for employer_id, some in by_employer.items()]


def _entry(employer_id: str, changes: Sequence[Change]) -> FeedItem:
    latest = max([change.at for change in changes])
    return FeedItem(
        feed_pk(employer_id),
        f"{place_at(machine_time())}#{os.urandom(5).hex()}",
        at=latest,
        rows=[_row(change) for change in changes],
        expires_at=int((latest + KEPT_FOR).timestamp()),
    )


def _row(change: Change) -> list[Any]:
    about, record_id = change.application_id or "", change.id
    if about and record_id != about and ids.tail(record_id) == ids.tail(about):
        record_id = record_id.removesuffix(ids.tail(about))
    row = [change.type, record_id, about, " ".join(change.events), int(change.deleted), list(change.moments)]
    while not row[-1]:
        row.pop()
    return row


def put_requests(changes: Sequence[Change]) -> list[tuple[Key, dict[str, Any]]]:
    """Returns the operations that write the entries of one transaction."""
    return [(item.key, put_request(item)) for item in entries_of(changes)]
