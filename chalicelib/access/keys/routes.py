"""`/v1/keys`: by an employer's own key with the scope `manage`, or by the operator's for any employer."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access.keys import service
from chalicelib.access.routes import Call, Reply, route
from chalicelib.access.table import KeyItem
from chalicelib.config import settings
from chalicelib.errors import Fault, NotFound, Unprocessable
from chalicelib.http import PAGING, decode_cursor, encode_cursor, instant, page_of
from chalicelib.ids import is_id

keys = Blueprint(__name__)


@route(keys, "POST", "/v1/keys", scope="manage", operator=True)
def post_key(call: Call) -> Reply:
    from chalicelib.access.keys.schema import KeyNew  # late: schemas bring pydantic, 96 ms of a cold start

    body = call.body(KeyNew)
    key, token = service.create(_employer_id(call, body.employer_id, "/employer_id"), body.scopes, call.now)
    return Reply(201, {**key_json(key), "secret": token}, {"Location": f"/v1/keys/{key.id}"})


@route(keys, "GET", "/v1/keys", scope="manage", operator=True)
def list_keys(call: Call) -> dict[str, Any]:
    asked = call.read_query({**PAGING, "employer_id": _id_of_employer})
    employer_id = _employer_id(call, asked.get("employer_id"), "?employer_id")
    bound_to, limit = f"{employer_id} keys", asked["limit"]
    found = service.of_employer(employer_id)
    if "cursor" in asked:
        last = decode_cursor(asked["cursor"], secret=settings().secret, bound_to=bound_to, now=call.now)
        found = [key for key in found if key.id < last]
    more = len(found) > limit
    position = encode_cursor(found[limit - 1].id, secret=settings().secret, bound_to=bound_to) if more else None
    return page_of([key_json(key) for key in found[:limit]], position)


@route(keys, "GET", "/v1/keys/{id}", scope="manage", operator=True)
def get_key(call: Call, id: str) -> dict[str, Any]:
    asked = call.read_query({"employer_id": _id_of_employer})
    return key_json(service.read(_employer_id(call, asked.get("employer_id"), "?employer_id"), id))


@route(keys, "DELETE", "/v1/keys/{id}", scope="manage", operator=True)
def delete_key(call: Call, id: str) -> Reply:
    asked = call.read_query({"employer_id": _id_of_employer})
    service.revoke(_employer_id(call, asked.get("employer_id"), "?employer_id"), id, call.now)
    return Reply(204)


def key_json(key: KeyItem) -> dict[str, Any]:
    """A key as clients see it: never its secret."""
    return {
        "id": key.id, "employer_id": key.employer_id, "scopes": key.scopes,
        "created_at": instant(key.created_at), "revoked_at": instant(key.revoked_at),
    }  # fmt: skip


def _id_of_employer(value: str) -> str:
    if not is_id(value, "emp"):
        raise ValueError("must be the id of an employer")
    return value


def _employer_id(call: Call, named: str | None, pointer: str) -> str:
    """Whose keys: an employer's own, or those of the one that the operator names."""
    if call.caller.operator:
        if named is None:
            raise Unprocessable(errors=[Fault(pointer, "is required with the operator's key")])
        return named
    if named not in (None, call.employer_id):
        raise NotFound("There is no such employer.")
    return call.employer_id
