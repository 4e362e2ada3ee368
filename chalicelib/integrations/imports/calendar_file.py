"""Reads a calendar file (.ics) of interviews as lines whose columns are named as our fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports import zones
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.read_file import Line, Sheet
from chalicelib.integrations.imports.workbook import UNREADABLE, Cell, refused

EVENTS_MOST = 2_000
CALENDAR_MOST = 1024 * 1024
SEQUENCE_MOST = 2**31 - 1
COLUMNS = ("interview_ref", "name", "email", "job_title", "interview_start", "interview_end", "status")
_UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)
"""What icalendar and dates raise for values that are none: durations beyond a timedelta, properties that are there twice."""
_AROUND = re.compile(r"^[\s,;:|/–—-]+|[\s,;:|/–—-]+$|^\s*\(\s*\)|\(\s*\)\s*$")
NO_NAME = "? (no guest with a name)"
_INTERVIEW = re.compile(r"\b(phone|video|first|second|final)?\s*interview\b\s*(with|for|mit|avec)?", re.IGNORECASE)

_ANSWERS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")
_LINE_END = re.compile(r"\r+\n?")
_SPLIT_LETTER = re.compile(rb"(?<=[\x80-\xff])\r?\n[ \t](?=[\x80-\xbf])")
_UNQUOTED_ZONE = re.compile(r"(;TZID=)(\((?:UTC|GMT)[^\"\n]*)(:\d{8})", re.IGNORECASE)
_OTHER_INTERVIEW = re.compile(
    r"vorstellungsgespräch|bewerbungsgespräch|entretien|entrevista|colloquio|gesprek|screening|ראיון|면접|인터뷰", re.IGNORECASE
)


def profile_for_calendar(profile: Profile) -> Profile:
    """Return the profile with the columns of a calendar: its fields are known, whatever the profile's columns are."""
    return replace(profile, columns={name: (name,) for name in COLUMNS}, date_format="iso")


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event with the line where it begins, and what its calendar says of all its events."""

    line: int
    event: Any
    method: str
    zone: str | None

    @property
    def is_cancelled(self) -> bool:
        return self.method == "CANCEL"


@dataclass(frozen=True, slots=True)
class CalendarEvents:
    """The events of a file. `newest` are those of which no later version is there; the lines of the others are `older`."""

    newest: list[CalendarEvent]
    older: tuple[int, ...]


def read_calendar(text: str) -> Sheet:
    """Read the events as lines. Raises Unprocessable where it is no calendar, or holds no event."""
    found = read_events(text)
    lines: list[Line] = [(0, list(COLUMNS))]
    lines += [(one.line, _cells(one)) for one in found.newest]
    called_off = tuple((one.line, reason) for one in found.newest if (reason := _called_off(one)))
    return Sheet(lines, older_events=found.older, called_off=called_off)


class TooMuch(Unprocessable):
    """The calendar is too large, or holds too many events."""

    def __init__(self, message: str) -> None:
        super().__init__("The file cannot be read.", code=UNREADABLE, errors=[FieldError("", message)])


def join_split_letters(raw: bytes) -> bytes:
    """Return a file without the line ends that its program put between the bytes of one letter."""
    return _SPLIT_LETTER.sub(b"", raw)


def read_events(text: str) -> CalendarEvents:
    """Read the events of one calendar or several. Raises Unprocessable where none can be read, or some are cut off."""
    import icalendar

    text = _with_quoted_zones(_LINE_END.sub("\n", text))
    if len(text) > CALENDAR_MOST:
        raise TooMuch("is a calendar of more than 1 MB: export a shorter time")
    if text.upper().count("BEGIN:VEVENT") > EVENTS_MOST:
        raise TooMuch(f"holds more than {EVENTS_MOST} events: export a shorter time")
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
        read = [(calendar, event) for calendar in calendars for event in calendar.walk("VEVENT")]
    except _UNREADABLE as error:
        raise refused(f"is a calendar (.ics) that cannot be read: {' '.join(str(error).split())[:120]}") from None
    begins = [number for number, line in enumerate(text.splitlines(), 1) if line.rstrip().upper() == "BEGIN:VEVENT"]
    if len(read) < len(begins):
        raise refused(
            f"is a calendar (.ics) whose end is missing: of {len(begins)} events {len(read)} can be read. Export it again",
            begins[len(read)],
        )
    if not read:
        raise refused("is a calendar (.ics) without any event: export the interviews (VEVENT)")
    events = [_of_calendar(line, calendar, event) for line, (calendar, event) in zip(begins, read, strict=False)]
    newest = _newest([one.event for one in events])
    return CalendarEvents(
        [one for one in events if id(one.event) in newest], tuple(one.line for one in events if id(one.event) not in newest)
    )


def _with_quoted_zones(text: str) -> str:
    """Quote the names of zones that hold a colon, like "(UTC+01:00) Amsterdam", where their program did not."""
    return _UNQUOTED_ZONE.sub(r'\1"\2"\3', text)


def _of_calendar(line: int, calendar: Any, event: Any) -> CalendarEvent:
    return CalendarEvent(
        line, event, str(calendar.get("METHOD", "")).upper(), zones.named_zone(str(calendar.get("X-WR-TIMEZONE", "")))
    )


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An interview as its guest's calendar tells it. `start` and `end` are cells, for an `InstantReader`."""

    ref: str
    title: str
    organizer: str
    organizer_email: str
    start: Cell
    end: Cell
    is_cancelled: bool
    names_interview: bool
    is_answer: bool
    """What a guest says to an invitation: that they come or not, or would rather at another time."""
    declined_by: tuple[str, ...]
    sequence: int


