"""`/v1/people`, for keys with the scope `manage`; `/v1/invitations/accept`, for people who were invited."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api.pagination import decode_cursor, encode_cursor, page_of
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.users import PersonItem
from chalicelib.config import settings
from chalicelib.errors import TooManyRequests, Unprocessable

if TYPE_CHECKING:
    from chalicelib.accounts.users.responses import AcceptedInvitation

people = Blueprint(__name__)


@route(people, "POST", "/v1/people", scope="manage")
def post_person(request: Request) -> Response:
    from chalicelib.accounts.users import service
    from chalicelib.accounts.users.schema import PersonNew  # late: schemas bring pydantic, 96 ms of a cold start

    body = request.body(PersonNew)
    service.check_role(body.role, request.caller.scopes)
    fields = {"name": body.name, "email": body.email, "role": body.role}
    person = service.create(request.employer, fields, request.now, committer=request.committer, origin=request.origin)
    return _one(person, 201, {"Location": f"/v1/people/{person.id}"})


@route(people, "GET", "/v1/people", scope="manage")
def list_people(request: Request) -> dict[str, Any]:
    from chalicelib.accounts.users import service

    asked = request.read_query(PAGING)
    bound_to, limit = f"{request.employer_id} people", asked["limit"]
    found = service.of_employer(request.employer_id)
    if "cursor" in asked:
        last = decode_cursor(asked["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now)
        found = [person for person in found if person.id < last]
    more = len(found) > limit
    position = encode_cursor(found[limit - 1].id, keys=settings().sign, bound_to=bound_to) if more else None
    return page_of([service.serialize_person(person) for person in found[:limit]], position)


@route(people, "GET", "/v1/people/{person_id}", scope="manage")
def get_person(request: Request, person_id: str) -> Response:
    from chalicelib.accounts.users import service

    return _one(service.read(request.employer_id, person_id))


@route(people, "PATCH", "/v1/people/{person_id}", scope="manage")
def patch_person(request: Request, person_id: str) -> Response:
    from chalicelib.accounts.users import service
    from chalicelib.accounts.users.schema import PersonPatch
    from chalicelib.api.schema_types import given

    fields = given(request.body(PersonPatch))
    if "role" in fields:
        service.check_not_own(request.caller.person, person_id, fields["role"])
    if fields.keys() & {"role", "email"}:  # anyone who reads mail at the new address gets the role
        role = fields.get("role") or service.read(request.employer_id, person_id).role
        service.check_role(role, request.caller.scopes)
    return _one(service.change(request.employer_id, person_id, fields, request.if_match, request.now, origin=request.origin))


@route(people, "DELETE", "/v1/people/{person_id}", scope="manage")
def delete_person(request: Request, person_id: str) -> Response:
    from chalicelib.accounts.users import service

    service.check_not_own(request.caller.person, person_id)
    service.remove(request.employer_id, person_id, request.now, if_match=request.if_match, origin=request.origin)
    return Response(204)


@route(people, "POST", "/v1/people/{person_id}/invitation", scope="manage")
def invite_again(request: Request, person_id: str) -> Response:
    """Mails the invitation again."""
    from chalicelib.accounts.users import service

    person = service.invite_again(
        request.employer,
        person_id,
        request.now,
        if_match=request.if_match,
        committer=request.committer,
        origin=request.origin,
    )
    return _one(person)


@route(people, "POST", "/v1/invitations/accept", public=True)
def accept_invitation(request: Request) -> AcceptedInvitation:
    """Accepts an invitation by the code in its mail. A refusal takes as long for an address that nobody invited."""
    from chalicelib.accounts.sessions import sign_in
    from chalicelib.accounts.users import invitation, service
    from chalicelib.accounts.users.responses import AcceptedInvitation, InvitingEmployer
    from chalicelib.accounts.users.schema import InvitationCode

    began, body = time.monotonic(), request.body(InvitationCode)
    try:
        person, employer = invitation.accept(body.email, body.code, request.network, request.now)
    except (Unprocessable, TooManyRequests):
        sign_in.wait(began, sign_in.REFUSAL_SECONDS)
        raise
    return AcceptedInvitation(service.serialize_person(person), InvitingEmployer(employer.id, employer.name))


def _one(person: PersonItem, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    from chalicelib.accounts.users import service

    return Response(status, service.serialize_person(person), {"ETag": service.person_etag(person), **(headers or {})})
