"""A break of the released API is announced, or the build fails. docs/versioning.md is the promise."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from infra import api_changes
from infra.api_changes import breaks, unannounced

Json = dict[str, Any]


def test_every_break_of_the_released_api_is_announced() -> None:
    """Put the line into docs/api-changelog.md with what to do instead, or take the change back."""
    found = breaks(json.loads(api_changes.RELEASED.read_text()), json.loads(api_changes.PRESENT.read_text()))
    assert unannounced(found, api_changes.LOG.read_text()) == []


def released() -> Json:
    thing = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"},
            "state": {"type": "string", "enum": ["a", "b"]},
            "of": {"$ref": "#/components/schemas/Of"},
        },
    }
    operation = {
        "parameters": [{"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 10, "enum": ["x", "y"]}}],
        "requestBody": {"content": {"application/json": {"schema": copy.deepcopy(thing)}}},
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
    }
    schemas = {"Thing": thing, "Of": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}
    return {"paths": {"/v1/things": {"post": operation}}, "components": {"schemas": schemas}}


def operation_of(document: Json) -> Json:
    found: Json = document["paths"]["/v1/things"]["post"]
    return found


def request_of(document: Json) -> Json:
    found: Json = operation_of(document)["requestBody"]["content"]["application/json"]["schema"]
    return found


def schemas_of(document: Json) -> Json:
    found: Json = document["components"]["schemas"]
    return found


BREAKS: dict[str, Callable[[Json], object]] = {
    "POST /v1/things: removed": lambda new: new["paths"].clear(),
    "POST /v1/things: parameter q removed": lambda new: operation_of(new)["parameters"].clear(),
    "POST /v1/things: parameter q is now required": lambda new: operation_of(new)["parameters"][0].update(required=True),
    "POST /v1/things: parameter q no longer takes y": lambda new: operation_of(new)["parameters"][0]["schema"].update(enum=["x"]),
    "POST /v1/things: parameter q has a tighter maxLength": lambda new: operation_of(new)["parameters"][0]["schema"].update(
        maxLength=5
    ),
    "POST /v1/things: answer 200 removed": lambda new: operation_of(new)["responses"].update(
        {"201": operation_of(new)["responses"].pop("200")}
    ),
    "POST /v1/things: answer.state removed": lambda new: schemas_of(new)["Thing"]["properties"].pop("state"),
    "POST /v1/things: answer.of.n removed": lambda new: schemas_of(new)["Of"]["properties"].clear(),
    "POST /v1/things: answer.of.n may now be absent": lambda new: schemas_of(new)["Of"].pop("required"),
    "POST /v1/things: answer.id may now be null": lambda new: schemas_of(new)["Thing"]["properties"]["id"].update(
        type=["string", "null"]
    ),
    "POST /v1/things: request.state is now required": lambda new: request_of(new)["required"].append("state"),
    "POST /v1/things: request.id may no longer be string": lambda new: request_of(new)["properties"]["id"].update(type="integer"),
    "POST /v1/things: request.state no longer takes b": lambda new: request_of(new)["properties"]["state"].update(enum=["a"]),
    "POST /v1/things: request.state no longer takes a": lambda new: (
        schemas_of(new).update(State={"type": "string", "enum": ["b"]}),
        request_of(new)["properties"].update(state={"$ref": "#/components/schemas/State"}),
    ),
    "POST /v1/things: request.state removed": lambda new: request_of(new)["properties"].pop("state"),
}


@pytest.mark.parametrize("line", BREAKS)
def test_what_breaks_a_client_is_found_and_named(line: str) -> None:
    new = released()
    BREAKS[line](new)
    assert line in breaks(released(), new)


HARMLESS: dict[str, Callable[[Json], object]] = {
    "a new operation": lambda new: new["paths"].update({"/v1/more": {"get": operation_of(new)}}),
    "a new optional parameter": lambda new: operation_of(new)["parameters"].append({"name": "r", "in": "query", "schema": {}}),
    "a new field of an answer": lambda new: schemas_of(new)["Thing"]["properties"].update(more={"type": "string"}),
    "a new state in an answer": lambda new: schemas_of(new)["Thing"]["properties"]["state"].update(enum=["a", "b", "c"]),
    "a new optional field of a request": lambda new: request_of(new)["properties"].update(more={"type": "string"}),
    "an enum that has a name from now on": lambda new: (
        schemas_of(new).update(State={"type": "string", "enum": ["a", "b"]}),
        request_of(new)["properties"].update(state={"anyOf": [{"$ref": "#/components/schemas/State"}, {"type": "null"}]}),
        schemas_of(new)["Thing"]["properties"].update(state={"$ref": "#/components/schemas/State"}),
    ),
    "another name of a component": lambda new: (
        schemas_of(new).update(Whole=schemas_of(new).pop("Of")),
        schemas_of(new)["Thing"]["properties"].update(of={"$ref": "#/components/schemas/Whole"}),
        request_of(new)["properties"].update(of={"$ref": "#/components/schemas/Whole"}),
    ),
    "kinds that a discriminator tells apart": lambda new: schemas_of(new).update(
        A={**schemas_of(new)["Thing"], "properties": {**schemas_of(new)["Thing"]["properties"], "state": {"const": "a"}}},
        B={**schemas_of(new)["Thing"], "properties": {**schemas_of(new)["Thing"]["properties"], "state": {"const": "b"}}},
        Thing={"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}], "discriminator": {}},
    ),
    "another success beside": lambda new: operation_of(new)["responses"].update({"201": operation_of(new)["responses"]["200"]}),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_may_change_at_any_time_is_no_break(what: str) -> None:
    new = released()
    HARMLESS[what](new)
    assert breaks(released(), new) == []


def test_true_and_false_in_a_url_are_a_boolean_too() -> None:
    """The same is sent. Taking a boolean away from other words is a break."""
    old, new = released(), released()
    operation_of(old)["parameters"][0]["schema"] = {"type": "string", "enum": ["true", "false"]}
    operation_of(new)["parameters"][0]["schema"] = {"type": "boolean"}
    assert breaks(old, new) == []
    assert breaks(released(), new) == ["POST /v1/things: parameter q no longer takes x, y"]


def test_an_announced_break_passes() -> None:
    new = released()
    new["paths"].clear()
    found = breaks(released(), new)
    assert unannounced(found, "## 2026-12-01\n* POST /v1/things: removed. Use /v1/others.") == []
    assert unannounced(found, "") == found
