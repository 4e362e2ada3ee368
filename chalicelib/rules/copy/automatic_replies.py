"""Writes our automatic answers to texts, each of one GSM 03.38 segment."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.segment import gsm_text, truncate

HELP = "Heardback sends reminders after job interviews, for the company that interviewed you.$support STOP to opt out"
STOPPED = "Heardback: you are opted out and will get no more texts. Reply START to undo this."
STARTED = "Heardback: you may get reminders about your interviews again. Reply HELP for help, STOP to opt out."
RECEIVED = "$employer has your message. Heardback sent this for them. Reply STOP to opt out."
WHICH = "Heardback: more than one company wrote to you. Who is your message for? Reply "
WHICH_MOST = 5
"""The most employers that one question names: the frequency cap lets three write within a week."""
ELLIPSIS = "..."
NAMELESS = "the other company"


def help_text(support_email: str | None) -> str:
    """Returns the reply to HELP in one segment: who we are, and the support address."""
    return HELP.replace("$support", f" Help: {support_email}." if support_email and len(support_email) <= 40 else "")


def received(employer: str) -> str:
    """Returns the acknowledgement of a candidate's text in one segment: "Blue Fern has your message"."""
    name = gsm_text(employer) or "The company"
    return RECEIVED.replace("$employer", truncate(name, SMS_SEPTETS - septets(RECEIVED.replace("$employer", ""))))


def which(names: Sequence[str]) -> str:
    """Asks which of some employers a text is for, in one segment: "Reply 1 for Blue Fern, 2 for Acme"."""
    cleaned = [gsm_text(name) or NAMELESS for name in names[:WHICH_MOST]]
    for most in range(max(map(len, cleaned)), 0, -1):
        choices = ", ".join(f"{number} for {_cut(name, most)}" for number, name in enumerate(cleaned, 1))
        if septets(text := WHICH + choices) <= SMS_SEPTETS:
            return text
    raise ValueError("too many names for one text")


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most or most <= len(ELLIPSIS) else name[: most - len(ELLIPSIS)].rstrip() + ELLIPSIS
