"""`/v1/keys`: by an employer's own key with the scope `manage`, or by the operator's for any employer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api.pagination import decode_cursor, encode_cursor, page_of
from chalicelib.api.query_params import PAGING, id_of, true_or_false
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.api.serialize import extend
from chalicelib.auth.actors import stored_actor
from chalicelib.auth.api_keys import KeyItem
from chalicelib.config import settings
from chalicelib.errors import FieldError, NotFound, Unprocessable

if TYPE_CHECKING:
    from chalicelib.accounts.api_keys.responses import ApiKey

keys = Blueprint(__name__)
_OF_EMPLOYER = {"employer_id": id_of("emp", "an employer")}


@route(keys, "POST", "/v1/keys", scope="manage", operator=True)
def post_key(request: Request) -> Response:
    from chalicelib.accounts.api_keys import service
    from chalicelib.accounts.api_keys.responses import NewApiKey
    from chalicelib.accounts.api_keys.schema import KeyNew  # late: schemas bring pydantic, 96 ms of a cold start
    from chalicelib.accounts.api_keys.service import NewKey

    body = request.body(KeyNew)
    employer_id = _employer_id(request, body.employer_id, "/employer_id")
    new = NewKey(body.scopes, request.caller.actor, body.name, body.expires_at, request.origin.place)
    if not request.caller.operator:
        service.check_grant(new, request.caller.scopes, request.caller.key)
    key, token = service.create(employer_id, new, request.now, committer=request.committer)
    return Response(201, extend(NewApiKey, serialize_key(key), secret=token), {"Location": f"/v1/keys/{key.id}"})


@route(keys, "GET", "/v1/keys", scope="manage", operator=True)
def list_keys(request: Request) -> dict[str, Any]:
    from chalicelib.accounts.api_keys import service

    asked = request.read_query({**PAGING, **_OF_EMPLOYER})
    try:
        employer_id = _employer_id(request, asked.get("employer_id"), "?employer_id")
    except NotFound:
        return page_of([], None)
    bound_to, limit = f"{employer_id} keys", asked["limit"]
    found = service.of_employer(employer_id)
    if "cursor" in asked:
        last = decode_cursor(asked["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now)
        found = [key for key in found if key.id < last]
    more = len(found) > limit
    position = encode_cursor(found[limit - 1].id, keys=settings().sign, bound_to=bound_to) if more else None
    return page_of([serialize_key(key) for key in found[:limit]], position)


@route(keys, "GET", "/v1/keys/{id}", scope="manage", operator=True)
def get_key(request: Request, id: str) -> ApiKey:
    from chalicelib.accounts.api_keys import service

    asked = request.read_query(_OF_EMPLOYER)
    return serialize_key(service.read(_employer_id(request, asked.get("employer_id"), "?employer_id"), id))


@route(keys, "DELETE", "/v1/keys/{id}", scope="manage", operator=True)
def delete_key(request: Request, id: str) -> Response:
    from chalicelib.accounts.api_keys import service

    asked = request.read_query({**_OF_EMPLOYER, "descendants": true_or_false})
    employer_id = _employer_id(request, asked.get("employer_id"), "?employer_id")
    service.revoke(employer_id, id, request.now, descendants=asked.get("descendants", False), origin=request.origin)
    return Response(204)


def serialize_key(key: KeyItem) -> ApiKey:
    """Return a key as clients see it: without its secret."""
    from chalicelib.accounts.api_keys.responses import ApiKey

    return ApiKey(
        id=key.id,
        employer_id=key.employer_id,
        name=key.name,
        scopes=key.scopes,
        created_at=key.created_at,
        created_by=stored_actor(key.created_by),
        expires_at=key.ends_at,
        last_used_on=date.fromisoformat(key.last_used_on) if key.last_used_on else None,
        revoked_at=key.revoked_at,
    )


def _employer_id(request: Request, named: str | None, pointer: str) -> str:
    """Returns whose keys are meant: the caller's own, or those of the employer that the operator names."""
    if request.caller.operator:
        if named is None:
            raise Unprocessable(errors=[FieldError(pointer, "is required with the operator's key")])
        return named
    if named not in (None, request.employer_id):
        raise NotFound("There is no such employer.")
    return request.employer_id
