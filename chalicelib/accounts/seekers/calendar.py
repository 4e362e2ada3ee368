"""Adds interviews from a calendar file that a job seeker sends: an invitation, or an export of their calendar."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.api.validators import NAME_MOST, read_email, read_name
from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.seekers import interviews
from chalicelib.applications.seekers.interviews import OwnInterview
from chalicelib.applications.seekers.responses import CalendarInterviews
from chalicelib.applications.seekers.responses import OwnInterview as Shown
from chalicelib.applications.seekers.serializers import serialize_own
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem
from chalicelib.errors import Conflict, NotFound, TooLarge
from chalicelib.integrations.imports.calendar_file import CALENDAR_MOST, OwnEvent, TooMuch, join_split_letters, read_own_events
from chalicelib.integrations.imports.encodings import decode
from chalicelib.integrations.imports.faults import ColumnError
from chalicelib.integrations.imports.instants import InstantReader
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.model import CallBack

EVENTS_MOST = 50
"""Interviews of one file: each is a transaction within one request."""
PAST_MOST = timedelta(days=30)
"""Interviews of longer ago are left out: a call about them comes too late."""
LENGTH = timedelta(hours=1)
"""Of an event without an end."""
_SYSTEM = "calendar"


def add_all(item: EmployerItem, person: PersonItem, raw: bytes, now: datetime) -> CalendarInterviews:
    """Adds each interview that the file names; a newer version of an event moves it, a cancelled one takes it off the list.

    A file of one event is an interview; of several, those that say so, and that the seeker did not decline.
    Raises Unprocessable, TooLarge, Conflict.
    """
    if len(raw) > CALENDAR_MOST:
        raise TooLarge("A calendar file has at most 1 MB.")
    events = read_own_events(decode(join_split_letters(raw), None))
    wanted = [event for event in events if not event.is_answer and (len(events) == 1 or _is_meant(event, person))]
    if len(wanted) > EVENTS_MOST:
        raise TooMuch(f"names more than {EVENTS_MOST} interviews: export a shorter time")
    shown = [one for event in wanted if (one := _add(item, person, event, now)) is not None]
    return CalendarInterviews(shown, len(events) - len(shown))


def _is_meant(event: OwnEvent, person: PersonItem) -> bool:
    """Whether one event of several is an interview that the seeker goes to."""
    return event.names_interview and not any(_is_of(person, guest) for guest in event.declined_by)


def _is_of(person: PersonItem, address: str) -> bool:
    return canonical_email(address) == canonical_email(person.email)


def _add(item: EmployerItem, person: PersonItem, event: OwnEvent, now: datetime) -> Shown | None:
    case, known = _known(item, event)
    is_older = known is not None and event.sequence < int(known.calendar_sequence or 0)
    if event.is_cancelled:
        if known and not is_older:
            _take_off(item, known, now)
        return None
    own = _interview(item, person, event, now)
    if own is None:
        return None
    if known and known.status != "scheduled":  # taken off by an older version, which kept its id
        own = replace(own, external_ids=())
    elif case and known and is_older:
        return serialize_own(known, case.application, now)
    elif known and (known.call_back_name or known.call_back_phone or known.call_back_email):
        own = replace(own, call_back=CallBack())  # the seeker may have corrected who to call
    try:
        booked = interviews.book(item, person, own, now)
    except Conflict as error:
        if error.code == "interview_conflict":  # entered by hand with another end: theirs stays
            return None
        raise
    return serialize_own(booked.interview, booked.case.application, now)


def _known(item: EmployerItem, event: OwnEvent) -> tuple[ApplicationCase | None, InterviewItem | None]:
    """Finds the interview of an event, with its case."""
    found = unique_keys.find(unique_keys.interview_keys(item.id, _external_ids(event)))
    case = ApplicationCase.read(item.id, found[0]) if found else None
    return case, case.interviews.get(found[0]) if case else None


def _external_ids(event: OwnEvent) -> tuple[dict[str, str], ...]:
    return ({"system": _SYSTEM, "id": event.ref[:NAME_MOST]},) if _name(event.ref) else ()


def _interview(item: EmployerItem, person: PersonItem, event: OwnEvent, now: datetime) -> OwnInterview | None:
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
    if _is_of(person, event.organizer_email):  # they entered it themselves
        event = replace(event, organizer="", organizer_email="")
    company, email = _company(event), _email(event)
    return OwnInterview(
        company=company,
        job_title=_name(event.title) or "Interview",
        stage="interview",
        start_at=begins,
        end_at=ends,
        call_back=CallBack(_name(event.organizer) if email else None, None, email),
        external_ids=_external_ids(event),
        calendar_sequence=event.sequence,
    )


def _profile(item: EmployerItem) -> Profile:
    return replace(SHIPPED["heardback"], timezone=item.timezone, date_format="iso")


def _company(event: OwnEvent) -> str:
    """Returns who invites: by the domain of the address, else by the name there."""
    domain = event.organizer_email.rpartition("@")[2]
    labels = domain.split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS:  # bluefern.co.il
        del labels[-1]
    is_company = len(labels) >= 2 and not f".{domain}".endswith(_NO_COMPANIES)
    return _name(labels[-2].title() if is_company else "") or _name(event.organizer) or "Unknown company"


_SECOND_LEVELS = frozenset(["ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "ne", "net", "or", "org", "re"])
"""What stands before the country in domains that companies register."""
_MAIL_PROVIDERS = (
    "aol.com daum.net free.fr gmail.com gmx.com gmx.de gmx.net googlemail.com hanmail.net hotmail.co.uk hotmail.com hotmail.fr "
    "icloud.com laposte.net live.com live.fr mac.com me.com msn.com naver.com orange.fr outlook.com outlook.fr proton.me "
    "protonmail.com wanadoo.fr walla.co.il web.de yahoo.co.uk yahoo.com yahoo.es yahoo.fr ymail.com"
)
_SERVICES = (
    "ashbyhq.com cal.com calendar.google.com calendly.com goodtime.io greenhouse-mail.io greenhouse.io lever.co "
    "smartrecruiters.com teamtailor-mail.com workablemail.com zoom.us"
)
_NO_COMPANIES = tuple(f".{one}" for one in f"{_MAIL_PROVIDERS} {_SERVICES}".split())
"""Domains of people's mailboxes, and of services that invite for the companies."""


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


def _take_off(item: EmployerItem, known: InterviewItem, now: datetime) -> None:
    """Takes a cancelled event's interview off the list."""
    with contextlib.suppress(NotFound):  # deleted just now
        interviews.delete(employer_of(item), known.id, now, _any)


def _any(_case: ApplicationCase, _interview: InterviewItem) -> None:
    """Accepts any state."""
