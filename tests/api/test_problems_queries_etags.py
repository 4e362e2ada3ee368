"""Queries, cursors, ETags, and the one shape of every error."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from chalicelib.api import caching, json_text, pagination, problems, query_params
from chalicelib.errors import (
    ConditionFailed,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
    Unprocessable,
    WriteUnknown,
)
from chalicelib.key_ring import KeyRing

NOW = datetime(2026, 6, 2, 14, tzinfo=UTC)
KEYS = KeyRing.of("s" * 40)
ALLOWED = {**query_params.PAGING, "stage": query_params.one_of("screen", "final"), "overdue": query_params.true_or_false}


def query_faults(params: dict[str, list[str]]) -> list[str]:
    with pytest.raises(Unprocessable) as caught:
        query_params.read_query(params, ALLOWED)
    return [fault.pointer for fault in caught.value.errors]


def test_a_query_is_read_by_name_with_a_default_limit() -> None:
    """Without a limit a page has 25."""
    assert query_params.read_query({}, ALLOWED) == {"limit": 25}
    assert query_params.read_query({"overdue": ["true"], "stage": ["final"], "limit": ["100"]}, ALLOWED) == {
        "overdue": True,
        "stage": "final",
        "limit": 100,
    }
    assert query_params.read_query({}, {"stage": query_params.text}) == {}


def test_all_faults_of_a_query_are_named() -> None:
    """An unknown filter that was ignored would list all records."""
    assert query_faults({"stge": ["final"], "limit": ["0"], "overdue": ["yes"], "stage": ["final", "final"]}) == [
        "?stge",
        "?limit",
        "?overdue",
        "?stage",
    ]


@pytest.mark.parametrize("value", ["", "0", "101", "-1", "+5", "5.0", "1e1", " 5", "٥", "9" * 30])
def test_a_limit_is_a_whole_number_from_1_to_100(value: str) -> None:
    """Python's int() takes much more than that."""
    assert query_faults({"limit": [value]}) == ["?limit"]


def test_a_cursor_serves_one_list_only() -> None:
    """Another employer's, another filter's, another deployment's and an edited one are refused alike."""
    cursor = pagination.encode_cursor({"after": "app_1"}, keys=KEYS, bound_to="emp_1 /v1/applications {}")
    assert pagination.decode_cursor(cursor, keys=KEYS, bound_to="emp_1 /v1/applications {}", now=NOW) == {"after": "app_1"}
    for keys, bound_to, text in (
        (KEYS, "emp_2 /v1/applications {}", cursor),
        (KeyRing.of("t" * 40), "emp_1 /v1/applications {}", cursor),
        (KEYS, "emp_1 /v1/applications {}", cursor[:-2] + "AA"),
    ):
        with pytest.raises(Unprocessable) as caught:
            pagination.decode_cursor(text, keys=keys, bound_to=bound_to, now=NOW)
        assert caught.value.errors[0].pointer == "?cursor"


def test_if_match_is_honoured_as_rfc_9110_says() -> None:
    """Lists and "*" match; weak tags never do, and neither does what is no tag."""
    tag = caching.etag("emp_1", 3)
    for header in (None, "*", " * ", tag, f'"x", {tag}', f'W/"x",{tag}'):
        caching.require_match(header, tag)
    for header in ("", '"x"', f"W/{tag}", tag.strip('"'), "x, y"):
        with pytest.raises(PreconditionFailed):
            caching.require_match(header, tag)


def test_an_etag_names_one_state_of_one_record() -> None:
    """Parts must not run together."""
    assert (
        len(
            {
                caching.etag("emp_1", 1),
                caching.etag("emp_1", 2),
                caching.etag("emp_2", 1),
                caching.etag("emp_1", 1, 1),
                caching.etag("emp_1", 11),
            }
        )
        == 5
    )


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (Unauthenticated(), 401, "WWW-Authenticate"),
        (NotFound(), 404, None),
        (ConditionFailed([("PK", "SK")]), 409, None),
        (Unavailable(), 503, "Retry-After"),
        (WriteUnknown(), 503, "Retry-After"),
        (KeyError("secret words"), 500, None),
    ],
)
def test_every_error_is_a_problem(error: Exception, status: int, header: str | None) -> None:
    """One shape, and an inner error's words stay inside."""
    got, body, headers = problems.problem(error, "req-1")
    assert got == body["status"] == status
    assert headers["Content-Type"] == "application/problem+json"
    assert header is None or header in headers
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert "secret words" not in json.dumps(body)


def test_the_frameworks_own_errors_become_problems() -> None:
    """Chalice answers 405 and 500 in a shape of its own; the headers that matter stay."""
    status, body, headers = problems.finish(
        405, {"Code": "MethodNotAllowedError", "Message": "Unsupported method: PUT"}, {"Allow": "GET"}, "r"
    )
    assert (status, json.loads(body)["code"], headers["Allow"]) == (405, "method_not_allowed", "GET")
    status, body, headers = problems.finish(500, {"Code": "InternalServerError", "Message": "stack"}, {}, "r")
    assert json.loads(body)["detail"] == "Internal error"
    assert headers["Content-Type"] == "application/problem+json"


def test_answers_are_never_cached_and_carry_the_requests_id() -> None:
    """They hold people's names. A page that says how it may be cached is left alone."""
    _, body, headers = problems.finish(200, {"a": "é"}, {}, "req-1")
    assert (body, headers["Cache-Control"], headers["X-Request-Id"]) == ('{"a":"é"}', "no-store", "req-1")
    assert problems.finish(404, "<p>", {"Content-Type": "text/html"}, "r")[1] == "<p>"


def test_instants_are_shown_in_utc() -> None:
    """All have the same width: text order is time order."""
    assert json_text.instant(NOW) == "2026-06-02T14:00:00.000Z"
    assert json_text.instant(NOW.replace(microsecond=123999)) == "2026-06-02T14:00:00.123Z"
    assert json_text.instant(None) is None
