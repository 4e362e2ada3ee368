"""The part of the settings page about people and API keys."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.accounts.api_keys import service as keys
from chalicelib.accounts.api_keys.service import NewKey
from chalicelib.accounts.users import service as people
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.auth.audit_log import truncated
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict
from chalicelib.web import page_support, settings


def add_person(request: Request, visitor: Visitor) -> Response:
    """POST /settings/people"""
    from chalicelib.accounts.users.schema import PersonNew

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    body = {name: given.one(name) for name in ("name", "email", "role")}
    fields = validate(PersonNew, body, request.now).model_dump()
    people.create(visitor.employer, fields, request.now, origin=page_support.origin(request, visitor))
    return page_support.see_other(request, "/settings?saved=yes#people")


def change_person(request: Request, visitor: Visitor, person: str) -> Response:
    """POST /settings/people/{person}: changes the role, or removes the person."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    person_id = page_support.demand_id(person, "per")
    if person_id == visitor.person.id:
        raise Conflict("You cannot remove yourself or change your own role: another manager can.", code="own_role")
    origin = page_support.origin(request, visitor)
    if given.one("do") == "remove":
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
    body = validate(KeyNew, {"scopes": given.get("scopes", []), "name": given.one("name") or None}, request.now)
    _, token = keys.create(
        visitor.employer.id, NewKey(body.scopes, visitor.actor, body.name, ends, truncated(request.source_ip)), request.now
    )
    return settings.page(request, visitor, visitor.employer, secret=token)


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
