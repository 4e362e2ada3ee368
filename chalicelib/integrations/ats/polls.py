"""Asks Greenhouse once an hour for its interviews, because it sends no event for a scheduled one.

The hour is claimed before the call, so nobody asks twice. Each interview becomes an event of its own, processed like one that was
received. An unchanged interview has the same event id and is stored once.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.json_text import dump
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.errors import ConditionFailed
from chalicelib.integrations.ats import health
from chalicelib.integrations.ats.credentials import api_key_of
from chalicelib.integrations.ats.event_index import event_id_of, queue
from chalicelib.integrations.ats.greenhouse import Greenhouse, list_interviews
from chalicelib.integrations.ats.health import Seen
from chalicelib.integrations.ats.http_client import RetryableError
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, PollItem
from chalicelib.integrations.ats.payload import KeyRefused, Unmapped
from chalicelib.integrations.ats.responses import Poll
from chalicelib.storage import ids, table
from chalicelib.storage.table import Item, Transaction, stored_instant

EVERY = timedelta(hours=1)
FIRST_LOOKS_BACK = timedelta(days=30)
OVERLAP = timedelta(minutes=10)
"""Their clock and ours may differ; what is read twice is stored once."""
PAGES_MOST = 4
"""At one time: 2,000 interviews. A longer list goes on an hour later."""
STORED_AT_ONCE = 90
Json = dict[str, Any]


def is_polled(connection: ConnectionItem) -> bool:
    """Whether the connection is polled: Greenhouse with an OAuth client."""
    return connection.system == Greenhouse.name and bool(connection.client_id and connection.api_key)


def new_poll(connection: ConnectionItem, now: datetime) -> PollItem:
    """Create a poll that is due at once, and once an hour from then on."""
    return PollItem(
        connection.PK,
        "POLL",
        employer_id=connection.employer_id,
        since=now - FIRST_LOOKS_BACK,
        due_shard=ids.due_shard(connection.id),
        due_at=stored_instant(now),
    )


def serialize_poll(item: Item | None) -> Poll | None:
    """Return the result of the last poll as clients see it."""
    return Poll(item.polled_at, item.note) if isinstance(item, PollItem) else None


def process_poll(item: Item, now: datetime) -> None:
    """Poll once, where the hour is over."""
    poll = table.get(*item.key)
    if not isinstance(poll, PollItem) or poll.due_at is None or poll.due_at > stored_instant(now):
        return
    connection = table.get(poll.PK, "ATS")
    if not isinstance(connection, ConnectionItem) or connection.revoked_at or not is_polled(connection):
        _delete(poll)
    elif _update(poll, due_at=stored_instant(now + EVERY)):
        _fetch_and_store(poll, connection, now)


def _delete(poll: PollItem) -> None:
    transaction = Transaction()
    transaction.delete(PollItem(*poll.key))
    transaction.commit()


def _update(poll: PollItem, **fields: Any) -> bool:
    """Set fields; False where another worker was first."""
    before, transaction = table.snapshot(poll), Transaction()
    for name, value in fields.items():
        setattr(poll, name, value)
    transaction.update(PollItem(*poll.key), table.changes(poll, before), PollItem.due_at == before["due_at"])
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _fetch_and_store(poll: PollItem, connection: ConnectionItem, now: datetime) -> None:
    """Fetch page by page, and store each before the next. A failure is noted, and the same is fetched again in an hour."""
    cursor: str | None = poll.cursor
    begun = poll.begun_at if cursor else now
    since = poll.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        for _ in range(PAGES_MOST):
            bodies, cursor = list_interviews(str(connection.client_id), api_key_of(connection) or "", since, cursor)
            _store(connection, bodies, now)
            if cursor is None:
                _update(poll, since=begun - OVERLAP, begun_at=None, cursor=None, polled_at=now, note=None)
                health.note(connection, Seen(key_refused=False), now)
                return
        _update(poll, begun_at=begun, cursor=cursor, polled_at=now, note=None)
    except (RetryableError, Unmapped) as error:
        _update(poll, begun_at=None, cursor=None, polled_at=now, note=str(error))
        if isinstance(error, KeyRefused):
            health.note(connection, Seen(key_refused=True), now)


def _store(connection: ConnectionItem, bodies: Sequence[Json], now: datetime) -> None:
    events = {event.key: event for event in (_event(connection, body, now) for body in bodies)}
    keys = list(events)
    for begin in range(0, len(keys), STORED_AT_ONCE):
        some = keys[begin : begin + STORED_AT_ONCE]
        retry_on_conflict(lambda some=some: _store_new([events[key] for key in some]))  # type: ignore[misc]


def _store_new(events: Sequence[EventItem]) -> None:
    known, transaction = table.get_many(event.key for event in events), Transaction()
    for event in events:
        if event.key not in known:
            transaction.create(event)
    transaction.commit()


def _event(connection: ConnectionItem, body: Json, now: datetime) -> EventItem:
    raw = dump(body).encode("utf-8", "replace")
    event_id = event_id_of(b"poll " + raw)
    event = EventItem(
        connection.PK,
        f"EVT#{event_id}",
        id=event_id,
        employer_id=connection.employer_id,
        attempts=0,
        connection_id=connection.id,
        system=connection.system,
        body=zlib.compress(raw),
        received_at=now,
    )
    queue(event, now)
    return event
