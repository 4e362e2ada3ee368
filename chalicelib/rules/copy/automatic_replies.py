"""Writes our automatic answers to texts, and the test text, each of one segment."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from chalicelib.rules.copy.language import catalogue, mark
from chalicelib.rules.copy.segment import SegmentWriter, segment_of
from chalicelib.rules.model import Language

HELP = mark("Heardback sends reminders after job interviews, for the company that interviewed you. STOP to opt out")
HELP_WITH_SUPPORT = mark(
    "Heardback sends reminders after job interviews, for the company that interviewed you. Help: $support. STOP to opt out"
)
STOPPED = mark("Heardback: you are opted out and will get no more texts. Reply START to undo this.")
STARTED = mark("Heardback: you may get reminders about your interviews again. Reply HELP for help, STOP to opt out.")
RECEIVED = mark("$employer has your message. Heardback sent this for them. Reply STOP to opt out.")
WHICH = mark("Heardback: more than one company wrote to you. Who is your message for? Reply $choices")
TEST = "Test of Heardback for $employer: texts to your candidates arrive like this one. You asked for it. Reply STOP to opt out"
"""For people at an employer, in English like their pages. It holds no words that they can set."""
CHOICE = mark("$number for $name")
WHICH_MOST = 5
"""The most employers that one question names: the frequency cap lets three write within a week."""
NAMELESS, NAMELESS_ONE = mark("the other company"), mark("The company")


def help_text(support_email: str | None, language: Language = "en") -> str:
    """Returns the reply to HELP in one segment: who we are, and the support address where it fits."""
    said, segment = catalogue(language), segment_of(language)
    if support_email and len(support_email) <= 40:
        text = said.text_message(HELP_WITH_SUPPORT).replace("$support", support_email)
        if segment.length(text) <= segment.size:
            return text
    return said.text_message(HELP)


def stopped(language: Language = "en") -> str:
    """Returns the confirmation of a STOP."""
    return catalogue(language).text_message(STOPPED)


def started(language: Language = "en") -> str:
    """Returns the confirmation of a START."""
    return catalogue(language).text_message(STARTED)


def received(employer: str, language: Language = "en") -> str:
    """Returns the acknowledgement of a candidate's text in one segment: "Blue Fern has your message"."""
    said, segment = catalogue(language), segment_of(language)
    writer = SegmentWriter({"employer": segment.spell(employer) or said.text(NAMELESS_ONE)}, segment)
    return writer.shortened(said.text_message(RECEIVED))


def test_text(employer: str) -> str:
    """Returns the text that a manager sends to their own phone, in one segment."""
    segment = segment_of("en")
    return SegmentWriter({"employer": segment.spell(employer) or NAMELESS_ONE}, segment).shortened(TEST)


def which(names: Sequence[str], language: Language = "en") -> str:
    """Asks which of some employers a text is for, in one segment: "Reply 1 for Blue Fern, 2 for Acme"."""
    said, segment = catalogue(language), segment_of(language)
    asks = said.text_message(WHICH)
    cleaned = [segment.spell(name) or said.text(NAMELESS) for name in names[:WHICH_MOST]]
    choice = Template(said.text(CHOICE))  # without marks of direction: they would cost a second segment
    for most in range(max(map(len, cleaned)), 0, -1):
        named = [_cut(name, most, segment.ellipsis) for name in cleaned]
        choices = ", ".join(choice.substitute(number=number, name=name) for number, name in enumerate(named, 1))
        if segment.length(text := asks.replace("$choices", choices)) <= segment.size:
            return text
    raise ValueError("too many names for one text")


def _cut(name: str, most: int, ellipsis: str) -> str:
    return name if len(name) <= most or most <= len(ellipsis) else name[: most - len(ellipsis)].rstrip() + ellipsis
