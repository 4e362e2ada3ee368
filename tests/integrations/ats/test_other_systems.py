"""Ashby, and the systems whose APIs are called: a fake server answers in their shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integrations.ats.payloads import ashby, ashby_schedule
from tests.integrations.ats.payloads import lever as lever_event
from tests.integrations.ats.payloads import teamtailor as teamtailor_event
from tests.integrations.ats.payloads import workable as workable_event
from tests.integrations.ats.vendor_api import Vendor

KEY = "an api key of the tests"


# --- Ashby -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_a_schedule_and_its_application_meet_in_either_order(connect: Callable[..., Any], order: int) -> None:
    """An interview day with two conversations is one wait, from the end of the last."""
    ats = connect("ashby")
    ats.tell(*[ashby("applicationUpdate", "2026-06-01T12:00:00.000Z"), ashby_schedule()][::order])
    case = ats.application()
    assert (case["loop"], case["stage"], case["word_due_at"]) == ("waiting", "final", "2026-06-04T13:00:00.000Z")
    assert len(ats.employer.get("/v1/interviews").json["data"]) == 1


def test_a_hire_that_fires_three_events_is_one_hire(connect: Callable[..., Any]) -> None:
    """Ashby sends a stage change and an update too."""
    ats = connect("ashby")
    ats.tell(ashby("applicationUpdate", "2026-06-01T12:00:00.000Z"), ashby_schedule())
    for action in ("candidateHire", "candidateStageChange", "applicationUpdate"):
        ats.tell(ashby(action, "2026-06-02T13:30:00.000Z", status="Hired", kind="Hired", action_id="one"))
    assert (ats.application()["decided"], ats.application()["loop"]) == ("offer", "answered")
    assert len(ats.events("done")) + len(ats.events("waiting")) == 5


def test_a_withdrawn_candidate_is_not_rejected(connect: Callable[..., Any]) -> None:
    """Nobody waits after a withdrawal."""
    ats = connect("ashby")
    ats.tell(
        ashby("applicationUpdate", "2026-06-01T12:00:00.000Z"),
        ashby_schedule(),
        ashby(
            "applicationUpdate",
            "2026-06-02T13:30:00.000Z",
            status="Archived",
            kind="Archived",
            archiveReason={"id": "r", "text": "Took another offer", "reasonType": "RejectedByCandidate"},
        ),
    )
    assert (ats.application()["status"], ats.application()["decided"], ats.application()["loop"]) == ("withdrawn", None, "closed")


def test_a_cancelled_and_a_moved_schedule(connect: Callable[..., Any]) -> None:
    """A moved interview moves the wait; a cancelled one ends it."""
    ats = connect("ashby")
    ats.tell(
        ashby("applicationUpdate", "2026-06-01T12:00:00.000Z"),
        ashby_schedule(),
        ashby_schedule("interviewScheduleUpdate", "2026-06-01T13:00:00.000Z", end="2026-06-02T13:30:00.000Z"),
    )
    assert ats.application()["word_due_at"] == "2026-06-04T13:30:00.000Z"
    ats.tell(ashby_schedule("interviewScheduleUpdate", "2026-06-01T14:00:00.000Z", status="Cancelled"))
    assert ats.application()["loop"] == "idle"


# --- systems whose APIs are called -----------------------------------------------------------------------------------


def lever_answers(vendor: Vendor, **archived: Any) -> None:
    vendor.answers |= {
        "/opportunities/op-1": {
            "data": {
                "id": "op-1",
                "name": "Lee Sample",
                "emails": ["lee@example.com"],
                "contact": "c-1",
                "phones": [{"value": "+1 202-555-0137"}],
                "stage": {"id": "s2", "text": "On-site"},
                "applications": ["ap-1"],
                "archived": archived or None,
            }
        },
        "/opportunities/op-1/applications/ap-1": {"data": {"id": "ap-1", "posting": "po-1"}},
        "/opportunities/op-1/interviews": {
            "data": [{"id": "iv-1", "subject": "On-site", "date": 1780398000000, "duration": 60, "canceledAt": None}]
        },
        "/postings/po-1": {"data": {"id": "po-1", "text": "Data Engineer"}},
        "/archive_reasons/ar-1": {"data": {"id": "ar-1", "text": "Underqualified", "type": "non-hired"}},
    }


def test_only_what_levers_api_answers_is_applied(connect: Callable[..., Any], vendor: Vendor) -> None:
    """Its signature does not cover the data: 1780398000000 is 2 June, 11:00 UTC."""
    lever_answers(vendor)
    ats = connect("lever", api_key=KEY)
    ats.tell(lever_event("interviewCreated", interviewId="iv-1", name="Somebody Else"))
    case = ats.application()
    assert (case["candidate"]["name"], case["job_title"], case["stage"]) == ("Lee Sample", "Data Engineer", "final")
    assert case["word_due_at"] == "2026-06-04T12:00:00.000Z"
    assert all("Basic " in headers["Authorization"] for _, headers in vendor.asked)


def test_an_archived_opportunity_is_a_rejection_and_an_absent_one_is_gone(
    connect: Callable[..., Any], vendor: Vendor, clock: Any
) -> None:
    """The API says since when."""
    lever_answers(vendor)
    ats = connect("lever", api_key=KEY)
    ats.tell(lever_event("interviewCreated"))
    lever_answers(vendor, archivedAt=1780405200000, reason="ar-1")
    clock.advance(minutes=1)
    ats.tell(lever_event("candidateArchiveChange"))
    assert (ats.application()["decided"], ats.application()["decided_at"]) == ("rejected", "2026-06-02T13:00:00.000Z")
    vendor.answers.clear()
    clock.advance(minutes=1)
    ats.tell(lever_event("candidateStageChange"))
    assert ats.application()["status"] == "closed"


def test_workables_interviews_come_from_its_api(connect: Callable[..., Any], vendor: Vendor) -> None:
    """The events have none."""
    vendor.answers = {
        "/candidates/cand1": {"candidate": workable_event()["data"]},
        "/events": {
            "events": [
                {
                    "id": "e1",
                    "type": "interview",
                    "title": "Panel",
                    "starts_at": "2026-06-02T11:00:00Z",
                    "ends_at": "2026-06-02T12:00:00Z",
                    "cancelled": False,
                    "candidate": {"id": "cand1"},
                },
                {
                    "id": "e2",
                    "type": "interview",
                    "title": "Other",
                    "starts_at": "2026-06-02T12:30:00Z",
                    "ends_at": "2026-06-02T13:00:00Z",
                    "candidate": {"id": "somebody else"},
                },
            ]
        },
    }
    ats = connect("workable", api_key=KEY, subdomain="acme")
    ats.tell(workable_event())
    assert ats.application()["word_due_at"] == "2026-06-04T12:00:00.000Z"
    assert vendor.asked[0][1]["Authorization"] == f"Bearer {KEY}"


def test_workable_brings_decisions_to_known_candidates(connect: Callable[..., Any], employer: Any, vendor: Vendor) -> None:
    """They are found by person and job title."""
    person = {"name": "Wanda Sample", "email": "wanda@example.com"}
    employer.post(
        "/v1/interviews",
        {
            "stage": "interview",
            "start_at": "2026-06-02T09:00:00Z",
            "end_at": "2026-06-02T10:00:00Z",
            "application": {"candidate": person, "job_title": "analyst"},
        },
    )
    rejected = workable_event(disqualified=True, disqualified_at="2026-06-02T13:00:00Z")
    vendor.answers |= {"/candidates/cand1": {"candidate": rejected["data"]}, "/events": {"events": []}}
    ats = connect("workable", api_key=KEY, subdomain="acme")
    ats.tell(rejected)
    assert (ats.application()["decided"], ats.application()["loop"]) == ("rejected", "waiting")


def test_teamtailor_brings_decisions_to_known_candidates(connect: Callable[..., Any], employer: Any, vendor: Vendor) -> None:
    """Its API has no interviews: they come from elsewhere."""
    person = {"name": "Tea Sample", "email": "tea@example.com"}
    employer.post(
        "/v1/interviews",
        {
            "stage": "interview",
            "start_at": "2026-06-02T09:00:00Z",
            "end_at": "2026-06-02T10:00:00Z",
            "application": {"candidate": person, "job_title": "Tailor"},
        },
    )
    vendor.answers["/job-applications/4711"] = {
        "data": {"id": "4711", "type": "job-applications", "attributes": {"rejected-at": "2026-06-02T15:00:00+02:00"}},
        "included": [
            {
                "id": "9",
                "type": "candidates",
                "attributes": {"first-name": "Tea", "last-name": "Sample", "email": "tea@example.com", "phone": None},
            },
            {"id": "5", "type": "jobs", "attributes": {"title": "Tailor"}},
        ],
    }
    ats = connect("teamtailor", api_key=KEY)
    ats.tell(teamtailor_event())
    assert (ats.application()["decided"], ats.application()["decided_at"]) == ("rejected", "2026-06-02T13:00:00.000Z")
    assert vendor.asked[0][1]["Authorization"] == f"Token token={KEY}" and vendor.asked[0][1]["X-Api-Version"]


REFS = {"workable": "cand1", "teamtailor": "9"}
EMPTY_ANSWERS = [b"null", {}, [], {"error": "busy"}, {"data": None, "candidate": None}, {"data": [], "candidate": []}]


@pytest.mark.parametrize("answer", [(500, {}), (429, {}), (302, {}), (200, b"no JSON"), *((200, one) for one in EMPTY_ANSWERS)])
def test_an_api_that_gives_no_usable_response_is_called_again_later(
    connect: Callable[..., Any], vendor: Vendor, clock: Any, answer: Any
) -> None:
    """The event is not lost meanwhile, and redirects are not followed."""
    ats = connect("lever", api_key=KEY)
    vendor.answers["/opportunities/op-1"] = answer
    ats.tell(lever_event("interviewCreated"))
    assert [e["attempts"] for e in ats.events("queued")] == [1] and not any("elsewhere" in path for path, _ in vendor.asked)
    lever_answers(vendor)
    clock.advance(minutes=2)
    ats.work()
    assert len(ats.applications()) == 1


@pytest.mark.parametrize("answer", EMPTY_ANSWERS)
@pytest.mark.parametrize("system", ["workable", "teamtailor"])
def test_only_not_found_empties_a_person(
    connect: Callable[..., Any], employer: Any, vendor: Vendor, clock: Any, system: str, answer: Any
) -> None:
    """An answer in another shape, or none at all, says nothing of anybody. Names do not come back once they were emptied."""
    subdomain = {"subdomain": "acme"} if system == "workable" else {}
    ats = connect(system, api_key=KEY, **subdomain)
    person = {"name": "Wanda Sample", "email": "wanda@example.com", "external_ids": [{"system": system, "id": REFS[system]}]}
    booking = {"stage": "interview", "start_at": "2026-06-02T09:00:00Z", "end_at": "2026-06-02T10:00:00Z"}
    application = {"candidate": person, "job_title": "Analyst", "external_ids": [{"system": system, "id": REFS[system]}]}
    assert employer.post("/v1/interviews", {**booking, "application": application}).status == 201
    event = workable_event() if system == "workable" else teamtailor_event("candidate.update", REFS[system])
    vendor.answers[f"/candidates/{REFS[system]}"] = answer
    ats.tell(event)
    assert [one["attempts"] for one in ats.events("queued")] == [1]
    assert ats.application()["candidate"]["name"] == "Wanda Sample" and ats.application()["status"] == "active"


def test_an_event_fails_after_eight_attempts_and_can_be_replayed(connect: Callable[..., Any], vendor: Vendor, clock: Any) -> None:
    """The attempts are 2, 4, 8, ... minutes apart."""
    ats = connect("lever", api_key=KEY)
    vendor.answers["/opportunities/op-1"] = (503, {})
    ats.tell(lever_event("interviewCreated"))
    for attempt in range(1, 8):
        assert [one["attempts"] for one in ats.events("queued")] == [attempt]
        clock.advance(minutes=2**attempt)
        ats.work()
    (event,) = ats.events("failed")
    assert (event["attempts"], event["note"]) == (8, "out of attempts; the system answered 503")
    lever_answers(vendor)
    assert ats.employer.post(f"/v1/integrations/{ats.id}/replay", {"status": "failed"}).json == {"replayed": 1}
    ats.work()
    assert len(ats.applications()) == 1 and ats.events("failed") == []


def test_a_refused_key_is_noted_and_its_events_can_be_replayed(connect: Callable[..., Any], vendor: Vendor) -> None:
    """Somebody rotated the key at the vendor."""
    ats = connect("lever", api_key=KEY)
    vendor.answers["/opportunities/op-1"] = (401, {})
    ats.tell(lever_event("interviewCreated"))
    stuck = ats.events("unmapped")
    assert [e["note"] for e in stuck] == ["the API key was refused (401)"]
    lever_answers(vendor)
    assert ats.employer.patch(f"/v1/integrations/{ats.id}", {"api_key": "a new key"}).status == 200
    assert ats.employer.post(f"/v1/integrations/{ats.id}/events/{stuck[0]['id']}/replay").status == 202
    ats.work()
    assert len(ats.applications()) == 1 and ats.events("unmapped") == []


def test_a_response_that_is_too_large_is_not_read_to_its_end(connect: Callable[..., Any], vendor: Vendor) -> None:
    """It would fill the memory."""
    ats = connect("lever", api_key=KEY)
    vendor.answers["/opportunities/op-1"] = (200, b"[" + b"1," * 1_500_000 + b"1]")
    ats.tell(lever_event("interviewCreated"))
    assert ats.events("unmapped")[0]["note"] == "the system's answer is larger than we read"
