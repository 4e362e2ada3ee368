"""The timeline: everything that happened to one application, with words, in one list and two requests."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.applications.candidates import links
from chalicelib.storage import table
from chalicelib.storage.keys import case_pk
from infra.local.feedback import Feedback
from tests.applications.conftest import booked, contact, interview

__all__ = ["booked", "contact", "interview"]


def timeline(employer: Any, application_id: str, **query: Any) -> list[dict[str, Any]]:
    """All entries, newest first, by as many pages as it takes."""
    found: list[dict[str, Any]] = []
    answer = employer.get(f"/v1/applications/{application_id}/timeline", query=query)
    while True:
        assert answer.status == 200, answer
        found += answer.json["data"]
        if not answer.json["has_more"]:
            return found
        answer = employer.get(
            f"/v1/applications/{application_id}/timeline", query={**query, "cursor": answer.json["next_cursor"]}
        )


def kinds(entries: list[dict[str, Any]]) -> list[str]:
    return [f"{one['type']} {one['payload']['what']}" if "what" in one["payload"] else one["type"] for one in entries]


def test_it_tells_all_that_happened_newest_first(
    booked: Any, employer: Any, clock: Any, run_ticks: Any, outbox: Any, contact: Any
) -> None:
    """A recruiter who picks up the phone knows what was said before."""
    made = booked()
    application_id = made["application"]["id"]
    clock.advance(hours=49)
    run_ticks()
    employer.patch(f"/v1/applications/{application_id}", {"decided": "advancing"})
    clock.advance(minutes=1)
    employer.patch(f"/v1/applications/{application_id}", {"decided": "rejected"})
    clock.advance(minutes=1)
    logged = contact(application_id, decision="rejected", feedback="More site experience.")
    clock.advance(minutes=1)
    employer.patch(f"/v1/applications/{application_id}", {"status": "closed"})
    found = timeline(employer, application_id)
    told_of = ["status", "contact", "decision", "decision", "message", "interview booked", "application", "interview ended"]
    assert kinds(found) == told_of
    status, told, decision, first_decision, message = found[:5]
    assert status["payload"] == {"status": "closed", "was": "active"}
    assert (told["id"], told["payload"]["feedback"]) == (logged["id"], "More site experience.")
    assert told["recorded_by"]["type"] == "key"
    assert decision["payload"] == {"decided": "rejected", "was": "advancing"}
    assert first_decision["payload"] == {"decided": "advancing", "was": None}
    assert message["payload"]["status"] == "sent" and message["payload"]["subject"] == outbox[0]["subject"]
    assert [entry["at"] for entry in found] == sorted((entry["at"] for entry in found), reverse=True)


def test_the_words_of_a_message_are_those_that_were_sent_without_personal_links(
    booked: Any, employer: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    """Anyone who has a candidate's link answers for them: no key may read it."""
    application_id = booked()["application"]["id"]
    clock.advance(hours=49)
    run_ticks()
    [message] = [one for one in timeline(employer, application_id) if one["type"] == "message"]
    body = message["payload"]["body"]
    assert "http" in outbox[0]["body"] and "http" not in body and "[personal link]" in body
    first = outbox[0]["body"].splitlines()[0]
    assert body.startswith(first)


def test_another_stage_is_a_change_and_no_move(booked: Any, employer: Any, clock: Any) -> None:
    """Its time is the same."""
    made = booked(-24)
    clock.advance(minutes=1)
    assert employer.patch(f"/v1/interviews/{made['id']}", {"stage": "final"}).status == 200
    found = [one for one in timeline(employer, made["application_id"]) if one["type"] == "interview"]
    assert kinds(found) == ["interview changed", "interview booked"]


def test_moves_and_cancellations_of_an_interview_are_told_with_what_was_before(booked: Any, employer: Any, clock: Any) -> None:
    """Who moved an appointment three times should see it."""
    made = booked(-24)
    was = made["start_at"]
    for hours in (48, 72):
        clock.advance(minutes=1)
        employer.patch(
            f"/v1/interviews/{made['id']}", {"start_at": clock.text(hours=hours), "end_at": clock.text(hours=hours + 1)}
        )
    clock.advance(minutes=1)
    employer.post(f"/v1/interviews/{made['id']}/cancel")
    clock.advance(minutes=1)
    employer.post(f"/v1/interviews/{made['id']}/reinstate")
    found = [one for one in timeline(employer, made["application_id"]) if one["type"] == "interview"]
    assert kinds(found) == [f"interview {what}" for what in ("reinstated", "cancelled", "moved", "moved", "booked")]
    assert found[3]["payload"]["was"]["start_at"] == was == found[4]["payload"]["interview"]["start_at"]
    assert found[2]["payload"]["was"]["start_at"] == found[3]["payload"]["interview"]["start_at"]
    assert {one["id"] for one in found} == {made["id"]}


