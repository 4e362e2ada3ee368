"""Previews of reminders: what a sample candidate would receive under an employer's settings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.applications.candidates import links
from chalicelib.applications.mappers import written_out
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.clock import wall_time
from chalicelib.rules.copy.email import nudge
from chalicelib.rules.copy.segment import segment_of
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import WEEKDAYS, Candidate, Language, Message, MessageChannel
from chalicelib.rules.reminders import send_windows
from chalicelib.web import formatting

DAY_NAMES = dict(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
_SAMPLE = Candidate("cand_" + "0" * 26, "Sam Sample", email="sam@example.com", phone="+12025550123")
_SAMPLE_JOB = "Field Technician"
CHANNELS: tuple[MessageChannel, ...] = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Preview:
    """One reminder as a sample candidate would receive it."""

    name: str
    channel: str
    subject: str | None
    text: str
    length: int | None
    most: int
    at: str


def previews(employer: Employer, now: datetime, language: Language = "en") -> list[Preview]:
    """Return every reminder by both channels, for a candidate of this language whose interview has just ended."""
    if not _are_sent(employer):
        return []
    link = _sample_link(employer, now)
    found, segment = [], segment_of(language)
    target, is_holiday = now + timedelta(hours=employer.policy.word_due_hours), holiday_check(employer.policy.holidays)
    for number in range(1, employer.policy.max_nudges + 1):
        at = send_windows.next_open(target, employer.policy.candidate_window, employer.timezone, is_holiday)
        target = at + timedelta(days=employer.policy.second_nudge_days)
        for channel in CHANNELS:
            message = _reminder(employer, number, channel, link, language)
            name = f"{'First' if number == 1 else 'Second'} {'text' if channel == 'sms' else 'email'}"
            length = segment.length(message.text) if channel == "sms" else None
            when = formatting.moment(at, employer.timezone)
            found.append(Preview(name, channel, message.subject, message.text, length, segment.size, when))
    return found


def first_mail(employer: Employer, now: datetime, language: Language) -> Message | None:
    """Return the first reminder by email, to a sample candidate; None where the employer sends no reminders."""
    if not _are_sent(employer) or employer.policy.max_nudges < 1:
        return None
    return _reminder(employer, 1, "email", _sample_link(employer, now), language)


def _are_sent(employer: Employer) -> bool:
    return employer.policy.candidate_nudge != "off" and bool(employer.call_back.phone or employer.call_back.email)


def _sample_link(employer: Employer, now: datetime) -> str:
    """Return a candidate's link that opens nobody's page."""
    return links.url(employer.id, "app_" + "0" * 26, now)


def _reminder(employer: Employer, number: int, channel: MessageChannel, link: str, language: Language) -> Message:
    return nudge(
        number,
        channel,
        employer=employer,
        candidate=replace(_SAMPLE, locale=language),
        call_back=written_out(employer.call_back) if channel == "email" else employer.call_back,
        job_title=_SAMPLE_JOB,
        stage="interview",
        unsubscribe_url=None,
        answer_url=link,
        kind=employer.policy.candidate_nudge,
    )


def send_window_of(employer: Employer) -> str:
    """Return the send window of reminders as a sentence."""
    window = employer.policy.candidate_window
    shown = partial(wall_time, zone=employer.timezone)
    hours = f"{shown(window.start)} to {shown(window.end)}"
    return f"{_days(window.days)}, {hours} in the candidate's own time, never before {shown('08:00')} or after {shown('21:00')}"


def _days(chosen: Collection[str]) -> str:
    """Return "Mon to Fri" for neighbouring days, else "Mon, Wed"."""
    days = [day for day in WEEKDAYS if day in chosen]
    first = WEEKDAYS.index(days[0]) if days else 0
    if len(days) > 2 and days == list(WEEKDAYS[first : first + len(days)]):
        return f"{DAY_NAMES[days[0]]} to {DAY_NAMES[days[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in days)
