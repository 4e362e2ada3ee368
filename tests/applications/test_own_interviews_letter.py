"""Fields, answers and states of a job seeker's API to the letter, with odd names, midnights and zones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.applications.test_own_interviews import Seeker, calendar
from tests.engines import Api, Outbox, StandingClock, seek

Json = dict[str, Any]
FIELDS = {
    *("id", "company", "job_title", "start_at", "end_at", "stage", "contact", "next_word_by"),
    *("word_due_at", "next_reminder_at", "state", "linked", "created_at", "updated_at"),
}


@pytest.fixture
def jo(api: Api, outbox: Outbox, clock: StandingClock) -> Seeker:
    return Seeker(api, outbox, clock)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_answer_has_the_same_fields(jo: Seeker) -> None:
    """Added, read, listed, changed, told: one shape, with its place and its tag."""
    answer = jo.api.post("/v1/my/interviews", jo.given(contact={"phone": "+12025550100"}))
    made, path = answer.json, f"/v1/my/interviews/{answer.json['id']}"
    assert (answer.status, answer.headers["Location"]) == (201, path) and answer.headers["ETag"]
    told = jo.tell(made, "no_answer")
    [listed] = jo.api.get("/v1/my/interviews").json["data"]
    shown = [made, jo.api.get(path).json, listed, jo.api.patch(path, {"stage": "final"}).json, told.json]
    assert all(one.keys() == FIELDS for one in shown) and told.status == 201
    assert made["contact"] == {"name": None, "phone": "+12025550100", "email": None}


@pytest.mark.parametrize(
    ("what", "more", "state"),
    [
        ("called", {}, "waiting"),
        ("called", {"decision": "pending"}, "waiting"),
        ("called", {"decision": "rejected"}, "heard"),
        ("called", {"feedback": "Good welds."}, "waiting"),
        ("heard", {}, "heard"),
        ("heard", {"decision": "pending"}, "heard"),
        ("heard", {"decision": "pending", "next_word_by": 3}, "waiting"),
        ("heard", {"decision": "offer", "feedback": "Good welds."}, "heard"),
        ("no_answer", {}, "waiting"),
        ("closed", {}, "closed"),
        ("closed", {"decision": "rejected", "feedback": "Too far."}, "closed"),
    ],
)
def test_what_came_of_an_interview_is_its_state(jo: Seeker, what: str, more: Json, state: str) -> None:
    if "next_word_by" in more:
        more = {**more, "next_word_by": jo.clock.text(days=more["next_word_by"])}
    made = jo.add()
    told = jo.tell(made, what, **more)
    assert (told.status, told.json["state"]) == (201, state)
    assert (told.json["next_reminder_at"] is not None) == (state == "waiting")
    assert jo.read(made) == told.json


@pytest.mark.parametrize("state", ["heard", "closed"])
def test_what_is_over_can_still_be_corrected(jo: Seeker, state: str) -> None:
    """They called after all: what is told of a job that was let go is kept."""
    made = jo.add()
    jo.tell(made, state)
    answer = jo.tell(made, "heard", decision="offer", feedback="You start on Monday.")
    assert answer.status == 201 and answer.json["state"] == state
    assert "You start on Monday." in str(jo.api.get("/v1/my/export").json)


ODD = [
    "O'Brien & Söhne GmbH",
    "株式会社ブルーファーン",
    "شركة السرخس الأزرق",
    "👩‍🏭 Fern 🌿",
    "Nguyễn Thị",
    "null",
    "0",
    "<b>Fern</b>",
    "../../etc",
    "Fern%00#?&=",
    "x" * 200,
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_come_back_as_they_were_given(jo: Seeker, name: str) -> None:
    """In every field that takes a name; the spaces around them aside."""
    made = jo.add(f" {name} ", job_title=name, contact={"name": name})
    assert (made["company"], made["job_title"], made["contact"]["name"]) == (name, name, name)
    assert jo.read(made) == made


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b", "\u200b", 7, None, []])
def test_what_is_no_name_is_refused_at_its_field(jo: Seeker, name: Any) -> None:
    for field in ("company", "job_title"):
        answer = jo.api.post("/v1/my/interviews", {**jo.given(), field: name})
        assert (answer.status, [one["pointer"] for one in answer.json["errors"]]) == (422, [f"/{field}"]), name


@pytest.mark.parametrize(
    ("one", "other"), [("Blue Fern", "BLUE  FERN"), ("Café", "Cafe\u0301"), ("Straße", "STRASSE"), ("Ｆｅｒｎ", "Fern")]
)
def test_the_same_company_in_another_spelling_is_one_job(jo: Seeker, one: str, other: str) -> None:
    first = jo.add(one)
    second = jo.add(other, end=30)
    assert (jo.read(first)["state"], second["state"]) == ("heard", "booked")


def test_a_removed_day_gives_the_48_hours_back(jo: Seeker) -> None:
    made = jo.add(next_word_by=jo.clock.text(days=6))
    changed = jo.api.patch(f"/v1/my/interviews/{made['id']}", {"next_word_by": None}).json
    assert changed["next_word_by"] is None and at(changed["word_due_at"]) == at(made["end_at"]) + timedelta(hours=48)


ZONES = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_reminder_falls_into_the_day_wherever_the_seeker_lives(
    api: Api, outbox: Outbox, clock: StandingClock, zone: str
) -> None:
    """An interview that ended at local midnight; the reminder is after 48 hours, between nine and eighteen there."""
    there = ZoneInfo(zone)
    end = clock().astimezone(there).replace(hour=0, minute=0)
    kim = seek(api, outbox, "kim@example.com", timezone=zone)
    times = {"start_at": (end - timedelta(hours=1)).isoformat(), "end_at": end.isoformat()}
    made = kim.post("/v1/my/interviews", {"company": "Night Shift", "job_title": "Guard", **times}).json
    reminder = at(made["next_reminder_at"])
    assert at(made["word_due_at"]) == end + timedelta(hours=48) <= reminder
    assert 9 <= reminder.astimezone(there).hour <= 18, reminder.astimezone(there)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "+02:00", "EST5EDT4", 3, None])
def test_what_is_no_zone_is_refused(api: Api, outbox: Outbox, zone: Any) -> None:
    answer = api.post("/v1/seekers", {"email": "kim@example.com", "name": "Kim", "timezone": zone})
    assert (answer.status, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/timezone"])
    assert not outbox


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("20260603T000000", "20260603T003000", "2026-06-03T04:00:00.000Z"),
        (";TZID=Asia/Kathmandu:20260604T000000", ";TZID=Asia/Kathmandu:20260604T010000", "2026-06-03T18:15:00.000Z"),
        (";TZID=America/New_York:20261101T003000", ";TZID=America/New_York:20261101T023000", "2026-11-01T04:30:00.000Z"),
    ],
)
def test_a_calendars_midnights_are_those_of_its_zone(jo: Seeker, start: str, end: str, expected: str) -> None:
    raw = calendar("START", "END")
    for name, value in (("START", start), ("END", end)):
        given = value if value.startswith(";") else f":{value}"
        raw = raw.replace(f":{name}\r\n".encode(), f"{given}\r\n".encode())
    told = jo.api.post("/v1/my/interviews/ics", raw, headers={"Content-Type": "text/calendar"})
    assert [one["start_at"] for one in told.json["data"]] == [expected], told
