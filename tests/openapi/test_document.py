"""The OpenAPI document agrees with the routes and with the responses."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from app import app
from chalicelib.api.route import ROUTES
from chalicelib.openapi.document import OPERATIONS, document
from chalicelib.openapi.examples import EXAMPLES_DATE
from chalicelib.openapi.parts import FILE_EXAMPLES
from chalicelib.openapi.problem_codes import PROBLEMS
from tests.engines import BASE_URL, Api, StandingClock
from tests.openapi.conftest import FILE, Contract, World, text_of

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
DESCRIBED = sorted(OPERATIONS)


MAILED = ("/v1/invitations/accept", "/v1/sessions", "/v1/sessions/refresh")
"""What these take comes by mail, or from such an answer: tests/accounts send it."""


def of_pages(path: str) -> bool:
    """Pages for people are not part of the API."""
    return not path.startswith("/v1/") and not any(spec.path == path and not spec.public for spec in ROUTES)


def test_every_registered_route_is_documented_with_its_credentials(contract: Contract) -> None:
    """Nothing is registered that is not described, nothing described that is not registered."""
    implied = ("HEAD", "OPTIONS")
    registered = {(method, path) for path, methods in app.routes.items() for method in methods if method not in implied}
    table = {(spec.method, spec.path) for spec in ROUTES}
    paths = contract.whole["paths"].items()
    promised = {(method.upper(), path) for path, item in paths for method in item if method != "parameters"}
    assert registered == table and len(ROUTES) == len(table)
    assert promised == {tuple(key.split(" ")) for key in OPERATIONS}
    left = {route for route in table - promised if not of_pages(route[1])}
    assert not left, f"describe in chalicelib/openapi/operations_*.py: {left}"


def test_every_operation_names_its_credentials(contract: Contract) -> None:
    """The description names the scope, for which OpenAPI has no field."""
    for spec in ROUTES:
        if f"{spec.method} {spec.path}" in OPERATIONS:
            said = contract.whole["paths"][spec.path][spec.method.lower()]
            named = {name for one in said.get("security", contract.whole["security"]) for name in one}
            keys = {"key"} if spec.scope not in (None, "my") or spec.operator else set()
            assert named == (set() if spec.public else {"person", *({"session"} if spec.session else ()), *keys})
            assert (f"`{spec.scope}`" in said["description"]) == bool(spec.scope)
            assert {"401", "403", "429"} <= said["responses"].keys() or spec.public


@pytest.mark.long
def test_it_is_openapi_3_1(contract: Contract) -> None:
    """By openapi-spec-validator, which takes five seconds."""
    validate(contract.whole)


def test_every_operation_has_an_id_of_its_own(contract: Contract) -> None:
    """Generated clients name their functions by it."""
    ids = [operation.id for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids)) and contract.whole["openapi"].startswith("3.1")


def test_the_committed_document_is_up_to_date(contract: Contract) -> None:
    """Clients are generated from it. To change it: `make openapi`, and a line in CHANGELOG.md."""
    assert COMMITTED.read_text() == text_of(contract.whole), "docs/openapi.json is not what the code says: run `make openapi`"


def test_it_is_served_with_an_etag(api: Api, clock: StandingClock) -> None:
    """With this deployment's URL, and 304 for a known ETag."""
    answer = api.get("/openapi.json")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
    assert {**answer.json, "servers": []} == {**document(today=clock().date()), "servers": []}
    assert answer.json["servers"] == [{"url": "http://heardback.example"}]
    assert api.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}).status == 304


def test_dates_in_examples_are_moved_to_today() -> None:
    """Readers copy examples: a promised day in the past would be refused."""
    later = document(today=EXAMPLES_DATE + timedelta(days=200))["paths"]
    notice = later["/v1/holding_notices"]["post"]["requestBody"]["content"]["application/json"]["examples"]["sample"]["value"]
    assert notice["next_word_by"] == "2026-12-29T17:00:00Z"
    assert later["/v1/risk/history"]["get"]["parameters"][0]["example"] == "2026-11-17"
    calendar = later["/v1/my/interviews/ics"]["post"]["requestBody"]["content"]["text/calendar"]["example"]
    assert "DTSTART:20261219T130000Z" in calendar and "UID:sample-1" in calendar


