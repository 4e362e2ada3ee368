"""Receives webhooks of an ATS: verifies the signature, drops duplicates, and stores the event in one write.

Who captured one event can send it again, with everything changed that its signature does not cover. So a signature is counted
where an id or a part of the body is unsigned: a signed body is stored once under whatever id, and a signature of less than the
body brings a bounded number of events a day.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.errors import ConditionFailed, NotFound, TooLarge, TooManyRequests, Unauthenticated
from chalicelib.integrations.ats.connections import key_of
from chalicelib.integrations.ats.credentials import secret_of
from chalicelib.integrations.ats.event_index import event_id_of, parse_body, queue
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, SignatureItem
from chalicelib.integrations.ats.systems import SYSTEMS, AtsSystem
from chalicelib.storage import ids, table
from chalicelib.storage.table import Transaction

BODY_MOST = 1_000_000
STORED_MOST = 350_000
"""Bytes after compression: an item of DynamoDB holds 400 KB."""
EVENTS_A_SIGNATURE = 60
"""New events of a UTC day under one signature that covers less than the body. Teamtailor signs all events of a resource alike."""
SIGNATURE_KEPT = timedelta(days=400)
"""How long a body is known again that came under an unsigned id. The event itself may be deleted before."""


def receive(system: str, public_id: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
    """Store a genuine event, due at once, and return whether it is new.

    Raises NotFound, Unauthenticated, TooLarge, TooManyRequests.
    """
    connection = _find_connection(system, public_id)
    if len(raw) > BODY_MOST:
        raise TooLarge
    body = parse_body(raw)
    event = _verified_event(connection, headers, raw, body)
    if event is None:
        raise Unauthenticated("The signature does not fit the body and this connection's secret.", code="bad_signature")
    event.received_at = now
    queue(event, now)
    transaction = Transaction()
    transaction.create(event)
    covers_body = _count_signature(transaction, connection, raw, body, now)
    try:
        transaction.commit()
    except ConditionFailed as refused:
        if event.key in refused.failed or covers_body:
            return False
        raise TooManyRequests(
            "This signature has brought all events that it may bring today.", headers={"Retry-After": str(_until_tomorrow(now))}
        ) from None
    return True


def _count_signature(transaction: Transaction, connection: ConnectionItem, raw: bytes, body: Any, now: datetime) -> bool:
    """Add the count of a signature where an event has unsigned parts. Return whether the signature covers the whole body."""
    system: AtsSystem = SYSTEMS[connection.system]
    part = system.signed_part(body)
    if part is None and system.signs_event_id:
        return True
    if part is None:
        item, most, kept_until = SignatureItem(connection.PK, f"SIG#{_hash(raw)}"), 1, now + SIGNATURE_KEPT
    else:
        item = SignatureItem(connection.PK, f"SIG#{_hash(part)}#{now.astimezone(UTC):%Y-%m-%d}")
        most, kept_until = EVENTS_A_SIGNATURE, now + timedelta(days=2)
    below = SignatureItem.times.does_not_exist() | (SignatureItem.times < most)
    counted = [SignatureItem.times.add(1), SignatureItem.expires_at.set(int(kept_until.timestamp()))]
    transaction.update(item, counted, below)
    return part is None


def _hash(signed: bytes) -> str:
    return ids.hashed_id("sig", signed).removeprefix("sig_")


def _until_tomorrow(now: datetime) -> int:
    midnight = (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - now).total_seconds()))


def _find_connection(system: str, public_id: str) -> ConnectionItem:
    """Raises the same NotFound for an unknown, a revoked and another system's connection."""
    key = key_of(public_id)
    item = table.get(*key) if key else None
    if not isinstance(item, ConnectionItem) or item.revoked_at or item.system != system:
        raise NotFound
    return item


def _verified_event(connection: ConnectionItem, headers: Mapping[str, str], raw: bytes, body: Any) -> EventItem | None:
    """The event to store; None where the signature is wrong. Raises TooLarge."""
    system = SYSTEMS[connection.system]
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
