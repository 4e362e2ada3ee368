"""Bad input to any route gets a problem that names the errors, and never a server error."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.api.route import ROUTES, RouteSpec
from tests.engines import Answer, Api

ULID = "01KT4A4MR0S1K0FS1KR9M52VB2"

ODD_TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "\x00",
        "a\r\nB: c",
        "\u202e",
        "\u2028",
        "2026-06-02T14:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "America",
        "+12025550123",
        "a@b.co",
        "emp_" + ULID,
        "app_" + ULID,
        "screen",
        "call",
        "{{7*7}}",
        "' OR 1=1 --",
        "x" * 5000,
        "😀" * 300,
    ]
)
NAMES = [
    "name",
    "timezone",
    "email",
    "phone",
    "locale",
    "sms_consent",
    "external_ids",
    "candidate_id",
    "candidate",
    "job_title",
    "application_id",
    "application",
    "stage",
    "start_at",
    "end_at",
    "next_word_by",
    "call_back",
    "channel",
    "outcome",
    "decision",
    "occurred_at",
    "feedback",
    "note",
    "heard",
    "at",
    "decided",
    "status",
    "scopes",
    "employer_id",
    "policy",
    "digest_to",
    "trial",
    "suspended",
    "call_back_phone",
    "thanked",
    "given_at",
    "source",
    "system",
    "id",
    "candidate_window",
    "start",
    "end",
    "days",
    "holidays",
    "sms_countries",
    "word_due_hours",
]
PARAMETERS = [
    "limit",
    "cursor",
    "loop",
    "overdue",
    "stage",
    "decided",
    "candidate_id",
    "external_id",
    "updated_after",
    "starts_after",
    "starts_before",
    "q",
    "email",
    "phone",
    "status",
    "channel",
    "audience",
    "reachable",
    "employer_id",
    "as_of",
    "x",
    "",
]

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3),
    max_leaves=6,
)


NEED_NO_BODY = ("/cancel", "/no_show", "/void", "/report_links", "/imports")


def routes(*methods: str) -> list[RouteSpec]:
    """All of the app's routes, so that a new one is tried as soon as it exists."""
    found = [spec for spec in ROUTES if spec.method in methods and not spec.public and spec.scope != "my"]
    assert len(found) >= 5
    return found


def body_of(odd: Any) -> Any:
    return st.recursive(odd, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6), max_leaves=12)


def check(answer: Answer, method: str = "", path: str = "") -> None:
    assert answer.status < 500, (method, path, answer)
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json", (method, path, answer)
        assert answer.json["status"] == answer.status
        for fault in answer.json["errors"]:
            assert re.fullmatch(r"(/([^/~]|~0|~1)*)*|\?[\s\S]*", fault["pointer"]), fault
            assert fault["message"]


def caller(spec: RouteSpec, employer: Api, operator: Api) -> Api:
    return employer if spec.scope else operator


