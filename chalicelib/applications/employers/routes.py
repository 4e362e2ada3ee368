"""`/v1/employers` for the operator, `/v1/employer` for the employer's own keys."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.api.caching import require_match
from chalicelib.api.pagination import decode_cursor, encode_cursor, page_of
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.applications.digest_schedule import digest_key
from chalicelib.auth.employers import EmployerItem
from chalicelib.config import settings
from chalicelib.errors import NotFound
from chalicelib.storage import sms_spend
from chalicelib.storage.ids import is_id
from chalicelib.storage.table import Key

employers = Blueprint(__name__)
_EVERY_EMPLOYER = "operator employers"


@route(employers, "POST", "/v1/employers", operator=True)
def post_employer(request: Request) -> Response:
    from chalicelib.applications.employers import service
    from chalicelib.applications.employers.schema import EmployerNew  # late: schemas bring pydantic, 96 ms of a cold start
    from chalicelib.applications.employers.serializers import employer_etag, serialize_employer

    item = service.create(request.body(EmployerNew).model_dump(exclude_unset=True), request.now, committer=request.committer)
    return Response(201, serialize_employer(item), {"Location": f"/v1/employers/{item.id}", "ETag": employer_etag(item)})


@route(employers, "GET", "/v1/employers", operator=True)
def list_employers(request: Request) -> dict[str, Any]:
    from chalicelib.applications.employers import service
    from chalicelib.applications.employers.serializers import serialize_employer

    asked = request.read_query(PAGING)
    start = None
    if "cursor" in asked:
        start = decode_cursor(asked["cursor"], keys=settings().sign, bound_to=_EVERY_EMPLOYER, now=request.now)
    found, last = service.list_employers(start, asked["limit"])
    position = encode_cursor(last, keys=settings().sign, bound_to=_EVERY_EMPLOYER) if last else None
    return page_of([serialize_employer(item) for item in found], position)


@route(employers, "GET", "/v1/employers/{id}", operator=True)
def get_employers(request: Request, id: str) -> Response:
    from chalicelib.applications.employers import service

    return _one(service.read(id), request)


@route(employers, "PATCH", "/v1/employers/{id}", operator=True)
def patch_employers(request: Request, id: str) -> Response:
    from chalicelib.applications.employers import service
    from chalicelib.applications.employers.schema import OperatorPatch

    if not is_id(id, "emp"):
        raise NotFound
    fields = request.body(OperatorPatch).model_dump(exclude_unset=True)
    changed = service.change(id, fields, request.if_match, request.now, by_operator=True, origin=request.origin)
    return _one(changed, request)


def _spent(request: Request) -> list[Key]:
    return sms_spend.keys_of(request.claimed_employer_id, request.now)


@route(employers, "GET", "/v1/employer", scope="read", reads=_spent)
def get_employer(request: Request) -> Response:
    return _one(request.employer_item, request)


def _with_digest(request: Request) -> list[Key]:
    return [digest_key(request.claimed_employer_id), *_spent(request)] if request.claimed_employer_id else []


@route(employers, "PATCH", "/v1/employer", scope="manage", reads=_with_digest)
def patch_employer(request: Request) -> Response:
    from chalicelib.applications.employers import limits, service
    from chalicelib.applications.employers.schema import EmployerPatch
    from chalicelib.applications.employers.serializers import employer_etag

    require_match(request.if_match, employer_etag(request.employer_item))
    fields = request.body(EmployerPatch).model_dump(exclude_unset=True)
    limits.refuse_operator_fields(fields)
    changed = service.change(request.employer_id, fields, request.if_match, request.now, request.items, origin=request.origin)
    return _one(changed, request)


def _one(item: EmployerItem, request: Request) -> Response:
    from chalicelib.applications.employers.serializers import employer_etag, serialize_employer

    spent = request.items.get(sms_spend.key_of(item.id, request.now))
    return Response(200, serialize_employer(item, spent), {"ETag": employer_etag(item)})
