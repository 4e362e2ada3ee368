"""Writes the mail at an interview's end: by when the candidate will hear, who to ask, and their own page."""

from __future__ import annotations

from html import escape

from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.language import (
    EMPLOYER,
    HIRING_TEAM,
    Catalogue,
    capitalized,
    catalogue,
    greeting,
    language_of,
    mark,
)
from chalicelib.rules.copy.notices import IN_ITS_NAME, NOTHING_TO_DO, UNSUBSCRIBE
from chalicelib.rules.copy.pages import NOT_READ, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Message, Wait

SUBJECT = mark("$Your_interview with $employer: what happens next")
WORD_BY = mark("Thank you for your time. $employer is to give you word about $your_interview by $moment.")
WORD_BY_FOR_JOB = mark("Thank you for your time. $employer is to give you word about $your_interview for $job by $moment.")
CALL = mark("If you have a question before then, call $callee: $contact")
WRITE = mark("If you have a question before then, write to $callee: $contact")
YOUR_PAGE = mark("Your page, where you can say what you heard")


def what_next(
    *,
    employer: Employer,
    candidate: Candidate,
    call_back: CallBack,
    job_title: str,
    wait: Wait,
    page_url: str,
    unsubscribe_url: str | None,
) -> Message:
    """Returns the mail. Times are in the candidate's zone. Raises ValueError where there is no address, or nobody to ask."""
    contact = call_back.phone or call_back.email
    if not candidate.email or not contact:
        raise ValueError(f"{candidate.id} has no address, or {employer.id} names nobody to ask")
    said = catalogue(language_of(candidate.locale, employer.policy.language))
    name, job = clean(employer.name, said.text(EMPLOYER)), clean(job_title)
    subject = said.say(SUBJECT, Your_interview=capitalized(said.stage(wait.stage)), employer=name)
    callee = clean(call_back.name or "", said.text(HIRING_TEAM))
    paragraphs = [
        greeting(clean_person(candidate.name), said),
        _word_by(employer, candidate, name, job, wait, said),
        said.say(CALL if call_back.phone else WRITE, callee=callee, contact=said.address(contact)),
    ]
    about = [said.say(IN_ITS_NAME, employer=name), *([] if employer.sender.replies_are_read else [said.text(NOT_READ)])]
    text = [*paragraphs, said.pair(said.text(YOUR_PAGE), page_url), said.text(NOTHING_TO_DO), *about]
    if unsubscribe_url:
        text.append(said.pair(said.text(UNSUBSCRIBE), unsubscribe_url))
    link = f'<p><a href="{escape(page_url)}">{escape(said.text(YOUR_PAGE))}</a></p>'
    parts = [*(f"<p>{escape(one)}</p>" for one in paragraphs), link, f"<p>{escape(said.text(NOTHING_TO_DO))}</p>"]
    html = page(subject, parts, about, unsubscribe_url, said.text(UNSUBSCRIBE), said.language)
    return Message("email", candidate.email, "\n\n".join(text) + "\n", subject, html, unsubscribe_url)


def _word_by(employer: Employer, candidate: Candidate, name: str, job: str, wait: Wait, said: Catalogue) -> str:
    moment = said.moment(wait.word_due_at, candidate.timezone or employer.timezone)
    template = WORD_BY_FOR_JOB if job else WORD_BY
    return said.say(template, employer=name, your_interview=said.stage(wait.stage), job=job, moment=moment)
