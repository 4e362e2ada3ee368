"""Invitations of a calendar that were declined or called off: a cancelled interview, of which nobody is reminded."""

from __future__ import annotations

from typing import Any

import pytest

CALENDAR = {"Content-Type": "text/calendar"}
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
UID:one@example.com
DTSTART:20261220T150000Z
DTEND:20261220T160000Z
STATUS:{status}
SUMMARY:Welder
ORGANIZER:mailto:dana@bluefern.example
ATTENDEE;CN=Sam Sample;PARTSTAT={answer}:mailto:sam@example.com
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("method", "status", "answer", "said"),
    [
        ("REQUEST", "CONFIRMED", "DECLINED", "the candidate declined this invitation"),
        ("REQUEST", "CANCELLED", "ACCEPTED", "the event is cancelled"),
        ("CANCEL", "CONFIRMED", "ACCEPTED", "the event is cancelled"),
        ("REQUEST", "CONFIRMED", "ACCEPTED", None),
    ],
)
def test_only_an_invitation_that_stands_is_an_interview_to_come(
    send: Any, employer: Any, run_ticks: Any, method: str, status: str, answer: str, said: str | None
) -> None:
    """What became of the others is a warning of the import, at the line of its event."""
    raw = EVENT.format(method=method, status=status, answer=answer).encode()
    started = send(raw, headers=CALENDAR, profile="heardback")
    assert started.status == 202, started
    run_ticks()
    [made] = employer.get("/v1/interviews").json["data"]
    assert made["status"] == ("cancelled" if said else "scheduled")
    notes = [one for one in started.json["warnings"] if one["pointer"] == "/4/status"]
    assert [one["message"].partition(":")[0] for one in notes] == ([said] if said else [])
