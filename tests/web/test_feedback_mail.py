"""A candidate who asked why is told by one mail that the answer stands on their page."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.applications.candidates import links
from chalicelib.messaging import opt_outs
from tests.engines import BASE_URL
from tests.integrations.webhooks.conftest import event_faults
from tests.web.conftest import Browser

NOTE = "Your welds were clean."
ANSWER = {"reasons": ["experience"], "note": NOTE}
Asked = Callable[..., Any]


@pytest.fixture
def asked(api: Any, interview: Any, contact: Any, clock: Any, employer: Any) -> Asked:
    """asked(name=...) -> the application of a candidate who was told a rejection by phone and asked why."""

    def make(**candidate: Any) -> Any:
        given = {"name": "Sam Sample", "email": "sam@example.com", **candidate}
        made = employer.post("/v1/interviews", interview(candidate=given))
        assert made.status == 201, made
        application = employer.get(f"/v1/applications/{made.json['application_id']}").json
        clock.advance(hours=3)
        contact(application["id"], decision="rejected")
        assert page_of(api, employer, application, clock).submit("/why").status == 200
        return application

    return make


def page_of(api: Any, employer: Any, application: Any, clock: Any) -> Browser:
    browser = Browser(api)
    browser.open("/f/" + links.token(employer.employer_id, application["id"], clock.now))
    return browser


def give(employer: Any, application: Any, body: Any = ANSWER) -> Any:
    answer = employer.post(f"/v1/applications/{application['id']}/feedback", body)
    assert answer.status == 200, answer
    return answer


def messages_of(employer: Any, application: Any) -> list[tuple[str, str]]:
    found = employer.get(f"/v1/applications/{application['id']}/messages").json["data"]
    return [(one["step"], one["status"]) for one in found if one["step"] == "feedback"]


def test_the_answer_is_told_once_with_the_link_and_without_its_words(
    asked: Asked, employer: Any, api: Any, outbox: Any, run_ticks: Any, clock: Any
) -> None:
    """The feedback is read on the page. A second answer replaces it there, and sends nothing; so does the same one twice."""
    application = asked()
    give(employer, application)
    give(employer, application)
    for _ in range(3):
        run_ticks()
    [mail] = outbox.to("sam@example.com")
    assert mail["subject"] == "Acme Robotics answered your question"
    assert NOTE not in mail["body"] + mail["html"] and "experience" not in mail["body"]
    page = Browser(api)
    page.open(re.search(rf"{re.escape(BASE_URL)}(/f/[\w-]+)", mail["body"])[1])  # type: ignore[index]
    assert NOTE in page.text
    give(employer, application, {"reasons": ["location"]})
    clock.advance(days=1)
    run_ticks()
    assert len(outbox.to("sam@example.com")) == 1 and messages_of(employer, application) == [("feedback", "sent")]
    types = [one["type"] for one in employer.get(f"/v1/applications/{application['id']}/timeline").json["data"]]
    assert types.count("message") == 1


def test_the_mail_waits_for_the_candidates_morning(asked: Asked, employer: Any, outbox: Any, run_ticks: Any, clock: Any) -> None:
    """An answer written in New York's afternoon is night in Seoul."""
    application = asked(timezone="Asia/Seoul", locale="ko-KR")
    give(employer, application)
    run_ticks()
    assert outbox.to("sam@example.com") == [] and messages_of(employer, application) == []
    clock.advance(hours=14)
    run_ticks()
    [mail] = outbox.to("sam@example.com")
    assert mail["subject"] == "Acme Robotics에서 질문에 답했습니다"


@pytest.mark.parametrize("what", ["stopped", "withdrawn", "erased", "suspended"])
def test_nothing_goes_to_who_is_not_to_be_written_to(
    asked: Asked, employer: Any, operator: Any, outbox: Any, run_ticks: Any, clock: Any, what: str
) -> None:
    """An unsubscribe link, a withdrawal, an erasure, or a suspended employer between the answer and the mail."""
    application = asked()
    give(employer, application)
    match what:
        case "stopped":
            opt_outs.opt_out([("email", "sam@example.com")], "link", clock())
        case "withdrawn":
            employer.patch(f"/v1/applications/{application['id']}", {"status": "withdrawn"})
        case "erased":
            assert employer.delete("/v1/candidates/" + application["candidate_id"]).status == 200
        case "suspended":
            operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    for _ in range(2):
        run_ticks()
        clock.advance(minutes=2)
    assert outbox.to("sam@example.com") == []


def test_who_has_no_email_reads_it_on_the_page_alone(asked: Asked, employer: Any, outbox: Any, run_ticks: Any) -> None:
    """No text takes its place, and the job does not stay due."""
    application = asked(email=None, phone="+12025560199")
    give(employer, application)
    run_ticks()
    assert outbox == [] and messages_of(employer, application) == []


def test_it_counts_in_the_cap_of_a_week(
    asked: Asked, employer: Any, api: Any, outbox: Any, run_ticks: Any, clock: Any, contact: Any
) -> None:
    """Somebody who got three messages this week gets no fourth; the page has the answer all the same."""
    application = asked()
    other = api.new_employer(name="Blue Fern")
    for job in ("Cook", "Clerk", "Driver"):
        body = {
            "stage": "final",
            "start_at": clock.text(hours=-50),
            "end_at": clock.text(hours=-49),
            "application": {"job_title": job, "candidate": {"name": "Sam Sample", "email": "sam@example.com"}},
        }
        for one in (other, employer):
            assert one.post("/v1/interviews", body).status == 201
    run_ticks()
    before = len(outbox.to("sam@example.com"))
    assert before >= 3
    give(employer, application)
    run_ticks()
    assert len(outbox.to("sam@example.com")) == before
    assert messages_of(employer, application) == [("feedback", "suppressed")]


def test_a_lost_answer_of_the_provider_sends_no_second_mail(
    asked: Asked, employer: Any, outbox: Any, run_ticks: Any, faults: Any, clock: Any
) -> None:
    """Nobody knows whether it went: it is listed as unknown."""
    application = asked()
    give(employer, application)
    faults.lose_response("SendEmail")
    for _ in range(4):
        run_ticks()
        clock.advance(minutes=5)
    assert len(outbox.to("sam@example.com")) == 1
    assert messages_of(employer, application) == [("feedback", "unknown")]


def test_a_question_is_an_event_for_webhooks_and_the_change_feed(
    asked: Asked, employer: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids and the due day, and nothing more."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: look_up("93.184.215.14", *more, **named))
    assert employer.post("/v1/webhook_endpoints", {"url": "https://hooks.example.com/"}).status == 201
    since = employer.get("/v1/changes").json["next_since"]
    application = asked()
    [event] = [one for one in employer.get("/v1/events").json["data"] if one["type"] == "feedback.requested"]
    assert event_faults({"id": event["id"], "type": event["type"], "timestamp": clock.text(), "data": event["data"]}) == []
    assert event["data"] == {
        "application_id": application["id"],
        "candidate_id": application["candidate_id"],
        "due_on": "2026-06-09",
    }
    clock.advance(minutes=1)
    rows = employer.get("/v1/changes", query={"since": since}).json["data"]
    [row] = [one for one in rows if one["id"] == application["id"]]
    assert row["changes"].count("feedback.requested") == 1


def test_today_says_how_many_more_asked(asked: Asked, employer: Any, signed_in: Any) -> None:
    """Ten stand there, those that are due first."""
    for number in range(11):
        asked(name=f"Sam {'abcdefghijk'[number]} Sample", email=f"sam{number}@example.com")
    assert "1 more candidate asked for feedback: these are due first." in signed_in().text
