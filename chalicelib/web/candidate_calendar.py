"""The calendar event by which a candidate calls or writes on the next business day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.interviews.calendar_file import MEDIA_TYPE, one_event
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import EMPLOYER, HIRING_TEAM, JOB
from chalicelib.rules.employer import Window
from chalicelib.rules.reminders import send_windows
from chalicelib.web import render
from chalicelib.web.candidate_link import OpenedLink, open_link

FOLLOW_UP = Window(start="10:00", end="16:00")
_FOLLOW_UP_TAKES, _RINGS_BEFORE = timedelta(minutes=10), timedelta(minutes=5)


def calendar(request: Request, token: str) -> Response:
    """GET /f/{token}/calendar.ics: an event on the next business day, in the candidate's time zone."""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    begin = follow_up_at(opened, request.now)
    return Response(
        200,
        _ics(opened, begin, request.now),
        {**render.HEADERS, "Content-Type": MEDIA_TYPE, "Content-Disposition": 'attachment; filename="follow-up.ics"'},
    )


def follow_up_at(opened: OpenedLink, now: datetime) -> datetime:
    """Return the start of the next business day's calling hours, tomorrow at the earliest."""
    zone = ZoneInfo(opened.zone)
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    is_holiday = holiday_check(opened.employer.policy.holidays)
    return send_windows.next_open(tomorrow.astimezone(UTC), FOLLOW_UP, opened.zone, is_holiday)


def _ics(opened: OpenedLink, begin: datetime, now: datetime) -> str:
    who, said = opened.call_back, opened.said
    at = (who.phone if opened.calls else who.email) or ""
    company = opened.case.application.company if opened.employer.seeker else opened.employer.name
    named = {"callee": clean(who.name or "", said.text(HIRING_TEAM)), "employer": clean(company or "", said.text(EMPLOYER))}
    calls = opened.calls or opened.employer.seeker
    title = said.say("Call $callee, $employer", **named) if calls else said.say("Write to $callee, $employer", **named)
    job = clean(opened.case.application.job_title, said.text(JOB))
    about = said.say("About my interview for $job. $contact", job=job, contact=said.address(at))
    return one_event(opened.case.application.id, begin, begin + _FOLLOW_UP_TAKES, title, about, now, alarm_before=_RINGS_BEFORE)
