"""Reads the entries of the change feed so that none is missed, although transactions may commit in another order than stamped.

The last half minute is read again at each request, because an entry may still appear there (`feed.SETTLED_AFTER`). A token
holds a digest of the entries that were seen, for each of these seconds. Where one differs, an entry came late: reading goes on
from that second again. Its changes are told twice, and none is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from chalicelib.storage import table
from chalicelib.storage.feed import SETTLED_AFTER, Change, FeedItem, feed_pk, place_at
from chalicelib.storage.table import read_instant

_READ_MORE = 50
"""Entries beside those that a page needs: late ones."""
_FRESH_MOST = 500
_SECOND = len("FEED#2026-06-02T14:00:00")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a client has read. Places are sort keys.

    All until `settled` is known; all until `read` was told. `seen` are the digests of the seconds between, of `count` entries.
    `part` is an entry of which the first `told` rows were told.
    """

    settled: str
    read: str
    seen: dict[str, int] = field(default_factory=dict)
    count: int = 0
    part: str = ""
    told: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What is new, in order, the position after it, and whether there is more."""

    changes: list[Change]
    position: Position
    more: bool


@dataclass(frozen=True, slots=True)
class Start:
    """The position of now, and the moments to come that the entries of the last half minute name."""

    position: Position
    moments: list[int]


def start(employer_id: str, machine_now: datetime) -> Start:
    """Returns the position after everything that has been committed until now, in one request."""
    settled = _second(place_at(machine_now - SETTLED_AFTER))
    items, more = _read(employer_id, settled, _FRESH_MOST)
    if more:  # too busy for digests: the last half minute is told
        return Start(Position(settled, settled), [])
    read = items[-1].SK if items else settled
    announced = [one for item in items for change in item.changes() for one in change.moments]
    return Start(_position(settled, read, items), announced)


def read(employer_id: str, position: Position, most: int, machine_now: datetime) -> Found:
    """Reads what is new since a position, of at most `most` records, in one request."""
    items, cut = _read(employer_id, position.settled, position.count + most + _READ_MORE)
    position = _rewound(position, items, cut)
    fresh = [item for item in items if position.read < item.SK]
    settled_now = _second(place_at(machine_now - SETTLED_AFTER))
    if cut and not fresh:  # more was written within half a minute than a page holds: go on once it has settled
        return _settle(position, items, settled_now)
    changes, read_until, part, told = _take(fresh, position, most)
    done = not cut and not part and read_until == (fresh[-1].SK if fresh else position.read)
    settled = max(position.settled, min(settled_now, _second(read_until)))
    return Found(changes, replace(_position(settled, read_until, items), part=part, told=told), not done)


def _read(employer_id: str, after: str, most: int) -> tuple[list[FeedItem], bool]:
    items, more = table.query_page(feed_pk(employer_id), after, "FEED#~", most)
    return [item for item in items if isinstance(item, FeedItem)], more


def _second(place: str) -> str:
    return place[:_SECOND]


def _digests(items: Sequence[FeedItem]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in items:
        second = _second(item.SK)
        found[second] = (found.get(second, 0) + crc32(item.SK.encode()) + 1) % 2**32
    return found


def _position(settled: str, read_until: str, items: Sequence[FeedItem]) -> Position:
    known = [item for item in items if settled <= item.SK <= read_until]
    return Position(settled, read_until, _digests(known), len(known))


def _rewound(position: Position, items: Sequence[FeedItem], cut: bool) -> Position:
    """Goes back to the first second in which an entry came late. The last second of a page that was cut may lack some."""
    known = [item for item in items if position.read >= item.SK]
    now, last = _digests(known), _second(items[-1].SK) if items and cut else ""
    for second in sorted(now.keys() | position.seen.keys()):
        if second == last:
            break
        if now.get(second) != position.seen.get(second):
            return replace(position, read=second, part="", told=0)
    return position


def _settle(position: Position, items: Sequence[FeedItem], settled_now: str) -> Found:
    settled = min(_second(items[-1].SK), settled_now)
    seen = {second: digest for second, digest in position.seen.items() if second >= settled}
    known = sum(settled > item.SK for item in items)
    if settled <= position.settled:
        return Found([], position, False)
    return Found([], replace(position, settled=settled, seen=seen, count=max(0, position.count - known)), True)


def _take(fresh: Sequence[FeedItem], position: Position, most: int) -> tuple[list[Change], str, str, int]:
    """Takes the changes of at most `most` records: (changes, read until, entry that was taken in part, its rows taken)."""
    taken: list[Change] = []
    records: set[tuple[str, str]] = set()
    read_until = position.read
    for item in fresh:
        rows = item.changes()
        begin = position.told if position.part == item.SK else 0
        for number in range(begin, len(rows)):
            key = (rows[number].type, rows[number].id)
            if key not in records and len(records) == most:
                return taken, read_until, item.SK, number
            records.add(key)
            taken.append(rows[number])
        read_until = item.SK
    return taken, read_until, "", 0


def as_json(position: Position) -> list[Any]:
    """Returns a position for a token: digests by the seconds since `settled`."""
    begin = _instant(position.settled)
    seen = [[int((_instant(second) - begin).total_seconds()), digest] for second, digest in position.seen.items()]
    return [position.settled[5:], position.read[5:], seen, position.count, position.part[5:], position.told]


def from_json(stored: list[Any]) -> Position:
    """Reads a position from a token."""
    settled, read_until, seen, count, part, told = stored
    begin = _instant(f"FEED#{settled}")
    digests = {_second(place_at(begin + timedelta(seconds=offset))): digest for offset, digest in seen}
    whole = f"FEED#{part}" if part else ""
    return Position(f"FEED#{settled}", f"FEED#{read_until}", digests, count, whole, told)


def _instant(second: str) -> datetime:
    return read_instant(f"{second[5:]}.000000Z")
