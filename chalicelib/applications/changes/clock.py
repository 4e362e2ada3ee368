"""Reads what the clock alone changed: applications that became waiting, due or overdue, or whose snooze ended.

A token holds when the next such moment is, so that a request before it costs nothing here. Entries of the change feed name the
moments to come of what they change: these count also while the index does not show them yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.applications import moments
from chalicelib.applications.moments import Moment
from chalicelib.rules.model import ChangeType, truncated_to_hour
from chalicelib.storage.feed import Change
from chalicelib.storage.table import read_instant, stored_instant

_READ_MOST = 500
INDEX_LAG = timedelta(minutes=1)
"""How long the index may lag behind a write."""


@dataclass(frozen=True, slots=True)
class Position:
    """All moments until `told` were told; the next one is at `next_at`, as far as is known. At `again`, the last minute before
    is read once more. While a page did not hold all: `until` is where it reads to, and `place` how far it came."""

    told: datetime
    next_at: datetime | None = None
    again: datetime | None = None
    until: datetime | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What time changed, in order, the position after it, and whether there is more."""

    changes: list[Change]
    position: Position
    more: bool


def start(employer_id: str, announced: Iterable[int], now: datetime) -> Position:
    """Returns the position of now, in one request."""
    return _announced(_read(employer_id, Position(now), 0, now).position, list(announced), now)


def read(employer_id: str, position: Position, announced: Iterable[int], most: int, now: datetime) -> Found:
    """Reads what time changed since a position, in one request; in none where nothing is to come until now.

    `announced` are moments that new entries of the feed name, in seconds since 1970.
    """
    seconds = list(announced)
    again = position.again if position.again and position.again <= now else None
    is_ripe = position.next_at is not None and position.next_at <= now
    is_ripe = is_ripe or any(position.told.timestamp() - 1 < one <= now.timestamp() for one in seconds)
    if not (again or is_ripe or position.until):
        return Found([], _announced(position, seconds, now), False)
    if most <= 0:
        return Found([], _announced(position, seconds, now, wake=True), True)
    if again and not position.until:
        position = Position(min(position.told, again - 2 * INDEX_LAG), position.next_at)
    found = _read(employer_id, position, most, now)
    kept = replace(found.position, again=None if again else position.again)
    return Found(found.changes, _announced(kept, seconds, now), found.more)


def _announced(position: Position, seconds: Sequence[int], now: datetime, *, wake: bool = False) -> Position:
    """Takes moments to come into account. One within the index's lag is looked for twice."""
    to_come = [at for one in seconds if (at := datetime.fromtimestamp(one, UTC)) > now]
    next_at = min([*to_come, *([position.next_at] if position.next_at else [])], default=None)
    soon = [datetime.fromtimestamp(one, UTC) + INDEX_LAG for one in seconds if 0 < one + 1 - now.timestamp() <= INDEX_LAG.seconds]
    again = min([*soon, *([position.again] if position.again else [])], default=None)
    return replace(position, next_at=now if wake else next_at, again=again)


def _read(employer_id: str, position: Position, most: int, now: datetime) -> Found:
    until = position.until or now
    place = position.place or stored_instant(truncated_to_hour(position.told))
    rows, cut = moments.read(employer_id, place, _READ_MOST)
    changes: list[Change] = []
    next_at = position.next_at if position.until and position.next_at and position.next_at > until else None
    for row in rows:
        passed = row.passed_within(position.told, until)
        if passed and len(changes) == most:
            return Found(changes, Position(position.told, next_at, None, until, place), True)
        if passed:
            changes.append(_change(employer_id, row, passed))
        next_at = min((at for at in (next_at, row.next_after(until)) if at), default=None)
        if row.at > until:
            break
        place = row.place
    else:
        if cut:
            return Found(changes, Position(position.told, next_at, None, until, place), True)
    return Found(changes, Position(until, next_at), False)


def _change(employer_id: str, row: Moment, passed: Sequence[tuple[datetime, tuple[ChangeType, ...]]]) -> Change:
    one, events = row.application_id, tuple(event for _, events in passed for event in events)
    return Change(employer_id, "application", one, one, max(at for at, _ in passed), events)


def as_json(position: Position) -> list[str]:
    """Returns a position for a token."""
    times = (position.told, position.next_at, position.again, position.until)
    return [*(stored_instant(at) if at else "" for at in times), position.place]


def from_json(stored: list[str]) -> Position:
    """Reads a position from a token."""
    told, next_at, again, until = (read_instant(text) if text else None for text in stored[:4])
    if told is None:
        raise ValueError("a position has an instant")
    return Position(told, next_at, again, until, stored[4])
