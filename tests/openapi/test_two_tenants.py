"""Every route and every id with another employer's key: not found. Generated from the registered routes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import app  # noqa: F401 - declares the routes
from chalicelib.api.route import ROUTES, RouteSpec
from chalicelib.openapi.document import OPERATIONS
from chalicelib.storage.table import Item
from tests.engines import Api, Meter, Outbox, StandingClock, seek
from tests.openapi.conftest import World

NAMES_ITS_OWN = {"/v1/import_profiles/{name}"}
"""Each employer chooses the names of its profiles."""
WITH_IDS = [spec for spec in ROUTES if spec.scope and "{" in spec.path and spec.path not in NAMES_ITS_OWN]


def nowhere(path: str) -> str:
    """Returns the path with well-formed ids that do not exist."""
    return re.sub(r"([a-z]{2,5}_)[0-7][0-9A-HJKMNP-TV-Z]{25}", r"\g<1>01KT4A4MR0S1K0FS1KR9M52VB2", path)


@pytest.mark.parametrize("spec", WITH_IDS, ids=lambda spec: f"{spec.method} {spec.path}")
def test_another_employers_record_is_not_found(world: World, api: Api, meter: Meter, outbox: Outbox, spec: RouteSpec) -> None:
    """The same 404 after the same reads: neither response nor cost shows that it exists."""
    other = seek(api, outbox, "kim@example.com") if spec.scope == "my" else api.new_employer(policy={"jurisdiction": "CA-ON"})
    example = OPERATIONS[f"{spec.method} {spec.path}"].example
    path = world.path(spec.method, spec.path)
    told: list[Any] = []
    for asked in (path, nowhere(path)):
        assert asked is path or asked != path
        meter.reset()
        answer = other(spec.method, asked, example, headers={"Idempotency-Key": asked} if spec.method == "POST" else {})
        told.append((answer.status, {**answer.json, "request_id": ""}, dict(meter.requests), dict(meter.read_units)))
    assert told[0] == told[1]
    assert told[0][0] == 404 and "TransactWriteItems" not in told[0][2]


LISTS = [spec for spec in ROUTES if spec.scope in ("read", "my") and spec.method == "GET" and "{" not in spec.path]


@pytest.mark.parametrize("spec", LISTS, ids=lambda spec: spec.path)
def test_lists_hold_nothing_of_another_employer(world: World, api: Api, outbox: Outbox, spec: RouteSpec) -> None:
    """No id, name or address of one employer is in a response to another."""
    other = seek(api, outbox, "kim@example.com") if spec.scope == "my" else api.new_employer(name="Other")
    text = str(other(spec.method, spec.path).json)
    planted = [
        world.employer.employer_id,
        world.application_id[4:],
        world.candidate_id[5:],
        "Ann Example",
        "ann@example.com",
        world.own_id[4:],
        "Turner",
    ]
    assert not [one for one in planted if one in text]


ALL = [spec for spec in ROUTES if not (spec.public or spec.session)]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: f"{spec.method} {spec.path}")
def test_job_seekers_and_employers_never_open_each_others_routes(world: World, spec: RouteSpec) -> None:
    """403 before anything is read: a seeker is no employer, and an employer is no seeker."""
    path = world.path(spec.method, spec.path)
    askers = [world.employer, world.operator] if spec.scope == "my" else [world.seeker]
    for other in askers:
        answer = other(spec.method, path, OPERATIONS[f"{spec.method} {spec.path}"].example)
        assert answer.status == 403, (spec.path, answer)


def test_a_job_seeker_is_no_employer_to_the_operator(world: World, operator: Api) -> None:
    """Not listed, not read, not changed, no keys, no address: nobody raises a limit by mistake."""
    seeker_id = world.seeker.employer_id
    assert seeker_id not in str(operator.get("/v1/employers?limit=100").json)
    told = [
        operator.get(f"/v1/employers/{seeker_id}"),
        operator.patch(f"/v1/employers/{seeker_id}", {"trial": False}),
        operator.patch(f"/v1/employers/{seeker_id}", {"limits": {"sms_per_day": 1000}}),
        operator.post(f"/v1/employers/{seeker_id}/addresses", {"email": "other@example.com"}),
    ]
    assert [one.status for one in told] == [404] * 4
    assert operator.post("/v1/keys", {"scopes": ["read"], "employer_id": seeker_id}).status == 422


def _elsewhere(world: World, clock: StandingClock) -> list[tuple[str, str, Any, str]]:
    """Returns (method, path, body, the id in it) of every endpoint that takes an id in its body or query."""
    application, candidate, employer = world.application_id, world.candidate_id, world.employer.employer_id
    times = {"stage": "final", "start_at": clock.text(hours=1), "end_at": clock.text(hours=2)}
    return [
        ("POST", "/v1/interviews", {**times, "application_id": application}, application),
        ("POST", "/v1/interviews", {**times, "application": {"candidate_id": candidate, "job_title": "Welder"}}, candidate),
        ("POST", "/v1/applications", {"candidate_id": candidate, "job_title": "Welder"}, candidate),
        ("POST", "/v1/holding_notices", {"next_word_by": clock.text(days=3), "application_ids": [application]}, application),
        ("POST", "/v1/keys", {"scopes": ["read"], "employer_id": employer}, employer),
        ("POST", f"/v1/messages/{world.message_id}/resolve", {"status": "sent", "employer_id": employer}, employer),
        ("DELETE", f"/v1/keys/{world.key_id}?employer_id={employer}", None, employer),
    ]


def test_another_employers_id_in_a_body_or_query_is_not_found(world: World, api: Api, meter: Meter, clock: StandingClock) -> None:
    """Ids in paths are not the only ones."""
    other = api.new_employer(policy={"jurisdiction": "CA-ON"})
    before = sorted(str(item.serialize()) for item in Item.scan() if world.employer.employer_id in item.PK)
    for method, path, body, named in _elsewhere(world, clock):
        told = []
        for one in (named, nowhere(named)):
            raw = json.dumps(body).replace(named, one).encode() if body else None
            meter.reset()
            answer = other(method, path.replace(named, one), raw)
            told.append(
                (
                    answer.status,
                    {**json.loads(json.dumps(answer.json).replace(one, "")), "request_id": ""},
                    dict(meter.requests),
                    dict(meter.read_units),
                )
            )
        assert told[0] == told[1], (method, path)
        assert told[0][0] in (404, 422) or path.startswith("/v1/holding_notices"), told
        assert "TransactWriteItems" not in told[0][2], (method, path)
    assert sorted(str(item.serialize()) for item in Item.scan() if world.employer.employer_id in item.PK) == before


WITH_TWO = [spec for spec in WITH_IDS if spec.path.count("{") == 2]


@pytest.mark.parametrize("spec", WITH_TWO, ids=lambda spec: f"{spec.method} {spec.path}")
def test_another_employers_nested_record_is_not_found_below_an_own_one(
    new_world: Callable[[], World], api: Api, operator: Api, clock: StandingClock, run_ticks: Any, spec: RouteSpec
) -> None:
    """The first id is the caller's own and the second is not: a nested record is read below its parent only."""
    world = new_world()
    own = World(api, operator, clock, run_ticks)
    theirs, ours = world.path(spec.method, spec.path).split("/"), own.path(spec.method, spec.path).split("/")
    second = [place for place, part in enumerate(spec.path.split("/")) if part.startswith("{")][1]
    mixed = "/".join([*ours[:second], theirs[second], *ours[second + 1 :]])
    assert own.employer(spec.method, mixed, OPERATIONS[f"{spec.method} {spec.path}"].example).status == 404
    assert own.employer(spec.method, "/".join(ours), OPERATIONS[f"{spec.method} {spec.path}"].example).status < 300
