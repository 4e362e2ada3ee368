"""A key with `write` and without `read` delivers records and learns nothing about people."""

from __future__ import annotations

import json
from typing import Any

import pytest

import app  # noqa: F401 - declares the routes
from chalicelib.api.ids_only import reduce_conflict
from chalicelib.api.route import ROUTES, RouteSpec
from chalicelib.auth.api_keys import KeyItem
from chalicelib.errors import Conflict, FieldError
from chalicelib.openapi.document import OPERATIONS
from chalicelib.storage.keys import employer_pk
from tests.engines import Api, StandingClock
from tests.openapi.conftest import FILE, World

SHOWS_PEOPLE = [spec for spec in ROUTES if spec.shows_people]


def key_with(world_or_employer: Any, operator: Api, *scopes: str) -> Api:
    made = operator.post("/v1/keys", {"employer_id": world_or_employer.employer_id, "scopes": list(scopes)})
    return operator.using(made.json["secret"])


def names_in(body: Any) -> set[str]:
    if isinstance(body, list):
        return {name for one in body for name in names_in(one)}
    if not isinstance(body, dict):
        return set()
    below = {name for value in body.values() for name in names_in(value)}
    return below | {name for name, value in body.items() if not isinstance(value, list) or name.endswith("_ids")}


def is_reduced(answer: Any) -> bool:
    """Whether a response holds ids and `created`, at any depth, and no word that somebody typed."""
    odd = {name for name in names_in(answer.json) if name != "created" and name != "id" and not name.endswith(("_id", "_ids"))}
    return not odd and not any(word in json.dumps(answer.json) for word in ("Ann", "ann@", "Welder", "+1", "file@"))


def bookings(clock: StandingClock, **candidate: Any) -> dict[str, Any]:
    person = {"name": "Ann Example", "email": "ann@example.com", **candidate}
    times = {"start_at": clock.text(hours=-3), "end_at": clock.text(hours=-2)}
    return {"stage": "final", **times, "application": {"job_title": "Welder", "candidate": person}}


@pytest.mark.parametrize("spec", SHOWS_PEOPLE, ids=lambda spec: f"{spec.method} {spec.path}")
def test_every_change_tells_a_key_without_read_ids_only(world: World, operator: Api, spec: RouteSpec) -> None:
    """Each operation of the document that changes records, with the document's own example."""
    writer = key_with(world.employer, operator, "write", "manage")
    operation = OPERATIONS[f"{spec.method} {spec.path}"]
    body, headers = (FILE, {"Content-Type": "text/csv"}) if operation.takes_file else (operation.example, {})
    answer = writer(spec.method, world.path(spec.method, spec.path), body, headers=headers)
    assert answer.status < 300, answer
    assert answer.status == 204 or is_reduced(answer), answer.json


def test_posting_says_ids_and_whether_something_was_created(employer: Api, operator: Api, clock: StandingClock) -> None:
    """Which is what a program needs to go on, also when the same arrives again."""
    writer = key_with(employer, operator, "write")
    first = writer.post("/v1/interviews", bookings(clock))
    assert first.status == 201 and set(first.json) == {"id", "application_id", "candidate_id", "created"}
    again = writer.post("/v1/interviews", bookings(clock))
    assert again.json == {**first.json, "created": False}
    full = employer.get(first.headers["Location"]).json
    assert (full["id"], full["application"]["candidate_id"]) == (first.json["id"], first.json["candidate_id"])


def test_a_replay_shows_no_more_than_the_first_response(employer: Api, operator: Api, clock: StandingClock, stack: Any) -> None:
    """Neither of its own, nor of one that was kept whole before the key lost `read`."""
    for scopes in (("write",), ("read", "write")):
        writer = key_with(employer, operator, *scopes)
        sent = {"Idempotency-Key": "once"}
        first = writer.post("/v1/interviews", bookings(clock), headers=sent)
        item = stack.table.get(employer_pk(employer.employer_id), f"KEY#key_{(writer.key or '').split('_')[2]}")
        item.update([KeyItem.scopes.set(["write"])])
        again = writer.post("/v1/interviews", bookings(clock), headers=sent)
        assert again.headers["Idempotency-Replayed"] == "true" and again.status == first.status
        assert is_reduced(again), again.json


def test_a_conflict_names_fields_and_ids_without_their_values() -> None:
    """A guess at somebody's address must not be answered with the rest."""
    known = "int_01KT4A4MR0S1K0FS1KR9M52VB2"
    faults = [FieldError("/start_at", f"{known} starts at 10:00 with Ann"), FieldError("/job_title", "is Welder")]
    told = reduce_conflict(Conflict("Ann has another interview", code="interview_conflict", errors=faults))
    assert (told.code, [fault.pointer for fault in told.errors]) == ("interview_conflict", ["/start_at", "/job_title"])
    assert known in told.errors[0].message
    assert not any(word in str([told.detail, told.errors]) for word in ("Ann", "10:00", "Welder"))
    plain = Conflict("The interview was cancelled.", code="interview_cancelled")
    assert reduce_conflict(plain) is plain


def test_a_key_that_reads_gets_whole_records(employer: Api, operator: Api, clock: StandingClock) -> None:
    """Nothing changes for the keys of most programs."""
    answer = key_with(employer, operator, "read", "write").post("/v1/interviews", bookings(clock))
    assert answer.json["application"]["candidate"]["name"] == "Ann Example"


SETTINGS = {
    "PATCH /v1/employer",
    "PUT /v1/import_profiles/{name}",
    "DELETE /v1/import_profiles/{name}",
    "POST /v1/webhook_endpoints",
    "PATCH /v1/webhook_endpoints/{endpoint_id}",
    "DELETE /v1/webhook_endpoints/{endpoint_id}",
    "POST /v1/integrations",
    "PATCH /v1/integrations/{integration_id}",
    "DELETE /v1/integrations/{integration_id}",
    "POST /v1/employer/addresses",
    "POST /v1/employer/addresses/remove",
    "POST /v1/keys",
    "DELETE /v1/keys/{id}",
    "POST /v1/people",
    "PATCH /v1/people/{person_id}",
    "DELETE /v1/people/{person_id}",
}


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_settings_need_manage(world: World, operator: Api, key: str) -> None:
    """A key that delivers interviews must not send the digest elsewhere."""
    method, path = key.split(" ")
    answer = key_with(world.employer, operator, "read", "write")(method, world.path(method, path), OPERATIONS[key].example)
    assert (answer.status, answer.json["code"]) == (403, "missing_scope")


def test_the_whole_export_needs_read_too(employer: Api, operator: Api) -> None:
    """It is all people: `manage` alone is for settings."""
    assert key_with(employer, operator, "manage").get("/v1/export").status == 403
    assert key_with(employer, operator, "manage", "read").get("/v1/export").status == 200


def test_a_key_gives_nobody_a_role_beyond_its_scopes(employer: Api, operator: Api) -> None:
    """A person who signs in reads and writes: a key without `read` could read by inviting itself."""
    manager = key_with(employer, operator, "manage")
    person = {"name": "Max Example", "email": "max@example.com"}
    assert manager.post("/v1/people", person).json["code"] == "missing_scope"
    assert key_with(employer, operator, "manage", "read", "write").post("/v1/people", person).status == 201
