"""Writes the mail that tells an owner at once that a candidate wrote, or says that nobody got in touch."""

from __future__ import annotations

import re
from html import escape

from chalicelib.rules.copy.clean import CANDIDATE, EMPLOYER, JOB, clean
from chalicelib.rules.copy.pages import button, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, ReplyKind, SenderCheck

QUOTED_MOST = 1_000
SUBJECTS: dict[ReplyKind, str] = {
    "text": "a candidate has written to you",
    "email": "a candidate has written to you",
    "not_yet": "a candidate says that they have not heard",
    "dispute": "a candidate disputes a logged contact",
}
"""Without a word of the candidate: subjects are shown on locked screens."""
_SAID: dict[ReplyKind, str] = {
    "text": "{name} ({job}) texted:",
    "email": "{name} ({job}) answered by email:",
    "not_yet": "{name} ({job}) says that nobody has got in touch yet.",
    "dispute": "{name} ({job}) says that nobody got in touch, although a contact was logged. They are waiting again.",
}
_ABOUT = "You get this because you are the owner of this application in Heardback."
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def quote(words: str, most: int = QUOTED_MOST) -> str:
    """Returns a candidate's words for people to read in a mail: without links, and cut."""
    plain = _LINK.sub("[link left out]", " ".join(words.split()) if most < QUOTED_MOST else words.strip())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def text_notes(body: str) -> list[str]:
    """Says that a text came without words."""
    return [] if body.strip() else ["It has no words. If it was a picture, it was not kept."]


def mail_notes(sender: str, check: SenderCheck | None, attachments: int) -> list[str]:
    """Says what people must know of a mail that came in: who may have written it, and what was not kept."""
    notes: list[str] = []
    if check == "other_address":
        notes.append(f"It came from {sender}, which is not the address of this candidate here.")
    elif check == "not_verified":
        notes.append("The sender's address could not be verified: somebody else may have written this.")
    if attachments:
        notes.append("1 attachment was not kept." if attachments == 1 else f"{attachments} attachments were not kept.")
    return notes


def owner_mail(to: str, employer: Employer, kind: ReplyKind, name: str, job_title: str, words: str, url: str) -> Message:
    """Returns the mail to an owner; `url` leads to the person's page, behind the sign-in."""
    subject = f"{clean(employer.name, EMPLOYER)}: {SUBJECTS[kind]}"
    said = _SAID[kind].format(name=clean(name, CANDIDATE), job=clean(job_title, JOB))
    quoted = quote(words) if words else ""
    indented = ["\n".join(f"> {line}" for line in quoted.splitlines())] if quoted else []
    text = "\n\n".join([said, *indented, f"Open their page: {url}", _ABOUT]) + "\n"
    parts = [f"<p>{escape(said)}</p>"]
    if quoted:
        parts.append(f'<blockquote style="white-space:pre-wrap">{escape(quoted)}</blockquote>')
    parts.append(button("Open their page", url))
    return Message("email", to, text, subject, page(subject, parts, [_ABOUT]))
