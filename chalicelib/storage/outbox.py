"""Outgoing events for webhooks: written in the transaction of their cause, where the employer has an endpoint.

An event names records by id; it holds no name, address or text. So a stolen webhook tells nothing about a person, an erasure
need not search events, and a receiver reads the record as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.rules.model import EventType
from chalicelib.storage import ids, keys
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, WordAttribute, get_many, stored_instant

KEPT_FOR = timedelta(days=30)


class OutItem(Item):
    """PK EMP#..#OUT#<id>, SK OUT: an event. In the due index until every subscribed endpoint has its delivery."""

    kind = "OUT"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    type = WordAttribute[EventType]()
    data = JSONAttribute()
    at = InstantAttribute()


class OptOutNewsItem(Item):
    """PK OPT#<keyed hash>, SK NEWS: an opt-out that employers' webhooks have not been told yet."""

    kind = "NEWS"
    at = InstantAttribute()


def event_key(employer_id: str, event_id: str) -> Key:
    """Returns the primary key of an event."""
    return f"EMP#{employer_id}#OUT#{event_id}", "OUT"


def new_event(employer_id: str, kind: str, data: dict[str, Any], now: datetime, event_id: str | None = None) -> OutItem:
    """Makes an event, due at once."""
    event_id = event_id or ids.new_id("evt", now)
    return OutItem(
        *event_key(employer_id, event_id),
        id=event_id,
        employer_id=employer_id,
        type=kind,
        data=data,
        at=now,
        due_shard=ids.due_shard(event_id),
        due_at=stored_instant(now),
        list_key=keys.list_key(employer_id, "OUT"),
        list_at=stored_instant(now) + event_id,
        expires_at=int((now + KEPT_FOR).timestamp()),
    )


def emit(transaction: Transaction, employer_id: str, kind: str, data: dict[str, Any], now: datetime) -> None:
    """Adds an event to a transaction, for an employer with a webhook endpoint."""
    transaction.create(new_event(employer_id, kind, data, now))


def listening(employer_ids: Iterable[str]) -> frozenset[str]:
    """Returns those of the employers that have a webhook endpoint, for callers that have only ids."""
    found = get_many((keys.employer_pk(one), "EMP") for one in employer_ids).values()
    return frozenset(str(getattr(item, "id", "")) for item in found if getattr(item, "webhooks", None))


def news_of_opt_out(transaction: Transaction, pk: str, now: datetime) -> None:
    """Adds the news of an opt-out to a transaction. A job finds the employers, so that the opt-out itself is not delayed."""
    transaction.put(OptOutNewsItem(pk, "NEWS", at=now, due_shard=ids.due_shard(pk), due_at=stored_instant(now)))
