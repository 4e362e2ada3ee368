"""Interviews moved and cancelled, contacts, promises, disputes and decisions over HTTP; the tally follows each."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.applications import tally_items
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.mappers import wait_of
from chalicelib.rules import tally
from tests.engines import START


def case_of(employer: Any, application_id: str) -> dict[str, Any]:
    return employer.get(f"/v1/applications/{application_id}").json


def tally_is_right(employer: Any, *application_ids: str) -> bool:
    """Whether the tally items count exactly what the waits say."""
    cases = [ApplicationCase.read(employer.employer_id, one) for one in application_ids]
    recounted = tally.tally(
        (wait_of(w), bool(c.application.email or c.application.phone)) for c in cases if c for w in c.waits.values()
    )
    return tally_items.read(employer.employer_id, START) == recounted


def test_a_moved_interview_moves_its_deadline(employer: Any, booked: Any, clock: Any) -> None:
    """Moved after booking: the candidate is owed word 48 hours after the new end."""
    made = booked(ended=-24)
    moved = employer.patch(f"/v1/interviews/{made['id']}", {"start_at": clock.text(hours=47), "end_at": clock.text(hours=48)})
    assert moved.json["application"]["word_due_at"] == clock.text(hours=96)
    assert tally_is_right(employer, made["application_id"])


def test_an_interview_can_be_cancelled_before_its_end_only(employer: Any, booked: Any, clock: Any) -> None:
    """An interview that took place cannot be undone. Cancelling is idempotent."""
    made = booked(ended=-24)
    for _ in range(2):
        answer = employer.post(f"/v1/interviews/{made['id']}/cancel")
        assert (answer.status, answer.json["status"], answer.json["application"]["loop"]) == (200, "cancelled", "idle")
    over = booked(ended=1, job_title="Painter")
    answer = employer.post(f"/v1/interviews/{over['id']}/cancel")
    assert (answer.status, answer.json["code"]) == (409, "interview_ended")
    assert tally_is_right(employer, made["application_id"], over["application_id"])


def test_no_word_is_due_after_a_no_show(employer: Any, booked: Any) -> None:
    """The wait ends for a candidate who did not come."""
    made = booked()
    answer = employer.post(f"/v1/interviews/{made['id']}/no_show")
    assert (answer.status, answer.json["application"]["loop"], answer.json["application"]["next_reminder_at"]) == (
        200,
        "idle",
        None,
    )
    assert tally_is_right(employer, made["application_id"])


def test_who_was_asked_back_and_did_not_come_waits_for_nothing(employer: Any, booked: Any, clock: Any) -> None:
    """The invitation was word about the interview before, in time: nobody is reminded of that one again."""
    made = booked()
    clock.advance(hours=20)
    times = {"start_at": clock.text(hours=30), "end_at": clock.text(hours=31)}
    second = booked(application_id=made["application_id"], **times)
    clock.advance(hours=32)
    case = employer.post(f"/v1/interviews/{second['id']}/no_show").json["application"]
    assert (case["loop"], case["answered_by"], case["next_reminder_at"]) == ("answered", "interview", None)
    assert employer.get("/v1/call_list").json["data"] == []
    assert employer.get("/v1/risk").json["heard_on_time"]["share"] == 1.0


def test_told_is_the_last_decision_that_the_candidate_was_told(booked: Any, contact: Any, clock: Any, employer: Any) -> None:
    """Also where the wait had ended: the next round, then a rejection. A call that is undone was not told."""
    made = booked()
    contact(made["application_id"], decision="advancing")
    first = clock.text()
    clock.advance(days=3)
    rejection = contact(made["application_id"], decision="rejected")
    case = rejection["application"]
    assert (case["told"], case["told_at"]) == ("rejected", clock.text())
    undone = employer.post(f"/v1/applications/{case['id']}/contacts/{rejection['id']}/void").json["application"]
    assert (undone["told"], undone["told_at"]) == ("advancing", first)


def test_a_call_that_reached_somebody_ends_the_wait(booked: Any, contact: Any, employer: Any) -> None:
    """One call ends the wait and the nudges."""
    made = booked()
    case = contact(made["application_id"], decision="rejected", thanked=True, keep_in_mind=True)["application"]
    assert (case["loop"], case["answered_by"], case["next_reminder_at"]) == ("answered", "contact", None)
    assert tally_is_right(employer, made["application_id"])


def test_a_voicemail_is_listed_and_leaves_the_wait_open(booked: Any, contact: Any, employer: Any) -> None:
    """An attempt tells the candidate nothing."""
    made = booked()
    case = contact(made["application_id"], "voicemail")["application"]
    assert case["loop"] == "waiting" and case["word_due_at"] == made["application"]["word_due_at"]
    assert [row["outcome"] for row in employer.get(f"/v1/applications/{case['id']}/contacts").json["data"]] == ["voicemail"]


def test_a_promise_opens_its_own_wait(booked: Any, contact: Any, clock: Any, employer: Any) -> None:
    """'By Friday': the deadline is Friday, and a nudge is planned for it."""
    made = booked()
    case = contact(made["application_id"], decision="pending", next_word_by=clock.text(days=3))["application"]
    assert (case["loop"], case["word_due_at"], case["waiting_since"]) == ("waiting", clock.text(days=3), clock.text())
    assert tally_is_right(employer, made["application_id"])


def test_a_promise_without_a_day_is_due_in_seven_days(booked: Any, contact: Any, clock: Any) -> None:
    """The policy's default: 'not yet' never means never."""
    assert contact(booked()["application_id"])["application"]["word_due_at"] == clock.text(days=7)


