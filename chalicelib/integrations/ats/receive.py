"""The public door: is it genuine, have we had it, and store it; answered in one write. The work is done from the queue."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.errors import ConditionFailed, NotFound, TooLarge, Unauthenticated
from chalicelib.integrations.ats.connections import SYSTEMS, key_of
from chalicelib.integrations.ats.credentials import secret_of
from chalicelib.integrations.ats.event_index import event_id_of, queue
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

BODY_MOST = 1_000_000
STORED_MOST = 350_000
"""Bytes after compression: an item of DynamoDB's holds 400 KB."""


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
    if not system.verify_signature(secret_of(connection), headers, raw, body):
        return None
    known = system.event_id(headers, body)
    packed = zlib.compress(raw)
    if len(packed) > STORED_MOST:
        raise TooLarge
    event_id = event_id_of(f"id {known}".encode("utf-8", "replace") if known else b"body " + raw)
    return EventItem(
        connection.PK,
        f"EVT#{event_id}",
        id=event_id,
        employer_id=connection.employer_id,
        connection_id=connection.id,
        system=connection.system,
        body=packed,
        attempts=0,
    )


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
    except ConditionFailed:
        return False
    return True


def parsed(raw: bytes) -> Any:
    """The body as JSON, or None: who is not believed yet is given no errors to play with."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
