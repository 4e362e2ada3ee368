"""Which key may call which route, and in which order refusals come."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.api.route import ROUTES, RouteSpec
from tests.engines import OPERATOR_KEY, Api

ULID = "01KT4A4MR0S1K0FS1KR9M52VB2"


def path_with_ids(spec: RouteSpec) -> str:
    return re.sub(r"{\w+}", f"app_{ULID}", spec.path)


def is_problem(answer: Any, status: int, code: str | None = None) -> bool:
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    return code is None or answer.json["code"] == code


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "Bearer hb_x",
        f"Bearer hb_{ULID}_{ULID}_" + "0" * 40,
        "Bearer ümläut-key",
        "Bearer a b",
        "Bearer " + "x" * 5000,
        OPERATOR_KEY,
    ],
)
def test_a_request_without_a_valid_key_is_refused(api: Api, header: str) -> None:
    """The response is the same for every reason, so it tells a stranger nothing."""
    answer = api.get("/v1/employer", headers={"Authorization": header} if header else {})
    assert is_problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_every_route_that_is_not_public_asks_for_a_key_first(api: Api) -> None:
    """401 comes before the body, the query or the ids are read: a stranger learns nothing."""
    for spec in ROUTES:
        if not spec.public:
            for path in (path_with_ids(spec) + "?nonsense=1", re.sub(r"{\w+}", "x", spec.path)):
                answer = api(spec.method, path, b"{", headers={"Content-Type": "text/plain"})
                assert is_problem(answer, 401), spec


def test_every_route_refuses_a_key_without_its_scope(api: Api) -> None:
    """403 comes before the body is read."""
    tenant = api.new_employer(scopes=("manage",))
    reader = api.new_employer(scopes=("read", "write"))
    for spec in ROUTES:
        if spec.scope in ("read", "write", "report"):
            assert is_problem(tenant(spec.method, path_with_ids(spec), b"{"), 403, "missing_scope"), spec
        elif spec.scope in ("manage", "my"):
            assert is_problem(reader(spec.method, path_with_ids(spec), b"{"), 403, "missing_scope"), spec


def test_the_operators_key_calls_the_operators_routes_only(api: Api, operator: Api, employer: Api) -> None:
    """It belongs to no employer, so it reads no candidates."""
    for spec in ROUTES:
        if spec.public or spec.session:
            continue
        if not spec.operator:
            assert is_problem(operator(spec.method, path_with_ids(spec), b"{"), 403, "employer_key_needed"), spec
        elif spec.scope is None:
            assert is_problem(employer(spec.method, path_with_ids(spec), b"{"), 403, "operator_key_needed"), spec


def test_no_id_in_a_path_causes_a_server_error(employer: Api, operator: Api) -> None:
    """A malformed id names no record."""
    for odd in (
        "x",
        "%00",
        "%ff",
        "..%2f..",
        "a" * 3000,
        "app_" + "0" * 26,
        f"app_{ULID.lower()}",
        "%F0%9F%98%80",
        f"cand_{ULID}%0a",
    ):
        for spec in ROUTES:
            if not (spec.public or spec.session or spec.scope == "my") and "{" in spec.path and spec.method in ("GET", "DELETE"):
                path = re.sub(r"{\w+}", odd, spec.path)
                caller = operator if spec.scope is None else employer
                assert caller(spec.method, path).status in (404, 422), (spec, odd)


def test_a_body_of_another_type_is_not_read(employer: Api) -> None:
    """curl -d sends a form by default: the response says so, instead of complaining of bad JSON."""
    for content_type in (
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/jsonx",
        "multipart/form-data; boundary=x",
    ):
        assert is_problem(employer.patch("/v1/employer", b"{}", headers={"Content-Type": content_type}), 415)
    for content_type in ("Application/JSON; charset=utf-8", "application/merge-patch+json"):
        assert employer.patch("/v1/employer", b"{}", headers={"Content-Type": content_type}).status == 200


@pytest.mark.parametrize(("coding", "status"), [("br", 415), ("zstd", 415), ("identity", 200)])
def test_a_body_by_another_coding_is_not_read_as_bad_json(employer: Api, coding: str, status: int) -> None:
    assert employer.patch("/v1/employer", b"{}", headers={"Content-Encoding": coding}).status == status


def test_a_suspended_employer_reads_and_does_not_write(employer: Api, operator: Api) -> None:
    """Its records stay readable."""
    assert operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True}).status == 200
    assert employer.get("/v1/employer").json["warnings"][0]["code"] == "suspended"
    assert is_problem(employer.patch("/v1/employer", {"call_back_name": "x"}), 403, "suspended")
    assert is_problem(employer.post("/v1/keys", {"scopes": ["read"]}), 403, "suspended")
    assert operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": False}).status == 200
    assert employer.patch("/v1/employer", {"call_back_name": "x"}).status == 200


def test_a_wrong_method_is_told_as_a_problem(employer: Api) -> None:
    """The framework's own answers have the shape of ours."""
    answer = employer("PUT", "/v1/employer", b"{}")
    assert is_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}


def test_authentication_costs_one_read(employer: Api, meter: Any) -> None:
    """It stands before every request there is."""
    meter.reset()
    assert employer.get("/v1/employer").status == 200
    assert dict(meter.requests) == {"BatchGetItem": 1}
    meter.reset()
    assert employer.using("hb_nobody").get("/v1/employer").status == 401
    assert meter.total == 0


def test_a_table_that_does_not_answer_is_a_503(employer: Api, faults: Any) -> None:
    """Not a 401: the key is good, and the client should try again."""
    faults.answer("BatchGetItem", 500, "InternalServerError", times=None)
    answer = employer.get("/v1/employer")
    assert is_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