def test_a_promise_is_at_most_thirty_days(booked: Any, clock: Any, employer: Any) -> None:
    """'We will come back to you next summer' is not word."""
    path = f"/v1/applications/{booked()['application_id']}/contacts"
    answer = employer.post(path, {"channel": "call", "outcome": "reached", "next_word_by": clock.text(days=31)})
    assert (answer.status, [e["pointer"] for e in answer.json["errors"]]) == (422, ["/next_word_by"])


def test_voiding_a_contact_restores_the_deadline(booked: Any, contact: Any, employer: Any) -> None:
    """A contact logged on the wrong row is voided: the wait and its nudge are as before."""
    made = booked()
    logged = contact(made["application_id"], decision="rejected")
    path = f"/v1/applications/{made['application_id']}/contacts/{logged['id']}/void"
    for _ in range(2):
        answer = employer.post(path)
        assert (answer.status, answer.json["status"]) == (200, "voided")
    case = answer.json["application"]
    assert {name: case[name] for name in ("loop", "word_due_at", "next_reminder_at")} == {
        name: made["application"][name] for name in ("loop", "word_due_at", "next_reminder_at")
    }
    assert tally_is_right(employer, made["application_id"])


def test_a_dispute_reopens_the_wait(booked: Any, contact: Any, employer: Any) -> None:
    """The candidate says that nobody called. The recruiter sees the contact as disputed."""
    made = booked()
    contact(made["application_id"], decision="rejected")
    answer = employer.post(f"/v1/applications/{made['application_id']}/statements", {"heard": False})
    assert (answer.status, answer.json["application"]["loop"]) == (201, "waiting")
    assert employer.get(f"/v1/applications/{made['application_id']}/contacts").json["data"][0]["status"] == "disputed"
    assert tally_is_right(employer, made["application_id"])


def test_the_candidates_i_heard_answers_the_wait(booked: Any, employer: Any) -> None:
    """Answered by the candidate."""
    made = booked()
    answer = employer.post(f"/v1/applications/{made['application_id']}/statements", {"heard": True, "decision": "rejected"})
    assert (answer.json["application"]["loop"], answer.json["application"]["answered_by"]) == ("answered", "candidate")


def test_a_decision_alone_does_not_answer_the_wait(booked: Any, employer: Any, clock: Any) -> None:
    """Rejected and not told: these are the calls that the product is for."""
    made = booked()
    answer = employer.patch(f"/v1/applications/{made['application_id']}", {"decided": "rejected"})
    assert (answer.json["decided"], answer.json["loop"], answer.json["word_due_at"]) == (
        "rejected",
        "waiting",
        made["application"]["word_due_at"],
    )


def test_withdrawing_drops_the_open_wait_from_the_counts(booked: Any, employer: Any) -> None:
    """A candidate who withdraws waits no more."""
    made = booked()
    assert employer.patch(f"/v1/applications/{made['application_id']}", {"status": "withdrawn"}).json["loop"] == "closed"
    assert tally_is_right(employer, made["application_id"])


