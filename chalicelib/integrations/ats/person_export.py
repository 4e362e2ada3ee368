"""Exports what an ATS said of one person: the raw events, and what was merged from them."""

from __future__ import annotations

from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.privacy.elsewhere import Person
from chalicelib.integrations.ats import connections
from chalicelib.integrations.ats.event_index import parse_body
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.integrations.ats.person_records import Records, Traces, events_in_parts, find_records

BODIES_MOST = 3_000_000
"""Bytes of raw bodies in one export: Lambda responds with 6 MB at most. Older bodies are named by their path."""
Json = dict[str, Any]


def export_person(employer_id: str, person: Person) -> Json:
    """Return `ats_events`, newest first, and `ats_records` of all connections, revoked ones too."""
    found: list[EventItem] = []
    records: list[Json] = []
    for connection in connections.all_connections(employer_id):
        of_person = find_records(connection, person)
        traces = Traces(person, frozenset(of_person.refs))
        for events in events_in_parts(connection):
            found += [event for event in events if traces.are_surely_in(event)]
        records += _merged(connection, of_person)
    return {"ats_events": _events(found), "ats_records": records}


def _events(found: list[EventItem]) -> list[Json]:
    shown, left = [], BODIES_MOST
    for event in sorted(found, key=lambda one: (one.received_at, one.id), reverse=True):
        left -= len(event.raw)
        shown.append(
            {
                "id": event.id,
                "integration_id": event.connection_id,
                "system": event.system,
                "received_at": instant(event.received_at),
                "status": event.status,
                "body": parse_body(event.raw) if left >= 0 else None,
                "body_at": f"/v1/integrations/{event.connection_id}/events/{event.id}",
            }
        )
    return shown


def _merged(connection: ConnectionItem, records: Records) -> list[Json]:
    source = {"integration_id": connection.id, "system": connection.system}
    applications = [{**source, "ref": one.ref, "said": one.state, "applied": one.applied} for one in records.seen if one.ref]
    people = [{**source, "ref": one.ref, "said": one.told} for one in records.links if one.told]
    return applications + people
