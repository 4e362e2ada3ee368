"""Receives webhooks of an ATS: verifies the signature, drops duplicates, and stores the event in one write."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime

from chalicelib.errors import ConditionFailed, NotFound, TooLarge, Unauthenticated
from chalicelib.integrations.ats.connections import key_of
from chalicelib.integrations.ats.credentials import secret_of
from chalicelib.integrations.ats.event_index import event_id_of, parse_body, queue
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

BODY_MOST = 1_000_000
STORED_MOST = 350_000
"""Bytes after compression: an item of DynamoDB holds 400 KB."""


def receive(system: str, public_id: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
    """Store a genuine event, due at once, and return whether it is new.

    Raises NotFound, Unauthenticated, TooLarge.
    """
    connection = _find_connection(system, public_id)
    event = _verified_event(connection, headers, raw)
    if event is None:
        raise Unauthenticated("The signature does not fit the body and this connection's secret.", code="bad_signature")
    event.received_at = now
    queue(event, now)
    transaction = Transaction()
    transaction.create(event)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _find_connection(system: str, public_id: str) -> ConnectionItem:
    """Raises the same NotFound for an unknown, a revoked and another system's connection."""
    key = key_of(public_id)
    item = table.get(*key) if key else None
    if not isinstance(item, ConnectionItem) or item.revoked_at or item.system != system:
        raise NotFound
    return item


def _verified_event(connection: ConnectionItem, headers: Mapping[str, str], raw: bytes) -> EventItem | None:
    """The event to store; None where the signature is wrong. Raises TooLarge."""
    if len(raw) > BODY_MOST:
        raise TooLarge
    system, body = SYSTEMS[connection.system], parse_body(raw)
    if not system.verify_signature(secret_of(connection), headers, raw, body):
        return None
    known_as = system.event_id(headers, body)
    compressed = zlib.compress(raw)
    if len(compressed) > STORED_MOST:
        raise TooLarge
    event_id = event_id_of(f"id {known_as}".encode("utf-8", "replace") if known_as else b"body " + raw)
    return EventItem(
        connection.PK,
        f"EVT#{event_id}",
        id=event_id,
        employer_id=connection.employer_id,
        connection_id=connection.id,
        system=connection.system,
        body=compressed,
        attempts=0,
    )
