"""Everything recorded says who recorded it: a person, a key, a file, a hiring system, the candidate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engines import Api, code_for, join

Json = dict[str, Any]


@pytest.fixture
def dana(api: Api, employer: Api, outbox: Any) -> Api:
    """The API by the access token of a recruiter named Dana."""
    join(employer, outbox, "dana@example.com", "Dana Reyes")
    api.using(None).post("/v1/sign_in", {"email": "dana@example.com"})
    code = code_for(outbox, "dana@example.com")
    tokens = api.using(None).post("/v1/sessions", {"email": "dana@example.com", "code": code}).json
    outbox.clear()
    made = api.using(tokens["access_token"])
    made.employer_id = tokens["person"]["id"]
    return made


@pytest.fixture
def by_dana(dana: Api) -> Json:
    return {"type": "person", "id": dana.employer_id, "name": "Dana Reyes"}


@pytest.fixture
def by_key(employer: Api) -> Json:
    key = employer.get("/v1/me").json["key"]
    return {"type": "key", "id": key["id"], "name": key["name"]}


def interview(clock: Any, start: float = -50, **fields: Any) -> Json:
    candidate = {"name": "Sam Sample", "email": "sam@example.com"}
    times = {"start_at": clock.text(hours=start), "end_at": clock.text(hours=start + 1)}
    return {"stage": "final", **times, "application": {"job_title": "Welder", "candidate": candidate}, **fields}


def test_what_a_person_records_over_the_api_carries_their_name(dana: Api, by_dana: Json, clock: Any) -> None:
    """Interview, application, candidate, contact, statement."""
    booked = dana.post("/v1/interviews", interview(clock)).json
    path = f"/v1/applications/{booked['application_id']}"
    candidate = dana.get(f"/v1/candidates/{booked['application']['candidate_id']}").json
    contact = dana.post(f"{path}/contacts", {"channel": "call", "outcome": "voicemail"}).json
    said = dana.post(f"{path}/statements", {"heard": False}).json
    found = [booked, booked["application"], candidate, contact, said, dana.get(path).json]
    assert [one["recorded_by"] for one in found] == [by_dana] * 6


def test_a_change_names_who_made_it_and_not_who_began(dana: Api, by_dana: Json, employer: Api, by_key: Json, clock: Any) -> None:
    """Moved, cancelled, voided, decided, closed: by somebody else than the first."""
    booked = employer.post("/v1/interviews", interview(clock, 5)).json
    path = f"/v1/applications/{booked['application_id']}"
    contact = employer.post(f"{path}/contacts", {"channel": "call", "outcome": "voicemail"}).json
    assert booked["recorded_by"] == by_key and booked["changed_by"] is None
    moved = dana.patch(f"/v1/interviews/{booked['id']}", {"end_at": clock.text(hours=7)}).json
    assert (moved["recorded_by"], moved["changed_by"]) == (by_key, by_dana)
    voided = dana.post(f"{path}/contacts/{contact['id']}/void").json
    assert (voided["recorded_by"], voided["voided_by"]) == (by_key, by_dana)
    decided = dana.patch(path, {"decided": "rejected"}).json
    assert (decided["recorded_by"], decided["decided_by"], decided["status_by"]) == (by_key, by_dana, None)
    clock.advance(minutes=1)
    taken_back = employer.patch(path, {"decided": None}).json
    assert taken_back["decided_by"] is None
    closed = employer.patch(path, {"status": "closed"}).json
    assert closed["status_by"] == by_key
    told = {(one["type"], str(one["recorded_by"])) for one in dana.get(f"{path}/timeline", query={"limit": 100}).json["data"]}
    assert {("decision", str(by_dana)), ("decision", str(by_key)), ("status", str(by_key))} <= told
    assert {("interview", str(by_key)), ("interview", str(by_dana)), ("application", str(by_key))} <= told


def test_an_answer_that_changes_nothing_names_nobody_else(dana: Api, employer: Api, by_key: Json, clock: Any) -> None:
    """A sync sends what is known already."""
    employer.post("/v1/interviews", interview(clock, 5))
    again = dana.post("/v1/interviews", interview(clock, 5)).json
    assert (again["created"], again["recorded_by"], again["changed_by"]) == (False, by_key, None)
    same = dana.patch(f"/v1/applications/{again['application_id']}", {"status": "active", "decided": None}).json
    assert (same["status_by"], same["decided_by"]) == (None, None)


def test_a_holding_notice_says_who_asked_for_it(dana: Api, by_dana: Json, clock: Any, run_ticks: Callable[[], Any]) -> None:
    """The message, and the contact that it becomes when it is sent."""
    booked = dana.post("/v1/interviews", interview(clock, -3)).json
    path = f"/v1/applications/{booked['application_id']}"
    asked = dana.post(f"{path}/holding_notice", {"next_word_by": clock.text(days=5)})
    assert asked.status == 202 and asked.json["recorded_by"] == by_dana
    run_ticks()
    clock.advance(minutes=10)
    run_ticks()
    [contact] = dana.get(f"{path}/contacts").json["data"]
    assert contact["outcome"] == "sent" and contact["recorded_by"] == by_dana


def test_a_file_is_named_for_what_it_brought(employer: Api, run_ticks: Callable[[], Any], clock: Any) -> None:
    file = b"name,email,job_title\nFay File,fay@example.com,Welder\n"
    made = employer.post("/v1/imports", file, headers={"Content-Type": "text/csv"}).json
    run_ticks()
    [application] = employer.get("/v1/applications").json["data"]
    [candidate] = employer.get("/v1/candidates").json["data"]
    for one in (application, candidate):
        assert (one["recorded_by"]["type"], one["recorded_by"]["id"]) == ("import", made["id"])
