"""Keeping candidates in mind ends on a day; only feedback marked as shared reaches the candidate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.applications.candidates import keep_in_mind, links
from chalicelib.applications.candidates.items import KeepItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.rules.title_similarity import are_similar
from chalicelib.storage import ids, keys, table
from tests.engines import join


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Senior Welder", "Welder (nights)", True),
        ("Welder", "WELDER II", True),
        ("Data Engineer", "Sales Engineer EMEA", False),
        ("Senior Manager", "Senior Welder", False),
        ("Lead", "Head", False),
        ("Ingénieur données", "ingénieur données senior", True),
    ],
)
def test_job_titles_are_similar_by_their_words_not_by_rank(one: str, other: str, same: bool) -> None:
    """Nobody reads a reminder about every "Senior"."""
    assert are_similar(one, other) is same and are_similar(other, one) is same


def test_a_candidate_is_listed_until_the_promise_ends(employer: Any, booked: Any, contact: Any, clock: Any) -> None:
    """By job title, with the day on which it ends."""
    case = booked(job_title="Welder")["application"]
    told = contact(case["id"], decision="rejected", keep_in_mind=True)
    listed = employer.get("/v1/keep_in_mind").json["data"]
    assert [(one["job_title"], one["candidate"]["name"]) for one in listed] == [("Welder", "Sam Sample")]
    assert listed[0]["until"] == clock.text(days=365)
    assert len(employer.get("/v1/keep_in_mind", query={"job_title": "Senior welder"}).json["data"]) == 1
    assert employer.get("/v1/keep_in_mind", query={"job_title": "Accountant"}).json["data"] == []
    clock.advance(days=366)
    assert employer.get("/v1/keep_in_mind").json["data"] == []
    clock.advance(days=-300)
    employer.post(f"/v1/applications/{case['id']}/contacts/{told['id']}/void")
    assert employer.get("/v1/keep_in_mind").json["data"] == []


def test_every_promise_is_listed_however_many_there_are(employer: Any, booked: Any, contact: Any, clock: Any) -> None:
    """With a thousand promises the last one is listed too, and reminded of."""
    case = booked(job_title="Accountant")["application"]
    contact(case["id"], decision="rejected", keep_in_mind=True)
    _put_promises(employer.employer_id, 600, clock.now)
    found, query = [], {"limit": 100}
    while query:
        page = employer.get("/v1/keep_in_mind", query=query).json
        found += [one["job_title"] for one in page["data"]]
        query = {"limit": 100, "cursor": page["next_cursor"]} if page["has_more"] else {}
    assert found == ["Welder"] * 600 + ["Accountant"]
    similar = employer.get("/v1/keep_in_mind", query={"job_title": "Accountant"}).json["data"]
    assert [one["application_id"] for one in similar] == [case["id"]]
    begun = clock.advance(minutes=1)
    person = {"name": "Nora New", "email": "nora@example.com"}
    assert employer.post("/v1/applications", {"candidate": person, "job_title": "Senior welder"}).status == 201
    reminded = keep_in_mind.reminders(employer.employer_id, begun, clock.advance(minutes=1))
    assert len(reminded) == keep_in_mind.NAMED_MOST and {title for title, _, _ in reminded} == {"Senior welder"}


def _put_promises(employer_id: str, number: int, now: datetime) -> None:
    """Applications with a promise, written straight into the table."""
    for begin in range(0, number, 50):
        transaction = table.Transaction()
        for at in range(begin, begin + 50):
            application_id = ids.new_id("app", now)
            pk = keys.case_pk(employer_id, application_id)
            transaction.put(
                ApplicationItem(
                    pk,
                    "APP",
                    id=application_id,
                    employer_id=employer_id,
                    candidate_id=ids.new_id("cand", now),
                    job_title="Welder",
                    external_ids=[],
                    status="active",
                    created_at=now,
                    updated_at=now,
                    version=1,
                    revision=1,
                    nudges={},
                    name=f"Sam {at}",
                )
            )
            transaction.put(
                KeepItem(
                    pk,
                    "KEEP",
                    application_id=application_id,
                    job_title="Welder",
                    contact_id=ids.new_id("con", now),
                    since=now,
                    until=now + timedelta(days=30),
                    list_key=keys.list_key(employer_id, "KEEP"),
                    list_at=f"welder#{application_id}",
                )
            )
        transaction.commit()


def test_a_candidate_can_withdraw_consent_on_their_own_page(
    api: Any, employer: Any, booked: Any, contact: Any, clock: Any
) -> None:
    """Withdrawing is as easy as consenting. Given again, consent counts again."""
    case = booked(job_title="Welder")["application"]
    contact(case["id"], decision="rejected", keep_in_mind=True)
    page = "/f/" + links.token(employer.employer_id, case["id"], clock.now)
    assert "keeps you in mind for other jobs until" in api.get(page).json
    clock.advance(minutes=1)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.post(page + "/keep_no_longer", b"", headers=form).status == 303
    assert employer.get("/v1/keep_in_mind").json["data"] == [] and "keeps you in mind" not in api.get(page).json
    clock.advance(minutes=1)
    contact(case["id"], decision="rejected", keep_in_mind=True)
    assert len(employer.get("/v1/keep_in_mind").json["data"]) == 1


def test_a_promise_ends_within_two_years(employer: Any, booked: Any, clock: Any) -> None:
    """Consent without an end is not asked for."""
    path = f"/v1/applications/{booked()['application']['id']}/contacts"
    body = {"channel": "call", "outcome": "reached", "decision": "rejected"}
    too_long = {"keep_in_mind": True, "keep_in_mind_until": clock.text(days=800)}
    for wrong in (too_long, {"keep_in_mind_until": clock.text(days=30)}):
        assert employer.post(path, body | wrong).json["errors"][0]["pointer"] == "/keep_in_mind_until"
    made = employer.post(path, body | {"keep_in_mind": True, "keep_in_mind_until": clock.text(days=90)})
    assert made.status == 201 and employer.get("/v1/keep_in_mind").json["data"][0]["until"] == clock.text(days=90)


def test_the_digest_names_kept_candidates_when_a_similar_job_opens(
    employer: Any, booked: Any, contact: Any, interview: Callable[..., Any], outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Once, and not the candidate who applied."""
    join(employer, outbox, "hr@example.com")
    employer.patch("/v1/employer", {"digest_to": ["hr@example.com"]})
    contact(booked(job_title="Welder")["application"]["id"], decision="rejected", keep_in_mind=True)
    clock.advance(days=1)
    run_ticks()
    assert not [mail for mail in outbox.to("hr@example.com") if "keep these people in mind" in mail["body"]]
    employer.post(
        "/v1/interviews",
        interview(job_title="Senior Welder", candidate={"name": "Noa Newcomer", "email": "noa@example.com", "phone": None}),
    )
    for _ in range(3):
        clock.advance(days=1)
        run_ticks()
    told = [mail for mail in outbox.to("hr@example.com") if "keep these people in mind" in mail["body"]]
    assert len(told) == 1 and "Sam Sample (Welder) for Senior Welder" in told[0]["body"]


def test_only_feedback_marked_as_shared_is_shown(api: Any, employer: Any, booked: Any, contact: Any, clock: Any) -> None:
    """Feedback about a candidate is not meant for them by default."""
    case = booked()["application"]
    contact(case["id"], decision="rejected", feedback="Too quiet")
    shared = contact(case["id"], decision="rejected", feedback="Your weld was the best of the day", share_feedback=True)
    path = f"/v1/applications/{case['id']}/shared_feedback"
    page = "/f/" + links.token(employer.employer_id, case["id"], clock.now)
    assert "the best of the day" in api.get(page).json and "Too quiet" not in api.get(page).json
    assert [one["feedback"] for one in employer.get(path).json["data"]] == ["Your weld was the best of the day"]
    employer.post(f"/v1/applications/{case['id']}/contacts/{shared['id']}/void")
    assert employer.get(path).json["data"] == []
