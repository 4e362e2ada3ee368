"""One response names every error of a body."""

from __future__ import annotations

from typing import Any

import pytest

WRONG = {
    "application": {
        "candidate": {
            "name": "",
            "email": "no",
            "phone": "12",
            "timezone": "Mars/Base",
            "sms_consent": {"given_at": "2027-01-01T00:00:00Z", "source": ""},
        },
        "job_title": 7,
        "x": 1,
    },
    "application_id": "app_1",
    "stage": "chat",
    "start_at": "2026-06-02T10:00:00Z",
    "end_at": "2026-06-02T09:00:00Z",
    "next_word_by": "2026-06-02T08:00:00Z",
    "call_back": {"phone": "none"},
    "y": None,
}
POINTERS = {
    "/application",
    "/application_id",
    "/application/candidate/name",
    "/application/candidate/email",
    "/application/candidate/phone",
    "/application/candidate/timezone",
    "/application/candidate/sms_consent/given_at",
    "/application/candidate/sms_consent/source",
    "/application/job_title",
    "/application/x",
    "/stage",
    "/end_at",
    "/next_word_by",
    "/call_back/phone",
    "/y",
}


def test_every_error_of_a_body_is_named_at_once(employer: Any) -> None:
    """Also those between fields, beside errors of single fields."""
    answer = employer.post("/v1/interviews", WRONG)
    assert answer.status == 422
    assert {error["pointer"] for error in answer.json["errors"]} == POINTERS
    assert employer.get("/v1/candidates").json["data"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/application"),
        ({"application": None, "application_id": None}, "/application"),
        ({"application": {"job_title": "Welder"}}, "/application/candidate"),
    ],
)
def test_a_record_is_given_whole_or_by_id(employer: Any, interview: Any, body: dict[str, Any], pointer: str) -> None:
    """One of the two is required."""
    whole = {name: value for name, value in interview().items() if name != "application"} | body
    answer = employer.post("/v1/interviews", whole)
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])


def test_an_unknown_id_is_an_error_of_the_body(employer: Any, interview: Any) -> None:
    """422 with its pointer, not 404: the path is right."""
    answer = employer.post("/v1/interviews", interview(application_id="app_00000000000000000000000000"))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/application_id")


def test_errors_between_fields_of_a_patch_are_named_too(employer: Any, booked: Any) -> None:
    """People give up on forms that show one error at a time."""
    interview = booked()
    patch = {"stage": "chat", "start_at": interview["end_at"], "end_at": interview["start_at"]}
    answer = employer.patch(f"/v1/interviews/{interview['id']}", patch)
    assert {error["pointer"] for error in answer.json["errors"]} == {"/stage", "/end_at"}
    window = {"candidate_window": {"start": "17:00", "end": "10:00"}, "word_due_hours": 0}
    answer = employer.patch("/v1/employer", {"policy": window, "name": ""})
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/policy/candidate_window/start", "/policy/word_due_hours", "/name"}


def test_an_error_names_a_field_that_was_sent(employer: Any, booked: Any) -> None:
    """A client that moves only the start is told about the start."""
    interview = booked()
    for patch in ({"start_at": interview["end_at"]}, {"end_at": interview["start_at"]}):
        answer = employer.patch(f"/v1/interviews/{interview['id']}", patch)
        assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [f"/{next(iter(patch))}"])


def test_a_malformed_id_is_named_with_the_other_errors(employer: Any, interview: Any) -> None:
    """No read is needed to know it."""
    body = interview(stage="chat") | {"application": {"candidate_id": "sam", "job_title": ""}}
    answer = employer.post("/v1/interviews", body)
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/application/candidate_id", "/application/job_title", "/stage"}
