"""How a stored event is named, queued, and listed by what became of it."""

from __future__ import annotations

from datetime import datetime

from chalicelib.integrations.ats.items import EventItem
from chalicelib.storage import ids, keys
from chalicelib.storage.table import stored_instant


def queue(item: EventItem, now: datetime) -> None:
    """Puts an event into the due index."""
    put_status(item, "queued", None)
    item.due_shard, item.due_at = ids.due_shard(item.id), stored_instant(now)


def put_status(item: EventItem, status: str, note: str | None) -> None:
    """Sets the status and the list in which the event stands."""
    item.status, item.note = status, note
    item.list_key = keys.list_key(item.employer_id, f"EVT#{item.connection_id}#{status}")
    item.list_at = f"{stored_instant(item.received_at)}#{item.id}"


def event_id_of(identity: bytes) -> str:
    """The same event has the same id."""
    return ids.hashed_id("evt", identity)
