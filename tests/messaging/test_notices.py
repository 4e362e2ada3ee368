"""Holding notices are sent like any message, and become a promise only once they were sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.applications.candidates import service as candidate_service
from chalicelib.applications.contacts import service
from chalicelib.errors import Conflict
from chalicelib.messaging import opt_outs
from chalicelib.messaging.messages import HOLDING_NOTICE
from chalicelib.messaging.notices import request
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate
from chalicelib.storage import table
from infra.local.feedback import Feedback
from tests.engines import Crash

EMAIL, PHONE = "sam.nine@example.com", "+12025560999"


def ask(sending: Any, application: Any, **by: float) -> Any:
    return request.ask(sending.employer, application.id, sending.clock() + timedelta(**(by or {"days": 7})), sending.clock())[0]


def notice(sending: Any, application: Any) -> Any:
    return next(one for one in sending.messages(application) if one.step == HOLDING_NOTICE)


def contacts(application: Any) -> list[Any]:
    return table.query(application.PK, "CON#")


def test_the_promise_begins_when_the_notice_was_sent(sending: Any) -> None:
    """A request for a notice promises nothing; the sent message does."""
    application = sending.interviewed(email=EMAIL)
    sending.clock.advance(hours=12)  # 22:00 in New York: too late for today
    by = ask(sending, application).next_word_by
    sending.run()
    assert (contacts(application), sending.now(application).wait_state) == ([], "open") and sending.outbox == []
    sending.clock.advance(hours=10)
    sending.run()
    [mail] = sending.outbox
    assert "You will hear by Tuesday, June 9" in mail["body"] and mail["headers"]["List-Unsubscribe"]
    [contact] = contacts(application)
    assert (contact.outcome, contact.decision, contact.promised_by) == ("sent", "pending", by)
    assert contact.occurred_at == sending.clock()
    assert sending.now(application).word_due_at == by
    sending.run()
    assert len(contacts(application)) == len(sending.outbox) == 1


def test_two_requests_for_the_same_notice_send_one(sending: Any) -> None:
    """Two recruiters press the button, one of them twice."""
    application = sending.interviewed(email=EMAIL)
    assert ask(sending, application).id == ask(sending, application).id
    with pytest.raises(Exception, match="another day"):
        ask(sending, application, days=3)
    sending.run()
    assert len(sending.outbox) == 1


def test_two_requests_at_one_moment_make_one_notice(sending: Any) -> None:
    """The second one is told so by a code of its own."""
    application = sending.interviewed(email=EMAIL)
    sending.faults.before("TransactWriteItems", lambda: ask(sending, application))
    with pytest.raises(Conflict) as refused:
        ask(sending, application, days=3)
    assert (refused.value.code, len(sending.messages(application))) == ("notice_pending", 1)


def test_a_notice_that_was_sent_is_not_sent_again_for_the_same_day(sending: Any) -> None:
    """A recruiter who lost the answer asks again under a new key: the candidate must not get the same words twice."""
    application = sending.interviewed(email=EMAIL)
    by = ask(sending, application).next_word_by
    sending.run()
    sending.clock.advance(hours=1)
    again, is_new = request.ask(sending.employer, application.id, by, sending.clock())
    assert (again.status, is_new) == ("sent", False)
    sending.run()
    assert len(sending.outbox) == 1
    later, is_new = request.ask(sending.employer, application.id, by + timedelta(days=1), sending.clock())
    assert is_new and later.id != again.id


def test_a_notice_that_is_being_sent_is_not_asked_for_again_after_a_call(sending: Any) -> None:
    """The call that is logged meanwhile begins another wait: the same words about it would be the same words twice."""
    application = sending.interviewed(email=EMAIL)
    item = ask(sending, application)
    sending.faults.crash_before("SendEmail")
    with pytest.raises(Crash):
        sending.deliver(item.key)
    sending.clock.advance(seconds=2)
    called = {"channel": "call", "outcome": "reached", "decision": "pending"}
    service.log_contact(sending.employer, application.id, called, sending.clock())
    again, is_new = request.ask(sending.employer, application.id, item.next_word_by, sending.clock())
    assert (again.id, is_new) == (item.id, False)
    with pytest.raises(Exception, match="another day"):
        ask(sending, application, days=3)


def test_the_worker_may_die_between_sending_and_logging(sending: Any) -> None:
    """The contact is logged once, a minute later."""
    application = sending.interviewed(email=EMAIL)
    item = ask(sending, application)
    sending.faults.crash_before("TransactWriteItems", where="CON#")
    with pytest.raises(Crash):
        sending.deliver(item.key)
    assert (notice(sending, application).status, contacts(application)) == ("sent", [])
    again, is_new = request.ask(sending.employer, application.id, item.next_word_by, sending.clock())
    assert (again.id, is_new) == (item.id, False), "its words have gone out"
    sending.run()
    assert len(contacts(application)) == len(sending.outbox) == 1
    assert notice(sending, application).due_at is None


def test_an_unknown_notice_promises_nothing(sending: Any) -> None:
    """The candidate may never have read it."""
    application = sending.interviewed(email=EMAIL)
    ask(sending, application)
    sending.faults.lose_response("SendEmail")
    sending.run()
    assert (notice(sending, application).status, contacts(application)) == ("unknown", [])


@pytest.mark.parametrize(
    ("meanwhile", "status", "reason"),
    [
        ("heard", "cancelled", "no longer waiting for this word"),
        ("opted out", "suppressed", "opted out"),
        ("suspended", "suppressed", "the employer is suspended"),
        ("without an address", "cancelled", "this candidate cannot be reached any more"),
        ("late", "expired", "too late"),
    ],
)
def test_a_notice_that_must_not_be_sent_any_more_says_why(sending: Any, meanwhile: str, status: str, reason: str) -> None:
    """After a contact it would be wrong, after STOP forbidden."""
    application = sending.interviewed(email=EMAIL)
    ask(sending, application)
    sending.clock.advance(minutes=1)
    if meanwhile == "heard":
        sending.heard(application)
    elif meanwhile == "opted out":
        opt_outs.opt_out([("email", EMAIL)], "link", sending.clock())
    elif meanwhile == "suspended":
        sending.change_employer(sending.employer, suspended=True)
    elif meanwhile == "late":
        sending.clock.set(notice(sending, application).last_try_before)
    else:
        candidate_service.change(sending.employer, application.candidate_id, {"email": None}, sending.clock(), lambda _: None)
    sending.run()
    ended = notice(sending, application)
    assert (ended.status, ended.reason, ended.settled_at) == (status, reason, sending.clock())
    assert not [mail for mail in sending.outbox if "You will hear by" in mail["body"]]


def test_a_text_for_which_no_hour_is_open_in_time_says_so(sending: Any) -> None:
    """Nobody is texted by night for a day that was promised to begin before."""
    application = sending.interviewed(phone=PHONE)
    sending.clock.set(datetime.fromisoformat("2026-06-07T13:00:00+00:00"))  # Sunday: texts wait for Monday
    sending.run()
    ask(sending, application, hours=20)
    sending.run()
    ended = notice(sending, application)
    assert (ended.status, ended.reason) == ("expired", "no open hour before it was too late"), ended.not_after


@pytest.mark.parametrize(
    ("part", "numbers"), [({"stage": "final"}, {1, 3}), ({"decided": "offer"}, {0, 1}), ({"overdue": True}, {0, 1})]
)
def test_notices_go_to_the_asked_part_of_the_call_list_alone(employer: Any, clock: Any, part: Any, numbers: set[int]) -> None:
    """By each of its filters."""

    def book(number: int, ended: int) -> str:
        person = {"name": f"Sam {number}", "email": f"sam{number}@example.com"}
        times = {"start_at": clock.text(hours=-ended - 1), "end_at": clock.text(hours=-ended)}
        stage = ("screen", "final")[number % 2]
        given = {"application": {"candidate": person, "job_title": "Engineer"}, "stage": stage, **times}
        return str(employer.post("/v1/interviews", given).json["application_id"])

    ids = [book(number, 72 if number < 2 else 1) for number in range(4)]
    for one in ids[:2]:
        employer.patch(f"/v1/applications/{one}", {"decided": "offer"})
    rows = employer.post("/v1/holding_notices", {"next_word_by": clock.text(days=5), "call_list": part}).json["data"]
    assert {row["application_id"] for row in rows} == {ids[number] for number in numbers}


def test_a_text_keeps_to_the_candidates_window_and_a_mail_may_come_on_sunday(sending: Any) -> None:
    """It is the employer's own message, but a text makes a phone ring."""
    mailed, texted = sending.interviewed(email=EMAIL), sending.interviewed(phone=PHONE)
    sending.clock.set(datetime.fromisoformat("2026-06-07T13:00:00+00:00"))  # Sunday, 09:00
    sending.run()
    for application in (mailed, texted):
        ask(sending, application)
    sending.run()
    assert (notice(sending, mailed).status, notice(sending, texted).status) == ("sent", "retrying")
    sending.clock.advance(days=1, hours=2)
    sending.run()
    assert notice(sending, texted).status == "sent"


