"""Writes the letter that tells a rejection, as an email. Its reasons are criteria of the job, from one list of safe words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from chalicelib.rules.copy.clean import CANDIDATE, EMPLOYER, JOB, clean, clean_person
from chalicelib.rules.copy.notices import UNSUBSCRIBE, day
from chalicelib.rules.copy.pages import NOT_READ, STAGE_WORDS, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, LetterReason, Message, NoticeName, Stage

REASONS: dict[LetterReason, str] = {
    "experience": "experience in this kind of work",
    "skills": "skills that the job needs",
    "qualification": "a qualification that the job needs",
    "work_sample": "the results of the work sample or test",
    "licence": "a licence or certificate that the job needs",
    "language": "the language skills that the job needs",
    "availability": "the working times that the job needs",
    "location": "the place of work",
    "role_filled": "the position has been filled",
    "role_cancelled": "the position will not be filled",
}
"""What a letter says for each reason: about the job, never about the person."""
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
    employer, job = clean(fields.employer.name, EMPLOYER), clean(fields.job_title)
    person = clean_person(fields.candidate.name)
    subject = f"Your application for {job} at {employer}" if job else f"Your application at {employer}"
    about_job = f" for {job}" if job else ""
    paragraphs = [
        f"Hello {person}," if person else "Hello,",
        f"Thank you for the time that you took for the {STAGE_WORDS[fields.stage]}{about_job} with {employer}.",
        f"{employer} has decided not to take your application further.",
    ]
    why, reasons = _reasons(fields)
    asks = _asks(fields)
    foot = [
        *([_statutory(fields, employer)] if fields.employer.policy.jurisdiction else []),
        f"Heardback sends this for {employer}, in its name.",
        *([] if fields.employer.sender.reply_to else [NOT_READ]),
    ]
    listed = "\n".join(f"* {reason}" for reason in reasons)
    text = [*paragraphs, *([f"{why}\n{listed}" if listed else why] if why else []), *asks, *foot]
    if unsubscribe_url:
        text.append(f"{UNSUBSCRIBE}: {unsubscribe_url}")
    parts = [f"<p>{escape(one)}</p>" for one in [*paragraphs, *([why] if why else [])]]
    if reasons:
        parts.append("<ul>" + "".join(f"<li>{escape(reason)}</li>" for reason in reasons) + "</ul>")
    parts += [f"<p>{escape(one)}</p>" for one in asks]
    html = page(subject, parts, foot, unsubscribe_url, UNSUBSCRIBE)
    return Message("email", fields.candidate.email, "\n\n".join(text) + "\n", subject, html, unsubscribe_url)


def feedback_of(reasons: Sequence[LetterReason]) -> str | None:
    """Returns the reasons in words, as the contact of a letter keeps them; None without any."""
    return "What decided it: " + "; ".join(REASONS[one] for one in reasons) if reasons else None


def _reasons(fields: LetterFields) -> tuple[str, list[str]]:
    if fields.reasons:
        return "What decided it:", [REASONS[one] for one in fields.reasons if one in REASONS]
    if fields.feedback_by:
        zone = fields.candidate.timezone or fields.employer.timezone
        return f"You will get feedback by {day(fields.feedback_by, zone)}.", []
    return "", []


def _asks(fields: LetterFields) -> list[str]:
    """Who to ask. A promised feedback needs no question."""
    contact = fields.call_back.phone or fields.call_back.email
    if not contact or fields.feedback_by:
        return []
    callee = clean(fields.call_back.name or "", "the hiring team")
    return [f"If you would like to know more, {'call' if fields.call_back.phone else 'write to'} {callee}: {contact}"]


def _statutory(fields: LetterFields, employer: str) -> str:
    """What statutes want a written notice to name (`rules.statutes`)."""
    zone = fields.employer.timezone
    begun = f"{day(fields.begun_at, zone)} {fields.begun_at.astimezone(ZoneInfo(zone)).year}"
    signed = clean(fields.sender or fields.call_back.name or "", "the hiring team")
    return (
        f"Candidate: {clean(fields.candidate.name, CANDIDATE)}. Employer: {employer}. Position: {clean(fields.job_title, JOB)}. "
        f"Process begun: {begun}. Sent by: {signed}, for {employer}."
    )
