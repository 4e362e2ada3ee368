"""Writes the holding notice ("no decision yet"), as one text segment or an email."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.language import (
    EMPLOYER,
    UCS2,
    Catalogue,
    capitalized,
    catalogue,
    greeting,
    language_of,
    mark,
    mark_gsm,
    mark_short,
)
from chalicelib.rules.copy.pages import NOT_READ, page
from chalicelib.rules.copy.segment import SegmentWriter, segment_of
from chalicelib.rules.copy.sms import NAMELESS
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate, Message, MessageChannel, Stage

SMS = (
    mark_gsm(
        "$employer by Heardback: Hi $person, no decision yet after $your_interview for $job. "
        "You will hear by $day. STOP to opt out"
    ),
    mark_gsm("$employer by Heardback: no decision yet after $your_interview for $job. You will hear by $day. STOP to opt out"),
    mark_gsm("$employer by Heardback: no decision yet after $your_interview. You will hear by $day. STOP to opt out"),
)
SHORT = (
    mark_short("$employer: no decision yet after $your_interview. You will hear by $day. STOP to opt out"),
    mark_short("$employer: no decision yet. You will hear by $day. STOP to opt out"),
)
"""For a segment of 70 characters."""
SUBJECT = mark("$Your_interview with $employer: no decision yet, you will hear by $day")
NOT_DECIDED = mark("$employer has not decided yet about $your_interview. You will hear by $day.")
NOT_DECIDED_FOR_JOB = mark("$employer has not decided yet about $your_interview for $job. You will hear by $day.")
NOTHING_TO_DO = mark("You don't need to do anything. If that day passes without word, we will remind you who to ask.")
IN_ITS_NAME = mark("Heardback sends this for $employer, in its name.")
UNSUBSCRIBE = mark("Unsubscribe: no more messages about any interview")


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
    said = catalogue(language_of(candidate.locale, employer.policy.language))
    zone = candidate.timezone or employer.timezone
    words = {
        "person": clean_person(candidate.name),
        "employer": clean(employer.name, said.text(EMPLOYER)),
        "job": clean(job_title),
        "your_interview": said.stage(stage),
        "day": said.day(next_word_by, zone),
    }
    if channel == "sms":
        if said.language in UCS2:
            words["day"] = said.short_day(next_word_by, zone)
        return Message("sms", to, _text(words, said))
    return _mail(to, words, unsubscribe_url, [] if employer.sender.replies_are_read else [said.text(NOT_READ)], said)


def _text(words: dict[str, str], said: Catalogue) -> str:
    """Returns the first template that fits one segment and whose fields are known, or the last one, cut."""
    segment = segment_of(said.language)
    known = {name: segment.spell(word) for name, word in words.items()}
    if known["employer"] in ("", said.text(EMPLOYER)):
        known["employer"] = capitalized(known["employer"] or said.text(NAMELESS["employer"][0]))
    writer = SegmentWriter(known, segment)
    templates = [said.text_message(one) for one in (SHORT if said.language in UCS2 else SMS)]
    return writer.first_that_fits(templates) or writer.shortened(templates[-1])


def _mail(to: str, words: dict[str, str], unsubscribe_url: str | None, ending: Sequence[str], said: Catalogue) -> Message:
    subject = said.say(SUBJECT, Your_interview=capitalized(words["your_interview"]), **words)
    told = said.say(NOT_DECIDED_FOR_JOB if words["job"] else NOT_DECIDED, **words)
    paragraphs = [greeting(words["person"], said), told, said.text(NOTHING_TO_DO)]
    about = [said.say(IN_ITS_NAME, **words), *ending]
    text = [*paragraphs, *about, *([said.pair(said.text(UNSUBSCRIBE), unsubscribe_url)] if unsubscribe_url else [])]
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs]
    html = page(subject, parts, about, unsubscribe_url, said.text(UNSUBSCRIBE), said.language)
    return Message("email", to, "\n\n".join(text) + "\n", subject, html, unsubscribe_url)
