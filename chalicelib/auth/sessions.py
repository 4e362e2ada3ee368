"""Sessions of people: a signed cookie names a session, its person and its turn, and is checked against the table each time.

The cookie rotates every hour. A stolen copy stops working at the latest after two rotations. A request with an older
turn ends the session, for the thief and for the owner. Nothing is cached: signing out holds at once.

Over HTTPS the cookie's name begins with `__Host-`: browsers take it only from this host, over HTTPS, so that nobody can plant
one from a neighbouring domain or over HTTP.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from chalicelib.auth import audit_log, invitations, session_store, sign_in_links
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.session_store import Client
from chalicelib.auth.users import IDLE, PersonItem, SessionItem, people_pk, person_key
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.rules.employer import Employer
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction

COOKIE = "heardback_session"
ROTATES_AFTER = timedelta(hours=1)
ROTATION_GRACE = timedelta(minutes=10)
"""Time for requests that were under way when the cookie rotated, and for responses that never arrived."""
_PURPOSE = "session"


@dataclass(slots=True)
class Visitor:
    """A person who is signed in. `set_cookie` goes into the response where the cookie rotated."""

    employer: Employer
    employer_item: EmployerItem
    person: PersonItem
    session: SessionItem
    set_cookie: str | None = None

    @property
    def is_manager(self) -> bool:
        return self.person.role == "manager"

    @property
    def actor(self) -> Actor:
        """Who this is, for records of who did what."""
        return Actor("person", self.person.id, self.person.name)


def begin(token: str, now: datetime, source_ip: str = "", user_agent: str = "") -> str:
    """Signs in by a link's token; returns the Set-Cookie value of a new session. Raises BadToken, Expired, Used."""
    try:
        link = sign_in_links.read(token, now)
    except BadToken as error:
        sign_in_links.log_refused(error)
        raise
    transaction = Transaction()
    person = sign_in_links.redeem(link, transaction, now)
    session = session_store.open_session(person, transaction, Client(source_ip, user_agent, by_mail=link.by_mail), now)
    try:
        transaction.commit()
    except ConditionFailed:
        audit_log.log_failure("sign_in_failed")
        origin = Origin(Actor("person", person.id, person.name), truncated(source_ip))
        audit_log.note_failure(link.employer_id, "sign_in_failed", origin, now)
        raise sign_in_links.Used from None
    return _session_cookie(person.employer_id, session)


def begin_by_invitation(token: str, now: datetime, source_ip: str = "", user_agent: str = "") -> str:
    """Accepts an invitation by its link and signs in; returns the Set-Cookie value. Raises BadToken, Expired, Accepted."""
    person = invitations.read(token, now)
    transaction = Transaction()
    invitations.accept(person, transaction, now)
    origin = Origin(Actor("person", person.id, person.name), truncated(source_ip))
    audit_log.note(transaction, person.employer_id, "invitation_accepted", origin, now)
    session = session_store.open_session(person, transaction, Client(source_ip, user_agent), now)
    try:
        transaction.commit()
    except ConditionFailed:
        raise invitations.Accepted from None
    return _session_cookie(person.employer_id, session)


def cookie_of(session: SessionItem) -> str:
    """Returns the Set-Cookie value of a session that has just begun."""
    return _session_cookie(session.PK.split("#")[1], session)


def read(headers: Mapping[str, str], method: str, now: datetime) -> Visitor | None:
    """Returns who is signed in, by one read; None where nobody is. Rotates the cookie where that is due, for a GET only."""
    sent = cookies(headers)
    name = host_name(COOKIE) if host_name(COOKIE) in sent else COOKIE
    try:
        payload = verify_token(settings().sign, _PURPOSE, sent.get(name, ""), now).decode()
        employer_id, person_id, session_id, turn = payload.split("|")
    except (BadToken, ValueError):
        return None
    session_key = (people_pk(employer_id), f"SESSION#{session_id}")
    keys = ((employer_pk(employer_id), "EMP"), person_key(employer_id, person_id), session_key)
    found = table.get_many(keys)
    employer, person, session = (found.get(key) for key in keys)
    if not (isinstance(employer, EmployerItem) and isinstance(person, PersonItem) and isinstance(session, SessionItem)):
        return None
    if session.app or not session_store.is_valid(session, person, now) or (session.host_cookie and name != host_name(COOKIE)):
        return None
    visitor = Visitor(employer_of(employer), employer, person, session)
    if not _check_turn(visitor, int(turn), method, now):
        return None
    if name != host_name(COOKIE):  # a session of an earlier version
        visitor.set_cookie = _session_cookie(employer_id, session)
    return visitor


def _check_turn(visitor: Visitor, turn: int, method: str, now: datetime) -> bool:
    """Brings the cookie to its present turn. Ends the session and returns False where the turn is too old."""
    session, employer_id = visitor.session, visitor.employer.id
    if turn != int(session.turn):
        if turn != int(session.turn) - 1 or now >= session.turned_at + ROTATION_GRACE:
            session_store.end(session, now)
            return False
        visitor.set_cookie = _session_cookie(employer_id, session)
        return True
    if method == "GET" and now >= session.turned_at + ROTATES_AFTER:
        _rotate(session, now)
        visitor.set_cookie = _session_cookie(employer_id, session)
    return True


def _rotate(session: SessionItem, now: datetime) -> None:
    """Moves a session to its next turn. If another request has just done so, both send the same cookie."""
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


def cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the cookies by name. Of two with the same name, the first has the longer path and is taken."""
    found: dict[str, str] = {}
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found


def set_cookie(name: str, value: str, *, same_site: str = "Lax", max_age: timedelta = IDLE) -> str:
    """Makes a Set-Cookie value: for this host alone, hidden from scripts, sent over HTTPS only. `name` is without a prefix."""
    path = "/" if _by_https() else urlsplit(settings().base_url).path or "/"
    lasts = f"Max-Age={int(max_age.total_seconds())}"
    return f"{host_name(name)}={value}; {lasts}; Path={path}; Secure; HttpOnly; SameSite={same_site}"


def host_name(name: str) -> str:
    """Returns the name that a cookie of ours has in browsers: over HTTP, on one machine, they refuse the prefix."""
    return f"__Host-{name}" if _by_https() else name


def _by_https() -> bool:
    return settings().base_url.startswith("https://")


def delete_cookie() -> str:
    """Makes the Set-Cookie value that removes the session cookie."""
    return set_cookie(COOKIE, "", max_age=timedelta(0))


def _session_cookie(employer_id: str, session: SessionItem) -> str:
    payload = "|".join((employer_id, session.person_id, session.id, str(int(session.turn))))
    return set_cookie(COOKIE, sign_token(settings().sign, _PURPOSE, payload.encode()))
