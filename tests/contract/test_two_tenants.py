"""Every route and every id under another employer's key: as if it were nowhere. Generated from the table of routes."""

from __future__ import annotations

import re
from typing import Any

import pytest

import app  # noqa: F401 - declares the routes
from chalicelib.access.routes import ROUTES, RouteSpec
from chalicelib.contract.document import OPERATIONS
from tests.contract.conftest import World
from tests.engines import Api, Meter

NAMES_ITS_OWN = {"/v1/import_profiles/{name}"}
"""A profile's name is chosen by each employer for itself."""
WITH_IDS = [spec for spec in ROUTES if spec.scope and "{" in spec.path and spec.path not in NAMES_ITS_OWN]


def nowhere(path: str) -> str:
    """The same path with ids of the same shape that nobody has."""
    return re.sub(r"([a-z]{2,5}_)[0-7][0-9A-HJKMNP-TV-Z]{25}", r"\g<1>01KT4A4MR0S1K0FS1KR9M52VB2", path)


@pytest.mark.parametrize("spec", WITH_IDS, ids=lambda spec: f"{spec.method} {spec.path}")
def test_another_employers_record_is_nowhere(world: World, api: Api, meter: Meter, spec: RouteSpec) -> None:
    """The same 404 in the same number of reads, no write: neither answer nor cost tells that it exists."""
    other = api.new_employer(policy={"jurisdiction": "CA-ON"})
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


LISTS = [spec for spec in ROUTES if spec.scope == "read" and spec.method == "GET" and "{" not in spec.path]


@pytest.mark.parametrize("spec", LISTS, ids=lambda spec: spec.path)
def test_another_employers_lists_hold_nothing_of_it(world: World, api: Api, spec: RouteSpec) -> None:
    """No id, name or address of the one stands in any answer to the other."""
    other = api.new_employer(name="Other")
    text = str(other(spec.method, spec.path).json)
    planted = [world.employer.employer_id, world.application_id[4:], world.candidate_id[5:], "Ann Example", "ann@example.com"]
    assert not [one for one in planted if one in text]
