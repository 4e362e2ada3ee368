"""Payloads with every field that the vendors' public pages show, in the shapes shown there; values are samples.

Ashby: developers.ashbyhq.com, webhook payloads. Workable: workable.readme.io. Lever: hire.lever.co/developer/documentation.
Teamtailor: partner.teamtailor.com/company_webhooks, docs.teamtailor.com.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integrations.ats.conftest import any_order
from tests.integrations.ats.payloads import SECRET, ashby, ashby_schedule, hex_of, lever, stamped, workable
from tests.integrations.ats.payloads import teamtailor as teamtailor_event
from tests.integrations.ats.test_other_systems import KEY, lever_answers
from tests.integrations.ats.vendor_api import Vendor

Json = dict[str, Any]


# --- Ashby -----------------------------------------------------------------------------------------------------------


def _of_ashby(**changed: Any) -> Json:
    """An application with the fields of Ashby's document, most of them null."""
    return ashby(
        "applicationUpdate",
        "2026-06-01T12:00:00.000Z",
        archiveReason=None,
        archivedAt=None,
        source=None,
        creditedToUser=None,
        appliedViaJobPostingId=None,
        hiringTeam=[{"role": "Recruiter", "userId": "u1"}],
        submitterUserAgent=None,
        openings=[],
        **changed,
    )


@pytest.mark.parametrize(
    ("status", "on"),
    [
        ("NeedsScheduling", False),
        ("WaitingOnCandidateBooking", False),
        ("WaitingOnCandidateAvailability", False),
        ("CandidateAvailabilitySubmitted", False),
        ("Scheduled", True),
        ("WaitingOnFeedback", True),
        ("Complete", True),
        ("Cancelled", False),
        ("OnHold", False),
        ("Unknown", True),
    ],
)
def test_every_status_of_a_schedule(connect: Callable[..., Any], status: str, on: bool) -> None:
    """Word is owed only after an interview that has a time."""
    ats = connect("ashby")
    changed = ashby_schedule("interviewScheduleUpdate", "2026-06-01T13:00:00.000Z", status=status)
    if not on:
        changed["data"]["interviewSchedule"]["interviewEvents"] = []
    changed["data"]["interviewSchedule"] |= {"candidateId": "cand-1", "scheduledBy": None, "interviewStageId": "st-1"}
    shown = ats.employer.post(f"/v1/integrations/{ats.id}/test", {"payload": changed}).json["applications"][0]
    assert [one["external_id"] for one in shown["interviews"]] == (["sch-1"] if on else [])


def test_a_schedule_that_lost_its_time_and_got_another_is_one_interview(connect: Callable[..., Any]) -> None:
    """Rescheduled in two steps."""
    ats = connect("ashby")
    undone = ashby_schedule("interviewScheduleUpdate", "2026-06-01T13:00:00.000Z", status="NeedsScheduling")
    undone["data"]["interviewSchedule"]["interviewEvents"] = []
    ats.tell(
        _of_ashby(),
        ashby_schedule(),
        undone,
        ashby_schedule(
            "interviewScheduleUpdate",
            "2026-06-01T14:00:00.000Z",
            start="2026-06-02T12:00:00.000Z",
            end="2026-06-02T13:45:00.000Z",
        ),
    )
    rows = ats.employer.get("/v1/interviews").json["data"]
    assert [(row["status"], row["end_at"]) for row in rows] == [("scheduled", "2026-06-02T13:45:00.000Z")]
    assert ats.application()["word_due_at"] == "2026-06-04T13:45:00.000Z"


@pytest.mark.parametrize("order", any_order(4))
def test_ashbys_merged_and_deleted_candidates_in_any_order(connect: Callable[..., Any], order: tuple[int, ...]) -> None:
    """The schedule alone may name the candidate."""
    ats = connect("ashby")
    told = [
        _of_ashby(),
        ashby_schedule(),
        {"action": "candidateMerge", "data": {"deletedCandidate": {"id": "cand-1"}, "mergedCandidate": {"id": "cand-2"}}},
        {"action": "candidateDelete", "data": {"candidate": {"id": "cand-2"}}},
    ]
    ats.tell(*[told[n] for n in order])
    assert ats.events("unmapped") == [] and "Ada" not in str(ats.employer.get("/v1/candidates").json)


