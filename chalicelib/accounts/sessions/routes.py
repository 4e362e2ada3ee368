"""`/v1/sessions`: somebody who is signed in to the pages sees where, and signs out there. Nobody sees another person's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalice import Blueprint

from chalicelib.accounts.sessions.responses import Session
from chalicelib.api.pagination import page_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth import sessions as store
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.sessions import LASTS, Visitor
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.errors import NotFound, Unauthenticated

sessions = Blueprint(__name__)


@route(sessions, "GET", "/v1/sessions", session=True)
def list_sessions(request: Request) -> dict[str, Any]:
    request.read_query({})
    visitor = visitor_of(request)
    found = store.of_person(visitor.person, request.now)
    return page_of([serialize_session(one, visitor.session.id) for one in found], None)


@route(sessions, "DELETE", "/v1/sessions/{id}", session=True)
def delete_session(request: Request, id: str) -> Response:
    visitor = visitor_of(request)
    revoke(visitor.person, id, Origin(visitor.actor, truncated(request.source_ip)), request.now)
    if id != visitor.session.id:
        return Response(204)
    visitor.set_cookie = None
    return Response(204, headers={"Set-Cookie": store.delete_cookie()})


def visitor_of(request: Request) -> Visitor:
    """Returns who is signed in. Raises Unauthenticated."""
    if request.visitor is None:
        raise Unauthenticated
    return request.visitor


def revoke(person: PersonItem, session_id: str, origin: Origin, now: datetime) -> None:
    """Ends one session of a person. Raises NotFound, also for sessions of others."""
    found = next((one for one in store.of_person(person, now) if one.id == session_id), None)
    if found is None:
        raise NotFound("There is no such session.")
    store.revoke(found, origin, now)


def serialize_session(item: SessionItem, current_id: str) -> Session:
    """Returns a session as its person sees it."""
    idle_until = datetime.fromtimestamp(int(item.expires_at or 0), UTC)
    return Session(
        id=item.id,
        created_at=item.created_at,
        last_used_at=item.turned_at,
        expires_at=min(idle_until, item.created_at + LASTS),
        from_=item.place,
        agent=item.agent,
        current=item.id == current_id,
    )
