"""One answer to an id in a filter that names nothing: an empty page. One that is no id of the kind asked for is an error."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.openapi.document import OPERATIONS
from tests.engines import Api

_ULID = "01KT4A4MR0S1K0FS1KR9M52VB2"
FILTERS = [
    (name.removeprefix("GET "), parameter)
    for name, operation in OPERATIONS.items()
    if name.startswith("GET ") and operation.page
    for parameter in operation.query
    if parameter == "owner" or parameter.endswith("_id")
]
BY_ID = [(path, parameter) for path, parameter in FILTERS if parameter != "external_id"]
PREFIXES = {"candidate_id": "cand", "application_id": "app", "owner": "per", "person_id": "per", "employer_id": "emp"}


def asked(world: Any, path: str, parameter: str, value: str) -> Any:
    return (world.operator if parameter == "employer_id" else world.employer).get(f"{path}?{parameter}={value}")


def test_the_table_holds_the_filters_of_the_document() -> None:
    assert {("/v1/applications", "candidate_id"), ("/v1/interviews", "application_id"), ("/v1/call_list", "owner")} < set(BY_ID)


@pytest.mark.parametrize(("path", "parameter"), FILTERS)
def test_an_id_that_names_nothing_gives_an_empty_page(world: Any, path: str, parameter: str) -> None:
    value = "greenhouse:nothing" if parameter == "external_id" else f"{PREFIXES[parameter]}_{_ULID}"
    answer = asked(world, path, parameter, value)
    assert answer.status == 200, answer
    assert (answer.json["data"], answer.json["next_cursor"], answer.json["has_more"]) == ([], None, False)


@pytest.mark.parametrize(("path", "parameter"), [one for one in BY_ID if one[1] != "employer_id"])
def test_an_id_of_another_employer_gives_the_same_empty_page(world: Any, api: Api, path: str, parameter: str) -> None:
    ids = {name: getattr(world, name) for name in ("candidate_id", "application_id", "person_id")} | {"owner": world.person_id}
    other = api.new_employer(name="Other")
    assert other.get(f"{path}?{parameter}={ids[parameter]}").json == asked(world, path, parameter, _of(parameter)).json


def _of(parameter: str) -> str:
    return f"{PREFIXES[parameter]}_{_ULID}"


def test_another_employers_keys_are_an_empty_page(world: Any, api: Api) -> None:
    answer = api.new_employer(name="Other").get(f"/v1/keys?employer_id={world.employer.employer_id}")
    assert (answer.status, answer.json["data"]) == (200, [])


@pytest.mark.parametrize("value", ["nothing", "fff_" + _ULID, "%20"])
@pytest.mark.parametrize(("path", "parameter"), FILTERS)
def test_what_is_no_id_of_that_kind_is_an_error_that_says_what_is_wanted(
    world: Any, path: str, parameter: str, value: str
) -> None:
    answer = asked(world, path, parameter, value)
    assert (answer.status, [one["pointer"] for one in answer.json["errors"]]) == (422, [f"?{parameter}"]), answer
    assert parameter == "external_id" or f"({PREFIXES[parameter]}_…)" in answer.json["errors"][0]["message"]
