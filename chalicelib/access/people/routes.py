"""`/v1/people`: by a key with the scope `manage`."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access.people import service
from chalicelib.access.people.table import PersonItem
from chalicelib.access.routes import Call, Reply, route
from chalicelib.config import settings
from chalicelib.http import PAGING, decode_cursor, encode_cursor, page_of

people = Blueprint(__name__)


@route(people, "POST", "/v1/people", scope="manage")
def post_person(call: Call) -> Reply:
    from chalicelib.access.people.schema import PersonNew  # late: schemas bring pydantic, 96 ms of a cold start

    body = call.body(PersonNew)
    person = service.create(call.employer_id, {"name": body.name, "email": body.email, "role": body.role}, call.now)
    return _one(person, 201, {"Location": f"/v1/people/{person.id}"})


@route(people, "GET", "/v1/people", scope="manage")
def list_people(call: Call) -> dict[str, Any]:
    asked = call.read_query(PAGING)
    bound_to, limit = f"{call.employer_id} people", asked["limit"]
    found = service.of_employer(call.employer_id)
    if "cursor" in asked:
        last = decode_cursor(asked["cursor"], secret=settings().secret, bound_to=bound_to, now=call.now)
        found = [person for person in found if person.id < last]
    more = len(found) > limit
    position = encode_cursor(found[limit - 1].id, secret=settings().secret, bound_to=bound_to) if more else None
    return page_of([service.person_json(person) for person in found[:limit]], position)


@route(people, "GET", "/v1/people/{person_id}", scope="manage")
def get_person(call: Call, person_id: str) -> Reply:
    return _one(service.read(call.employer_id, person_id))


@route(people, "PATCH", "/v1/people/{person_id}", scope="manage")
def patch_person(call: Call, person_id: str) -> Reply:
    from chalicelib.access.people.schema import PersonPatch
    from chalicelib.fields import given

    return _one(service.change(call.employer_id, person_id, given(call.body(PersonPatch)), call.if_match, call.now))


@route(people, "DELETE", "/v1/people/{person_id}", scope="manage")
def delete_person(call: Call, person_id: str) -> Reply:
    service.remove(call.employer_id, person_id)
    return Reply(204)


def _one(person: PersonItem, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, service.person_json(person), {"ETag": service.person_etag(person), **(headers or {})})
