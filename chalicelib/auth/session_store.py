"""Stores sessions of people: of browsers, which have a cookie (`sessions`), and of apps, which have tokens (`tokens`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.auth import audit_log, rate_limit
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import About, Origin, truncated
from chalicelib.auth.users import APP_IDLE, IDLE, PersonItem, SessionItem, people_pk, person_key
from chalicelib.errors import ConditionFailed
from chalicelib.storage import table
from chalicelib.storage.ids import is_id, new_id
from chalicelib.storage.table import Transaction

ACCESS_LASTS = timedelta(hours=1)
"""An access token works so long at most."""
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Client:
    """What a session begins from. `app` is None for a browser, which gets a cookie."""

    source_ip: str = ""
    user_agent: str = ""
    app: bool = False
    repeatable: str | None = None
    """Keyed hash of the Idempotency-Key."""
    by_mail: bool = True
    """Whether the person reads the mailbox. An employer's provider shows that to this employer alone."""


def open_session(person: PersonItem, transaction: Transaction, client: Client, now: datetime, id: str = "") -> SessionItem:
    """Adds a session to a transaction, with its entry in the audit log."""
    from chalicelib.auth.agents import describe

    session_id, place = id or new_id("ses", now), truncated(client.source_ip)
    session = SessionItem(
        PK=people_pk(person.employer_id),
        SK=f"SESSION#{session_id}",
        id=session_id,
        person_id=person.id,
        epoch=int(person.epoch),
        turn=1,
        created_at=now,
        turned_at=now,
        place=place,
        agent=describe(client.user_agent),
        host_cookie=True,
        app=client.app or None,
        repeatable=client.repeatable,
        expires_at=int((now + (APP_IDLE if client.app else IDLE)).timestamp()),
    )
    transaction.create(session)
    audit_log.note(transaction, person.employer_id, "sign_in", Origin(Actor("person", person.id, person.name), place), now)
    if client.by_mail:
        rate_limit.note_known(transaction, person.email, place, now)
    return session


def is_valid(session: SessionItem, person: PersonItem, now: datetime) -> bool:
    """Tells whether a session is this person's and has not ended."""
    in_time = now.timestamp() < session.expires_at and now < session.ends_at
    return in_time and session.person_id == person.id and int(session.epoch) == int(person.epoch)


def of_employer(employer_id: str) -> list[SessionItem]:
    """Lists the sessions of all people of an employer, newest first, ended ones included until they vanish."""
    return [one for one in table.query(people_pk(employer_id), "SESSION#") if isinstance(one, SessionItem)][::-1]


def of_person(person: PersonItem, now: datetime, read: Iterable[SessionItem] | None = None) -> list[SessionItem]:
    """Lists a person's sessions that have not ended, newest first: of those that were `read`, else of the table."""
    return [one for one in (of_employer(person.employer_id) if read is None else read) if is_valid(one, person, now)]


def last_seen(person: PersonItem, read: Iterable[SessionItem], now: datetime) -> datetime | None:
    """Returns when a person last used a session that has not ended, exact to the hour; None where they have none."""
    return max((one.turned_at for one in of_person(person, now, read)), default=None)


def find(employer_id: str, session_id: str, now: datetime) -> tuple[SessionItem, PersonItem] | None:
    """Reads a session that has not ended, with its person."""
    session = table.get(people_pk(employer_id), f"SESSION#{session_id}") if is_id(session_id, "ses") else None
    if not isinstance(session, SessionItem):
        return None
    person = table.get(*person_key(employer_id, session.person_id))
    return (session, person) if isinstance(person, PersonItem) and is_valid(session, person, now) else None


def end(session: SessionItem, now: datetime, noted: tuple[audit_log.What, Origin] | None = None) -> None:
    """Ends a session: nothing of it works any more, with an entry in the audit log where `noted` says which."""
    employer_id = session.PK.split("#")[1]
    about = About("session", session.id)
    for _ in range(_TRIES):
        transaction = Transaction()
        transaction.delete(SessionItem(*session.key))
        if noted:
            audit_log.note(transaction, employer_id, noted[0], noted[1], now, about=about)
        if session.app:
            _end_access(employer_id, session, transaction, now)
        try:
            transaction.commit()
        except ConditionFailed:
            continue  # another session of this person ended at the same time
        return
    raise ConditionFailed([session.key])


def _end_access(employer_id: str, session: SessionItem, transaction: Transaction, now: datetime) -> None:
    """Adds to a transaction that a session's access tokens, which outlive it, work no more."""
    person = table.get(*person_key(employer_id, session.person_id))
    if not isinstance(person, PersonItem):
        return
    known = person.ended_sessions
    left = [[one, until] for one, until in known or () if until > now.timestamp() and one != session.id]
    ended = [*left, [session.id, int((now + ACCESS_LASTS).timestamp())]]
    unchanged = PersonItem.ended_sessions.does_not_exist() if known is None else PersonItem.ended_sessions == known
    exists = PersonItem.PK.exists()
    transaction.update(PersonItem(*person.key), [PersonItem.ended_sessions.set(ended)], exists & unchanged)


def is_ended(session_id: str, person: PersonItem) -> bool:
    """Tells whether a session is among those that ended while an access token of it may still be in time."""
    return any(one == session_id for one, _ in person.ended_sessions or ())
