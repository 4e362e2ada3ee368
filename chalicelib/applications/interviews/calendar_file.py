"""Calendar files (RFC 5545) for the follow-up: when word is due, what number to call, what to ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.mappers import call_back_for, candidate_of, interview_of
from chalicelib.errors import INTERVIEW_CODES, Conflict
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.clean import EMPLOYER, JOB, clean
from chalicelib.rules.copy.email import CALL_SCRIPT
from chalicelib.rules.employer import Employer
from chalicelib.rules.reminders.send_windows import next_open

MEDIA_TYPE = "text/calendar; charset=utf-8"
TAKES = timedelta(minutes=15)


def follow_up(employer: Employer, item: InterviewItem, application: ApplicationItem, now: datetime) -> str:
    """Writes one event, at the first open hour of the candidate's send window after word is due.

    An interview keeps its UID, so that a moved one moves in the calendar. Raises Conflict where no word is due.
    """
    interview, candidate = interview_of(item), candidate_of(application)
    if interview.status != "scheduled":
        raise Conflict(f"The interview is marked {interview.status}: no word is owed.", code=INTERVIEW_CODES[interview.status])
    policy = employer.policy
    begin = next_open(
        interview.word_due_at, policy.candidate_window, candidate.timezone or employer.timezone, holiday_check(policy.holidays)
    )
    title = f"Follow up with {clean(employer.name, EMPLOYER)}: {clean(application.job_title, JOB)}"
    return one_event(item.id, begin, begin + TAKES, title, _description(employer, item), now, sequence=int(item.revision))


def one_event(
    record_id: str,
    begin: datetime,
    end: datetime,
    title: str,
    description: str,
    now: datetime,
    *,
    sequence: int | None = None,
    alarm_before: timedelta | None = None,
) -> str:
    """Writes a calendar of one event, in UTC. Its UID is made of the record's id, so that a new version replaces it."""
    import icalendar  # 60 ms that only this needs

    event = icalendar.Event()
    fields = {
        "uid": f"{record_id}@heardback",
        "dtstamp": now,
        "sequence": sequence,
        "dtstart": begin,
        "dtend": end,
        "summary": title,
        "description": description,
    }
    for name, value in fields.items():
        if value is not None:
            event.add(name, value)
    if alarm_before is not None:
        event.add_component(_alarm(alarm_before, title))
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Heardback//Follow-up//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _alarm(before: timedelta, title: str) -> Any:
    import icalendar

    alarm = icalendar.Alarm()
    for name, value in (("action", "DISPLAY"), ("trigger", -before), ("description", title)):
        alarm.add(name, value)
    return alarm


def _description(employer: Employer, item: InterviewItem) -> str:
    call_back = call_back_for(item, employer)
    address = " or ".join(one for one in (call_back.phone, call_back.email) if one)
    contact = (
        f"{clean(call_back.name or '', 'The hiring team')}: {address}." if address else "Use the contact in your invitation."
    )
    questions = "\n".join(f"{number}. {question}" for number, question in enumerate(CALL_SCRIPT, 1))
    return f"No word by now? Get in touch.\n{contact}\n\nWhat you could ask:\n{questions}"
