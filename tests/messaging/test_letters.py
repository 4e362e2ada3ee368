"""Letters tell a rejection in writing: once, in the candidate's hours, and they count only when they were sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.messaging import opt_outs
from chalicelib.messaging.letters import request
from chalicelib.messaging.letters.request import Letter
from chalicelib.storage import table
from infra.local.feedback import Feedback
from tests.applications.conftest import booked, contact, interview
from tests.engines import Crash

__all__ = ["booked", "contact", "interview"]


@pytest.fixture
def waiting(booked: Any, clock: Any) -> Any:
    """waiting("Ann") -> the application of somebody who waits, at 12:00 on a Thursday in New York."""

    def make(name: str = "Ann", **candidate: Any) -> Any:
        who = {"email": f"{name.lower()}@example.com", "phone": None, **candidate}
        return booked(name=name, candidate=who)["application"]

    return make


@pytest.fixture
def send(employer: Any) -> Any:
    """send(application, ...) -> the answer of a request for letters."""

    def ask(*applications: Any, headers: Any = None, who: Any = employer, **more: Any) -> Any:
        body = {"application_ids": [one["id"] for one in applications], "decision": "rejected", **more}
        return who.post("/v1/letters", body, headers=headers)

    return ask


def loop(employer: Any, application: Any) -> str:
    return str(employer.get(f"/v1/applications/{application['id']}").json["loop"])


def contacts(employer: Any, application: Any) -> list[Any]:
    return list(employer.get(f"/v1/applications/{application['id']}/contacts").json["data"])


def test_a_letter_is_sent_in_the_candidates_hours_and_counts_once_it_was_sent(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """A rejection at 23:00 or on a Sunday adds insult."""
    application = waiting(timezone="Asia/Tokyo")
    answer = send(application, feedback={"reasons": ["experience", "licence"]})
    assert answer.status == 202, answer
    assert answer.headers["Location"] == f"/v1/letters/{answer.json['id']}"
    assert answer.json["data"][0]["status"] == "accepted" and answer.json["counts"]["queued"] == 1
    run_ticks()
    assert outbox == [] and loop(employer, application) == "waiting" and contacts(employer, application) == []
    for _ in range(200):
        clock.advance(minutes=30)
        run_ticks()
        if outbox:
            break
    [mail] = outbox
    wall = clock().astimezone(ZoneInfo("Asia/Tokyo"))
    assert wall.weekday() < 5 and 10 <= wall.hour < 18
    assert "decided not to take your application further" in mail["body"]
    assert "experience in this kind of work" in mail["body"] and "a licence or certificate that the job needs" in mail["body"]
    [logged] = contacts(employer, application)
    assert (logged["channel"], logged["outcome"], logged["decision"]) == ("email", "sent", "rejected")
    assert logged["feedback"].startswith("What decided it: experience") and logged["share_feedback"]
    assert loop(employer, application) == "answered"
    told = employer.get(answer.headers["Location"]).json
    assert (told["counts"]["sent"], told["data"][0]["message_status"]) == (1, "sent")
    run_ticks()
    assert len(outbox) == 1


def day(clock: Any) -> None:
    """Wednesday, 11:00 in New York: no reminder is due yet."""
    clock.set(datetime.fromisoformat("2026-06-03T15:00:00+00:00"))


def test_who_cannot_be_told_by_letter_is_named_and_the_others_get_theirs(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any, contact: Any, api: Any
) -> None:
    """One row for each: nobody is passed over silently."""
    fine, told, gone, nameless, offered = (waiting(name) for name in ("Ann", "Bob", "Cid", "Dee", "Eve"))
    employer.patch(f"/v1/candidates/{nameless['candidate_id']}", {"email": None, "phone": "+12025550188"})
    contact(told["id"], decision="rejected")
    employer.patch(f"/v1/applications/{gone['id']}", {"status": "withdrawn"})
    employer.patch(f"/v1/applications/{offered['id']}", {"decided": "offer"})
    foreign = api.new_employer(name="Other").post(
        "/v1/applications", {"candidate": {"name": "Kim", "email": "kim@example.com"}, "job_title": "Cook"}
    )
    day(clock)
    answer = send(fine, told, gone, nameless, offered, foreign.json)
    assert answer.status == 202
    found = {row["application_id"]: row["code"] or row["status"] for row in answer.json["data"]}
    assert list(found.values()) == ["accepted", "already_told", "withdrawn", "no_email", "decided_otherwise", "not_found"]
    run_ticks()
    assert [mail["to"] for mail in outbox if "not to take your application further" in mail["body"]] == ["ann@example.com"]


def test_a_double_click_a_lost_answer_and_a_second_colleague_send_one(
    waiting: Any, send: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """The same key is the same answer; another key says that it was accepted before."""
    application = waiting()
    day(clock)
    first = send(application, headers={"Idempotency-Key": "one"})
    again = send(application, headers={"Idempotency-Key": "one"})
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    other = send(application, headers={"Idempotency-Key": "two"})
    assert other.json["data"][0]["status"] == "accepted_before"
    assert other.json["data"][0]["message_id"] == first.json["data"][0]["message_id"]
    differing = send(application, feedback={"reasons": ["skills"]})
    assert differing.json["data"][0]["code"] == "letter_pending"
    run_ticks()
    late = send(application, headers={"Idempotency-Key": "three"})
    assert late.json["data"][0]["status"] == "accepted_before"
    run_ticks()
    assert len(outbox.to("ann@example.com")) == 1


def test_the_answer_repeats_the_request_and_names_each_application_once(
    waiting: Any, send: Any, employer: Any, clock: Any
) -> None:
    """Read later, it says the same."""
    application, other = waiting(), waiting("Bob")
    day(clock)
    promised, at = clock.text(days=9), clock.text(days=1)
    asked = send(application, other, application, feedback={"promised_by": promised}, send_at=at)
    assert asked.json["feedback"] == {"reasons": [], "promised_by": promised} and asked.json["send_at"] == at
    assert [row["application_id"] for row in asked.json["data"]] == [application["id"], other["id"]]
    assert employer.get(f"/v1/letters/{asked.json['id']}").json == asked.json
    plain = send(waiting("Eve"), feedback={"reasons": ["skills", "skills", "licence"]}).json
    assert plain["feedback"] == {"reasons": ["skills", "licence"], "promised_by": None} and plain["send_at"] is None
    assert send(waiting("Kim")).json["feedback"] is None
    assert employer.get("/v1/letters/let_0").status == employer.delete("/v1/letters/let_0").status == 404


def test_what_is_not_sent_can_be_cancelled_and_what_is_sent_cannot(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """A letter for next week, taken back the same day; then another one may be sent."""
    application = waiting()
    day(clock)
    planned = send(application, send_at=clock.text(days=2)).json
    run_ticks()
    assert outbox == []
    cancelled = employer.delete(f"/v1/letters/{planned['id']}")
    assert cancelled.status == 200 and cancelled.json["cancelled_at"]
    assert cancelled.json["data"][0]["message_status"] == "cancelled" and cancelled.json["counts"]["not_sent"] == 1
    assert employer.delete(f"/v1/letters/{planned['id']}").json == cancelled.json
    clock.advance(days=5)
    run_ticks()
    assert not [mail for mail in outbox if "further" in mail["body"]]
    sent = send(application).json
    run_ticks()
    assert employer.delete(f"/v1/letters/{sent['id']}").json["data"][0]["message_status"] == "sent"


def test_a_letter_that_bounces_reopens_the_wait(
    waiting: Any, send: Any, employer: Any, run_ticks: Any, clock: Any, stack: Any
) -> None:
    """Of a hundred, one comes back: its candidate was told nothing."""
    some = [waiting(f"P{number}") for number in range(4)]
    day(clock)
    letter = send(*some).json
    run_ticks()
    assert {loop(employer, one) for one in some} == {"answered"}
    Feedback(stack.app, stack.clock, lambda: stack.outbox).ses_event(
        {"type": "Bounce", "to": "p2@example.com", "permanent": True}
    )
    assert [loop(employer, one) for one in some] == ["answered", "answered", "waiting", "answered"]
    assert contacts(employer, some[2])[0]["outcome"] == "bounced"
    assert employer.get(f"/v1/letters/{letter['id']}").json["counts"]["bounced"] == 1


@pytest.mark.parametrize("event", ["told", "withdrawn", "erased", "opted_out", "suspended", "offered"])
def test_a_planned_letter_is_not_sent_where_it_would_be_wrong(
    waiting: Any, send: Any, employer: Any, operator: Any, outbox: Any, run_ticks: Any, clock: Any, contact: Any, event: str
) -> None:
    """Checked again when it is due, on the application as it is then."""
    application = waiting()
    day(clock)
    letter = send(application, send_at=clock.text(hours=1)).json
    if event == "told":
        contact(application["id"], decision="advancing")
    elif event == "withdrawn":
        employer.patch(f"/v1/applications/{application['id']}", {"status": "withdrawn"})
    elif event == "erased":
        employer.delete(f"/v1/candidates/{application['candidate_id']}")
    elif event == "opted_out":
        opt_outs.opt_out([("email", "ann@example.com")], "link", clock())
    elif event == "suspended":
        operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    else:
        employer.patch(f"/v1/applications/{application['id']}", {"decided": "offer"})
    clock.advance(hours=2)
    run_ticks()
    assert not [mail for mail in outbox if "further" in mail["body"]]
    assert employer.get(f"/v1/letters/{letter['id']}").json["counts"]["not_sent"] == 1


def test_a_promise_made_since_leaves_a_planned_letter(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any, contact: Any
) -> None:
    """ "You will hear by Friday": the letter is that word."""
    application = waiting()
    day(clock)
    send(application, send_at=clock.text(hours=2))
    contact(application["id"], decision="pending", next_word_by=clock.text(days=2))
    clock.advance(hours=3)
    run_ticks()
    assert len([mail for mail in outbox if "further" in mail["body"]]) == 1 and loop(employer, application) == "answered"


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"feedback": "You smiled too little"}, "/feedback"),
        ({"feedback": {"reasons": ["age"]}}, "/feedback/reasons/0"),
        ({"feedback": {"reasons": ["skills"], "promised_by": "2026-06-08T12:00:00Z"}}, "/feedback/promised_by"),
        ({"feedback": {"promised_by": "2026-08-12T12:00:00Z"}}, "/feedback/promised_by"),
        ({"send_at": "2026-08-12T12:00:00Z"}, "/send_at"),
        ({"decision": "offer"}, "/decision"),
        ({"application_ids": []}, "/application_ids"),
        ({"application_ids": ["app_x"] * 101}, "/application_ids"),
    ],
)
def test_what_is_not_safe_to_say_to_many_is_refused(send: Any, more: Any, pointer: str) -> None:
    """No free prose, no reason outside the list."""
    answer = send(**{"application_ids": ["app_01KT4A4MR0S1K0FS1KR9M52VB2"], **more})
    assert answer.status == 422 and [one["pointer"] for one in answer.json["errors"]] == [pointer], answer.json


def test_a_promised_day_and_odd_names_read_well(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """Words of strangers hold no links; the day is in the candidate's zone."""
    application = waiting("Zo", timezone="Pacific/Auckland")
    employer.patch(f"/v1/candidates/{application['candidate_id']}", {"name": "Zoë <b>evil.example</b> O'Brien"})
    day(clock)
    by = clock() + timedelta(days=4, hours=-2)  # Sunday afternoon in UTC: Monday in Auckland
    send(application, feedback={"promised_by": by.isoformat()})
    for _ in range(60):
        clock.advance(hours=1)
        run_ticks()
    [mail] = [one for one in outbox if "further" in one["body"]]
    assert "You will get feedback by Monday 8 June" in mail["body"]
    assert "evil.example" not in mail["body"] and "evil.example" not in mail["html"] and "<b>" not in mail["html"]


