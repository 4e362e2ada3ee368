"""Stored events: identified, queued, listed by status, and replayed after a fix."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from chalicelib.api import pagination
from chalicelib.api.serialize import extend
from chalicelib.errors import ConditionFailed, NotFound, Unavailable
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.integrations.ats.responses import Event, WholeEvent
from chalicelib.rules.model import AtsEventStatus
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

REPLAYED_MOST = 500
Json = dict[str, Any]


def event_id_of(identity: bytes) -> str:
    """Derive an id from what identifies an event, so that a repeated event has the same id."""
    return ids.hashed_id("evt", identity)


def parse_body(raw: bytes) -> Any:
    """Parse a body as JSON; None where it is not JSON, since an unverified sender gets no error details."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def queue(item: EventItem, now: datetime) -> None:
    """Put an event into the due index."""
    set_status(item, "queued", None)
    item.due_shard, item.due_at = ids.due_shard(item.id), stored_instant(now)


def set_status(item: EventItem, status: AtsEventStatus, note: str | None) -> None:
    """Set the status, and the list that shows the event."""
    item.status, item.note = status, note
    item.list_key = keys.list_key(item.employer_id, f"EVT#{item.connection_id}#{status}")
    item.list_at = f"{stored_instant(item.received_at)}#{item.id}"


def ids_with_status(connection: ConnectionItem, status: AtsEventStatus) -> Callable[[str | None], Iterator[str]]:
    """List the events of one status, newest first, each as "<received_at>#<id>"."""
    return pagination.ids_of_kind(connection.employer_id, f"EVT#{connection.id}#{status}")


def read_page(connection: ConnectionItem, listed: list[str], status: AtsEventStatus) -> list[Event | None]:
    """Read listed events; None for one whose status has changed since, because the index lags."""
    keys = [(connection.PK, f"EVT#{one.partition('#')[2]}") for one in listed]
    found = table.get_many(keys)
    items = [found.get(key) for key in keys]
    return [serialize_event(item) if isinstance(item, EventItem) and item.status == status else None for item in items]


def read(connection: ConnectionItem, event_id: str) -> EventItem:
    """Read one event. Raises NotFound."""
    item = table.get(connection.PK, f"EVT#{event_id}")
    if not isinstance(item, EventItem):
        raise NotFound
    return item


def serialize_event(item: EventItem) -> Event:
    return Event(
        id=item.id,
        system=item.system,
        status=item.status,
        note=item.note,
        attempts=int(item.attempts),
        received_at=item.received_at,
        settled_at=item.settled_at,
    )


def serialize_event_with_body(item: EventItem) -> WholeEvent:
    return extend(WholeEvent, serialize_event(item), body=parse_body(item.raw))


def replay(item: EventItem, now: datetime, *, committer: Committer = AT_ONCE) -> EventItem:
    """Queue an event again, with all its attempts. Idempotent."""
    before = table.snapshot(item)
    queue(item, now)
    item.attempts, item.settled_at, item.expires_at = 0, None, None
    if not (changes := table.changes(item, before)):
        return item  # another request did so in the same instant
    transaction = Transaction()
    transaction.update(item, changes, EventItem.status == before["status"])
    try:
        committer.commit(transaction)
    except ConditionFailed:
        raise Unavailable from None
    return item


def replay_all(connection: ConnectionItem, status: str, now: datetime, *, committer: Committer = AT_ONCE) -> int:
    """Replay up to 500 events of one status, and return how many."""
    rows, _ = table.query_index(
        "listing", keys.list_key(connection.employer_id, f"EVT#{connection.id}#{status}"), limit=REPLAYED_MOST
    )
    items = table.get_many([(row["PK"]["S"], row["SK"]["S"]) for row in rows]).values()
    found = [item for item in items if isinstance(item, EventItem) and item.status == status]
    for item in found:
        replay(item, now, committer=committer)
    return len(found)
