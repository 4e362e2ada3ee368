"""One answer names every fault: whoever writes a client fixes a body in one go."""

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


def test_every_fault_of_a_body_is_named_at_once(employer: Any) -> None:
    """Also those between fields, although other fields are wrong by themselves."""
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
def test_a_missing_record_is_asked_for(employer: Any, interview: Any, body: dict[str, Any], pointer: str) -> None:
    """Either whole or by its id."""
    whole = {name: value for name, value in interview().items() if name != "application"} | body
    answer = employer.post("/v1/interviews", whole)
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])


def test_an_id_that_leads_nowhere_is_named(employer: Any, interview: Any) -> None:
    """The body is wrong, not the path."""
    answer = employer.post("/v1/interviews", interview(application_id="app_00000000000000000000000000"))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/application_id")


def test_faults_between_the_fields_of_a_change_are_named_too(employer: Any, booked: Any) -> None:
    """A form that is sent once more for each fault is a form that is given up."""
    interview = booked()
    patch = {"stage": "chat", "start_at": interview["end_at"], "end_at": interview["start_at"]}
    answer = employer.patch(f"/v1/interviews/{interview['id']}", patch)
    assert {error["pointer"] for error in answer.json["errors"]} == {"/stage", "/end_at"}
    window = {"candidate_window": {"start": "17:00", "end": "10:00"}, "word_due_hours": 0}
    answer = employer.patch("/v1/employer", {"policy": window, "name": ""})
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/policy/candidate_window/start", "/policy/word_due_hours", "/name"}


def test_a_fault_is_told_of_a_field_that_was_sent(employer: Any, booked: Any) -> None:
    """Who moves only the start reads that the start is wrong, not a field that they never sent."""
    interview = booked()
    for patch in ({"start_at": interview["end_at"]}, {"end_at": interview["start_at"]}):
        answer = employer.patch(f"/v1/interviews/{interview['id']}", patch)
        assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [f"/{next(iter(patch))}"])


def test_what_is_no_id_at_all_is_named_with_the_rest(employer: Any, interview: Any) -> None:
    """It takes no read to know."""
    body = interview(stage="chat") | {"application": {"candidate_id": "sam", "job_title": ""}}
    answer = employer.post("/v1/interviews", body)
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/application/candidate_id", "/application/job_title", "/stage"}
