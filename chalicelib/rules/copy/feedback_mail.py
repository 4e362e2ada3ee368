"""Writes the mail that says that the employer answered why, with the link to the candidate's page. It quotes no feedback."""

from __future__ import annotations

from html import escape

from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.language import EMPLOYER, catalogue, greeting, language_of, mark
from chalicelib.rules.copy.notices import IN_ITS_NAME, UNSUBSCRIBE
from chalicelib.rules.copy.pages import NOT_READ, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate, Message

SUBJECT = mark("$employer answered your question")
ANSWERED = mark("You asked $employer why they did not take your application further. Their answer is on your page.")
ANSWERED_FOR_JOB = mark(
    "You asked $employer why they did not take your application for $job further. Their answer is on your page."
)
READ_IT = mark("Read the answer on your page")


def feedback_mail(
    employer: Employer, candidate: Candidate, job_title: str, page_url: str, unsubscribe_url: str | None
) -> Message:
    """Returns the mail. Raises ValueError where there is no address."""
    if not candidate.email:
        raise ValueError(f"{candidate.id} has no email address")
    said = catalogue(language_of(candidate.locale, employer.policy.language))
    named = {"employer": clean(employer.name, said.text(EMPLOYER)), "job": clean(job_title)}
    subject = said.say(SUBJECT, **named)
    paragraphs = [greeting(clean_person(candidate.name), said), said.say(ANSWERED_FOR_JOB if named["job"] else ANSWERED, **named)]
    about = [said.say(IN_ITS_NAME, **named), *([] if employer.sender.replies_are_read else [said.text(NOT_READ)])]
    text = [*paragraphs, said.pair(said.text(READ_IT), page_url), *about]
    if unsubscribe_url:
        text.append(said.pair(said.text(UNSUBSCRIBE), unsubscribe_url))
    link = f'<p><a href="{escape(page_url)}">{escape(said.text(READ_IT))}</a></p>'
    parts = [*(f"<p>{escape(one)}</p>" for one in paragraphs), link]
    html = page(subject, parts, about, unsubscribe_url, said.text(UNSUBSCRIBE), said.language)
    return Message("email", candidate.email, "\n\n".join(text) + "\n", subject, html, unsubscribe_url)