@pytest.mark.parametrize("early", [True, False])
def test_a_bounced_notice_opens_the_wait_again(sending: Any, stack: Any, early: bool) -> None:
    """With its old deadline, whether the bounce or the contact is recorded first."""
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    application = sending.interviewed(email=EMAIL)
    due_at = application.word_due_at
    item = ask(sending, application)
    if early:
        sending.faults.crash_before("TransactWriteItems", where="CON#")
        with pytest.raises(Crash):
            sending.deliver(item.key)
    else:
        sending.run()
        assert sending.now(application).word_due_at != due_at
    for _ in range(2):
        feedback.ses_event({"type": "Bounce", "to": EMAIL})
    sending.run()
    assert [one.outcome for one in contacts(application)] == ["bounced"]
    assert (sending.now(application).wait_state, sending.now(application).word_due_at) == ("open", due_at)


def test_after_a_bounce_another_notice_can_be_requested(sending: Any, stack: Any) -> None:
    """The address was corrected, and the candidate has still heard nothing."""
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    application = sending.interviewed(email=EMAIL)
    first = ask(sending, application)
    sending.run()
    feedback.ses_event({"type": "Bounce", "to": EMAIL})
    mended = {"email": "sam.ten@example.com"}
    candidate_service.change(sending.employer, application.candidate_id, mended, sending.clock(), lambda _: None)
    second = ask(sending, application, days=6)
    assert second.id != first.id
    assert ask(sending, application, days=6).id == second.id
    with pytest.raises(Exception, match="another day"):
        ask(sending, application)
    sending.run()
    assert [mail["to"] for mail in sending.outbox] == [EMAIL, "sam.ten@example.com"]