def test_a_merger_alone_changes_nothing(connect: Callable[..., Any]) -> None:
    """Applications keep their ids."""
    ats = connect("ashby")
    ats.tell(
        _of_ashby(),
        ashby_schedule(),
        {
            "webhookActionId": None,
            "action": "candidateMerge",
            "data": {"deletedCandidate": {"id": "cand-1"}, "mergedCandidate": {"id": "cand-2", "name": "Ada Sample"}},
        },
    )
    assert (ats.application()["candidate"]["name"], ats.application()["loop"]) == ("Ada Sample", "waiting")


# --- Workable --------------------------------------------------------------------------------------------------------


def _of_workable(**changed: Any) -> Json:
    """A candidate as Workable's details have it."""
    more = {
        "firstname": "Wanda",
        "lastname": "Sample",
        "headline": None,
        "account": {"subdomain": "acme", "name": "Acme"},
        "created_at": "2026-05-01T00:00:00Z",
        "updated_at": "2026-06-01T00:00:00Z",
        "disqualification_reason": None,
        "hired_at": None,
        "sourced": False,
        "profile_url": "https://acme.workable.com/x",
        "image_url": None,
        "tags": [],
        "education_entries": [],
        "experience_entries": [],
        "social_profiles": [],
        "uploader_id": None,
        "cover_letter": None,
    }
    return workable(**{**more, **changed})


def test_workables_signature_may_be_hexadecimal_or_base64(connect: Callable[..., Any]) -> None:
    """Its pages do not say which."""
    ats = connect("workable", api_key=KEY, subdomain="acme")
    raw = json.dumps(_of_workable()).encode()
    digest = hmac.digest(SECRET.encode(), raw, "sha256")
    wrong = base64.b64encode(digest[:-1] + b"\0").decode()
    for given, status in [(digest.hex(), 200), (base64.b64encode(digest).decode(), 200), (wrong, 401), (digest.hex()[:32], 401)]:
        assert ats.api.post(ats.path, raw, headers={"X-Workable-Signature": given}).status == status


def test_workables_calls_interviews_tasks_and_cancelled_events(connect: Callable[..., Any], vendor: Vendor) -> None:
    """A call is a screen, an interview an interview. Tasks and cancelled events are ignored."""

    def event(ref: str, kind: str, start: str, end: str, **more: Any) -> Json:
        return {
            "id": ref,
            "type": kind,
            "title": "A talk",
            "description": None,
            "starts_at": f"2026-06-02T{start}:00.000Z",
            "ends_at": f"2026-06-02T{end}:00.000Z",
            "cancelled": False,
            "candidate": {"id": "cand1", "name": "Wanda Sample"},
            "job": {"shortcode": "GROOV001", "title": "Analyst"},
            "members": [{"id": "m1"}, {"id": "m2"}],
            **more,
        }

    vendor.answers = {
        "/candidates/cand1": {"candidate": _of_workable()["data"]},
        "/events": {
            "events": [
                event("a", "call", "08:00", "08:30"),
                event("b", "interview", "09:00", "10:00"),
                event("c", "interview", "11:00", "12:00", cancelled=True),
                event("d", "task", "12:00", "13:00"),
            ]
        },
    }
    ats = connect("workable", api_key=KEY, subdomain="acme")
    ats.tell(_of_workable())
    rows = ats.employer.get("/v1/interviews").json["data"]
    assert sorted((row["stage"], row["start_at"]) for row in rows) == [
        ("interview", "2026-06-02T09:00:00.000Z"),
        ("screen", "2026-06-02T08:00:00.000Z"),
    ]


