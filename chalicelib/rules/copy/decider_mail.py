"""Writes the mail that asks the person who decides whether there is a decision, a day before the candidate should hear."""

from __future__ import annotations

from html import escape

from chalicelib.rules.copy.clean import CANDIDATE, EMPLOYER, JOB, clean
from chalicelib.rules.copy.clock import city, moment
from chalicelib.rules.copy.pages import STAGE_WORDS, button, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, Wait

ANSWERS = {
    "advancing": "Moving forward",
    "rejected": "Rejected",
    "not_yet": "No decision yet: tell them by when",
}
"""What a decider can answer, with the label of its link."""
_EACH = "Each link opens a page with a button. Nothing is recorded before you press it."
_ABOUT = "You get this because you are named as the person who decides about this application in Heardback."


def question(to: str, employer: Employer, name: str, job_title: str, wait: Wait, url: str) -> Message:
    """Returns the mail; `url` is the page, to which each link adds its answer. Times are the employer's.

    The subject names no candidate: subjects are shown on locked screens.
    """
    subject = f"{clean(employer.name, EMPLOYER)}: a candidate should hear from you soon. Is there a decision?"
    due = moment(wait.word_due_at, employer.timezone)
    asks = (
        f"{clean(name, CANDIDATE)} ({STAGE_WORDS[wait.stage]} for {clean(job_title, JOB)}) should hear by {due}. "
        "No decision is recorded yet."
    )
    links = [(label, f"{url}?answer={code}") for code, label in ANSWERS.items()]
    about = [f"{_ABOUT} Times are those of {city(employer.timezone)}."]
    text = "\n\n".join([asks, "\n".join(f"{label}: {link}" for label, link in links), _EACH, *about]) + "\n"
    parts = [f"<p>{escape(asks)}</p>", *(button(label, link) for label, link in links), f"<p>{escape(_EACH)}</p>"]
    return Message("email", to, text, subject, page(subject, parts, about))
