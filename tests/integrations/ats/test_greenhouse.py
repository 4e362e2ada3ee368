"""Greenhouse's events become interviews and decisions, so that no recruiter types them twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integrations.ats.payloads import greenhouse, held


def test_an_interview_that_awaits_feedback_starts_a_wait(connect: Callable[..., Any]) -> None:
    """There is no event for a scheduled interview. One that awaits feedback is over."""
    ats = connect("greenhouse")
    ats.tell(greenhouse("candidate_stage_change", "2026-06-02T12:00:00Z", interviews=held()))
    case = ats.application()
    assert (case["loop"], case["word_due_at"], case["job_title"]) == ("waiting", "2026-06-04T12:00:00.000Z", "Designer")
    assert case["candidate"]["name"] == "Giuseppe Hurley" and case["candidate"]["phone"] == "+12025550134"
    assert case["external_ids"] == [{"system": "greenhouse", "id": "265277"}]
    assert [e["status"] for e in ats.events("done")] == ["done"]


def test_an_applicant_without_an_interview_is_not_stored_yet(connect: Callable[..., Any]) -> None:
    """Most applicants are never interviewed."""
    ats = connect("greenhouse")
    ats.tell(
        greenhouse(interviews=held(status="to_be_scheduled")),
        greenhouse(
            "new_candidate_application", interviews=held(status="complete", name="Application Review"), stage="Application Review"
        ),
    )
    assert ats.applications() == [] and len(ats.events("waiting")) == 2


def test_a_rejection_is_decided_and_not_told(connect: Callable[..., Any]) -> None:
    """A decision is no proof that the candidate was told."""
    ats = connect("greenhouse")
    ats.tell(
        greenhouse(interviews=held()),
        greenhouse("reject_candidate", "2026-06-02T13:30:00Z", status="rejected", rejected_at="2026-06-02T13:00:00Z"),
    )
    case = ats.application()
    assert (case["decided"], case["decided_at"], case["loop"]) == ("rejected", "2026-06-02T13:00:00.000Z", "waiting")


def test_a_rejection_counts_as_told_where_the_ats_emails_rejections(connect: Callable[..., Any]) -> None:
    """The employer says so in a setting. Taking the rejection back voids the contact."""
    ats = connect("greenhouse", emails_rejections=True)
    ats.tell(
        greenhouse(interviews=held()),
        greenhouse("reject_candidate", "2026-06-02T13:00:00Z", status="rejected", rejected_at="2026-06-02T13:00:00Z"),
    )
    case = ats.application()
    assert (case["loop"], case["answered_at"], case["answered_by"]) == ("answered", "2026-06-02T13:00:00.000Z", "contact")
    ats.tell(greenhouse("unreject_candidate", "2026-06-02T13:40:00Z"))
    case = ats.application()
    assert (case["loop"], case["decided"]) == ("waiting", None)
    contacts = ats.employer.get(f"/v1/applications/{case['id']}/contacts").json["data"]
    assert [c["status"] for c in contacts] == ["voided"]


def test_a_move_to_the_next_stage_is_a_decision_not_told(connect: Callable[..., Any]) -> None:
    """The candidate still waits to hear that they are through."""
    ats = connect("greenhouse")
    ats.tell(
        greenhouse("application_updated", "2026-06-02T11:00:00Z", interviews=held()),
        greenhouse("candidate_stage_change", "2026-06-02T13:00:00Z", stage="Face to Face"),
    )
    assert (ats.application()["decided"], ats.application()["loop"]) == ("advancing", "waiting")


def test_a_hire_is_the_candidates_own_statement(connect: Callable[..., Any]) -> None:
    """Nobody accepts an offer without having heard of it. An unhire voids the statement."""
    ats = connect("greenhouse")
    ats.tell(greenhouse(interviews=held()), greenhouse("hire_candidate", "2026-06-02T13:00:00Z", status="hired"))
    assert (ats.application()["answered_by"], ats.application()["decided"]) == ("candidate", "offer")
    ats.tell(greenhouse("unhire_candidate", "2026-06-02T13:30:00Z"))
    assert (ats.application()["loop"], ats.application()["decided"]) == ("waiting", None)


def test_a_repeated_event_does_not_undo_a_recruiters_decision(connect: Callable[..., Any], clock: Any) -> None:
    """An ATS sends the whole application with every change."""
    ats = connect("greenhouse")
    ats.tell(greenhouse("application_updated", "2026-06-02T11:00:00Z", interviews=held()))
    case = ats.application()
    clock.advance(minutes=1)
    ats.employer.patch(f"/v1/applications/{case['id']}", {"decided": "offer"})
    ats.tell(greenhouse("application_updated", "2026-06-02T14:00:30Z", interviews=held()))
    assert ats.application()["decided"] == "offer"


def test_a_repeated_event_does_not_undo_a_recruiters_change_of_an_interview(connect: Callable[..., Any]) -> None:
    """Only what the ATS says for the first time changes the interview."""
    ats = connect("greenhouse")
    ats.tell(greenhouse(interviews=held()))
    (item,) = ats.employer.get("/v1/interviews").json["data"]
    assert ats.employer.patch(f"/v1/interviews/{item['id']}", {"end_at": "2026-06-02T15:00:00.000Z"}).status == 200
    ats.tell(greenhouse("application_updated", "2026-06-02T13:30:00Z", interviews=held()))
    assert ats.application()["word_due_at"] == "2026-06-04T15:00:00.000Z"
    assert ats.employer.post(f"/v1/interviews/{item['id']}/cancel").status == 200
    ats.tell(greenhouse("application_updated", "2026-06-02T13:40:00Z", interviews=held()))
    assert ats.application()["loop"] == "idle"
    ats.tell(greenhouse("application_updated", "2026-06-02T13:50:00Z", interviews=held(name="Final round")))
    assert (ats.application()["word_due_at"], ats.application()["stage"]) == ("2026-06-04T12:00:00.000Z", "final")


def test_a_rejection_email_that_a_recruiter_voided_stays_voided(connect: Callable[..., Any]) -> None:
    """It was never sent, so the candidate waits until the ATS rejects them again."""
    ats = connect("greenhouse", emails_rejections=True)
    rejected = {"status": "rejected", "rejected_at": "2026-06-02T13:00:00Z"}
    ats.tell(greenhouse(interviews=held()), greenhouse("reject_candidate", "2026-06-02T13:00:00Z", **rejected))
    path = f"/v1/applications/{ats.application()['id']}/contacts"
    (mail,) = ats.employer.get(path).json["data"]
    assert ats.employer.post(f"{path}/{mail['id']}/void").status == 200
    ats.tell(greenhouse("application_updated", "2026-06-02T13:30:00Z", **rejected))
    assert ats.application()["loop"] == "waiting"
    later = {"status": "rejected", "rejected_at": "2026-06-02T13:50:00Z"}
    ats.tell(
        greenhouse("unreject_candidate", "2026-06-02T13:40:00Z"), greenhouse("reject_candidate", "2026-06-02T13:50:00Z", **later)
    )
    assert (ats.application()["loop"], ats.application()["answered_at"]) == ("answered", "2026-06-02T13:50:00.000Z")


def test_a_decision_and_a_withdrawal_that_a_recruiter_took_back_stay_so(connect: Callable[..., Any]) -> None:
    """The candidate changed their mind: the recruiter knows, and the ATS repeats itself."""
    ats = connect("greenhouse")
    told = {"status": "rejected", "rejected_at": "2026-06-02T13:00:00Z"}
    ats.tell(greenhouse(interviews=held()), greenhouse("reject_candidate", "2026-06-02T13:00:00Z", **told))
    path = f"/v1/applications/{ats.application()['id']}"
    assert ats.employer.patch(path, {"decided": None}).json["decided"] is None
    ats.tell(greenhouse("application_updated", "2026-06-02T13:10:00Z", **told))
    assert ats.application()["decided"] is None
    withdrew = greenhouse("application_updated", "2026-06-02T13:20:00Z", **told)
    withdrew["payload"]["application"]["rejection_reason"] = {"type": {"name": "They rejected us"}}
    ats.tell(withdrew)
    assert ats.application()["status"] == "withdrawn"
    assert ats.employer.patch(path, {"status": "active"}).json["loop"] == "waiting"
    withdrew["payload"]["application"]["last_activity_at"] = "2026-06-02T13:30:00Z"
    for _ in range(2):
        ats.tell(withdrew)
        assert (ats.application()["status"], ats.application()["loop"]) == ("active", "waiting")
        withdrew["payload"]["application"]["last_activity_at"] = "2026-06-02T13:40:00Z"


def test_an_anonymised_person_leaves_our_records_and_does_not_come_back(connect: Callable[..., Any]) -> None:
    """Also where an event arrives late."""
    ats = connect("greenhouse")
    ats.tell(
        greenhouse(interviews=held()),
        {"action": "candidate_anonymized", "payload": {"person": {"id": 265772}}},
        greenhouse("application_updated", "2026-06-02T12:30:00Z", interviews=held()),
    )
    case = ats.application()
    assert case["candidate"]["name"] == "Anonymised candidate" and case["candidate"]["email"] is None
    assert case["status"] == "closed" and case["candidate"]["phone"] is None


def test_a_deleted_candidates_applications_are_closed(connect: Callable[..., Any]) -> None:
    """Also where the event has only their ids."""
    ats = connect("greenhouse")
    ats.tell(greenhouse(interviews=held()))
    ats.tell({"action": "delete_candidate", "payload": {"person": {"id": 999, "deleted_application_ids": [265277]}}})
    assert (ats.application()["status"], ats.application()["loop"]) == ("closed", "closed")


def test_a_merge_of_unknown_candidates_is_ignored(connect: Callable[..., Any]) -> None:
    """It is not listed as unmapped."""
    ats = connect("greenhouse")
    ats.tell(
        {"action": "merge_candidate", "payload": {"person": {"id": 37031511, "new_candidate_id": 457456}}},
        {"action": "ping", "payload": {}},
    )
    assert len(ats.events("ignored")) == 2 and ats.events("unmapped") == []


@pytest.mark.parametrize("order", [1, -1])
def test_no_wait_starts_from_a_deleted_interview_in_either_order(connect: Callable[..., Any], clock: Any, order: int) -> None:
    """The deletion may arrive before the interview."""
    ats = connect("greenhouse")
    clock.advance(hours=-3)
    told = [
        greenhouse("application_updated", "2026-06-02T12:00:00Z", interviews=held()),
        {"action": "interview_deleted", "payload": {"interview": {"id": 113101}}},
    ]
    for payload in told[::order]:
        ats.send(payload)
    clock.advance(hours=3)
    ats.work()
    assert all(case["loop"] == "idle" for case in ats.applications())


def test_an_interview_that_a_recruiter_posted_before_is_the_same_one(connect: Callable[..., Any], employer: Any) -> None:
    """It is not created twice."""
    person = {"name": "Giuseppe Hurley", "email": "giuseppe.hurley@example.com"}
    employer.post(
        "/v1/interviews",
        {
            "stage": "interview",
            "start_at": "2026-06-02T11:00:00Z",
            "end_at": "2026-06-02T12:00:00Z",
            "application": {"candidate": person, "job_title": "Designer"},
        },
    )
    ats = connect("greenhouse")
    ats.tell(greenhouse(interviews=held()))
    case = ats.application()
    assert len(employer.get("/v1/interviews", query={"application_id": case["id"]}).json["data"]) == 1


def test_a_corrected_name_is_applied_unless_it_was_changed_here(connect: Callable[..., Any], employer: Any) -> None:
    """A recruiter's own entry stays."""
    ats = connect("greenhouse")
    ats.tell(greenhouse(interviews=held()), greenhouse("application_updated", "2026-06-02T13:00:00Z", first_name="Beppe"))
    case = ats.application()
    assert case["candidate"]["name"] == "Beppe Hurley"
    employer.patch(f"/v1/candidates/{case['candidate_id']}", {"email": "beppe@example.org"})
    ats.tell(greenhouse("application_updated", "2026-06-02T13:30:00Z", first_name="Beppe", email="new@example.com"))
    assert ats.application()["candidate"]["email"] == "beppe@example.org"
