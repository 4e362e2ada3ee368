"""The part of the settings page about people and API keys."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.accounts.api_keys import service as keys
from chalicelib.accounts.api_keys.service import NewKey
from chalicelib.accounts.sessions import routes as sessions
from chalicelib.accounts.users import service as people
from chalicelib.api import forms
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.auth.audit_log import truncated
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.web import field_errors, page_support, settings


def add_person(request: Request, visitor: Visitor) -> Response:
    """POST /settings/people"""
    from chalicelib.accounts.users.schema import PersonNew

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    origin = page_support.origin(request, visitor)
    body = {name: given.one(f"person_{name}") or given.one(name) for name in ("name", "email", "role")}

    def make() -> Response:
        fields = validate(PersonNew, body, request.now).model_dump()
        person = people.create(visitor.employer, fields, request.now, committer=request.committer, origin=origin)
        return Response(200, {"id": person.id})

    present = lambda person_id: any(one.id == person_id for one in people.of_employer(visitor.employer.id))  # noqa: E731
    try:
        page_support.made_once(request, visitor, given, make, present)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, settings.INVITE, lambda path: f"person_{path[1:]}", given)
        return settings.page(request, visitor, visitor.employer, 422, problems=problems, added=given)
    except Conflict as error:
        problems = {"person_email": error.detail}
        return settings.page(request, visitor, visitor.employer, 409, problems=problems, added=given)
    return page_support.see_other(request, "/settings?saved=yes#people")


def change_person(request: Request, visitor: Visitor, person: str) -> Response:
    """POST /settings/people/{person}: changes the role, invites or sends the digest again, or removes the person."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    person_id = page_support.demand_id(person, "per")
    people.check_not_own(visitor.person, person_id)
    origin = page_support.origin(request, visitor)
    if given.one("do") == "invite":

        def invite() -> Response:
            people.invite_again(visitor.employer, person_id, request.now, committer=request.committer, origin=origin)
            return Response(200, {})

        page_support.once(request, visitor, given, invite, str(person_id))
        return page_support.see_other(request, "/settings?saved=yes#people")
    if given.one("do") == "digest":
        people.change(visitor.employer.id, person_id, {"digest": True}, None, request.now, origin=origin)
    elif given.one("do") == "remove":
        people.remove(visitor.employer.id, person_id, request.now, origin=origin)
    else:
        role = "manager" if given.one("do") == "manager" else "recruiter"
        people.change(visitor.employer.id, person_id, {"role": role}, None, request.now, origin=origin)
    return page_support.see_other(request, "/settings?saved=yes#people")


def add_key(request: Request, visitor: Visitor) -> Response:
    """POST /settings/keys: the response shows the secret, once."""
    from chalicelib.accounts.api_keys.schema import KeyNew

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    days = given.one("expires_in_days")
    ends = request.now + timedelta(days=int(days)) if days in settings.KEY_DAYS and days else None
    wanted = {"scopes": given.get("scopes", []), "name": given.one("key_name") or given.one("name") or None}
    try:
        body = validate(KeyNew, wanted, request.now)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, settings.NEW_KEY, lambda path: settings.KEY_FIELDS.get(path.split("/")[1], ""))
        return settings.page(request, visitor, visitor.employer, 422, problems=problems, added=given)
    new = NewKey(body.scopes, visitor.actor, body.name, ends, truncated(request.source_ip))

    def make() -> Response:
        key, token = keys.create(visitor.employer.id, new, request.now, committer=request.committer)
        return Response(200, {"id": key.id, "secret": token})

    present = lambda key_id: keys.read(visitor.employer.id, key_id).revoked_at is None  # noqa: E731
    made = page_support.made_once(request, visitor, given, make, present)
    return settings.page(request, visitor, visitor.employer, secret=made["secret"])


def end_session(request: Request, visitor: Visitor, session: str) -> Response:
    """POST /settings/sessions/{session}/end"""
    forms.demand(forms.read(request), visitor.session.id, request)  # also where the employer is suspended
    session_id = page_support.demand_id(session, "ses")
    sessions.revoke(visitor.employer.id, session_id, page_support.origin(request, visitor), request.now, of=visitor.person)
    return page_support.see_other(request, "/settings?saved=yes#sessions")


def revoke_key(request: Request, visitor: Visitor, key: str) -> Response:
    """POST /settings/keys/{key}/revoke"""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    key_id = page_support.demand_id(key, "key")
    keys.revoke(
        visitor.employer.id,
        key_id,
        request.now,
        descendants=given.has("descendants"),
        origin=page_support.origin(request, visitor),
    )
    return page_support.see_other(request, "/settings?saved=yes#keys")
