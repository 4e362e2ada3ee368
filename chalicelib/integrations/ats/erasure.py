"""Removes an erased person from what an ATS said: from applications' states, from links, and from stored event bodies.

Of each application and candidate an empty item stays, under a hash. What the ATS says of them later is dropped
(`identity_links.Erased`), so nobody comes back. A new application of the same person has a new id, and is stored like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from chalicelib.applications.privacy.elsewhere import Person
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats import connections, identity_links
from chalicelib.integrations.ats.event_index import set_status
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, LinkItem, SeenItem
from chalicelib.integrations.ats.person_records import Records, Traces, events_in_parts, find_records
from chalicelib.integrations.ats.process_event import ERASED
from chalicelib.rules.employer import Employer
from chalicelib.storage import table
from chalicelib.storage.table import Action, Item, Transaction

WRITTEN_AT_ONCE = 90
T = TypeVar("T")


def erase_person(employer: Employer, person: Person) -> None:
    """Remove a person from all connections. Idempotent; a run that was cut off is completed by the next.

    Items are marked first and emptied last: from the mark on nothing new is merged into them. Revoked connections still hold what
    came through them.
    """
    for connection in connections.all_connections(employer.id):
        records = retry_on_conflict(lambda one=connection: _mark_erased(one, person))  # type: ignore[misc]
        _empty_events(connection, Traces(person, frozenset(records.refs)))
        retry_on_conflict(lambda one=connection: _empty_records(one, person))  # type: ignore[misc]


# --- states and links -------------------------------------------------------------------------------------------------


def _mark_erased(connection: ConnectionItem, person: Person) -> Records:
    records = find_records(connection, person)
    unmarked = [item for item in records.seen if not item.erased]
    _write_all(unmarked, lambda transaction, item: _set(transaction, item, [_mark(item)]))
    return records


def _empty_records(connection: ConnectionItem, person: Person) -> None:
    """Empty the marked items, and delete the links of interviews, since their ids are the person's."""
    records = find_records(connection, person)
    keys = [identity_links.link_key(connection, "interview", ref) for ref in sorted(records.interviews)]
    _write_all([Item(*key) for key in keys], lambda transaction, item: transaction.delete(item))
    marks = [
        LinkItem(*identity_links.link_key(connection, "candidate", ref), ref="", applications=[], erased=True, version=-1)
        for ref in sorted(records.candidates)
    ]
    _write_all(marks, lambda transaction, item: transaction.put(item))
    emptied = [SeenItem.ref.set(""), SeenItem.state.set({}), SeenItem.applied.set({"erased": True})]
    _write_all(records.seen, lambda transaction, item: _set(transaction, item, emptied))


def _mark(item: SeenItem) -> Action:
    return SeenItem.applied.set({**item.applied, "erased": True})


def _set(transaction: Transaction, item: SeenItem, actions: list[Action]) -> None:
    actions = [*actions, SeenItem.version.set(int(item.version) + 1)]
    transaction.update(SeenItem(*item.key), actions, SeenItem.version == item.version)


def _write_all(items: Sequence[T], write: Callable[[Transaction, T], None]) -> None:
    for begin in range(0, len(items), WRITTEN_AT_ONCE):
        transaction = Transaction()
        for item in items[begin : begin + WRITTEN_AT_ONCE]:
            write(transaction, item)
        transaction.commit()


# --- event bodies -----------------------------------------------------------------------------------------------------


def _empty_events(connection: ConnectionItem, traces: Traces) -> None:
    for events in events_in_parts(connection):
        _write_all([event for event in events if traces.are_in(event)], _empty_event)


def _empty_event(transaction: Transaction, event: EventItem) -> None:
    """Settle an event without its body. A worker that is processing it fails to settle it, and finds the mark."""
    before = table.snapshot(event)
    event.empty_body()
    set_status(event, "ignored", ERASED)
    event.settled_at, event.due_at, event.due_shard = event.settled_at or event.received_at, None, None
    if actions := table.changes(event, before):
        transaction.update(EventItem(*event.key), actions, EventItem.PK.exists())
