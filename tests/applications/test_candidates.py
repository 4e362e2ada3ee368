"""A candidate with many applications: all of them change in one transaction, up to its limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.candidates.service import APPLICATIONS_MOST
from chalicelib.reputation import counters

WHO = {"name": "Sam Sample", "email": "sam@example.com", "phone": "+12025550123"}


@pytest.fixture(scope="module")
def saved_applications(saved_employer: Any, stack_of_session: Any) -> tuple[list[dict[str, Any]], Any]:
    """As many applications as one candidate may have, each due on its own day, and the table that holds them."""
    employer, saved = saved_employer
    stack_of_session.restore(saved)
    made = []
    for number in range(APPLICATIONS_MOST):
        end = stack_of_session.clock() - timedelta(days=number, hours=1)
        body = {
            "application": {"job_title": f"Job {number}", "candidate": WHO},
            "stage": "final",
            "start_at": (end - timedelta(hours=1)).isoformat(),
            "end_at": end.isoformat(),
        }
        made.append(employer.post("/v1/interviews", body).json["application"])
    return made, stack_of_session.save()


@pytest.fixture
def forty(employer: Any, stack: Any, saved_applications: tuple[list[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    """The applications, all waiting, on a table of this test's own."""
    made, saved = saved_applications
    stack.restore(saved)
    return made


def test_a_candidate_with_forty_applications_can_be_renamed_and_lose_every_address(employer: Any, forty: Any) -> None:
    """All copies change in one transaction of at most a hundred operations: answered waits must take none of them."""
    for case in forty[:15]:
        told = {"channel": "call", "outcome": "reached", "decision": "rejected"}
        assert employer.post(f"/v1/applications/{case['id']}/contacts", told).status == 201
    path = f"/v1/candidates/{forty[0]['candidate_id']}"
    assert employer.patch(path, {"name": "Sam Other"}).status == 200
    assert employer.patch(path, {"email": None, "phone": None}).status == 200
    cases = employer.get("/v1/applications", query={"limit": 100}).json["data"]
    assert {(case["candidate"]["name"], case["candidate"]["email"]) for case in cases} == {("Sam Other", None)}
    assert counters.recount(employer.employer_id).differences == {}
    one_more = {"candidate_id": cases[0]["candidate_id"], "job_title": "One more"}
    assert employer.post("/v1/applications", one_more).json["code"] == "too_many_applications"


def test_a_change_of_more_records_than_fit_is_refused_as_a_whole(employer: Any, forty: Any) -> None:
    """Forty open waits on forty days: the error says what to do."""
    path = f"/v1/candidates/{forty[0]['candidate_id']}"
    answer = employer.patch(path, {"email": None, "phone": None})
    assert (answer.status, answer.json["code"]) == (409, "too_much_at_once")
    assert employer.get(path).json["email"] == WHO["email"]
    assert {case["candidate"]["email"] for case in employer.get("/v1/applications").json["data"]} == {WHO["email"]}