def test_a_letter_names_what_a_statute_wants(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """Candidate, employer, position, beginning of the process and sender; the contact keeps the words."""
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "IL", "headcount": 40}})
    application = waiting("Noa")
    day(clock)
    send(application)
    run_ticks()
    [mail] = outbox.to("noa@example.com")
    for part in ("Candidate: Noa", "Employer: Acme Robotics", "Position: Welder", "Process begun: ", "Sent by: Dana"):
        assert part in mail["body"], part
    [logged] = contacts(employer, application)
    assert set(logged["notice"]["names"]) == {"employer", "candidate", "process_start", "position", "sender"}
    assert "Position: Welder" in logged["notice"]["text"]


def test_the_worker_may_die_between_sending_and_logging(sending: Any) -> None:
    """The contact is logged once, a minute later; the mail is not sent again."""
    application = sending.interviewed(email="ann@example.com")
    day(sending.clock)
    item, _ = request.ask(sending.employer, application.id, Letter("let_1", "rejected"), sending.clock())
    sending.faults.crash_before("TransactWriteItems", where="CON#")
    with pytest.raises(Crash):
        sending.deliver(item.key)
    assert table.query(application.PK, "CON#") == []
    sending.run()
    assert len(table.query(application.PK, "CON#")) == len(sending.outbox) == 1