def test_a_withdrawn_and_a_deleted_candidate_at_workable(connect: Callable[..., Any], employer: Any, vendor: Vendor) -> None:
    """Workable calls both rejected and withdrawn candidates disqualified."""
    person = {"name": "Wanda Sample", "email": "wanda@example.com"}
    employer.post(
        "/v1/interviews",
        {
            "stage": "interview",
            "start_at": "2026-06-02T09:00:00Z",
            "end_at": "2026-06-02T10:00:00Z",
            "application": {"candidate": person, "job_title": "Analyst"},
        },
    )
    withdrew = _of_workable(disqualified=True, disqualified_at="2026-06-02T13:00:00Z", disqualification_reason="Withdrew")
    vendor.answers |= {"/candidates/cand1": {"candidate": withdrew["data"]}, "/events": {"events": []}}
    ats = connect("workable", api_key=KEY, subdomain="acme")
    ats.tell(withdrew)
    assert (ats.application()["status"], ats.application()["decided"]) == ("withdrawn", None)
    ats.tell({**_of_workable(), "event_type": "candidate_deleted", "id": "another"})
    assert "Wanda" not in str(ats.employer.get("/v1/candidates").json)


# --- Lever -----------------------------------------------------------------------------------------------------------


def test_each_of_levers_webhooks_has_its_own_token(connect: Callable[..., Any], vendor: Vendor) -> None:
    """One URL receives several kinds of events, each signed with another token."""
    lever_answers(vendor)
    ats = connect("lever", api_key=KEY)
    path = f"/v1/integrations/{ats.id}"
    assert ats.employer.patch(path, {"secret": "token-of-stage-changes, token-of-interviews"}).status == 200
    assert ats.send(lever(), secret="token-of-stage-changes").status == 200
    assert ats.send(lever("interviewCreated", interviewId="iv-1"), secret="token-of-interviews").status == 200
    for wrong in ("token-of-stage-changes, token-of-interviews", "token-of-", SECRET):
        assert ats.send(lever("candidateHired"), secret=wrong).status == 401
    for weak in ("token-of-stage-changes abc", " , ,  , , "):
        assert ats.employer.patch(path, {"secret": weak}).json["errors"][0]["pointer"] == "/secret"


def test_levers_panel_and_its_cancelled_interview(connect: Callable[..., Any], vendor: Vendor) -> None:
    """Two panels at the same hour are one interview; a cancelled one is none."""
    lever_answers(vendor)
    one = {
        "panel": "p-1",
        "note": "",
        "interviewers": [{"id": "u1", "name": "A", "feedbackTemplate": None}],
        "timezone": "UTC",
        "createdAt": 1780300000000,
        "location": "On-site",
        "feedbackForms": [],
        "feedbackReminder": "frequently",
        "user": "u1",
        "stage": "s2",
        "postings": ["po-1"],
        "gcalEventUrl": None,
    }
    vendor.answers["/opportunities/op-1/interviews"] = {
        "hasNext": False,
        "data": [
            {**one, "id": "iv-1", "subject": "On-site", "date": 1780398000000, "duration": 60, "canceledAt": None},
            {**one, "id": "iv-2", "subject": "On-site", "date": 1780398000000, "duration": 90, "canceledAt": None},
            {**one, "id": "iv-3", "subject": "On-site", "date": 1780402000000, "duration": 60, "canceledAt": 1780390000000},
        ],
    }
    ats = connect("lever", api_key=KEY)
    ats.tell(lever("interviewCreated", interviewId="iv-1", panelId="p-1"))
    assert (ats.application()["loop"], ats.application()["word_due_at"]) == ("waiting", "2026-06-04T12:30:00.000Z")


def test_an_opportunity_that_is_archived_unarchived_and_deleted(connect: Callable[..., Any], vendor: Vendor, clock: Any) -> None:
    """The signature does not cover `toArchived`: Lever's API decides."""
    lever_answers(vendor)
    ats = connect("lever", api_key=KEY)
    ats.tell(lever("candidateArchiveChange", fromArchived=None, toArchived={"archivedAt": 1780405200000, "reason": "ar-1"}))
    assert ats.application()["decided"] is None
    lever_answers(vendor, archivedAt=1780405200000, reason="ar-1")
    clock.advance(minutes=1)
    ats.tell(lever("candidateArchiveChange", 1780405200001))
    assert ats.application()["decided"] == "rejected"
    lever_answers(vendor)
    clock.advance(minutes=1)
    ats.tell(lever("candidateArchiveChange", 1780405200002))
    assert ats.application()["decided"] is None
    vendor.answers.clear()
    clock.advance(minutes=1)
    ats.tell(lever("candidateDeleted", 1780405200003))
    assert ats.application()["status"] == "closed"


