"""Rules that hold for every operation: If-Match, a second DELETE, 202 with Location, one form of instants."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import app  # noqa: F401 - every route is declared
from chalicelib.api.route import ROUTES, RouteSpec
from chalicelib.openapi.document import OPERATIONS
from chalicelib.openapi.operation_object import takes_if_match

KNOWN = {f"{spec.method} {spec.path}": spec for spec in ROUTES if f"{spec.method} {spec.path}" in OPERATIONS}
OURS = {name: spec for name, spec in KNOWN.items() if not (spec.public or spec.session or spec.scope is None)}
CHANGES = [name for name, spec in OURS.items() if takes_if_match(spec, OPERATIONS[name])]
DELETES = [name for name, spec in OURS.items() if spec.method == "DELETE"]
ACCEPTED = [name for name, spec in OURS.items() if OPERATIONS[name].status == 202 and not OPERATIONS[name].takes_file]
ANSWER_AGAIN = ("DELETE /v1/candidates/{candidate_id}", "DELETE /v1/letters/{letter_id}")
"""They take back something, and say how far that went."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:]{8}[^\"]*")
_FIXED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def send(world: Any, name: str, **headers: str) -> Any:
    spec: RouteSpec = KNOWN[name]
    body = world.body(name) if OPERATIONS[name].takes else None
    return world.asks(spec)(spec.method, world.path(spec.method, spec.path), body, headers=headers)


def test_the_table_holds_the_records_that_have_an_etag() -> None:
    assert {"PATCH /v1/applications/{application_id}", "POST /v1/interviews/{interview_id}/cancel"} <= set(CHANGES)
    assert {"DELETE /v1/candidates/{candidate_id}", "DELETE /v1/people/{person_id}", "PATCH /v1/employer"} <= set(CHANGES)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_another_state_than_was_read_is_refused(world, name):
    answer = send(world, name, **{"If-Match": '"another"'})
    assert (answer.status, answer.json["code"]) == (412, "precondition_failed")


@pytest.mark.parametrize("name", DELETES)
def test_what_was_deleted_is_not_found_a_second_time_but_what_was_taken_back_is_answered_again(world, name):
    """An erasure is asked for until it is done, and says what was kept; so does the end of letters."""
    first, second = send(world, name), send(world, name)
    if name in ANSWER_AGAIN:
        assert (first.status, second.status) == (200, 200) and first.json == second.json
    else:
        assert (first.status, second.status) == (204, 401 if name == "DELETE /v1/my" else 404), name


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_done_later_says_where_to_look(world, name):
    answer = send(world, name)
    assert answer.status == 202, answer
    there = world.asks(KNOWN[name]).get(answer.headers["Location"])
    assert there.status == 200, answer.headers


def test_every_202_of_the_document_has_a_location(contract):
    operations = [one for path in contract.whole["paths"].values() for one in path.values() if isinstance(one, dict)]
    accepted = [one for one in operations if "202" in one.get("responses", {})]
    assert len(accepted) > 5
    assert [one["operationId"] for one in accepted if "Location" not in one["responses"]["202"]["headers"]] == []


def test_signing_in_names_the_place_of_sessions_whether_the_address_is_known_or_not(world):
    for email in ("max@example.com", "nobody@example.com"):
        answer = world.api.post("/v1/sign_in", {"email": email})
        assert (answer.status, answer.headers["Location"]) == (202, "/v1/sessions")


@pytest.mark.parametrize(
    "path", ["/v1/applications", "/v1/interviews", "/v1/messages", "/v1/candidates", "/v1/events", "/v1/risk"]
)
def test_instants_have_one_width(world, path):
    text = json.dumps(world.employer.get(path).json)
    found = _INSTANT.findall(text)
    assert found and all(_FIXED.fullmatch(one) for one in found), found
