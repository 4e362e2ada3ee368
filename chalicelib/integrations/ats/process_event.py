"""Works a stored event off: asks back where it must, reads it, merges what it says, brings the applications in line.

Everything here may happen twice: merging and bringing in line change nothing the second time. What fails is tried again
later; what has no place in our records is kept as `unmapped`, listed, and can be replayed after a fix.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import cast

from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, Conflict, Unprocessable
from chalicelib.integrations.ats import ats_state, identity_links, reconcile
from chalicelib.integrations.ats.connections import SYSTEMS
from chalicelib.integrations.ats.credentials import api_key_of
from chalicelib.integrations.ats.event_index import put_status
from chalicelib.integrations.ats.http_client import RetryableError
from chalicelib.integrations.ats.items import ConnectionItem, EventItem
from chalicelib.integrations.ats.payload import Reading, Unmapped
from chalicelib.integrations.ats.receive import parsed
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction, stored_instant

TRIES_MOST = 8
KEPT_FOR = timedelta(days=30)
"""A done event's body: long enough to see what a system said, and no copy of a person for ever."""
KEPT_UNMAPPED = timedelta(days=180)
ERASED = "the person was erased here, and the body with them"
log = logging.getLogger(__name__)


def work(item: Item, now: datetime) -> None:
    """Works one event that is due. Raises nothing that another try could not help."""
    event = table.get(*item.key)
    if not isinstance(event, EventItem) or event.due_at is None or event.due_at > stored_instant(now):
        return
    connection = table.get(event.PK, "ATS")
    employer = table.get(keys.employer_pk(event.employer_id), "EMP")
    if not isinstance(connection, ConnectionItem) or connection.revoked_at or not isinstance(employer, EmployerItem):
        settle(event, "ignored", "the connection was revoked", now)
        return
    try:
        status, note = _work(event, connection, employer, now)
    except identity_links.Erased:
        settle(event, "ignored", ERASED, now, strip=True)
        return
    except Unmapped as why:
        status, note = "unmapped", str(why)
    except (Conflict, Unprocessable) as why:
        status, note = "unmapped", why.detail
    except RetryableError as why:
        _later(event, str(why), now)
        return
    except Exception as error:
        log.exception("event %s could not be worked", event.id)
        _later(event, type(error).__name__, now)
        return
    settle(event, status, note, now)


def _work(event: EventItem, connection: ConnectionItem, employer: EmployerItem, now: datetime) -> tuple[str, str | None]:
    reading = read(connection, event.raw, event.received_at, now)
    if reading.note:
        return "ignored", reading.note
    touched = _link(connection, reading, event.received_at)
    for application, facts in ats_state.by_application(reading.facts).items():
        touched += ats_state.merge_facts(connection, application, facts)
    ours = [reconcile.reconcile(employer_of(employer), connection, one, now) for one in dict.fromkeys(touched)]
    if ours and None not in ours:
        return "done", None
    if not reading.facts and not any(ours):
        return "ignored", "of nobody who is known here; it is remembered for when they are"
    return "waiting", "nothing here yet: an application appears with its first interview"


def _link(connection: ConnectionItem, reading: Reading, at: datetime) -> list[str]:
    """Notes what is told of people and interviews alone; the applications that it concerns, as far as they are known."""
    marks = [identity_links.mark_gone(connection, "candidate", ref, at) for ref in reading.people_gone]
    marks += [identity_links.mark_gone(connection, "interview", ref, at) for ref in reading.interviews_gone]
    marks += [identity_links.mark_merged(connection, former, present) for former, present in reading.merges]
    marks += [identity_links.mark_told(connection, ref, told_at, person) for ref, told_at, person in reading.people]
    return [application for some in marks for application in some]


def read(connection: ConnectionItem, raw: bytes, received_at: datetime, now: datetime) -> Reading:
    """What an event says. Asks the system back where it signs too little, or tells too little. Raises Unmapped, AskAgain."""
    system, body = SYSTEMS[connection.system], parsed(raw)
    if not isinstance(body, dict):
        raise Unmapped("the body is no JSON object")
    if not (system.ASKS_BACK and connection.api_key):
        return cast(Reading, system.read(body, received_at))
    fetched = system.fetch(system.asker(api_key_of(connection) or "", connection.subdomain), body)
    return cast(Reading, system.read(body, now, fetched))


def settle(event: EventItem, status: str, note: str | None, now: datetime, *, strip: bool = False) -> None:
    """Takes an event out of the due index, with what became of it. Another worker may have been first."""
    before = table.snapshot(event)
    put_status(event, status, note)
    if strip:
        event.strip()
    event.settled_at, event.due_at, event.due_shard = now, None, None
    kept = KEPT_UNMAPPED if status in ("unmapped", "failed") else KEPT_FOR
    event.expires_at = int((now + kept).timestamp())
    _update(event, before)


def _later(event: EventItem, note: str, now: datetime) -> None:
    before, tries = table.snapshot(event), int(event.attempts) + 1
    if tries >= TRIES_MOST:
        event.attempts = tries
        settle(event, "failed", f"out of attempts; {note}", now)
        return
    event.attempts, event.note = tries, note
    event.due_at = stored_instant(now + timedelta(minutes=2**tries))
    _update(event, before)


def _update(event: EventItem, before: dict[str, object]) -> None:
    transaction = Transaction()
    transaction.update(event, table.changes(event, before), EventItem.due_at == before["due_at"])
    try:
        transaction.commit()
    except ConditionFailed:
        return