# --- Teamtailor ------------------------------------------------------------------------------------------------------


def test_teamtailor_signs_in_three_ways(connect: Callable[..., Any]) -> None:
    """Webhooks of a company, of a partner, and older ones."""
    ats = connect("teamtailor", api_key=KEY)
    of_id = base64.b64encode(hex_of(b"4711").encode()).decode()
    for number, headers in enumerate([{"TT-Signature": "stamped"}, {"Teamtailor-Signature": of_id}]):
        raw = json.dumps({**teamtailor_event(), "n": number}).encode()
        sent = {name: stamped(raw) if value == "stamped" else value for name, value in headers.items()}
        assert ats.api.post(ats.path, raw, headers=sent).status == 200
    assert ats.send(teamtailor_event()).status == 200
    raw = json.dumps({"resource_id": 4711, "event": "job_application.update"}).encode()
    assert ats.api.post(ats.path, raw, headers={"Teamtailor-Signature": of_id}).status == 200
    other = json.dumps(teamtailor_event(ref="4712")).encode()
    wrong = [
        stamped(other),
        stamped(raw, "another secret"),
        stamped(raw)[:-4],
        base64.b64encode(b"t=1,v2=").decode(),
        "t=1",
        base64.b64encode(b"t=,v2=" + hex_of(b"." + raw).encode()).decode(),
        "é",
    ]
    assert {ats.api.post(ats.path, raw + b" ", headers={"TT-Signature": one}).status for one in wrong} == {401}
    assert ats.api.post(ats.path, other, headers={"Teamtailor-Signature": of_id}).status == 401


def test_each_region_of_teamtailor_has_its_own_host(connect: Callable[..., Any], vendor: Vendor) -> None:
    """A key is refused in another region."""
    connect("teamtailor", api_key=KEY).tell(teamtailor_event())
    connect("teamtailor", api_key=KEY, subdomain="na").tell(teamtailor_event())
    assert vendor.hosts == ["api.teamtailor.com", "api.na.teamtailor.com"]


def test_teamtailors_hire_offer_and_deleted_candidate(
    connect: Callable[..., Any], employer: Any, vendor: Vendor, clock: Any
) -> None:
    """The stage's type decides. A deletion counts once Teamtailor's API does not find the candidate."""
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
    ats = connect("teamtailor", api_key=KEY)
    who = {
        "id": "9",
        "type": "candidates",
        "attributes": {
            "first-name": "Tea",
            "last-name": "Sample",
            "email": "tea@example.com",
            "phone": None,
            "sourced": False,
            "tags": [],
            "pitch": None,
        },
    }
    decided = []
    for kind in ("offer", "hired"):
        vendor.answers["/job-applications/4711"] = {
            "data": {
                "id": "4711",
                "type": "job-applications",
                "links": {},
                "relationships": {},
                "attributes": {
                    "cover-letter": None,
                    "created-at": "2026-05-01T00:00:00Z",
                    "rejected-at": None,
                    "sourced": False,
                    "changed-stage-at": "2026-06-02T13:00:00Z",
                    "row-order": 1,
                },
            },
            "included": [
                who,
                {"id": "5", "type": "jobs", "attributes": {"title": "Tailor"}},
                {"id": "6", "type": "stages", "attributes": {"name": kind.title(), "stage-type": kind}},
            ],
        }
        clock.advance(minutes=1)
        ats.tell({**teamtailor_event(), "kind": kind})
        decided.append((ats.application()["decided"], ats.application()["loop"]))
    assert decided == [("offer", "waiting"), ("offer", "answered")]
    vendor.answers["/candidates/9"] = {"data": {**who, "attributes": {**who["attributes"], "last-name": "Married"}}}
    clock.advance(minutes=1)
    ats.tell(teamtailor_event("candidate.destroy", "9"))
    assert ats.application()["candidate"]["name"] == "Tea Married", "the body said deleted, the API did not"
    del vendor.answers["/candidates/9"]
    clock.advance(minutes=1)
    ats.tell({**teamtailor_event("candidate.destroy", "9"), "n": 2})
    assert "Tea" not in str(ats.employer.get("/v1/candidates").json)
