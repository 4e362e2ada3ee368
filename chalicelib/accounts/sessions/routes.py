"""Signing in from an app, `/v1/sessions` (where somebody is signed in), and `/v1/me` (who asks)."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.accounts.api_keys.routes import serialize_key
from chalicelib.api.caching import etag
from chalicelib.api.idempotency_record import key_of
from chalicelib.api.pagination import ids_in, paginate
from chalicelib.api.query_params import PAGING, id_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth import session_store, tokens
from chalicelib.auth import sessions as cookies
from chalicelib.auth.audit_log import Origin
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.session_store import ACCESS_LASTS, Client
from chalicelib.auth.sign_in_links import LINK_LIFETIME
from chalicelib.auth.tokens import Granted
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.model import SCOPES

if TYPE_CHECKING:
    from chalicelib.accounts.sessions.responses import OwnEmployer, Session

sessions = Blueprint(__name__)


@route(sessions, "POST", "/v1/sign_in", public=True)
def post_sign_in(request: Request) -> Response:
    """Mails a link and a code. The same answer after the same time, whether or not anything was mailed."""
    from chalicelib.accounts.sessions import sign_in
    from chalicelib.accounts.sessions.responses import SignInAccepted
    from chalicelib.accounts.sessions.schema import SignInRequest  # late: schemas bring pydantic, 96 ms of a cold start

    began, email = time.monotonic(), request.body(SignInRequest).email
    if sign_in.may_ask(request.network, request.now):
        sign_in.mail(email, request.network, request.now)
    sign_in.wait(began, sign_in.RESPONSE_SECONDS)
    return Response(202, SignInAccepted(int(LINK_LIFETIME.total_seconds())), {"Location": "/v1/sessions"})


@route(sessions, "POST", "/v1/sessions", public=True)
def post_session(request: Request) -> Response:
    """Signs in by a mailed code. The same request again, with its Idempotency-Key, gets the same tokens."""
    from chalicelib.accounts.sessions import sign_in
    from chalicelib.accounts.sessions.schema import SignInCode

    body = request.body(SignInCode)
    repeatable = tokens.repeatable(key_of(request), canonical_email(body.email), body.code)
    client = Client(request.source_ip, request.headers.get("user-agent", ""), app=True, repeatable=repeatable)
    session, again = sign_in.by_code(body.email, body.code, client, request.network, request.now)
    return _tokens(tokens.grant(session, again=again), 201)


@route(sessions, "POST", "/v1/sessions/refresh", public=True)
def refresh_session(request: Request) -> Response:
    """Gets the next tokens. A refresh token that was used ends its session."""
    from chalicelib.accounts.sessions.schema import RefreshRequest

    token = request.body(RefreshRequest).refresh_token
    repeatable = tokens.repeatable(key_of(request), token)
    return _tokens(tokens.refresh(token, repeatable, request.source_ip, request.now), 200)


@route(sessions, "GET", "/v1/me", session=True, any_key=True, operator=True)
def get_me(request: Request) -> Response:
    """Says whose credential this is, and what it may do."""
    from chalicelib.accounts.seekers.serializers import seeker_etag, serialize_seeker
    from chalicelib.accounts.sessions.responses import Me
    from chalicelib.accounts.users import service as people

    request.read_query({})
    caller = request.caller
    if caller.person and caller.employer_item and caller.may("my"):
        seeker = serialize_seeker(caller.employer_item, caller.person)
        return Response(200, Me(None, ["my"], seeker=seeker), {"ETag": seeker_etag(caller.employer_item, caller.person)})
    me = Me(
        employer=serialize_employer(caller.employer_item) if caller.employer_item else None,
        scopes=[scope for scope in SCOPES if scope in caller.scopes],
        person=people.serialize_person(caller.person) if caller.person else None,
        key=serialize_key(caller.key) if caller.key else None,
    )
    who = me.person or me.key
    return Response(200, me, {"ETag": etag(who.id if who else "operator")})


@route(sessions, "GET", "/v1/sessions", session=True, scope="manage")
def list_sessions(request: Request) -> dict[str, Any]:
    """Lists where the person who asks is signed in; for a manager also where a colleague is."""
    asked = request.read_query({**PAGING, "person_id": id_of("per", "a person")})
    person = request.caller.person
    if person is None and "person_id" not in asked:
        raise Unprocessable(errors=[FieldError("?person_id", "is required with a key")])
    if "person_id" in asked and (person is None or asked["person_id"] != person.id):
        person = _colleague(request, asked["person_id"])
    found = {one.id: one for one in session_store.of_person(person, request.now)} if person else {}
    current = request.caller.session_id
    return paginate(request, asked, ids_in(found), lambda ids: [serialize_session(found[one], current) for one in ids])


def _colleague(request: Request, person_id: str) -> PersonItem | None:
    """Reads a person of a manager's team; None for anybody else."""
    from chalicelib.accounts.users import service as people

    if request.caller.may("manage"):
        with contextlib.suppress(NotFound):
            return people.read(request.employer_id, person_id)
    return None


@route(sessions, "DELETE", "/v1/sessions/{id}", session=True, scope="manage")
def delete_session(request: Request, id: str) -> Response:
    """Ends a session: one's own, or as a manager that of a colleague."""
    caller = request.caller
    revoke(request.employer_id, id, request.origin, request.now, of=None if caller.may("manage") else caller.person)
    if request.visitor is None or id != caller.session_id:
        return Response(204)
    request.visitor.set_cookie = None
    return Response(204, headers={"Set-Cookie": cookies.delete_cookie()})


def revoke(employer_id: str, session_id: str, origin: Origin, now: datetime, *, of: PersonItem | None) -> None:
    """Ends a session. `of` names the only person whose sessions are meant. Raises NotFound, also for sessions of others."""
    found = session_store.find(employer_id, session_id, now)
    if found is None or (of is not None and found[1].id != of.id):
        raise NotFound("There is no such session.")
    session_store.end(found[0], now, ("session_revoked", origin))


def serialize_session(item: SessionItem, current_id: str | None) -> Session:
    """Returns a session as its person sees it."""
    from chalicelib.accounts.sessions.responses import Session

    idle_until = datetime.fromtimestamp(int(item.expires_at or 0), UTC)
    return Session(
        id=item.id,
        person_id=item.person_id,
        type="app" if item.app else "browser",
        created_at=item.created_at,
        last_used_at=item.turned_at,
        expires_at=min(idle_until, item.ends_at),
        from_=item.place,
        agent=item.agent,
        current=item.id == current_id,
    )


def serialize_employer(item: EmployerItem) -> OwnEmployer:
    """Returns what everybody at an employer sees of it."""
    from chalicelib.accounts.sessions.responses import OwnEmployer

    return OwnEmployer(item.id, item.name, item.timezone)


def _tokens(granted: Granted, status: int) -> Response:
    from chalicelib.accounts.seekers.serializers import serialize_seeker
    from chalicelib.accounts.sessions.responses import Tokens
    from chalicelib.accounts.users import service as people

    is_seeker = granted.employer.seeker is not None
    body = Tokens(
        access_token=granted.access_token,
        token_type="Bearer",  # noqa: S106 - the type, no secret
        expires_in=int(ACCESS_LASTS.total_seconds()),
        refresh_token=granted.refresh_token,
        person=people.serialize_person(granted.person),
        employer=None if is_seeker else serialize_employer(granted.employer),
        seeker=serialize_seeker(granted.employer, granted.person) if is_seeker else None,
    )
    return Response(status, body, {"Idempotency-Replayed": "true"} if granted.again else {})