def read_own_events(text: str) -> list[OwnEvent]:
    """Read the newest version of each event for its guest: who invited, to what. Raises what `read_events` raises."""
    return [_own(one) for one in read_events(text).newest]


def _own(one: CalendarEvent) -> OwnEvent:
    event = one.event
    ref, _, _, _, start, end, _ = _cells(one)
    summary, organizer = _line(event.get("SUMMARY", "")), event.get("ORGANIZER", "")
    name = _line(_param(organizer, "CN"))
    email = _address(organizer)
    return OwnEvent(
        ref=str(ref),
        title=summary,
        organizer=name if "@" not in name else "",
        organizer_email=email if "@" in email else "",
        start=start,
        end=end,
        is_cancelled=_is_cancelled(one),
        names_interview=bool(_INTERVIEW.search(summary) or _OTHER_INTERVIEW.search(summary)),
        is_answer=one.method in _ANSWERS,
        declined_by=_declined_by(event),
        sequence=min(max(_sequence(event), 0), SEQUENCE_MOST),
    )


def _newest(events: Sequence[Any]) -> set[int]:
    """Return (as `id`) the newest version of each event: that of the highest SEQUENCE, of equal ones the last changed."""
    found: dict[tuple[str, str], tuple[tuple[int, str], Any]] = {}
    for at, event in enumerate(events):
        uid = _line(event.get("UID", "")) or f"event {at}"
        known = found.get(key := (uid, _stamp(event, "RECURRENCE-ID")))
        version = (_sequence(event), max(_stamp(event, "LAST-MODIFIED"), _stamp(event, "DTSTAMP")))
        if known is None or version >= known[0]:
            found[key] = (version, event)
    return {id(event) for _, event in found.values()}


def _sequence(event: Any) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except _UNREADABLE:
        return 0


def _stamp(event: Any, name: str) -> str:
    try:
        return str(event[name].to_ical().decode()) if name in event else ""
    except _UNREADABLE:
        return _line(event.get(name))


def _cells(one: CalendarEvent) -> list[Cell]:
    event, zone = one.event, one.zone
    name, email = _candidate(event)
    start, end = _instant(event, "DTSTART", zone), _instant(event, "DTEND", zone)
    if isinstance(start, date):
        end = ""  # of a whole day, or of several: no hour is known
    if end == "" and start != "" and event.get("DURATION") is not None:
        end = _end_after(event, zone)
    cancelled = bool(_called_off(one))
    if event.get("RRULE") is not None or event.get("RDATE") is not None:
        start = "an event that repeats: each date must be an event"
    elif start == "" and not cancelled:
        start = "an event without a start"
    return [
        " ".join(one for one in (_line(event.get("UID", ""))[:180], _stamp(event, "RECURRENCE-ID")) if one),
        name or ("" if cancelled else NO_NAME),
        email,
        _job_title(_line(event.get("SUMMARY", "")), name),
        start,
        end,
        "cancelled" if cancelled else "",
    ]


def _is_cancelled(one: CalendarEvent) -> bool:
    return one.is_cancelled or str(one.event.get("STATUS", "")).upper() == "CANCELLED"