def test_the_docs_page_loads_nothing_from_other_sites(api: Api) -> None:
    """Redoc is served from the bundle, under a strict Content-Security-Policy."""
    page = api.get("/docs")
    assert page.status == 200 and "script-src 'self'" in page.headers["Content-Security-Policy"]
    parts = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', page.json)
    assert len(parts) == 3
    for part in parts:
        assert not part.startswith(("http", "/")) and api.get("/" + part).status == 200
    assert not re.findall(r"https?://", page.json)


MAY_BE_EMPTY = (
    "history",
    "erasures",
    "messages",
    "replies",
    "keep_in_mind",
    "shared_feedback",
    "addresses",
    "webhook_endpoints",
    "integrations",
)
"""Lists of which the world has no record."""


@pytest.mark.parametrize("key", DESCRIBED)
def test_every_response_is_as_documented(world: World, contract: Contract, key: str) -> None:
    """Its example is sent; the response has exactly the documented fields."""
    method, path = key.split(" ")
    operation = OPERATIONS[key]
    spec = next(spec for spec in ROUTES if (spec.method, spec.path) == (method, path))
    asks = world.api if spec.session else world.asks(spec)
    headers = {"Content-Type": operation.takes_file[0]} if operation.takes_file else {}
    headers |= {"Cookie": world.cookie} if spec.session else {}
    answer = asks(method, world.path(method, path), world.body(key), headers=headers)
    assert not contract.faults(method, path, answer.status, answer.headers.get("Content-Type", ""), answer.json)
    if answer.status == 202:
        assert answer.headers["Location"].startswith("/v1/"), "where the result will be"
    if "{token}" not in path and not (method == "POST" and path in MAILED):
        assert answer.status in {operation.status, *operation.also}, answer
    if operation.page and isinstance(answer.json, dict) and path not in ("/v1/employers",):
        assert answer.json["data"] or path.rsplit("/", 1)[1] in MAY_BE_EMPTY
    assert ("ETag" in answer.headers) == operation.tagged
    assert not contract.undocumented_headers(method, path, answer.status, answer.headers)


def test_every_read_answers_an_unknown_parameter_as_documented(world: World, contract: Contract) -> None:
    """Most refuse it, and say so."""
    for key in DESCRIBED:
        method, path = key.split(" ")
        if method == "GET":
            spec = next(spec for spec in ROUTES if (spec.method, spec.path) == (method, path))
            answer = world.asks(spec).get(world.path(method, path), query={"nonsense": "1"})
            assert not contract.faults(method, path, answer.status, answer.headers.get("Content-Type", ""), answer.json)


@pytest.mark.parametrize("key", [key for key in DESCRIBED if OPERATIONS[key].query])
def test_every_documented_query_parameter_is_accepted(world: World, key: str) -> None:
    """Every example value is accepted; an unknown parameter is refused."""
    method, path = key.split(" ")
    for name, query in OPERATIONS[key].query.items():
        if not query.is_made_up:
            answer = world.employer(
                method,
                world.path(method, path),
                FILE if method == "POST" else None,
                query={name: query.example},
                headers={"Content-Type": "text/csv"},
            )
            assert answer.status in (200, 202, 204), answer
    if path != "/reports/risk":
        assert world.employer(method, world.path(method, path), query={"nonsense": "1"}).status == 422


SENT_FILES = [(key, media) for key in DESCRIBED for media in OPERATIONS[key].takes_file if media in FILE_EXAMPLES]


@pytest.mark.parametrize(("key", "media"), SENT_FILES)
def test_every_example_of_a_file_is_accepted(world: World, contract: Contract, key: str, media: str) -> None:
    """And it is described as bytes: a generator would let a client send no workbook as text."""
    method, path = key.split(" ")
    said = contract.whole["paths"][path][method.lower()]["requestBody"]["content"]
    assert {json.dumps(one["schema"]) for one in said.values()} == {'{"type": "string", "format": "binary"}'}
    spec = next(spec for spec in ROUTES if (spec.method, spec.path) == (method, path))
    answer = world.asks(spec)(method, path, said[media]["example"].encode(), headers={"Content-Type": media})
    assert answer.status in (200, 202), answer