@pytest.mark.parametrize("by", ["the employer", "the candidate"])
def test_after_a_void_or_a_dispute_another_notice_can_be_requested(sending: Any, by: str) -> None:
    """The wait is open again, so no notice is pending."""
    application = sending.interviewed(email=EMAIL)
    ask(sending, application)
    sending.run()
    [contact] = contacts(application)
    sending.clock.advance(hours=1)
    if by == "the employer":
        service.void_contact(sending.employer, application.id, contact.id, sending.clock())
    else:
        service.record_statement(sending.employer, application.id, {"heard": False, "at": sending.clock()}, sending.clock())
    assert sending.now(application).wait_state == "open"
    sending.clock.advance(minutes=1)
    again = ask(sending, application, days=9)
    sending.run()
    assert [len(sending.outbox), sending.now(application).word_due_at] == [2, again.next_word_by]


def test_many_notices_get_a_row_each(employer: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """A list of thirty must not fail because one candidate was called an hour ago."""
    ids = [
        employer.post(
            "/v1/interviews",
            {
                "application": {"candidate": {"name": f"Sam {n}", "email": f"sam{n}@example.com"}, "job_title": "Engineer"},
                "stage": ("screen", "final")[n % 2],
                "start_at": clock.text(hours=-1),
                "end_at": clock.text(),
            },
        ).json["application_id"]
        for n in range(6)
    ]
    employer.post(f"/v1/applications/{ids[5]}/contacts", {"channel": "call", "outcome": "reached", "decision": "rejected"})
    by = {"next_word_by": clock.text(days=5)}
    first = employer.post(f"/v1/applications/{ids[0]}/holding_notice", by)
    assert (first.status, first.json["status"], first.json["step"]) == (202, "queued", "holding_notice")
    assert employer.get("/v1/messages", query={"status": "queued"}).json["data"][0]["id"] == first.json["id"]
    assert employer.post(f"/v1/applications/{ids[5]}/holding_notice", by).json["code"] == "not_waiting"
    rows = employer.post("/v1/holding_notices", {**by, "application_ids": [*ids[:2], ids[5], "app_" + "0" * 26]}).json["data"]
    assert [(row["status"], row["code"]) for row in rows] == [
        ("accepted_before", None),
        ("accepted", None),
        ("refused", "not_waiting"),
        ("refused", "not_found"),
    ]
    page = employer.post("/v1/holding_notices", {**by, "call_list": {"limit": 3}}).json
    rest = employer.post("/v1/holding_notices", {**by, "call_list": {"limit": 3, "after": page["next_after"]}}).json
    assert [len(page["data"]), len(rest["data"])] == [3, 2], "some of them each time"
    assert {row["application_id"] for row in page["data"] + rest["data"]} == set(ids[:5]) and rest["next_after"] is None
    run_ticks()
    assert sorted(entry["to"] for entry in outbox) == [f"sam{n}@example.com" for n in range(5)]
    assert employer.get(f"/v1/applications/{ids[0]}").json["word_due_at"] == by["next_word_by"]


@pytest.mark.parametrize("body", [{}, {"next_word_by": 5}, {"days": -1}, {"days": 0}, {"days": 31}])
def test_the_promised_day_must_be_within_thirty_days(employer: Any, clock: Any, body: Any) -> None:
    """A past day, none at all, or one too far ahead is no promise."""
    if "days" in body:
        body = {"next_word_by": clock.text(**body)}
    assert employer.post("/v1/applications/app_" + "0" * 26 + "/holding_notice", body).status in (404, 422)
    for extra in ({}, {"application_ids": [], "call_list": {}}, {"call_list": {"limit": 101}}):
        assert employer.post("/v1/holding_notices", {**body, **extra}).status == 422


@settings(max_examples=25)
@given(st.text(max_size=250), st.text(max_size=250), st.text(max_size=250))
@example("A" * 250, "B" * 250, "C" * 250)
@example("\N{SNOWMAN}" * 100, "\N{EURO SIGN}" * 200, "\u5c71" * 100)
def test_a_notice_is_one_segment_whatever_the_names(employer: str, person: str, job: str) -> None:
    """The employer pays for texts by the segment."""
    by = datetime.fromisoformat("2026-09-30T12:00:00+00:00")
    message = holding_notice(
        "sms",
        employer=Employer(id="emp", name=employer, timezone="UTC"),
        job_title=job,
        stage="final",
        unsubscribe_url=None,
        candidate=Candidate(id="cand", name=person, phone=PHONE),
        next_word_by=by,
    )
    assert septets(message.text) <= SMS_SEPTETS and message.text.endswith("STOP to opt out")