BAD_BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"\xff", 400),
    (b"\xef\xbb\xbf{}", 400),
    (b'{"a":1,"a":1}', 400),
    (b'{"a":NaN}', 400),
    (b'{"a":1e999}', 400),
    (b'{"a":-Infinity}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 50_000, 400),
    (b"[" * 21 + b"]" * 21, 400),
    (b'{"name":"\\ud800"}', 400),
    (b'{"name":"a\x00"}', 400),
    (b'{"n":' + b"9" * 9999 + b"}", 400),
    (b"null", 422),
    (b"[]", 422),
    (b'"x"', 422),
    (b"1", 422),
    (b"true", 422),
    (b'{"name":"\\u0000"}', 422),
    (b'{"nobody_knows_this":1}', 422),
    (b'{"name":"' + b"a" * 200_000 + b'"}', 422),
    (b'{"' + b"k" * 200_000 + b'":1}', 422),
    (b'{"":""}', 422),
    (b'{"__proto__":{},"a/b~c":1}', 422),
    (b'{"x":"' + b"a" * 1_048_576 + b'"}', 413),
    (b"{" + b",".join(b'"%d":1' % number for number in range(20_000)) + b"}", 422),
]


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.long)])
def test_every_route_refuses_bad_bodies(employer: Api, operator: Api, every: int) -> None:
    """400 for what is not JSON, 422 for JSON that is wrong, 413 for a body that is too large; 404 where the id comes first.

    Each route gets every fourth body, another one first than the route before: many routes see each body.
    """
    for place, spec in enumerate(routes("POST", "PATCH")):
        path = re.sub(r"{\w+}", f"app_{ULID}", spec.path)
        if path.endswith(NEED_NO_BODY):
            continue
        for raw, status in BAD_BODIES[place % every :: every]:
            answer = caller(spec, employer, operator)(spec.method, path, raw)
            check(answer, spec.method, path)
            assert answer.status in (status, 404), (spec, raw[:60], answer)
            assert len(json.dumps(answer.json)) < 200_000


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_body_causes_a_server_error(employer: Api, operator: Api, data: st.DataObject) -> None:
    """Known names with odd values, at every depth."""
    spec = data.draw(st.sampled_from(routes("POST", "PATCH")))
    raw = json.dumps(data.draw(body_of(ODD)), ensure_ascii=data.draw(st.booleans())).encode()
    path = re.sub(r"{\w+}", f"app_{ULID}", spec.path)
    check(caller(spec, employer, operator)(spec.method, path, raw), spec.method, path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_query_causes_a_server_error(employer: Api, operator: Api, data: st.DataObject) -> None:
    """Unknown, repeated, empty and odd parameters of every list."""
    spec = data.draw(st.sampled_from(routes("GET")))
    query = data.draw(st.dictionaries(st.sampled_from(PARAMETERS), st.lists(ODD_TEXT, min_size=1, max_size=2), max_size=3))
    path = re.sub(r"{\w+}", f"app_{ULID}", spec.path)
    check(caller(spec, employer, operator).get(path, query=query), "GET", f"{path} {query}")


@pytest.mark.parametrize("header", ["If-Match", "Authorization", "Content-Type", "X-Request-Id", "Accept"])
def test_no_header_causes_a_server_error(employer: Api, header: str) -> None:
    """Headers arrive in Latin-1, and as long as the gateway allows."""
    for value in ("", " ", "\xff\x00", "a" * 9000, '"' * 500, "W/", "*,*", "é", "Bearer " + "é" * 50, "; charset=", ","):
        answer = employer.patch("/v1/employer", {"call_back_name": "x"}, headers={header: value})
        check(answer, "PATCH", f"{header}: {value[:30]}")


def good_bodies(employer: Api, clock: Any) -> list[tuple[str, str, Any]]:
    """(method, path, body) of requests that succeed."""
    candidate = {
        "name": "Sam",
        "email": "sam@example.com",
        "phone": "+12025550123",
        "timezone": "Europe/Berlin",
        "locale": "en",
        "sms_consent": {"given_at": clock.text(days=-1), "source": "form"},
        "external_ids": [{"system": "ats", "id": "1"}],
    }
    interview = {
        "application": {"candidate": candidate, "job_title": "Welder", "external_ids": [{"system": "ats", "id": "2"}]},
        "stage": "final",
        "start_at": clock.text(hours=-2),
        "end_at": clock.text(hours=-1),
        "next_word_by": clock.text(days=3),
        "call_back": {"name": "Dana", "phone": "+12025550100", "email": "dana@example.com"},
    }
    made = employer.post("/v1/interviews", interview)
    assert made.status in (200, 201), made  # the same interview once it is booked
    application = made.json["application"]["id"]
    contact = {
        "channel": "call",
        "outcome": "reached",
        "decision": "pending",
        "occurred_at": clock.text(),
        "next_word_by": clock.text(days=2),
        "feedback": "good",
        "thanked": True,
        "keep_in_mind": True,
        "note": "line\nline",
    }
    return [
        ("POST", "/v1/candidates", candidate),
        ("PATCH", f"/v1/candidates/{made.json['application']['candidate_id']}", candidate),
        ("POST", "/v1/applications", interview["application"]),
        ("PATCH", f"/v1/applications/{application}", {"decided": "rejected"}),
        ("POST", "/v1/interviews", interview),
        (
            "PATCH",
            f"/v1/interviews/{made.json['id']}",
            {name: interview[name] for name in ("start_at", "end_at", "next_word_by")},
        ),
        ("POST", f"/v1/applications/{application}/contacts", contact),
        ("POST", f"/v1/applications/{application}/statements", {"heard": True, "decision": "rejected", "at": clock.text()}),
        ("PATCH", "/v1/employer", {"policy": {"candidate_window": {"days": ["mon"], "start": "09:00"}, "holidays": "US"}}),
    ]


def places(body: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body, the whole first."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [at, *(place for step, child in inner for place in places(child, (*at, step)))]


def changed(body: Any, place: tuple[Any, ...], odd: Any) -> Any:
    if not place:
        return odd
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[place[0]] = changed(body[place[0]], place[1:], odd)
    return copy


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_one_odd_value_in_a_good_body_is_named_by_its_pointer(employer: Api, clock: Any, data: st.DataObject) -> None:
    """It is accepted, or refused by its own pointer: nobody has to guess which of twenty fields is meant."""
    method, path, body = data.draw(st.sampled_from(good_bodies(employer, clock)))
    place = data.draw(st.sampled_from(places(body)))
    answer = employer(method, path, changed(body, place, data.draw(ODD)))
    check(answer, method, path)
    if answer.status == 422:
        within = "".join(f"/{step}" for step in place[:1])
        assert answer.json["errors"], answer
        assert any(fault["pointer"].startswith(within) for fault in answer.json["errors"]), (place, answer.json)
