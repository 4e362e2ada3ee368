"""What HTTP adds to every response: 304, links, HEAD, OPTIONS, CORS, request ids, rate limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import config
from chalicelib.api.route import ROUTES
from chalicelib.openapi.parts import HEADERS
from tests.engines import Api, StandingClock


@pytest.fixture
def booked(employer: Api, clock: StandingClock) -> str:
    """The path of an application whose interview ends in an hour."""
    body = {
        "stage": "final",
        "start_at": clock.text(hours=0.5),
        "end_at": clock.text(hours=1),
        "application": {"job_title": "Welder", "candidate": {"name": "Sam", "email": "sam@example.com"}},
    }
    return f"/v1/applications/{employer.post('/v1/interviews', body).json['application_id']}"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, stack: Any) -> Iterator[pytest.MonkeyPatch]:
    """Environment variables for one test; settings are read again before and after it."""
    config.forget()
    yield monkeypatch
    monkeypatch.undo()
    config.forget()


def test_an_unchanged_record_is_answered_304(employer: Api, booked: str) -> None:
    """A client that polls every minute transfers one line."""
    tag = employer.get(booked).headers["ETag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = employer.get(booked, headers={"If-None-Match": known})
        assert (answer.status, answer.json, answer.headers["ETag"]) == (304, "", tag)
    assert employer.get(booked, headers={"If-None-Match": '"other"'}).status == 200


def test_a_change_by_time_alone_is_sent_and_does_not_block_a_write(employer: Api, booked: str, clock: StandingClock) -> None:
    """`overdue` turns true without a write; the earlier ETag is still accepted by If-Match."""
    seen = {"If-None-Match": employer.get(booked).headers["ETag"]}
    clock.advance(hours=60)
    answer = employer.get(booked, headers=seen)
    assert answer.status == 200 and answer.json["overdue"]
    assert employer.patch(booked, {"decided": "rejected"}, headers={"If-Match": seen["If-None-Match"]}).status == 200
    assert employer.patch(booked, {"decided": "offer"}, headers={"If-Match": seen["If-None-Match"]}).status == 412


def test_the_link_leads_to_the_next_page(employer: Api) -> None:
    """RFC 8288: a client can page without knowing cursors. The last page has no link."""
    for name in "abc":
        employer.post("/v1/candidates", {"name": name})
    path, names = "/v1/candidates?limit=2", []
    while path:
        answer = employer.get(path)
        names += [one["name"] for one in answer.json["data"]]
        found = re.fullmatch(r'<http://heardback\.example(/v1/candidates\?[^>]+)>; rel="next"', answer.headers.get("Link", ""))
        path = found[1] if found else ""
    assert sorted(names) == ["a", "b", "c"]


def test_head_is_get_without_its_body(employer: Api, api: Api, booked: str) -> None:
    """The same status and headers, for a record, without a key, and for a missing record."""
    for asks, path in ((employer, booked), (api, booked), (employer, booked[:-4] + "0000"), (api, "/healthz")):
        get, head = asks.get(path), asks("HEAD", path)
        assert head.status == get.status and head.json in ("", None)
        same = ("Content-Type", "ETag", "Cache-Control")
        assert [head.headers.get(name) for name in same] == [get.headers.get(name) for name in same]


def test_options_lists_the_methods_of_a_path(api: Api) -> None:
    """Without a key too: it says no more than the documentation does."""
    for path in {spec.path for spec in ROUTES}:
        answer = api("OPTIONS", re.sub(r"{\w+}", "x", path))
        methods = {spec.method for spec in ROUTES if spec.path == path}
        assert answer.status == 204, path
        assert set(answer.headers["Allow"].split(", ")) == methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_unknown_method_is_405_and_lists_the_known_ones(employer: Api) -> None:
    """As problem+json, like everything else."""
    answer = employer("PUT", "/v1/candidates", {})
    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(answer.headers["Allow"].split(", "))


def test_pages_of_an_allowed_origin_may_call(employer: Api, api: Api, booked: str, environment: pytest.MonkeyPatch) -> None:
    """Pages of other origins may not. Errors can be read too."""
    environment.setenv("HEARDBACK_CORS_ORIGINS", "https://app.example.com, https://two.example.com")
    ours, theirs = {"Origin": "https://two.example.com"}, {"Origin": "https://evil.example.com"}
    for answer in (employer.get(booked, headers=ours), api.get(booked, headers=ours)):
        assert answer.headers["Access-Control-Allow-Origin"] == ours["Origin"] and answer.headers["Vary"] == "Origin"
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert set(HEADERS) - {"WWW-Authenticate"} == exposed, "what is documented can be read; its status says what 401 is"
    preflight = api("OPTIONS", booked, headers={**ours, "Access-Control-Request-Method": "PATCH"})
    assert preflight.status == 204 and "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in preflight.headers["Access-Control-Allow-Headers"]
    for answer in (employer.get(booked, headers=theirs), api("OPTIONS", booked, headers=theirs)):
        assert "Access-Control-Allow-Origin" not in answer.headers and answer.headers["Vary"] == "Origin"


def test_any_origin_may_call_where_the_setting_says_so(employer: Api, booked: str, environment: pytest.MonkeyPatch) -> None:
    """Keys are sent in a header, never by cookie, so "*" exposes nothing."""
    environment.setenv("HEARDBACK_CORS_ORIGINS", "*")
    assert employer.get(booked, headers={"Origin": "https://x.example"}).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("origins", ["app.example.com", "https://app.example.com/", "ftp://x.example", "https://"])
def test_a_malformed_origin_stops_the_program(environment: pytest.MonkeyPatch, origins: str) -> None:
    """A trailing slash would silently allow no page."""
    environment.setenv("HEARDBACK_CORS_ORIGINS", origins)
    with pytest.raises(config.SettingError, match="HEARDBACK_CORS_ORIGINS"):
        config.settings()


def test_the_clients_request_id_is_returned(api: Api) -> None:
    """So two companies can refer to one request. An id that cannot be in a log line is replaced."""
    for path in ("/healthz", "/v1/employer", "/nowhere"):
        answer = api.get(path, headers={"X-Request-Id": "app-7/42"})
        assert answer.headers["X-Request-Id"] == "app-7/42"
        assert answer.status == 200 or answer.json["request_id"] == "app-7/42"
        for bad in ("two words", "x" * 129, "ümlaut", ""):
            assert api.get(path, headers={"X-Request-Id": bad}).headers["X-Request-Id"] not in (bad, "app-7/42")


def test_a_key_over_its_rate_limit_is_refused(employer: Api, api: Api, environment: pytest.MonkeyPatch) -> None:
    """A runaway program does not slow others down."""
    environment.setenv("HEARDBACK_REQUESTS_PER_SECOND", "0.5")
    answers = [employer.get("/v1/employer") for _ in range(3)]
    assert answers[0].status == 200 and [answer.status for answer in answers].count(429) >= 1
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.json["code"] == "too_many_requests" and 1 <= int(refused.headers["Retry-After"]) <= 2
    assert api.get("/v1/employer").status == 401 and api.get("/healthz").status == 200


def test_a_missing_setting_is_a_problem_too_and_named_in_the_log(
    api: Api, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets the same form of error as always; the operator finds the setting's name in the log."""
    environment.delenv("HEARDBACK_TABLE")
    for path in ("/v1/risk", "/healthz"):
        answer = api.get(path)
        assert (answer.status, answer.json["code"]) == (500, "internal_error")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-Id"] == answer.json["request_id"]
        assert "HEARDBACK" not in str(answer.json)
    assert "HEARDBACK_TABLE is not set" in caplog.text


def test_an_error_outside_every_view_is_a_problem_too(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Our routes are answered without the framework's own net."""

    def fail(*_: object) -> None:
        raise KeyError("secret words")

    monkeypatch.setattr("chalicelib.api.route.read_request", fail)
    answer = api.get("/healthz")
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert answer.headers["X-Request-Id"] == answer.json["request_id"] and "secret" not in str(answer.json)
    assert "secret words" in caplog.text
