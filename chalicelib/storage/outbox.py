"""Events that go out: written in the transaction of what they tell, and only where somebody listens (`Employer.webhooks`).

An event names records by id and says what became of them; it holds no name, address or text. So a lost webhook tells nothing,
an erased person need not be looked for in events, and a receiver reads the record as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.storage import ids, keys
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, get_many, stored_instant

KEPT_FOR = timedelta(days=30)


class OutItem(Item):
    """PK EMP#..#OUT#<id>, SK OUT: an event. In the due index until it has been handed to every endpoint that wants it."""

    kind = "OUT"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    type = UnicodeAttribute()
    data = JSONAttribute()
    at = InstantAttribute()


class OptOutNewsItem(Item):
    """PK OPT#<keyed hash>, SK NEWS: an opt-out of which the employers that listen are still to be told."""

    kind = "NEWS"
    at = InstantAttribute()


def event_key(employer_id: str, event_id: str) -> Key:
    return f"EMP#{employer_id}#OUT#{event_id}", "OUT"


def new_event(employer_id: str, kind: str, data: dict[str, Any], now: datetime, event_id: str | None = None) -> OutItem:
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
    """Tells it if the transaction happens. For an employer to whom somebody listens."""
    transaction.create(new_event(employer_id, kind, data, now))


def listening(employer_ids: Iterable[str]) -> frozenset[str]:
    """Those of the employers that have an endpoint, for writers that have no employer at hand."""
    found = get_many((keys.employer_pk(one), "EMP") for one in employer_ids).values()
    return frozenset(str(getattr(item, "id", "")) for item in found if getattr(item, "webhooks", None))


def news_of_opt_out(transaction: Transaction, pk: str, now: datetime) -> None:
    """Whose candidates they are is looked up from the queue: a person who says stop does not wait for it."""
    transaction.put(OptOutNewsItem(pk, "NEWS", at=now, due_shard=ids.due_shard(pk), due_at=stored_instant(now)))
