"""The document says of each field, parameter and response what it is, and shows an example that is valid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from jsonschema import Draft202012Validator, FormatChecker

import app  # noqa: F401 - registers the routes
from chalicelib.errors import ProblemCode
from chalicelib.openapi.enums import ENUMS
from chalicelib.openapi.fields import FIELDS
from chalicelib.openapi.problem_codes import PROBLEMS, TITLES, as_page
from chalicelib.openapi.samples import leads_to_object
from chalicelib.rules import model
from tests.openapi.conftest import Contract

Json = dict[str, Any]
PROBLEMS_PAGE = Path(__file__).parents[2] / "docs" / "problems.md"
METHODS = ("get", "put", "post", "patch", "delete")
NOT_SHOWN = {"WaitState", "TimelineType"}
"""Enums of the rules that no request and no response has; the second one says which kind of entry it is, one value each."""


def properties(whole: Json) -> Iterator[tuple[str, Json]]:
    for name, schema in whole["components"]["schemas"].items():
        for part in parts_of(schema):
            yield from ((f"{name}.{field}", one) for field, one in part.get("properties", {}).items() if isinstance(one, dict))


def parts_of(schema: Json) -> list[Json]:
    """A schema, and what it is made of; not the conditions between fields, which describe nothing."""
    return [schema, *(part for one in schema.get("allOf", ()) for part in parts_of(one))]


def operations(whole: Json) -> Iterator[tuple[str, Json]]:
    for path, item in whole["paths"].items():
        yield from ((f"{method.upper()} {path}", item[method]) for method in METHODS if method in item)
    yield from ((f"webhook {name}", item["post"]) for name, item in whole.get("webhooks", {}).items())


def parameters(whole: Json) -> Iterator[tuple[str, Json]]:
    for path, item in whole["paths"].items():
        yield from ((f"{path} {one['name']}", one) for one in item.get("parameters", ()))
    for key, operation in operations(whole):
        yield from ((f"{key} {one['name']}", one) for one in operation.get("parameters", ()) if "$ref" not in one)
    yield from whole["components"]["parameters"].items()
    yield from whole["components"]["headers"].items()


def responses(whole: Json) -> Iterator[tuple[str, Json]]:
    for key, operation in operations(whole):
        yield from ((f"{key} {status}", one) for status, one in operation["responses"].items() if "$ref" not in one)
    yield from whole["components"]["responses"].items()


def media_types(whole: Json) -> Iterator[tuple[str, Json]]:
    for name, response in responses(whole):
        yield from ((f"{name} {media}", one) for media, one in response.get("content", {}).items())
    for key, operation in operations(whole):
        yield from ((f"{key} {media}", one) for media, one in operation.get("requestBody", {}).get("content", {}).items())


def faults(whole: Json, schema: Json, example: Any) -> list[str]:
    resolvable = {**schema, "components": whole["components"]}
    found = Draft202012Validator(resolvable, format_checker=FormatChecker()).iter_errors(example)
    return [fault.message for fault in found]


def test_every_field_says_what_it_is(contract: Contract) -> None:
    """Put it into chalicelib/openapi/fields, under the field's name or `Model.name`."""
    assert [name for name, one in properties(contract.whole) if not one.get("description")] == []


def test_every_field_has_a_valid_example(contract: Contract) -> None:
    """Its own, or those of the fields that it is made of."""
    schemas = contract.whole["components"]["schemas"]
    without = [name for name, one in properties(contract.whole) if not one.get("examples") and not leads_to_object(one, schemas)]
    assert without == [], "add it in chalicelib/openapi/fields"
    wrong = [
        (name, example, fault)
        for name, one in properties(contract.whole)
        for example in one.get("examples", ())
        for fault in faults(contract.whole, one, example)
    ]
    assert wrong == []


def test_every_parameter_and_header_is_described_with_a_valid_example(contract: Contract) -> None:
    """Readers copy examples."""
    found = list(parameters(contract.whole))
    assert [name for name, one in found if not one.get("description") or "example" not in one] == []
    assert [(name, fault) for name, one in found for fault in faults(contract.whole, one["schema"], one["example"])] == []


def test_every_body_has_a_valid_example(contract: Contract) -> None:
    """Responses and requests. Workbooks are binary: nothing can be shown of them."""
    assert [name for name, one in responses(contract.whole) if not one.get("description")] == []
    texts = [(name, one) for name, one in media_types(contract.whole) if one["schema"].get("format") != "binary"]
    assert [name for name, one in texts if "example" not in one and not one.get("examples")] == []
    wrong = [
        (name, fault)
        for name, one in texts
        for example in examples_of(contract.whole, one)
        for fault in faults(contract.whole, one["schema"], example)
    ]
    assert wrong == []


def examples_of(whole: Json, media: Json) -> list[Any]:
    found = [media["example"]] if "example" in media else []
    for one in media.get("examples", {}).values():
        name = one.get("$ref", "").removeprefix("#/components/examples/")
        found.append((whole["components"]["examples"][name] if name else one)["value"])
    return found


def test_the_catalogue_of_fields_names_no_model_that_is_gone(contract: Contract) -> None:
    """`Model.field` of a renamed model would describe nothing."""
    fields = {name.partition(".")[2] for name, _ in properties(contract.whole)}
    assert {name for name in FIELDS if name.rpartition(".")[2] not in fields} == set()


def test_every_enum_has_a_name_and_no_two_have_the_same_values(contract: Contract) -> None:
    """A generator names an enum that has none by where it stands: `Status14`."""
    values = [frozenset(one) for one in ENUMS.values()]
    assert len(values) == len(set(values))
    schemas = contract.whole["components"]["schemas"]
    named = {name for name, schema in schemas.items() if "enum" in schema}
    of_rules = {name for name, one in vars(model).items() if get_origin(one) is Literal}
    assert of_rules - named == NOT_SHOWN
    inline = [where for where, one in _below(contract.whole["paths"], "paths") if len(one.get("enum", ())) > 1]
    for name, schema in schemas.items():
        inline += [where for where, one in _below(schema.get("properties", {}), name) if len(one.get("enum", ())) > 1]
    assert inline == [], "give it a name in chalicelib/openapi/enums.py"


def _below(node: Any, where: str) -> Iterator[tuple[str, Json]]:
    if isinstance(node, dict):
        yield where, node
    for name, one in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from _below(one, f"{where}/{name}")


def test_conditions_of_bodies_hide_no_model_from_generators(contract: Contract) -> None:
    """Generators type a field by a model with an `if` of its own as anything, and make new models of the parts of an `allOf`."""
    schemas = contract.whole["components"]["schemas"]
    conditional = {name for name, one in schemas.items() if {"if", "then", "else", "not", "allOf"} & one.keys()}
    used = {name for name in conditional for one in schemas.values() if f'"#/components/schemas/{name}"' in json.dumps(one)}
    assert not used and not [name for name in conditional if "allOf" in schemas[name] or schemas[name].get("required")]


def test_every_problem_code_is_explained(contract: Contract) -> None:
    """When it happens, what to do, and what a problem says; mypy refuses a code that is not listed."""
    assert set(get_args(ProblemCode)) == PROBLEMS.keys()
    assert all(entry.when and entry.what_to_do and entry.detail and entry.status in TITLES for entry in PROBLEMS.values())
    assert PROBLEMS_PAGE.read_text() == as_page(), "run `make openapi`"
    shown = contract.whole["components"]["schemas"]["ProblemCode"]
    assert set(shown["enum"]) == PROBLEMS.keys() == set(shown["x-enumDescriptions"])
