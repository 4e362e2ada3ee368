"""Writes the holding notice ("no decision yet"), as one text segment or an email."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from string import Template
from zoneinfo import ZoneInfo

from chalicelib.rules.copy.clean import EMPLOYER, clean, clean_person
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.pages import NOT_READ, STAGE_WORDS, page
from chalicelib.rules.copy.segment import gsm_text, truncate
from chalicelib.rules.copy.sms import NAMELESS
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate, Message, MessageChannel, Stage

SMS = (
    "$employer by Heardback: Hi $person, no decision yet after your $interview for $job. You will hear by $day. STOP to opt out",
    "$employer by Heardback: no decision yet after your $interview for $job. You will hear by $day. STOP to opt out",
    "$employer by Heardback: no decision yet after your $interview. You will hear by $day. STOP to opt out",
)
SUBJECT = "Your $interview with $employer: no decision yet, you will hear by $day"
UNSUBSCRIBE = "Unsubscribe: no more messages about any interview"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def holding_notice(
    channel: MessageChannel,
    *,
    employer: Employer,
    candidate: Candidate,
    job_title: str,
    stage: Stage,
    next_word_by: datetime,
    unsubscribe_url: str | None,
) -> Message:
    """Returns "no decision yet; you will hear by <day>", the day in the candidate's time zone.

    Raises ValueError where the candidate has no number or address for `channel`.
    """
    to = candidate.phone if channel == "sms" else candidate.email
    if not to:
        raise ValueError(f"{candidate.id} has nothing to reach by {channel}")
    words = {
        "person": clean_person(candidate.name),
        "employer": clean(employer.name, EMPLOYER),
        "job": clean(job_title),
        "interview": STAGE_WORDS[stage],
        "day": day(next_word_by, candidate.timezone or employer.timezone),
    }
    if channel == "sms":
        return Message("sms", to, _text(words))
    return _mail(to, words, unsubscribe_url, [] if employer.sender.reply_to else [NOT_READ])


def day(instant: datetime, zone: str) -> str:
    """Formats a day as in "Friday 5 June"."""
    wall = instant.astimezone(ZoneInfo(zone))
    return f"{_DAYS[wall.weekday()]} {wall.day} {_MONTHS[wall.month - 1]}"


def _text(words: dict[str, str]) -> str:
    """Returns the first template that fits one segment and whose fields are known, or the last one, cut."""
    known = {name: gsm_text(word) for name, word in words.items()}
    if known["employer"] in ("", EMPLOYER):
        known["employer"] = (known["employer"] or NAMELESS["employer"][0]).capitalize()
    templates = [text for text in SMS if all(known[name] or f"${name}" not in text for name in ("person", "job"))]
    for template in templates:
        text = Template(template).substitute(known)
        if septets(text) <= SMS_SEPTETS:
            return text
    rest = septets(Template(templates[-1]).substitute({**known, "employer": ""}))
    return Template(templates[-1]).substitute({**known, "employer": truncate(known["employer"], SMS_SEPTETS - rest)})


def _mail(to: str, words: dict[str, str], unsubscribe_url: str | None, ending: Sequence[str]) -> Message:
    subject = Template(SUBJECT).substitute(words)
    greeting = f"Hello {words['person']}," if words["person"] else "Hello,"
    about_job = " for $job" if words["job"] else ""
    told = Template(f"$employer has not decided yet about your $interview{about_job}. You will hear by $day.").substitute(words)
    means = "You don't need to do anything. If that day passes without word, we will remind you who to ask."
    about = [Template("Heardback sends this for $employer, in its name.").substitute(words), *ending]
    text = [greeting, told, means, *about, *([f"{UNSUBSCRIBE}: {unsubscribe_url}"] if unsubscribe_url else [])]
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in (greeting, told, means)]
    return Message(
        "email", to, "\n\n".join(text) + "\n", subject, page(subject, parts, about, unsubscribe_url, UNSUBSCRIBE), unsubscribe_url
    )
