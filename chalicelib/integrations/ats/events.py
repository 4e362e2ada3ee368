"""Events as the employer sees them: listed by what became of them, replayed after a fix, and tried out without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from chalicelib.api import pagination
from chalicelib.api.json_text import dump, instant
from chalicelib.errors import ConditionFailed, NotFound, Unavailable
from chalicelib.integrations.ats import ats_state, merge, process_event
from chalicelib.integrations.ats.event_index import queue
from chalicelib.integrations.ats.http_client import RetryableError
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.integrations.ats.merge import Wanted
from chalicelib.integrations.ats.payload import Unmapped
from chalicelib.integrations.ats.receive import parsed
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction

REPLAYED_MOST = 500
Json = dict[str, Any]


def candidates(connection: ConnectionItem, status: str) -> Callable[[str | None], Iterator[str]]:
    """Where the events of one status are listed, newest first, as "<received_at>#<id>"."""
    return pagination.ids_of_kind(connection.employer_id, f"EVT#{connection.id}#{status}")


def read_listed(connection: ConnectionItem, some: list[str], status: str) -> list[Json | None]:
    """The index lags: what has another status by now is left out."""
    keys = [(connection.PK, f"EVT#{one.partition('#')[2]}") for one in some]
    found = table.get_many(keys)
    items = [found.get(key) for key in keys]
    return [event_json(item) if isinstance(item, EventItem) and item.status == status else None for item in items]


def read(connection: ConnectionItem, event_id: str) -> EventItem:
    """Raises NotFound."""
    item = table.get(connection.PK, f"EVT#{event_id}")
    if not isinstance(item, EventItem):
        raise NotFound
    return item


def event_json(item: EventItem, *, whole: bool = False) -> Json:
    """An event as clients see it; its body only where one is asked for."""
    body = {"body": parsed(item.raw)} if whole else {}
    return {
        "id": item.id,
        "system": item.system,
        "status": item.status,
        "note": item.note,
        "attempts": int(item.attempts),
        "received_at": instant(item.received_at),
        "settled_at": instant(item.settled_at),
        **body,
    }


def replay(item: EventItem, now: datetime) -> EventItem:
    """Puts an event into the queue again, from the beginning. Twice is once."""
    before = table.snapshot(item)
    queue(item, now)
    item.attempts, item.settled_at, item.expires_at = 0, None, None
    if not (changes := table.changes(item, before)):
        return item  # somebody did so in the same instant
    transaction = Transaction()
    transaction.update(item, changes, EventItem.status == before["status"])
    try:
        transaction.commit()
    except ConditionFailed:
        raise Unavailable from None
    return item


def replay_all(connection: ConnectionItem, status: str, now: datetime) -> int:
    """Replays up to 500 of one status; returns how many."""
    rows, _ = table.query_index(
        "listing", keys.list_key(connection.employer_id, f"EVT#{connection.id}#{status}"), limit=REPLAYED_MOST
    )
    items = table.get_many([(row["PK"]["S"], row["SK"]["S"]) for row in rows]).values()
    found = [item for item in items if isinstance(item, EventItem) and item.status == status]
    for item in found:
        replay(item, now)
    return len(found)


def tried_out(connection: ConnectionItem, payload: Any, now: datetime) -> Json:
    """What a payload would do, and nothing done."""
    try:
        reading = process_event.read(connection, dump(payload).encode("utf-8", "replace"), now, now)
    except (Unmapped, RetryableError) as why:
        return {"mapped": False, "note": str(why), "applications": []}
    told = [_tried(connection, ref, new) for ref, new in ats_state.by_application(reading.facts).items()]
    return {
        "mapped": True,
        "note": reading.note,
        "applications": told,
        "people_gone": list(reading.people_gone),
        "interviews_gone": list(reading.interviews_gone),
    }


def _tried(connection: ConnectionItem, ref: str, new: list[merge.Fact]) -> Json:
    seen, _, _ = ats_state.read(connection, ref)
    want = merge.without(merge.wanted(merge.merged(seen.state if seen else {}, new)), {})
    ours = seen.applied.get("application_id") if seen else None
    return {
        "external_id": ref,
        "application_id": ours,
        **_wanted_json(want),
        "would": "update" if ours else "open" if want.interviews and want.person and want.job_title else "wait",
    }


def _wanted_json(want: Wanted) -> Json:
    return {
        "candidate": want.person,
        "job_title": want.job_title,
        "status": want.status,
        "decided": want.decided,
        "decided_at": instant(want.decided_at),
        "interviews": [
            {"external_id": one.ref, "stage": one.stage, "start_at": instant(one.start_at), "end_at": instant(one.end_at)}
            for one in want.interviews
        ],
    }
