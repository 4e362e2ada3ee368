"""A candidate with many applications: all of them change in one transaction, up to its limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.candidates.copies import APPLICATIONS_MOST
from chalicelib.reputation import recount

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
    assert recount.recount(employer.employer_id).differences == {}


def test_a_change_of_more_records_than_fit_is_refused_as_a_whole(employer: Any, forty: Any) -> None:
    """Forty open waits on forty days: the error says what to do."""
    path = f"/v1/candidates/{forty[0]['candidate_id']}"
    answer = employer.patch(path, {"email": None, "phone": None})
    assert (answer.status, answer.json["code"]) == (409, "too_much_at_once")
    assert employer.get(path).json["email"] == WHO["email"]
    assert {case["candidate"]["email"] for case in employer.get("/v1/applications").json["data"]} == {WHO["email"]}


def closed(employer: Any, cases: list[dict[str, Any]]) -> None:
    for case in cases:
        assert employer.patch(f"/v1/applications/{case['id']}", {"status": "closed"}).status == 200


def told(employer: Any, case: dict[str, Any], decision: str = "rejected") -> dict[str, Any]:
    answer = employer.post(
        f"/v1/applications/{case['id']}/contacts", {"channel": "call", "outcome": "reached", "decision": decision}
    )
    assert answer.status == 201
    return dict(answer.json)


def one_more(employer: Any, forty: list[dict[str, Any]], title: str = "One more") -> Any:
    return employer.post("/v1/applications", {"candidate_id": forty[0]["candidate_id"], "job_title": title})


def test_of_forty_applications_that_go_on_one_must_end_before_the_next(employer: Any, forty: Any) -> None:
    """The error says so. What was answered "advancing" goes on; what was told "no" has ended."""
    told(employer, forty[3], "advancing")
    answer = one_more(employer, forty)
    assert (answer.status, answer.json["code"]) == (409, "too_many_applications")
    assert "Close or decide one first" in answer.json["detail"]
    told(employer, forty[7])
    assert one_more(employer, forty).status == 201
    assert one_more(employer, forty, "And another").status == 409


def test_nobody_is_barred_by_applications_that_have_ended(employer: Any, forty: Any, interview: Any) -> None:
    """Somebody who applies every month for years."""
    closed(employer, forty)
    for number in range(3):
        body = interview(job_title=f"Later {number}", candidate=WHO)
        assert employer.post("/v1/interviews", body).json["created"] is True
    names = {case["candidate"]["name"] for case in employer.get("/v1/applications", query={"limit": 100}).json["data"]}
    assert names == {"Sam Sample"} and recount.recount(employer.employer_id).differences == {}


def test_an_application_that_made_room_and_waits_again_has_the_persons_present_address(employer: Any, forty: Any) -> None:
    """Its "no" was logged by mistake. The person has moved to another address since."""
    contact = told(employer, forty[0])
    assert one_more(employer, forty).status == 201
    path = f"/v1/candidates/{forty[0]['candidate_id']}"
    assert employer.patch(path, {"email": "new@example.com", "name": "Sam New"}).status == 200
    assert employer.post(f"/v1/applications/{forty[0]['id']}/contacts/{contact['id']}/void").status == 200
    case = employer.get(f"/v1/applications/{forty[0]['id']}").json
    assert (case["loop"], case["candidate"]["email"]) == ("waiting", "new@example.com")
    closed(employer, forty[1:])
    assert employer.patch(path, {"email": "newest@example.com"}).status == 200
    assert employer.get(f"/v1/applications/{forty[0]['id']}").json["candidate"]["email"] == "newest@example.com"
    assert recount.recount(employer.employer_id).differences == {}


def test_an_application_that_waits_again_while_it_makes_room_is_not_left_behind(employer: Any, forty: Any, faults: Any) -> None:
    """Two requests at once: one takes back the "no", the other needs the room."""
    contact = told(employer, forty[0])
    void = f"/v1/applications/{forty[0]['id']}/contacts/{contact['id']}/void"
    faults.before("TransactWriteItems", lambda: employer.post(void), where="One more")
    assert one_more(employer, forty).json["code"] == "too_many_applications"
    assert employer.get(f"/v1/applications/{forty[0]['id']}").json["loop"] == "waiting"


def test_what_made_room_is_exported_and_erased_with_the_rest(employer: Any, forty: Any) -> None:
    closed(employer, forty[:2])
    assert one_more(employer, forty).status == 201
    path = f"/v1/candidates/{forty[0]['candidate_id']}"
    assert len(employer.get(f"{path}/export").json["applications"]) == APPLICATIONS_MOST + 1
    assert employer.delete(path).status in (200, 202, 204)
    assert employer.get(f"/v1/applications/{forty[0]['id']}").status == 404
    assert employer.get("/v1/applications").json["data"] == []