def test_what_answers_412_takes_if_match(contract: Contract) -> None:
    """A generated client sends only the headers that are described."""
    for path, item in contract.whole["paths"].items():
        for method, said in item.items():
            if method != "parameters":
                takes = {"$ref": "#/components/parameters/IfMatch"} in said.get("parameters", [])
                assert ("412" in said["responses"]) == takes, f"{method} {path}"


def test_no_tag_is_that_of_our_operations_and_of_events_too(contract: Contract) -> None:
    """A generator that makes a file of each tag would write one over the other."""
    tags = {
        part: {
            tag
            for item in contract.whole[part].values()
            for name, one in item.items()
            if name != "parameters"
            for tag in one["tags"]
        }
        for part in ("paths", "webhooks")
    }
    assert tags["webhooks"] and not tags["paths"] & tags["webhooks"]
    assert tags["paths"] | tags["webhooks"] == {one["name"] for one in contract.whole["tags"]}


@pytest.mark.parametrize("key", [key for key in DESCRIBED if OPERATIONS[key].takes])
@pytest.mark.parametrize("body", [b"{", b"[]", b'{"nonsense": 1}', b"\xff", b"null"])
def test_every_error_is_as_documented(world: World, contract: Contract, key: str, body: bytes) -> None:
    """Clients rely on the shape of errors too."""
    method, path = key.split(" ")
    spec = next(spec for spec in ROUTES if (spec.method, spec.path) == (method, path))
    asks = world.asks(spec)
    kinds: list[Any] = [None, {"Content-Type": "text/plain"}]
    for headers in kinds:
        answer = asks(method, world.path(method, path), body, headers=headers)
        assert answer.status in (400, 415, 422)
        assert not contract.faults(method, path, answer.status, answer.headers["Content-Type"], answer.json)


def test_every_problem_code_has_a_page_and_every_problem_links_to_it(api: Api, employer: Api) -> None:
    for code, entry in PROBLEMS.items():
        page = api.get(f"/problems/{code}", headers={"Accept": "text/html"})
        assert page.status == 200 and code in page.json and str(entry.status) in page.json
    assert api.get("/problems/unheard_of").status == 404
    answers = [api.get("/v1/me"), employer.get("/v1/candidates/x"), employer("PUT", "/v1/candidates")]
    for answer in [*answers, employer.post("/v1/candidates", {})]:
        code = answer.json["code"]
        assert answer.headers["Link"] == f'<{BASE_URL}/problems/{code}>; rel="help"' and code in PROBLEMS


def test_every_list_has_one_envelope(contract: Contract) -> None:
    """What is read by an id, and the change feed with its token, are no such lists."""
    others = {"/v1/changes", "/v1/applications/{application_id}/duties"}
    for path, item in contract.whole["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        shown = _resolved(contract, content["schema"]) if content else {}
        if "data" in shown.get("properties", {}) and not path.endswith("_id}") and path not in others:
            assert {"data", "next_cursor", "has_more"} <= set(shown["required"]), path
            names = {one["$ref"].rpartition("/")[2] for one in item["get"]["parameters"] if "$ref" in one}
            assert "Cursor" in names and names & {"Limit", "LimitOfShortList"}, path


def _resolved(contract: Contract, schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = contract.whole["components"]["schemas"][name] if name else schema
    return found


def test_a_short_list_has_pages_too(employer: Api) -> None:
    whole = employer.get("/v1/import_profiles").json
    assert len(whole["data"]) > 2 and not whole["has_more"]
    rows, cursor = [], {}
    while True:
        page = employer.get("/v1/import_profiles", query={"limit": 2, **cursor}).json
        rows += page["data"]
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert rows == whole["data"]


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path, methods in json.loads(COMMITTED.read_text())["paths"].items()
        if "Location" in methods.get("post", {}).get("responses", {}).get("201", {}).get("headers", {})
        and path != "/v1/report_shares"  # links to the report are listed, not read one by one
    ),
)
def test_a_new_record_can_be_read_at_its_location(path: str, world: World) -> None:
    """`Location` (RFC 9110, 15.3.2) leads to the new record."""
    described = OPERATIONS[f"POST {path}"]
    who = world.asks(next(spec for spec in ROUTES if (spec.method, spec.path) == ("POST", path)))
    path = world.path("POST", path)
    made = who.post(path, described.example)
    assert made.status in (200, 201), made
    found = who.get(made.headers["Location"])
    assert (found.status, found.json["id"]) == (200, made.json["id"])
