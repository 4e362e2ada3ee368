"""Tokens of people's apps: an access token for an hour, and a refresh token that is used once.

Both are signed and name a session. An access token is checked against the employer and the person, which is one read of two
items, as for an API key: a role, a removal and a session that ended (`PersonItem.ended_sessions`) hold at once.

A refresh token names the turn of its session. Refreshing moves the session to its next turn. A token of an earlier turn was
used before: anyone who sends it may be a thief, and the session ends for both. The same request again, with the same
Idempotency-Key, gets the same tokens: they derive from the session alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.auth import audit_log, session_store
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.session_store import ACCESS_LASTS
from chalicelib.auth.users import APP_IDLE, PersonItem, SessionItem, people_pk, person_key
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Unauthenticated
from chalicelib.signing import BadToken, keyed_hash, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Key, Transaction

ACCESS, REFRESH = "hba_", "hbr_"
"""What the tokens begin with."""
_ACCESS_PURPOSE, _REFRESH_PURPOSE = "access token", "refresh token"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an access token says. It is signed by us; whether it still holds is for `authenticate`."""

    employer_id: str
    person_id: str
    session_id: str
    epoch: int

    @property
    def owner_id(self) -> str:
        """Whose requests these are, for Idempotency-Key: those of a person, whichever token they have by now."""
        return self.person_id

    @property
    def keys(self) -> tuple[Key, Key]:
        """The items that say whether it holds."""
        return (employer_pk(self.employer_id), "EMP"), person_key(self.employer_id, self.person_id)


@dataclass(frozen=True, slots=True)
class Granted:
    """What somebody who signed in gets. `again` says that the same request got it before."""

    access_token: str
    refresh_token: str
    person: PersonItem
    employer: EmployerItem
    again: bool = False


def read_access(text: str, now: datetime) -> AccessToken:
    """Reads an access token. Raises BadToken, Expired."""
    if not text.startswith(ACCESS):
        raise BadToken
    payload = verify_token(settings().sign, _ACCESS_PURPOSE, text.removeprefix(ACCESS), now).decode()
    employer, person, session, epoch, _ = payload.split("|")
    return AccessToken(f"emp_{employer}", f"per_{person}", f"ses_{session}", int(epoch))


def repeatable(idempotency_key: str | None, *what: str) -> str | None:
    """Returns what a session keeps of a request's Idempotency-Key, bound to what was sent with it."""
    if idempotency_key is None:
        return None
    return keyed_hash(settings().hash_secret, "repeated sign-in", "|".join((idempotency_key.strip(), *what)))


def grant(session: SessionItem, *, again: bool = False) -> Granted:
    """Makes the tokens of a session's present turn. Raises Unauthenticated where its person was removed meanwhile."""
    employer_id = session.PK.split("#")[1]
    keys = ((employer_pk(employer_id), "EMP"), person_key(employer_id, session.person_id))
    found = table.get_many(keys)
    employer, person = (found.get(key) for key in keys)
    if not isinstance(employer, EmployerItem) or not isinstance(person, PersonItem):
        raise Unauthenticated
    return _granted(session, person, employer, again=again)


def _granted(session: SessionItem, person: PersonItem, employer: EmployerItem, *, again: bool = False) -> Granted:
    ids = [one.partition("_")[2] for one in (employer.id, person.id, session.id)]
    access = "|".join((*ids, str(int(session.epoch)), str(int(session.turn)))).encode()
    refresh = "|".join((*ids, str(int(session.turn)))).encode()
    keys = settings().sign
    return Granted(
        ACCESS + sign_token(keys, _ACCESS_PURPOSE, access, session.turned_at + ACCESS_LASTS),
        REFRESH + sign_token(keys, _REFRESH_PURPOSE, refresh),
        person,
        employer,
        again,
    )


def refresh(token: str, request_hash: str | None, source_ip: str, now: datetime) -> Granted:
    """Moves a session to its next turn. Raises Unauthenticated, with the same words for every reason."""
    try:
        payload = verify_token(settings().sign, _REFRESH_PURPOSE, token.removeprefix(REFRESH), now).decode()
        employer_id, person_id, session_id, turn = payload.split("|")
    except (BadToken, ValueError):
        audit_log.log_failure("auth_failed")
        raise _over() from None
    employer, person, session = _read(f"emp_{employer_id}", f"per_{person_id}", f"ses_{session_id}", now)
    if int(turn) == int(session.turn) and _turned(session, request_hash, now):
        return _granted(session, person, employer)
    _, _, session = _read(employer.id, person.id, session.id, now)  # another request may just have turned it
    if request_hash and int(turn) == int(session.turn) - 1 and session.repeatable == request_hash:
        return _granted(session, person, employer, again=True)
    audit_log.log_failure("auth_failed")
    origin = Origin(Actor("person", person.id, person.name), truncated(source_ip))
    session_store.end(session, now, ("refresh_token_reused", origin))
    raise _over()


def _read(employer_id: str, person_id: str, session_id: str, now: datetime) -> tuple[EmployerItem, PersonItem, SessionItem]:
    session_key = (people_pk(employer_id), f"SESSION#{session_id}")
    keys = ((employer_pk(employer_id), "EMP"), person_key(employer_id, person_id), session_key)
    found = table.get_many(keys)
    employer, person, session = (found.get(key) for key in keys)
    if not (isinstance(employer, EmployerItem) and isinstance(person, PersonItem) and isinstance(session, SessionItem)):
        raise _over()
    if not session.app or not session_store.is_valid(session, person, now):
        raise _over()
    return employer, person, session


def _turned(session: SessionItem, request_hash: str | None, now: datetime) -> bool:
    """Moves a session to its next turn. Returns False where another request did so at the same time."""
    turn, expires_at = int(session.turn) + 1, int((now + APP_IDLE).timestamp())
    actions = [SessionItem.turn.set(turn), SessionItem.turned_at.set(now), SessionItem.expires_at.set(expires_at)]
    kept = SessionItem.repeatable.set(request_hash) if request_hash else SessionItem.repeatable.remove()
    transaction = Transaction()
    transaction.update(SessionItem(*session.key), [*actions, kept], SessionItem.turn == turn - 1)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    session.turn, session.turned_at = turn, now
    return True


def _over() -> Unauthenticated:
    return Unauthenticated("This refresh token does not work any more: sign in again.", code="refresh_token_over")