def _called_off(one: CalendarEvent) -> str:
    """Return why an event does not take place: it is cancelled, or its guest or organizer declined; "" for others."""
    if _is_cancelled(one):
        return "the event is cancelled"
    _, email = _candidate(one.event)
    who = {"the organizer": _address(one.event.get("ORGANIZER", "")), "the candidate": email}
    declined = _declined_by(one.event)
    return next((f"{name} declined this invitation" for name, address in who.items() if address and address in declined), "")


def _declined_by(event: Any) -> tuple[str, ...]:
    return tuple(_address(guest) for guest in _attendees(event) if _param(guest, "PARTSTAT").upper() == "DECLINED")


def _end_after(event: Any, calendar_zone: str | None) -> Cell:
    """Return the end that start and duration tell. A duration that cannot be read, or ends in no year, is left for the error.

    Hours are counted, not read off a clock that is set forward or back meanwhile.
    """
    try:
        start = event.decoded("DTSTART")
        start = start.astimezone(UTC) if isinstance(start, datetime) and start.tzinfo else start
        return _in_zone(start + event.decoded("DURATION"), event["DTSTART"], calendar_zone)
    except _UNREADABLE:
        return f"a duration of {_line(event.get('DURATION'))}"[:200]


def _instant(event: Any, name: str, calendar_zone: str | None) -> Cell:
    """Return an instant as text. A zone that is named as Windows does is read; one that nobody knows is left for the error."""
    if event.get(name) is None:
        return ""
    try:
        return _in_zone(event.decoded(name), event[name], calendar_zone)
    except _UNREADABLE:
        return _line(event.get(name))


def _in_zone(value: Any, written: Any, calendar_zone: str | None) -> Cell:
    """Return an instant as text, in the zone that its property names, else in that of the calendar."""
    named = _param(written, "TZID")
    if isinstance(value, datetime) and value.tzinfo is None and (named or calendar_zone):
        return f"{value.isoformat()} {(zones.named_zone(named) or named) if named else calendar_zone}"
    return _text_of(value)


def _text_of(value: Any) -> Cell:
    """Return an instant as ISO text. A day without an hour stays one; a time without a zone takes the profile's."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    return value if isinstance(value, date) else str(value)


def _candidate(event: Any) -> tuple[str, str]:
    """Return name and address of the one attendee who is not of the organizer's company, or of all who may be meant."""
    organizer = _address(event.get("ORGANIZER", ""))
    host = organizer.rpartition("@")[2]
    found = [(_line(_param(one, "CN")), _address(one)) for one in _attendees(event) if _is_person(one)]
    guests = [one for one in found if one[1] != organizer and (not host or not one[1].endswith("@" + host))]
    if len(guests) == 1:
        name, email = guests[0]
        return name if name and "@" not in name else "", email
    if len(guests) > 1:
        return f"? ({len(guests)} guests, one of them the candidate: {'; '.join(email for _, email in guests)[:120]})", ""
    return "", ""


def _attendees(event: Any) -> Sequence[Any]:
    attendees = event.get("ATTENDEE", [])
    return attendees if isinstance(attendees, list) else [attendees]


def _is_person(attendee: Any) -> bool:
    kind, role = (_param(attendee, name).upper() for name in ("CUTYPE", "ROLE"))
    return kind in ("", "INDIVIDUAL") and role != "CHAIR"


def _address(value: Any) -> str:
    """Return an email address. Where the value is an id of the calendar's server, as of Apple's, the address stands beside it."""
    text = str(value) if "@" in str(value) else _param(value, "EMAIL") or str(value)
    return re.sub(r"^mailto:", "", text.strip(), flags=re.IGNORECASE).casefold()


def _param(value: Any, name: str) -> str:
    return str(getattr(value, "params", {}).get(name, ""))


def _line(value: Any) -> str:
    return " ".join(str(value).split())


def _job_title(summary: str, name: str) -> str:
    """Return the summary without the candidate's name and the word "interview"."""
    title = re.sub(re.escape(name), " ", summary, flags=re.IGNORECASE) if name else summary
    return _trimmed(_INTERVIEW.sub(" ", title))


def _trimmed(text: str) -> str:
    text = _AROUND.sub("", " ".join(text.split()))
    return text[1:-1].strip() if re.fullmatch(r"\([^()]*\)", text) else text
