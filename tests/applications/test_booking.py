"""Booking an interview: candidate and application are found or created, and the wait begins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any


def test_one_request_books_and_plans_a_reminder(booked: Any, clock: Any) -> None:
    """The promise of the README's first curl line."""
    case = booked()["application"]
    assert (case["loop"], case["overdue"], case["stage"]) == ("waiting", False, "interview")
    assert case["word_due_at"] == clock.text(hours=48, minutes=-1)
    assert case["next_reminder_at"] is not None


def test_an_interview_that_has_not_ended_is_booked_not_waiting(booked: Any, clock: Any) -> None:
    """No candidate waits for word before the interview."""
    case = booked(ended=-24)["application"]
    assert (case["loop"], case["waiting_since"], case["overdue"]) == ("booked", None, False)


def test_booking_is_idempotent(employer: Any, interview: Any) -> None:
    """A client that retries must not open two waits."""
    first, second = (employer.post("/v1/interviews", interview()) for _ in range(2))
    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"] and first.json["application_id"] == second.json["application_id"]
    assert len(employer.get("/v1/candidates").json["data"]) == 1


def test_twenty_requests_at_once_create_one_candidate(employer: Any, interview: Any) -> None:
    """Unique keys do not lag as an index does."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: employer.post("/v1/interviews", interview()), range(20)))
    assert {answer.status for answer in answers} <= {200, 201} and sum(answer.status == 201 for answer in answers) == 1
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(employer.get("/v1/candidates").json["data"]) == 1


def test_an_interview_of_one_candidate_is_never_booked_for_another(employer: Any, interview: Any) -> None:
    """A wrong external id must not remind another candidate of an interview that they did not have."""
    ref = [{"system": "greenhouse", "id": "77"}]
    ann = {"job_title": "Cook", "candidate": {"name": "Ann", "email": "ann@example.com"}, "external_ids": ref}
    first = employer.post("/v1/applications", ann).json
    bob = employer.post("/v1/candidates", {"name": "Bob", "email": "bob@example.com"}).json["id"]
    mixed_up = {**interview(), "application": {"job_title": "Cook", "candidate_id": bob, "external_ids": ref}}
    answer = employer.post("/v1/interviews", mixed_up)
    assert (answer.status, answer.json["code"]) == (409, "duplicate_application")
    assert employer.get(f"/v1/applications/{first['id']}").json["loop"] == "idle"
    right = {**mixed_up, "application": {**mixed_up["application"], "candidate_id": first["candidate_id"]}}
    assert employer.post("/v1/interviews", right).json["application_id"] == first["id"]


def test_a_phone_matches_only_with_the_same_name(booked: Any) -> None:
    """People of one household may share a number."""
    one = booked(candidate={"email": None})
    same = booked(ended=30, name="sam  SAMPLE", candidate={"email": None})
    other = booked(name="Kim Sample", candidate={"email": None})
    assert one["application"]["candidate_id"] == same["application"]["candidate_id"] != other["application"]["candidate_id"]


def test_a_known_candidate_is_completed_and_never_overwritten(employer: Any, booked: Any) -> None:
    """The first values are kept; missing ones are added."""
    first = booked(candidate={"phone": None})
    again = booked(ended=30, name="Sam J. Sample", candidate={"phone": "+12025550177", "timezone": "Europe/Berlin"})
    person = employer.get(f"/v1/candidates/{first['application']['candidate_id']}").json
    assert again["application_id"] == first["application_id"]
    assert (person["name"], person["phone"], person["timezone"]) == ("Sam Sample", "+12025550177", "Europe/Berlin")
    assert again["application"]["candidate"]["phone"] == "+12025550177"


def test_an_external_id_matches_first(booked: Any) -> None:
    """An applicant tracking system's id is stronger than an address that may have changed."""
    ids = [{"system": "greenhouse", "id": "265772"}]
    one = booked(candidate={"external_ids": ids})
    same = booked(ended=30, candidate={"external_ids": ids, "email": "other@example.com", "phone": None})
    assert one["application_id"] == same["application_id"]


def test_another_job_title_is_another_application(employer: Any, booked: Any) -> None:
    """An application is one candidate for one job."""
    one, other, same = booked(), booked(job_title="Painter"), booked(ended=30, job_title=" welder ")
    assert one["application_id"] == same["application_id"] != other["application_id"]
    assert one["application"]["candidate_id"] == other["application"]["candidate_id"]
    listed = employer.get("/v1/applications", query={"candidate_id": one["application"]["candidate_id"]}).json["data"]
    assert {row["id"] for row in listed} == {one["application_id"], other["application_id"]}


def test_after_a_rejection_the_same_job_is_a_new_application(booked: Any, contact: Any, clock: Any) -> None:
    """A candidate who applies again next year starts a new application."""
    first = booked()
    contact(first["application_id"], decision="rejected")
    clock.advance(days=300)
    assert booked()["application_id"] != first["application_id"]


def test_a_candidate_without_phone_and_email_gets_no_reminder(booked: Any) -> None:
    """They still wait; no reminder is planned that could not be sent."""
    case = booked(candidate={"email": None, "phone": None})["application"]
    assert (case["loop"], case["next_reminder_at"]) == ("waiting", None)


def test_a_closed_application_takes_no_interviews(employer: Any, booked: Any, interview: Any) -> None:
    """409 with a reason, and nothing written."""
    case = booked()
    assert employer.patch(f"/v1/applications/{case['application_id']}", {"status": "closed"}).json["loop"] == "closed"
    answer = employer.post("/v1/interviews", interview(ended=30, application_id=case["application_id"]))
    assert (answer.status, answer.json["code"]) == (409, "application_closed")


def test_booking_takes_at_most_four_requests(employer: Any, interview: Any, meter: Any) -> None:
    """Three where all is new, four where a candidate matches."""
    employer.post("/v1/interviews", interview())
    new = meter.total
    meter.reset()
    employer.post("/v1/interviews", interview(ended=30))
    assert new <= 3 and meter.total <= 4
