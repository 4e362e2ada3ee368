"""Makes a page of changes: entries of the feed, then what the clock changed. Its token says how far a client has read.

A page takes two requests where anything is new (three with the one that authenticates), one where nothing is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.applications.changes import clock, entries
from chalicelib.errors import FieldError, Gone, Unprocessable
from chalicelib.key_ring import KeyRing
from chalicelib.signing import BadToken, Expired, sign_token, verify_token
from chalicelib.storage.feed import Change, machine_time, merged

TOKEN_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a client has read, by the feed and by the clock."""

    entries: entries.Position
    clock: clock.Position


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, at most one a record, the position after them, and whether there are more."""

    changes: list[Change]
    position: Position
    more: bool


def start(employer_id: str, now: datetime) -> Position:
    """Returns the position of now."""
    begun = entries.start(employer_id, machine_time())
    return Position(begun.position, clock.start(employer_id, begun.moments, now))


def read(employer_id: str, position: Position, most: int, now: datetime) -> Page:
    """Reads the changes of at most `most` records since a position."""
    found = entries.read(employer_id, position.entries, most, machine_time())
    told = merged(found.changes)
    announced = [one for change in told for one in change.moments]
    passed = clock.read(employer_id, position.clock, announced, most - len(told), now)
    changes = merged(_in_order([*found.changes, *passed.changes]))
    return Page(changes, Position(found.position, passed.position), found.more or passed.more)


def _in_order(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.at)


def token_of(position: Position, employer_id: str, keys: KeyRing, now: datetime) -> str:
    """Makes a signed token of a position. It is valid for one employer, and for 30 days."""
    stored = [entries.as_json(position.entries), clock.as_json(position.clock)]
    payload = json.dumps(stored, separators=(",", ":")).encode()
    return sign_token(keys, f"changes:{employer_id}", payload, now + TOKEN_LASTS)


def position_of(token: str, employer_id: str, keys: KeyRing, now: datetime) -> Position:
    """Reads a token. Raises Gone for one that has expired, Unprocessable for one that is not this employer's."""
    try:
        stored = json.loads(verify_token(keys, f"changes:{employer_id}", token, now))
    except Expired:
        raise Gone(
            "This token is older than 30 days. Read the lists again, with a new token: GET /v1/changes without `since`.",
            code="token_expired",
        ) from None
    except BadToken:
        raise Unprocessable(
            "`since` takes the `next_since` of an earlier answer.",
            errors=[FieldError("?since", "is not a token of this employer's changes")],
        ) from None
    return Position(entries.from_json(stored[0]), clock.from_json(stored[1]))
