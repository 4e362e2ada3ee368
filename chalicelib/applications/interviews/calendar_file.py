"""The follow-up as a date for the candidate's calendar (RFC 5545): when word is due, whom to call, what to ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.mappers import call_back_of, candidate_of, interview_of
from chalicelib.errors import Conflict
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.email import CALL_SCRIPT
from chalicelib.rules.model import Employer
from chalicelib.rules.reminders.send_windows import next_open

MEDIA_TYPE = "text/calendar; charset=utf-8"
TAKES = timedelta(minutes=15)


def follow_up(employer: Employer, item: InterviewItem, application: ApplicationItem, now: datetime) -> str:
    """One event, at the first hour of the candidate's window once word is due. The same interview keeps the same UID, so that a
    moved one moves in the calendar. Raises Conflict where no word is owed."""
    interview, candidate = interview_of(item), candidate_of(application)
    if interview.status != "scheduled":
        raise Conflict(f"The interview is marked {interview.status}: no word is owed.", code="interview_" + interview.status)
    policy = employer.policy
    begin = next_open(
        interview.word_due_at, policy.candidate_window, candidate.timezone or employer.timezone, holiday_check(policy.holidays)
    )
    title = f"Follow up with {employer.name}: {application.job_title}"
    return one_event(item.id, begin, begin + TAKES, title, _words(employer, item), now, sequence=int(item.revision))


def one_event(
    record_id: str,
    begin: datetime,
    end: datetime,
    title: str,
    about: str,
    now: datetime,
    *,
    sequence: int | None = None,
    rings_before: timedelta | None = None,
) -> str:
    """A calendar of one event, in UTC, known by the record's id: the same record keeps its place in the reader's calendar."""
    import icalendar  # 60 ms that only this needs

    event = icalendar.Event()
    given = {
        "uid": f"{record_id}@heardback",
        "dtstamp": now,
        "sequence": sequence,
        "dtstart": begin,
        "dtend": end,
        "summary": title,
        "description": about,
    }
    for name, value in given.items():
        if value is not None:
            event.add(name, value)
    if rings_before is not None:
        alarm = icalendar.Alarm()
        for name, told in (("action", "DISPLAY"), ("trigger", -rings_before), ("description", title)):
            alarm.add(name, told)
        event.add_component(alarm)
    whole = icalendar.Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", "-//Heardback//Follow-up//EN")
    whole.add("method", "PUBLISH")
    whole.add_component(event)
    return str(whole.to_ical().decode())


def _words(employer: Employer, item: InterviewItem) -> str:
    to = call_back_of(item).or_else(employer.call_back)
    reached_at = " or ".join(way for way in (to.phone, to.email) if way)
    whom = f"{to.name or 'The hiring team'}: {reached_at}." if reached_at else "Use the contact in your invitation."
    questions = "\n".join(f"{number}. {question}" for number, question in enumerate(CALL_SCRIPT, 1))
    return f"No word by now? Get in touch.\n{whom}\n\nWhat you could ask:\n{questions}"