def test_an_unknown_letter_tells_nothing(sending: Any) -> None:
    """The candidate may never have read it: somebody has to find out."""
    application = sending.interviewed(email="ann@example.com")
    day(sending.clock)
    request.ask(sending.employer, application.id, Letter("let_1", "rejected"), sending.clock())
    sending.faults.lose_response("SendEmail")
    sending.run()
    assert (sending.statuses(application), table.query(application.PK, "CON#")) == (["unknown"], [])
    again, is_new = request.ask(sending.employer, application.id, Letter("let_2", "rejected"), sending.clock())
    assert (again.status, is_new) == ("unknown", False)


def test_it_stands_in_the_timeline(waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any) -> None:
    """With its words, its reasons and its contact."""
    application = waiting()
    day(clock)
    send(application, feedback={"reasons": ["skills"]})
    run_ticks()
    found = employer.get(f"/v1/applications/{application['id']}/timeline").json["data"]
    [letter] = [one for one in found if one["type"] == "letter"]
    assert (letter["payload"]["decision"], letter["payload"]["reasons"]) == ("rejected", ["skills"])
    assert "decided not to take your application further" in letter["payload"]["body"]


def test_the_api_says_what_a_message_leaves_open_of_what_the_law_asks(
    waiting: Any, send: Any, employer: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """Israel asks for names and the sender's role. An employer without duties hears of nothing that is missing."""
    by, told = {"next_word_by": clock.text(days=7)}, []
    for jurisdiction, names in ((None, ("Ann", "Bob", "Cid")), ("IL", ("Noa", "Gil", "Tal"))):
        employer.patch("/v1/employer", {"policy": {"jurisdiction": jurisdiction, "headcount": 40}})
        one, another, third = (waiting(name)["id"] for name in names)
        day(clock)
        notice = employer.post(f"/v1/applications/{one}/holding_notice", by)
        assert notice.status == 202
        again = employer.post(f"/v1/applications/{one}/holding_notice", by)
        assert (again.status, again.json["lacks"]) == (200, notice.json["lacks"])
        many = employer.post("/v1/holding_notices", {"application_ids": [another, "app_01KT4A4MR0S1K0FS1KR9M52VB2"], **by}).json
        [row, refused] = many["data"]
        assert refused["lacks"] == [] and row["lacks"] == notice.json["lacks"]
        letter = send({"id": third})
        assert employer.get(letter.headers["Location"]).json["data"] == letter.json["data"]
        for message in (notice.json["id"], letter.json["data"][0]["message_id"]):
            told.append(employer.get(f"/v1/messages/{message}").json["lacks"])
        assert told[-2:] == [notice.json["lacks"], letter.json["data"][0]["lacks"]]
    assert told[0] == told[1] == [] and told[3] == ["sender_role"]
    assert {"employer", "candidate", "position", "sender_role"} <= set(told[2])


def test_two_requests_at_one_moment_make_one_letter(waiting: Any, send: Any, employer: Any, stack: Any) -> None:
    """The second one is told so, with a code."""
    application = waiting()
    stack.faults.before("TransactWriteItems", lambda: send(application), where="MSG#")
    [row] = send(application, feedback={"reasons": ["licence"]}).json["data"]
    told = "Someone else is sending this candidate a letter right now."
    assert (row["status"], row["code"], row["detail"]) == ("refused", "letter_pending", told)
    assert len(employer.get(f"/v1/applications/{application['id']}/messages").json["data"]) == 1
