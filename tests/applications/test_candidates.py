"""A candidate stands on all their applications: what that costs, and where it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.applications.candidates.service import APPLICATIONS_MOST
from chalicelib.reputation import counters

WHO = {"name": "Sam Sample", "email": "sam@example.com", "phone": "+12025550123"}


def _every_job(employer: Any, clock: Any, told: int) -> str:
    """As many applications as one person may have, each due on a day of its own; `told` of them are answered."""
    for number in range(APPLICATIONS_MOST):
        end = clock() - timedelta(days=number, hours=1)
        body = {
            "application": {"job_title": f"Job {number}", "candidate": WHO},
            "stage": "final",
            "start_at": (end - timedelta(hours=1)).isoformat(),
            "end_at": end.isoformat(),
        }
        case = employer.post("/v1/interviews", body).json["application"]
        if number < told:
            word = {"channel": "call", "outcome": "reached", "decision": "rejected"}
            assert employer.post(f"/v1/applications/{case['id']}/contacts", word).status == 201
    return str(case["candidate_id"])


def test_who_has_many_applications_can_be_renamed_and_lose_every_address(employer: Any, clock: Any) -> None:
    """All copies change in one transaction, which holds a hundred things: answered waits must not take up its room."""
    path = f"/v1/candidates/{_every_job(employer, clock, told=15)}"
    assert employer.patch(path, {"name": "Sam Other"}).status == 200
    assert employer.patch(path, {"email": None, "phone": None}).status == 200
    cases = employer.get("/v1/applications", query={"limit": 100}).json["data"]
    assert {(case["candidate"]["name"], case["candidate"]["email"]) for case in cases} == {("Sam Other", None)}
    assert counters.recount(employer.employer_id).differences == {}
    one_more = {"candidate_id": cases[0]["candidate_id"], "job_title": "One more"}
    assert employer.post("/v1/applications", one_more).json["code"] == "too_many_applications"


def test_a_change_of_more_than_goes_together_is_refused_whole(employer: Any, clock: Any) -> None:
    """Forty open waits on forty days: an answer that says what to do, rather than a server error."""
    path = f"/v1/candidates/{_every_job(employer, clock, told=0)}"
    answer = employer.patch(path, {"email": None, "phone": None})
    assert (answer.status, answer.json["code"]) == (409, "too_much_at_once")
    assert employer.get(path).json["email"] == WHO["email"]
    assert {case["candidate"]["email"] for case in employer.get("/v1/applications").json["data"]} == {WHO["email"]}