def test_replies_disputes_and_holding_notices_stand_in_it_with_their_words(
    booked: Any, employer: Any, clock: Any, run_ticks: Any, contact: Any, stack: Any, outbox: Any
) -> None:
    """What the candidate said, and whether somebody read it."""
    made = booked(candidate={"sms_consent": {"given_at": clock.text(hours=-99), "source": "form"}})
    application_id = made["application"]["id"]
    clock.advance(hours=73)
    run_ticks()
    Feedback(stack.app, stack.clock, lambda: stack.outbox).inbound_sms(
        {"from": "+12025550123", "body": "I called twice, nobody picks up"}
    )
    employer.post(f"/v1/applications/{application_id}/holding_notice", {"next_word_by": clock.text(days=7)})
    clock.advance(minutes=1)
    run_ticks()
    found = timeline(employer, application_id)
    [reply] = [one for one in found if one["type"] == "reply"]
    assert (reply["payload"]["body"], reply["payload"]["seen_at"]) == ("I called twice, nobody picks up", None)
    [notice] = [one for one in found if one["type"] == "holding_notice"]
    assert "no decision yet" in notice["payload"]["body"] and notice["payload"]["next_word_by"]
    employer.post(f"/v1/replies/{reply['id']}/seen")
    [reply] = [one for one in timeline(employer, application_id) if one["type"] == "reply"]
    assert reply["payload"]["seen_by"]["type"] == "key"


@pytest.mark.parametrize("is_disputed", [True, False])
def test_who_has_not_heard_disputes_a_call_or_replies(
    booked: Any, employer: Any, api: Any, clock: Any, contact: Any, is_disputed: bool
) -> None:
    """A "not yet" without any call before it contradicts nobody."""
    application_id = booked()["application"]["id"]
    clock.advance(hours=3)
    if is_disputed:
        contact(application_id, decision="rejected")
        clock.advance(hours=1)
    own_page = "/f/" + links.token(employer.employer_id, application_id, clock.now)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.using(None).post(own_page, b"answer=not_yet", headers=form).status == 303
    kind, other = ("dispute", "reply") if is_disputed else ("reply", "dispute")
    found = timeline(employer, application_id)
    [said] = [one for one in found if one["type"] == kind]
    assert said["payload"]["kind"] == ("dispute" if is_disputed else "not_yet")
    assert not [one for one in found if one["type"] in (other, "statement")]


def test_pages_of_it_share_nothing_and_lose_nothing(booked: Any, employer: Any, clock: Any, contact: Any) -> None:
    """Many things at the same instant too."""
    application_id = booked()["application"]["id"]
    for _ in range(7):
        contact(application_id, outcome="voicemail", decision=None)
    whole = timeline(employer, application_id)
    assert timeline(employer, application_id, limit=2) == whole and len(whole) >= 9


def test_it_costs_two_requests_however_much_there_is(booked: Any, employer: Any, contact: Any, meter: Any) -> None:
    """One to authenticate, one for the application's partition."""
    application_id = booked()["application"]["id"]
    for _ in range(10):
        contact(application_id, outcome="voicemail", decision=None)
    meter.reset()
    timeline(employer, application_id)
    assert meter.total == 2


def test_an_erased_candidate_has_none(booked: Any, employer: Any, clock: Any, run_ticks: Any) -> None:
    """Neither words nor the list stay."""
    made = booked()["application"]
    clock.advance(hours=49)
    run_ticks()
    employer.delete(f"/v1/candidates/{made['candidate_id']}")
    assert employer.get(f"/v1/applications/{made['id']}/timeline").status == 404
    left = str(table.query_range(case_pk(employer.employer_id, made["id"]), " ", "~"))
    assert "Sam" not in left and "welcome to ask" not in left


@pytest.mark.parametrize("name", ["application", "interview"])
def test_only_the_latest_changes_are_kept(booked: Any, employer: Any, clock: Any, name: str) -> None:
    """A calendar that moves an interview every hour must not fill its item."""
    made = booked(-24)
    for number in range(25):
        clock.advance(minutes=1)
        if name == "interview":
            times = {"start_at": clock.text(hours=24 + number), "end_at": clock.text(hours=25 + number)}
            assert employer.patch(f"/v1/interviews/{made['id']}", times).status == 200
        else:
            decided = "advancing" if number % 2 else "rejected"
            employer.patch(f"/v1/applications/{made['application_id']}", {"decided": decided})
    found = timeline(employer, made["application_id"])
    wanted = {"interview": "interview moved", "application": "decision"}[name]
    assert kinds(found).count(wanted) == 20
