"""Sessions: a signed cookie that names a session, its person and its turn, checked against the table at every request.

The cookie turns every hour: a copy that was taken stops working at the latest with the next turn but one, and a
stale turn that is shown later ends the session, whoever shows it. Nothing is cached: signing out holds at once.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from chalicelib.api.request import Request
from chalicelib.auth import sign_in_links
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem, SessionItem, people_pk, person_key
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.rules.model import Employer
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.ids import new_id
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction

COOKIE = "heardback_session"
IDLE = timedelta(days=7)
LASTS = timedelta(days=30)
TURNS_AFTER = timedelta(hours=1)
TURN_GRACE = timedelta(minutes=10)
"""Requests that were on their way when the cookie turned, and answers that never arrived."""
_PURPOSE = "session"


@dataclass(slots=True)
class Visitor:
    """Somebody who is signed in. `set_cookie` is to be sent with the answer where the cookie turned."""

    employer: Employer
    employer_item: EmployerItem
    person: PersonItem
    session: SessionItem
    set_cookie: str | None = None

    @property
    def is_manager(self) -> bool:
        return self.person.role == "manager"


def begin(token: str, now: datetime) -> str:
    """Signs in by a link's token: the Set-Cookie value of a session that is always new. Raises BadToken, Expired, Used."""
    link = sign_in_links.read(token, now)
    transaction = Transaction()
    person = sign_in_links.redeem(link, transaction, now)
    session_id = new_id("ses", now)
    session = SessionItem(
        PK=people_pk(link.employer_id),
        SK=f"SESSION#{session_id}",
        id=session_id,
        person_id=person.id,
        epoch=int(person.epoch),
        turn=1,
        created_at=now,
        turned_at=now,
        expires_at=int((now + IDLE).timestamp()),
    )
    transaction.create(session)
    try:
        transaction.commit()
    except ConditionFailed:
        raise sign_in_links.Used from None
    return _cookie(person.employer_id, session)


def read(request: Request) -> Visitor | None:
    """Who is signed in, by one read; None where nobody is. Turns the cookie where it is due."""
    try:
        payload = verify_token(settings().secret, _PURPOSE, cookies(request).get(COOKIE, ""), request.now).decode()
        employer_id, person_id, session_id, turn = payload.split("|")
    except (BadToken, ValueError):
        return None
    session_key = (people_pk(employer_id), f"SESSION#{session_id}")
    keys = ((employer_pk(employer_id), "EMP"), person_key(employer_id, person_id), session_key)
    found = table.get_many(keys)
    employer, person, session = (found.get(key) for key in keys)
    if not (isinstance(employer, EmployerItem) and isinstance(person, PersonItem) and isinstance(session, SessionItem)):
        return None
    if not _lives(session, person, request.now):
        return None
    visitor = Visitor(employer_of(employer), employer, person, session)
    return visitor if _turned(visitor, int(turn), request) else None


def _lives(session: SessionItem, person: PersonItem, now: datetime) -> bool:
    in_time = now.timestamp() < session.expires_at and now < session.created_at + LASTS
    return in_time and session.person_id == person.id and int(session.epoch) == int(person.epoch)


def _turned(visitor: Visitor, turn: int, request: Request) -> bool:
    """Brings the cookie to its present turn; False, and the end of the session, where it shows one long past."""
    session, employer_id = visitor.session, visitor.employer.id
    if turn != int(session.turn):
        if turn != int(session.turn) - 1 or request.now >= session.turned_at + TURN_GRACE:
            end(session)
            return False
        visitor.set_cookie = _cookie(employer_id, session)
        return True
    if request.method == "GET" and request.now >= session.turned_at + TURNS_AFTER:
        _turn(session, request.now)
        visitor.set_cookie = _cookie(employer_id, session)
    return True


def _turn(session: SessionItem, now: datetime) -> None:
    """Moves a session to its next turn, unless another request has just done so: then both hand out the same cookie."""
    turn, expires_at = int(session.turn) + 1, int((now + IDLE).timestamp())
    transaction = Transaction()
    transaction.update(
        SessionItem(*session.key),
        [SessionItem.turn.set(turn), SessionItem.turned_at.set(now), SessionItem.expires_at.set(expires_at)],
        SessionItem.turn == turn - 1,
    )
    with contextlib.suppress(ConditionFailed):
        transaction.commit()
    session.turn = turn


def end(session: SessionItem) -> None:
    """Signs out here."""
    transaction = Transaction()
    transaction.delete(SessionItem(*session.key))
    transaction.commit()


def cookies(request: Request) -> dict[str, str]:
    """The request's cookies; of two with one name the first, which is the one with the longer path."""
    found: dict[str, str] = {}
    for part in request.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found


def set_cookie(name: str, value: str, *, same_site: str = "Lax", max_age: timedelta = IDLE) -> str:
    """A Set-Cookie value: for this deployment only, never for scripts, never in the clear."""
    path = urlsplit(settings().base_url).path or "/"
    return f"{name}={value}; Max-Age={int(max_age.total_seconds())}; Path={path}; Secure; HttpOnly; SameSite={same_site}"


def forget_cookie() -> str:
    return set_cookie(COOKIE, "", max_age=timedelta(0))


def _cookie(employer_id: str, session: SessionItem) -> str:
    payload = "|".join((employer_id, session.person_id, session.id, str(int(session.turn))))
    return set_cookie(COOKIE, sign_token(settings().secret, _PURPOSE, payload.encode()))
