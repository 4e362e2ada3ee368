"""Asking a system by itself, once an hour, for what it tells nobody: Greenhouse has no event for a scheduled interview.

The hour is claimed before anything is asked, so nobody asks twice. Each row becomes an event of its own, worked like one that
came through the door; a row that did not change has the same id and is stored once.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.json_text import dump, instant
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.errors import ConditionFailed
from chalicelib.integrations.ats import greenhouse
from chalicelib.integrations.ats.credentials import api_key_of
from chalicelib.integrations.ats.event_index import event_id_of, queue
from chalicelib.integrations.ats.http_client import RetryableError
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, PollItem
from chalicelib.integrations.ats.payload import Unmapped
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


def polls(connection: ConnectionItem) -> bool:
    return connection.system == greenhouse.NAME and bool(connection.client_id and connection.api_key)


def new_poll(connection: ConnectionItem, now: datetime) -> PollItem:
    """Due at once; from then on once an hour."""
    return PollItem(
        connection.PK,
        "POLL",
        employer_id=connection.employer_id,
        since=now - FIRST_LOOKS_BACK,
        due_shard=ids.due_shard(connection.id),
        due_at=stored_instant(now),
    )


def poll_json(item: Item | None) -> Json | None:
    return {"polled_at": instant(item.polled_at), "note": item.note} if isinstance(item, PollItem) else None


def work(item: Item, now: datetime) -> None:
    """Asks once, where the hour is over."""
    poll = table.get(*item.key)
    if not isinstance(poll, PollItem) or poll.due_at is None or poll.due_at > stored_instant(now):
        return
    connection = table.get(poll.PK, "ATS")
    if not isinstance(connection, ConnectionItem) or connection.revoked_at or not polls(connection):
        _drop(poll)
    elif _claimed(poll, now):
        _ask(poll, connection, now)


def _drop(poll: PollItem) -> None:
    transaction = Transaction()
    transaction.delete(PollItem(*poll.key))
    transaction.commit()


def _claimed(poll: PollItem, now: datetime) -> bool:
    return _change(poll, due_at=stored_instant(now + EVERY))


def _change(poll: PollItem, **fields: Any) -> bool:
    before, transaction = table.snapshot(poll), Transaction()
    for name, value in fields.items():
        setattr(poll, name, value)
    transaction.update(PollItem(*poll.key), table.changes(poll, before), PollItem.due_at == before["due_at"])
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _ask(poll: PollItem, connection: ConnectionItem, now: datetime) -> None:
    """Page by page; what was read is stored before the next is asked for. What fails is told, and asked again in an hour."""
    cursor: str | None = poll.cursor
    begun = poll.begun_at if cursor else now
    try:
        for _ in range(PAGES_MOST):
            bodies, cursor = greenhouse.poll(str(connection.client_id), api_key_of(connection) or "", _since(poll), cursor)
            _store(connection, bodies, now)
            if cursor is None:
                _change(poll, since=begun - OVERLAP, begun_at=None, cursor=None, polled_at=now, note=None)
                return
        _change(poll, begun_at=begun, cursor=cursor, polled_at=now, note=None)
    except (RetryableError, Unmapped) as why:
        _change(poll, begun_at=None, cursor=None, polled_at=now, note=str(why))


def _since(poll: PollItem) -> str:
    return poll.since.strftime("%Y-%m-%dT%H:%M:%SZ")


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
