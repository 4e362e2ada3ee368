"""Adds interviews from a calendar file that a job seeker sends: an invitation, or an export of their calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.api.validators import NAME_MOST, read_email, read_name
from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates.items import MatchItem
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.seekers import interviews
from chalicelib.applications.seekers.interviews import OwnInterview
from chalicelib.applications.seekers.responses import CalendarInterviews
from chalicelib.applications.seekers.responses import OwnInterview as Shown
from chalicelib.applications.seekers.serializers import serialize_own
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem
from chalicelib.errors import Conflict, NotFound, TooLarge, Unprocessable
from chalicelib.integrations.imports.calendar_file import CALENDAR_MOST, OwnEvent, read_own_events
from chalicelib.integrations.imports.encodings import decode
from chalicelib.integrations.imports.faults import ColumnError
from chalicelib.integrations.imports.instants import InstantReader
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.rules.model import CallBack
from chalicelib.storage import table

EVENTS_MOST = 50
"""Interviews of one file: each is a transaction within one request."""
PAST_MOST = timedelta(days=30)
"""Interviews of longer ago are left out: a call about them comes too late."""
LENGTH = timedelta(hours=1)
"""Of an event without an end."""
_SYSTEM = "calendar"


def add_all(item: EmployerItem, person: PersonItem, raw: bytes, now: datetime) -> CalendarInterviews:
    """Adds each interview that the file names; the same event again moves it, a cancelled one takes it off the list.

    A file of one event is an interview; of several, those that say so. Raises Unprocessable, TooLarge, Conflict.
    """
    if len(raw) > CALENDAR_MOST:
        raise TooLarge("A calendar file has at most 1 MB.")
    events = read_own_events(decode(raw, None))
    wanted = [event for event in events if event.names_interview or len(events) == 1]
    if len(wanted) > EVENTS_MOST:
        raise Unprocessable(f"The file names more than {EVENTS_MOST} interviews: export a shorter time.", code="unreadable_file")
    shown = [one for event in wanted if (one := _add(item, person, event, now)) is not None]
    return CalendarInterviews(shown, len(events) - len(shown))


def _add(item: EmployerItem, person: PersonItem, event: OwnEvent, now: datetime) -> Shown | None:
    if event.is_cancelled:
        _take_off(item, event, now)
        return None
    own = _interview(item, event, now)
    if own is None:
        return None
    try:
        booked = interviews.book(item, person, own, now)
    except Conflict as error:
        if error.code == "interview_conflict":  # entered by hand with another end: theirs stays
            return None
        raise
    return serialize_own(booked.interview, booked.case.application, now)


def _interview(item: EmployerItem, event: OwnEvent, now: datetime) -> OwnInterview | None:
    """Returns the event as an interview; None where its time cannot be read, or is long past."""
    reader = InstantReader(_profile(item), now)
    try:
        start = reader.read([("start", event.start)], None, is_end=False)
        ends = reader.read([("end", event.end)], start.first, is_end=True).instants[-1] if event.end else None
    except ColumnError:
        return None
    begins = start.instants[0]
    ends = ends or begins + LENGTH
    if not begins < ends or ends < now - PAST_MOST:
        return None
    company, email = _company(event), _email(event)
    return OwnInterview(
        company=company,
        job_title=_name(event.title) or "Interview",
        stage="interview",
        start_at=begins,
        end_at=ends,
        call_back=CallBack(_name(event.organizer) if email else None, None, email),
        external_ids=({"system": _SYSTEM, "id": event.ref[:NAME_MOST]},) if _name(event.ref) else (),
    )


def _profile(item: EmployerItem) -> Profile:
    return replace(SHIPPED["heardback"], timezone=item.timezone, date_format="iso")


def _company(event: OwnEvent) -> str:
    """Returns who invites: by the domain of the address, else by the name there."""
    host = event.organizer_email.rpartition("@")[2].split(".")
    by_domain = host[-2].title() if len(host) >= 2 and ".".join(host[-2:]) not in _MAIL_PROVIDERS else ""
    return _name(by_domain) or _name(event.organizer) or "Unknown company"


_MAIL_PROVIDERS = frozenset({"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "icloud.com", "yahoo.com", "gmx.de"})


def _email(event: OwnEvent) -> str | None:
    try:
        return read_email(event.organizer_email)
    except ValueError:
        return None


def _name(text: str) -> str | None:
    try:
        return read_name(text[:NAME_MOST])
    except ValueError:
        return None


def _take_off(item: EmployerItem, event: OwnEvent, now: datetime) -> None:
    """Takes a cancelled event's interview off the list, where it is on it."""
    if not _name(event.ref):
        return
    [key] = unique_keys.interview_keys(item.id, [{"system": _SYSTEM, "id": event.ref[:NAME_MOST]}])
    known = table.get(*key)
    if isinstance(known, MatchItem):
        try:
            interviews.delete(employer_of(item), known.record_id, now, _any)
        except NotFound:
            return


def _any(_case: ApplicationCase, _interview: InterviewItem) -> None:
    """Accepts any state."""
