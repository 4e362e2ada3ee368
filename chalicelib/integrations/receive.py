"""The public door: is it genuine, have we had it, and store it; answered in one write. The work is done from the queue."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib import ids, table
from chalicelib.errors import ConditionLost, NotFound, TooLarge, Unauthenticated
from chalicelib.integrations.connections import SYSTEMS, key_of
from chalicelib.integrations.locks import secret_of
from chalicelib.integrations.table import ConnectionItem, EventItem
from chalicelib.table import Transaction, stored_instant

BODY_MOST = 1_000_000
STORED_MOST = 350_000
"""Bytes after compression: an item of DynamoDB's holds 400 KB."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def connection_behind(system: str, opaque: str) -> ConnectionItem:
    """Raises NotFound, the same for every reason."""
    key = key_of(opaque)
    item = table.get(*key) if key else None
    if not isinstance(item, ConnectionItem) or item.revoked_at or item.system != system:
        raise NotFound
    return item


def checked(connection: ConnectionItem, headers: Mapping[str, str], raw: bytes) -> EventItem | None:
    """The event to store where the body is genuine; None where it is not. Touches no table. Raises TooLarge."""
    if len(raw) > BODY_MOST:
        raise TooLarge
    system, body = SYSTEMS[connection.system], parsed(raw)
    if not system.genuine(secret_of(connection), headers, raw, body):
        return None
    known = system.event_id(headers, body)
    packed = zlib.compress(raw)
    if len(packed) > STORED_MOST:
        raise TooLarge
    event_id = event_id_of(f"id {known}".encode("utf-8", "replace") if known else b"body " + raw)
    return EventItem(connection.PK, f"EVT#{event_id}", id=event_id, employer_id=connection.employer_id,
                     connection_id=connection.id, system=connection.system, body=packed, attempts=0)  # fmt: skip


def accept(system: str, opaque: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
    """Stores a genuine event, due at once; whether it is new. Raises NotFound, Unauthenticated, TooLarge."""
    connection = connection_behind(system, opaque)
    item = checked(connection, headers, raw)
    if item is None:
        raise Unauthenticated("The signature does not fit the body and this connection's secret.", code="bad_signature")
    item.received_at = now
    queue(item, now)
    transaction = Transaction()
    transaction.create(item)
    try:
        transaction.commit()
    except ConditionLost:
        return False
    return True


def queue(item: EventItem, now: datetime) -> None:
    """Puts an event into the due index."""
    put_status(item, "queued", None)
    item.due_shard, item.due_at = ids.due_shard(item.id), stored_instant(now)


def put_status(item: EventItem, status: str, note: str | None) -> None:
    """Sets the status and the list in which the event stands."""
    item.status, item.note = status, note
    item.list_key = ids.list_key(item.employer_id, f"EVT#{item.connection_id}#{status}")
    item.list_at = f"{stored_instant(item.received_at)}#{item.id}"


def parsed(raw: bytes) -> Any:
    """The body as JSON, or None: who is not believed yet is given no errors to play with."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def event_id_of(identity: bytes) -> str:
    """128 bits of SHA-256 in the shape of our ids: the same event has the same id."""
    number = int.from_bytes(sha256(identity).digest()[:16])
    return "evt_" + "".join(_ALPHABET[number >> 5 * place & 31] for place in range(25, -1, -1))
