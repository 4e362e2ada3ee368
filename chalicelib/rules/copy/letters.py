"""Writes the letter that tells a rejection, as an email. Its reasons are criteria of the job, from one list of safe words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.language import (
    CANDIDATE,
    EMPLOYER,
    HIRING_TEAM,
    JOB,
    THE_STAGE,
    Catalogue,
    catalogue,
    greeting,
    language_of,
    mark,
)
from chalicelib.rules.copy.notices import IN_ITS_NAME, UNSUBSCRIBE
from chalicelib.rules.copy.pages import NOT_READ, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Language, LetterReason, Message, NoticeName, Stage

REASONS: dict[LetterReason, str] = {
    "experience": mark("experience in this kind of work"),
    "skills": mark("skills that the job needs"),
    "qualification": mark("a qualification that the job needs"),
    "work_sample": mark("the results of the work sample or test"),
    "licence": mark("a licence or certificate that the job needs"),
    "language": mark("the language skills that the job needs"),
    "availability": mark("the working times that the job needs"),
    "location": mark("the place of work"),
    "role_filled": mark("the position has been filled"),
    "role_cancelled": mark("the position will not be filled"),
}
"""What a letter says for each reason: about the job, never about the person."""
SUBJECT, SUBJECT_FOR_JOB = mark("Your application at $employer"), mark("Your application for $job at $employer")
THANKS = mark("Thank you for the time that you took for $the_interview with $employer.")
THANKS_FOR_JOB = mark("Thank you for the time that you took for $the_interview for $job with $employer.")
DECIDED_NO = mark("$employer has decided not to take your application further.")
WHAT_DECIDED = mark("What decided it")
KNOW_MORE_BY_CALL = mark("If you would like to know more, call $callee: $contact")
KNOW_MORE_IN_WRITING = mark("If you would like to know more, write to $callee: $contact")
STATUTORY = mark(
    "Candidate: $candidate. Employer: $employer. Position: $job. Process begun: $begun. Sent by: $sender, for $employer."
)
STATUTORY_NAMES: tuple[NoticeName, ...] = ("employer", "candidate", "process_start", "position", "sender")


@dataclass(frozen=True, slots=True)
class LetterFields:
    """What a letter says. `reasons` and `feedback_by` may both be missing. `sender` is the person who signs."""

    employer: Employer
    candidate: Candidate
    call_back: CallBack
    job_title: str
    stage: Stage
    begun_at: datetime
    reasons: Sequence[LetterReason] = ()
    feedback_by: datetime | None = None
    sender: str | None = None


def letter(fields: LetterFields, unsubscribe_url: str | None) -> Message:
    """Returns the mail. Days are in the candidate's time zone. Raises ValueError where the candidate has no address."""
    if not fields.candidate.email:
        raise ValueError(f"{fields.candidate.id} has no email address")
    said = catalogue(language_of(fields.candidate.locale, fields.employer.policy.language))
    employer, job = clean(fields.employer.name, said.text(EMPLOYER)), clean(fields.job_title)
    named = {"employer": employer, "job": job, "the_interview": said.text(THE_STAGE[fields.stage])}
    subject = said.say(SUBJECT_FOR_JOB if job else SUBJECT, **named)
    paragraphs = [
        greeting(clean_person(fields.candidate.name), said),
        said.say(THANKS_FOR_JOB if job else THANKS, **named),
        said.say(DECIDED_NO, **named),
    ]
    why, reasons = _reasons(fields, said)
    asks = _asks(fields, said)
    foot = [
        *([_statutory(fields, employer, said)] if fields.employer.policy.jurisdiction else []),
        said.say(IN_ITS_NAME, **named),
        *([] if fields.employer.sender.replies_are_read else [said.text(NOT_READ)]),
    ]
    listed = "\n".join(f"* {reason}" for reason in reasons)
    text = [*paragraphs, *([f"{why}\n{listed}" if listed else why] if why else []), *asks, *foot]
    if unsubscribe_url:
        text.append(said.pair(said.text(UNSUBSCRIBE), unsubscribe_url))
    parts = [f"<p>{escape(one)}</p>" for one in [*paragraphs, *([why] if why else [])]]
    if reasons:
        parts.append("<ul>" + "".join(f"<li>{escape(reason)}</li>" for reason in reasons) + "</ul>")
    parts += [f"<p>{escape(one)}</p>" for one in asks]
    html = page(subject, parts, foot, unsubscribe_url, said.text(UNSUBSCRIBE), said.language)
    return Message("email", fields.candidate.email, "\n\n".join(text) + "\n", subject, html, unsubscribe_url)


def feedback_of(reasons: Sequence[LetterReason], language: Language = "en") -> str | None:
    """Returns the reasons in words, as the contact of a letter keeps them; None without any."""
    said = catalogue(language)
    listed = "; ".join(said.text(REASONS[one]) for one in reasons)
    return said.pair(said.text(WHAT_DECIDED), listed) if reasons else None


def _reasons(fields: LetterFields, said: Catalogue) -> tuple[str, list[str]]:
    if fields.reasons:
        return said.pair(said.text(WHAT_DECIDED)), [said.text(REASONS[one]) for one in fields.reasons if one in REASONS]
    if fields.feedback_by:
        zone = fields.candidate.timezone or fields.employer.timezone
        return said.say("You will get feedback by $day.", day=said.day(fields.feedback_by, zone)), []
    return "", []


def _asks(fields: LetterFields, said: Catalogue) -> list[str]:
    """Who to ask. A promised feedback needs no question."""
    contact = fields.call_back.phone or fields.call_back.email
    if not contact or fields.feedback_by:
        return []
    named = {"callee": clean(fields.call_back.name or "", said.text(HIRING_TEAM)), "contact": said.address(contact)}
    return [said.say(KNOW_MORE_BY_CALL if fields.call_back.phone else KNOW_MORE_IN_WRITING, **named)]


def _statutory(fields: LetterFields, employer: str, said: Catalogue) -> str:
    """What statutes want a written notice to name (`rules.statutes`)."""
    zone = fields.employer.timezone
    return said.say(
        STATUTORY,
        candidate=clean(fields.candidate.name, said.text(CANDIDATE)),
        employer=employer,
        job=clean(fields.job_title, said.text(JOB)),
        begun=said.full_day(fields.begun_at, zone),
        sender=clean(fields.sender or fields.call_back.name or "", said.text(HIRING_TEAM)),
    )
