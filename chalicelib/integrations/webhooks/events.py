"""Outgoing events as they are stored: read with their deliveries, and the test event of one endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeGuard

from chalicelib.errors import NotFound
from chalicelib.integrations.webhooks.items import EndpointItem, SendItem, new_send
from chalicelib.storage import table
from chalicelib.storage.outbox import OutItem, event_key, new_event
from chalicelib.storage.table import Item, Transaction
from chalicelib.storage.transaction import Committer


def is_live(item: Item | None, now: datetime) -> TypeGuard[OutItem]:
    """Tell whether an item has not expired: DynamoDB deletes late."""
    return isinstance(item, OutItem) and int(item.expires_at or 0) > now.timestamp()


def read(employer_id: str, event_id: str, now: datetime) -> OutItem:
    """Read an event. Raises NotFound."""
    item = table.get(*event_key(employer_id, event_id))
    if not is_live(item, now):
        raise NotFound
    return item


def deliveries(item: OutItem) -> Iterator[SendItem]:
    """Read the deliveries of an event, one for each endpoint."""
    return (one for one in table.query(item.PK, "SEND#") if isinstance(one, SendItem))


def send_test(endpoint: EndpointItem, now: datetime, committer: Committer) -> OutItem:
    """Queue a test event for this endpoint alone, delivered like any other. Its deliveries show the result."""
    event = new_event(endpoint.employer_id, "webhook_endpoint.test", {"endpoint_id": endpoint.id}, now)
    event.due_at = event.due_shard = None
    transaction = Transaction()
    transaction.create(event)
    transaction.create(new_send(event, endpoint, now))
    committer.commit(transaction)
    return event
