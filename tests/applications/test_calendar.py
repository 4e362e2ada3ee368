"""The calendar file of the follow-up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from chalicelib.rules.copy.email import CALL_SCRIPT
from tests.engines import Api, StandingClock

TITLE = "Weld; er, \\ Fitter"


def booked(employer: Api, clock: StandingClock, **fields: Any) -> dict[str, Any]:
    body = {
        "stage": "final",
        "start_at": clock.text(hours=1),
        "end_at": clock.text(hours=2),
        "application": {"job_title": TITLE, "candidate": {"name": "Sam", "timezone": "Europe/Berlin"}},
        **fields,
    }
    return employer.post("/v1/interviews", body).json


def event_of(text: str) -> Any:
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return event


def test_the_event_is_in_the_first_send_window_after_word_is_due(employer: Api, clock: StandingClock) -> None:
    """In the candidate's time zone, with the number and the questions."""
    made = booked(employer, clock, call_back={"name": "Dana, R&D", "phone": "+12025550111"})
    answer = employer.get(f"/v1/interviews/{made['id']}/calendar.ics")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    event = event_of(answer.json)
    begin = event["dtstart"].dt
    due = datetime.fromisoformat(made["end_at"]) + timedelta(hours=48)
    assert due <= begin < due + timedelta(days=4) and 10 <= begin.astimezone(ZoneInfo("Europe/Berlin")).hour < 18
    assert str(event["summary"]) == "Follow up with Acme Robotics: " + TITLE
    assert "Dana, R&D: +12025550111" in event["description"] and all(question in event["description"] for question in CALL_SCRIPT)
    assert all(len(line.encode()) <= 75 for line in answer.json.split("\r\n"))


def test_a_moved_interview_moves_its_event(employer: Api, clock: StandingClock) -> None:
    """The same UID and a higher sequence: calendars replace the event."""
    path = f"/v1/interviews/{booked(employer, clock)['id']}"
    first = event_of(employer.get(path + "/calendar.ics").json)
    assert employer.patch(path, {"start_at": clock.text(days=7), "end_at": clock.text(days=7, hours=1)}).status == 200
    moved = event_of(employer.get(path + "/calendar.ics").json)
    assert first["uid"] == moved["uid"] and moved["sequence"] > first["sequence"]
    assert moved["dtstart"].dt.astimezone(UTC) > first["dtstart"].dt.astimezone(UTC)


def test_a_cancelled_interview_has_no_event(employer: Api, api: Api, clock: StandingClock) -> None:
    """Another employer's key finds none either."""
    path = f"/v1/interviews/{booked(employer, clock)['id']}"
    assert api.new_employer().get(path + "/calendar.ics").status == 404
    employer.post(path + "/cancel")
    assert employer.get(path + "/calendar.ics").json["code"] == "interview_cancelled"
