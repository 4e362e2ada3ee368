"""Processes a stored event: reads it, merges what it says, and brings our applications in line.

Safe to repeat: merging and reconciling change nothing the second time. A failed event is tried again later. An event that has
no place in our records is kept as `unmapped`, listed, and can be replayed after a fix.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, Conflict, Unprocessable
from chalicelib.integrations.ats import ats_state, health, identity_links
from chalicelib.integrations.ats.credentials import api_key_of
from chalicelib.integrations.ats.event_index import parse_body, set_status
from chalicelib.integrations.ats.greenhouse import POLLED
from chalicelib.integrations.ats.health import Seen
from chalicelib.integrations.ats.http_client import RetryableError
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.integrations.ats.payload import KeyRefused, Reading, Unmapped
from chalicelib.integrations.ats.reconcile import reconcile
from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.rules.model import AtsEventStatus
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction, stored_instant

ATTEMPTS_MOST = 8
KEPT_FOR = timedelta(days=30)
"""How long a done event's body is kept: long enough to see what a system said."""
KEPT_UNMAPPED = timedelta(days=180)
ERASED = "the person was erased here, and the body with them"
log = logging.getLogger(__name__)


def process_event(item: Item, now: datetime) -> None:
    """Process one event that is due, and note the result. Raises nothing that another attempt could not help."""
    event = table.get(*item.key)
    if not isinstance(event, EventItem) or event.due_at is None or event.due_at > stored_instant(now):
        return
    connection = table.get(event.PK, "ATS")
    employer = table.get(keys.employer_pk(event.employer_id), "EMP")
    if not isinstance(connection, ConnectionItem) or connection.revoked_at or not isinstance(employer, EmployerItem):
        _settle(event, "ignored", "the connection was revoked", now)
        return
    try:
        status, note, seen = _apply_event(event, connection, employer, now)
        health.note(connection, seen, now)
    except identity_links.Erased:
        event_before = table.snapshot(event)
        event.empty_body()
        _settle(event, "ignored", ERASED, now, event_before)
        return
    except Unmapped as error:
        health.note(connection, _seen(connection, event, True if isinstance(error, KeyRefused) else None), now)
        status, note = "unmapped", str(error)
    except (Conflict, Unprocessable) as error:
        status, note = "unmapped", error.detail
    except RetryableError as error:
        _retry_later(event, str(error), now)
        return
    except Exception as error:
        log.exception("event %s could not be processed", event.id)
        _retry_later(event, type(error).__name__, now)
        return
    _settle(event, status, note, now)


def read_event(connection: ConnectionItem, raw: bytes, received_at: datetime, now: datetime) -> Reading:
    """Read what an event says, and ask the system's API where needed. Raises Unmapped, RetryableError."""
    system, body = SYSTEMS[connection.system], parse_body(raw)
    if not isinstance(body, dict):
        raise Unmapped("the body is no JSON object")
    if not (system.fetches and connection.api_key):
        return system.read_event(body, received_at)
    fetched = system.fetch(api_key_of(connection) or "", connection.subdomain, body)
    return system.read_event(body, now, fetched)


def _seen(connection: ConnectionItem, event: EventItem, key_refused: bool | None) -> Seen:
    kind = SYSTEMS[connection.system].kind(parse_body(event.raw))
    return Seen(kind, key_refused=key_refused, by_webhook=kind != POLLED)


def _apply_event(
    event: EventItem, connection: ConnectionItem, employer: EmployerItem, now: datetime
) -> tuple[AtsEventStatus, str | None, Seen]:
    """Merge and reconcile one event. Returns the event's status and note, and what it shows of the connection."""
    reading = read_event(connection, event.raw, event.received_at, now)
    asked = SYSTEMS[connection.system].fetches and connection.api_key and not reading.note
    seen = _seen(connection, event, False if asked else None)
    if reading.note:
        return "ignored", reading.note, seen
    touched = _merge_people_and_interviews(connection, reading, event.received_at)
    for application, facts in ats_state.group_by_application(reading.facts).items():
        touched += ats_state.merge_facts(connection, application, facts)
    our_ids = {one: reconcile(employer_of(employer), connection, one, now) for one in dict.fromkeys(touched)}
    waiting = [one for one, our_id in our_ids.items() if our_id is None]
    unknown = [one for one in waiting if ats_state.lacks_applicant(connection, one)]
    seen = replace(seen, unknown=unknown, known=[one for one in our_ids if one not in unknown])
    if our_ids and not waiting:
        return "done", None, seen
    if not reading.facts and len(waiting) == len(our_ids):
        return "ignored", "of nobody who is known here; it is remembered for when they are", seen
    if unknown:
        return "waiting", "an interview of an application of which no event has told who the applicant is", seen
    return "waiting", "nothing here yet: an application appears with its first interview", seen


def _merge_people_and_interviews(connection: ConnectionItem, reading: Reading, at: datetime) -> list[str]:
    """Note what is said of people and interviews alone. Returns the known applications that this concerns."""
    concerned = [identity_links.mark_gone(connection, "candidate", ref, at) for ref in reading.people_gone]
    concerned += [identity_links.mark_gone(connection, "interview", ref, at) for ref in reading.interviews_gone]
    concerned += [identity_links.mark_merged(connection, former, present) for former, present in reading.merges]
    concerned += [identity_links.mark_told(connection, ref, told_at, person) for ref, told_at, person in reading.people]
    return [application for some in concerned for application in some]


def _settle(
    event: EventItem, status: AtsEventStatus, note: str | None, now: datetime, before: dict[str, object] | None = None
) -> None:
    """Take an event out of the due index and note its result. `before` is the event as read, where it was changed already."""
    before = table.snapshot(event) if before is None else before
    set_status(event, status, note)
    event.settled_at, event.due_at, event.due_shard = now, None, None
    kept_for = KEPT_UNMAPPED if status in ("unmapped", "failed") else KEPT_FOR
    event.expires_at = int((now + kept_for).timestamp())
    _update(event, before)


def _retry_later(event: EventItem, note: str, now: datetime) -> None:
    before, attempts = table.snapshot(event), int(event.attempts) + 1
    if attempts >= ATTEMPTS_MOST:
        event.attempts = attempts
        _settle(event, "failed", f"out of attempts; {note}", now, before)
        return
    event.attempts, event.note = attempts, note
    event.due_at = stored_instant(now + timedelta(minutes=2**attempts))
    _update(event, before)


def _update(event: EventItem, before: dict[str, object]) -> None:
    """Write the event, unless another worker was first."""
    transaction = Transaction()
    transaction.update(event, table.changes(event, before), EventItem.due_at == before["due_at"])
    try:
        transaction.commit()
    except ConditionFailed:
        return
