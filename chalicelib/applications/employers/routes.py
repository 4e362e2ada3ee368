"""`/v1/employers` for the operator, `/v1/employer` for an employer itself."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access import spend_table
from chalicelib.access.routes import Call, Reply, route
from chalicelib.access.table import EmployerItem
from chalicelib.applications.digests import digest_key
from chalicelib.applications.employers import service
from chalicelib.config import settings
from chalicelib.errors import NotFound
from chalicelib.http import PAGING, decode_cursor, encode_cursor, page_of, require_match
from chalicelib.ids import is_id
from chalicelib.table import Key

employers = Blueprint(__name__)
_EVERY_EMPLOYER = "operator employers"


@route(employers, "POST", "/v1/employers", operator=True)
def post_employer(call: Call) -> Reply:
    from chalicelib.applications.employers.schema import EmployerNew  # late: schemas bring pydantic, 96 ms of a cold start

    item = service.create(call.body(EmployerNew).model_dump(exclude_unset=True), call.now)
    return Reply(201, service.employer_json(item), {"Location": f"/v1/employers/{item.id}", "ETag": service.employer_etag(item)})


@route(employers, "GET", "/v1/employers", operator=True)
def list_employers(call: Call) -> dict[str, Any]:
    asked = call.read_query(PAGING)
    start = None
    if "cursor" in asked:
        start = decode_cursor(asked["cursor"], secret=settings().secret, bound_to=_EVERY_EMPLOYER, now=call.now)
    found, last = service.listed(start, asked["limit"])
    position = encode_cursor(last, secret=settings().secret, bound_to=_EVERY_EMPLOYER) if last else None
    return page_of([service.employer_json(item) for item in found], position)


@route(employers, "GET", "/v1/employers/{id}", operator=True)
def get_employers(call: Call, id: str) -> Reply:
    return _one(service.read(id), call)


@route(employers, "PATCH", "/v1/employers/{id}", operator=True)
def patch_employers(call: Call, id: str) -> Reply:
    from chalicelib.applications.employers.schema import OperatorPatch

    if not is_id(id, "emp"):
        raise NotFound
    fields = call.body(OperatorPatch).model_dump(exclude_unset=True)
    return _one(service.change(id, fields, call.if_match, call.now), call)


def _spent(call: Call) -> list[Key]:
    return spend_table.keys_of(call.claimed_employer_id, call.now)


@route(employers, "GET", "/v1/employer", scope="read", reads=_spent)
def get_employer(call: Call) -> Reply:
    return _one(call.employer_item, call)


def _with_digest(call: Call) -> list[Key]:
    return [digest_key(call.claimed_employer_id), *_spent(call)] if call.claimed_employer_id else []


@route(employers, "PATCH", "/v1/employer", scope="write", reads=_with_digest)
def patch_employer(call: Call) -> Reply:
    from chalicelib.applications.employers.schema import EmployerPatch

    require_match(call.if_match, service.employer_etag(call.employer_item))
    fields = call.body(EmployerPatch).model_dump(exclude_unset=True)
    return _one(service.change(call.employer_id, fields, call.if_match, call.now, call.items), call)


def _one(item: EmployerItem, call: Call) -> Reply:
    spent = call.items.get(spend_table.key_of(item.id, call.now))
    return Reply(200, service.employer_json(item, spent), {"ETag": service.employer_etag(item)})
