"""Writes our automatic answers to mails. They carry the header by which no machine answers them (RFC 3834).

They hold no signed link: what reads strangers' mail has no secret to sign one. STOP as an answer does what the link does.
"""

from __future__ import annotations

from html import escape

from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import EMPLOYER, catalogue, mark
from chalicelib.rules.copy.notices import IN_ITS_NAME
from chalicelib.rules.copy.pages import page
from chalicelib.rules.model import Language, Message

SUBJECT = mark("$employer has your message")
RECEIVED = mark("Your message has arrived. The people at $employer who are in charge of your application can read it.")
STOP_BY_MAIL = mark("Answer STOP to get no more emails about any interview.")


def received(to: str, employer: str, answers: str | None, language: Language = "en") -> Message:
    """Returns the acknowledgement of a candidate's mail. `answers` is the Message-ID of their mail."""
    said = catalogue(language)
    named = {"employer": clean(employer, said.text(EMPLOYER))}
    subject, words = said.say(SUBJECT, **named), said.say(RECEIVED, **named)
    about = [said.say(IN_ITS_NAME, **named), said.text(STOP_BY_MAIL)]
    html = page(subject, [f"<p>{escape(words)}</p>"], about, language=language)
    return Message("email", to, "\n\n".join([words, *about]) + "\n", subject, html, headers=headers_of_answer(answers))


def plain(to: str, subject: str, text: str, answers: str | None) -> Message:
    """Returns a short answer to a job seeker's own mail."""
    return Message("email", to, f"{text}\n", subject, headers=headers_of_answer(answers))


def headers_of_answer(message_id: str | None) -> tuple[tuple[str, str], ...]:
    """The headers of an automatic answer to a mail."""
    threaded = (("In-Reply-To", message_id), ("References", message_id)) if message_id else ()
    return (("Auto-Submitted", "auto-replied"), *threaded)