def test_losing_all_addresses_changes_reminders_and_counts(booked: Any, employer: Any) -> None:
    """The tally counts reachable candidates apart."""
    one, two = booked(), booked(job_title="Painter")
    path = f"/v1/candidates/{one['application']['candidate_id']}"
    assert employer.patch(path, {"email": None, "phone": None}).status == 200
    for made in (one, two):
        case = case_of(employer, made["application_id"])
        assert (case["candidate"]["phone"], case["next_reminder_at"]) == (None, None)
    assert tally_is_right(employer, one["application_id"], two["application_id"])


def test_the_address_of_another_candidate_with_such_a_name_is_refused(booked: Any, employer: Any) -> None:
    """The next request could not tell the two apart."""
    booked()
    other = booked(name="Sam", candidate={"email": "kim@example.com", "phone": None})
    answer = employer.patch(f"/v1/candidates/{other['application']['candidate_id']}", {"email": "SAM@example.com"})
    assert (answer.status, answer.json["code"]) == (409, "duplicate_candidate")


@pytest.mark.parametrize("fault", ["lose_response", "conflict"])
def test_a_write_is_counted_once_whatever_fails(fault: str, faults: Any, booked: Any, contact: Any, employer: Any) -> None:
    """A lost response is retried with its token, a conflict from a fresh read: the tally never counts twice."""
    made = booked()
    getattr(faults, fault)("TransactWriteItems")
    contact(made["application_id"], decision="rejected")
    assert len(employer.get(f"/v1/applications/{made['application_id']}/contacts").json["data"]) == 1
    assert tally_is_right(employer, made["application_id"])


def test_a_patch_without_effect_writes_nothing(booked: Any, employer: Any, meter: Any) -> None:
    """The same PATCH twice costs reads only, and the ETag stays."""
    path = f"/v1/applications/{booked()['application_id']}"
    first = employer.patch(path, {"decided": "rejected"})
    meter.reset()
    second = employer.patch(path, {"decided": "rejected"})
    assert first.headers["ETag"] == second.headers["ETag"] and meter.requests["TransactWriteItems"] == 0


def test_a_stale_if_match_changes_nothing(booked: Any, employer: Any) -> None:
    """Two recruiters change one record: the second is told, and reads again."""
    path = f"/v1/applications/{booked()['application_id']}"
    seen = employer.get(path).headers["ETag"]
    assert employer.patch(path, {"decided": "rejected"}, headers={"If-Match": seen}).status == 200
    assert employer.patch(path, {"decided": "offer"}, headers={"If-Match": seen}).status == 412
    assert employer.get(path).json["decided"] == "rejected"


def test_another_tenants_records_are_not_found(api: Any, booked: Any, employer: Any) -> None:
    """The same 404 for every method, whether the id exists elsewhere or nowhere."""
    made, stranger = booked(), api.new_employer()
    application, interview, candidate = made["application_id"], made["id"], made["application"]["candidate_id"]
    answers = [
        stranger.get(f"/v1/applications/{application}"),
        stranger.patch(f"/v1/applications/{application}", {"decided": "offer"}),
        stranger.get(f"/v1/interviews/{interview}"),
        stranger.patch(f"/v1/interviews/{interview}", {"stage": "final"}),
        stranger.post(f"/v1/interviews/{interview}/cancel"),
        stranger.get(f"/v1/candidates/{candidate}"),
        stranger.patch(f"/v1/candidates/{candidate}", {"name": "X"}),
        stranger.get(f"/v1/applications/{application}/contacts"),
        stranger.post(f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "reached"}),
        stranger.post(f"/v1/applications/{application}/statements", {"heard": True}),
    ]
    assert {(a.status, a.json["code"], a.json["detail"]) for a in answers} == {(404, "not_found", "There is no such record.")}
    assert case_of(employer, application) == made["application"]


def test_a_read_takes_two_requests_and_a_contact_three(booked: Any, contact: Any, employer: Any, meter: Any) -> None:
    """Authentication included."""
    made = booked()
    meter.reset()
    case_of(employer, made["application_id"])
    assert meter.total <= 2
    meter.reset()
    contact(made["application_id"])
    assert meter.total <= 3
