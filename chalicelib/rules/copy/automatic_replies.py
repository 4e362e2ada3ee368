"""Writes our automatic answers to texts, each of one GSM 03.38 segment."""

from __future__ import annotations

HELP = "Heardback sends reminders after job interviews, for the company that interviewed you.$support STOP to opt out"
STOPPED = "Heardback: you are opted out and will get no more messages. Reply START to undo this."
STARTED = "Heardback: you may get reminders about your interviews again. Reply HELP for help, STOP to opt out."
STILL_STOPPED = "Heardback: you unsubscribed by a link or email too, so we still send nothing.$support"


def help_text(support_email: str | None) -> str:
    """Returns the reply to HELP in one segment: who we are, and the support address."""
    return HELP.replace("$support", f" Help: {support_email}." if support_email and len(support_email) <= 40 else "")


def still_stopped(support_email: str | None) -> str:
    """Returns the reply to START where an unsubscribe link also opted the person out, in one segment."""
    change = f" To change that, write to {support_email}." if support_email and len(support_email) <= 40 else ""
    return STILL_STOPPED.replace("$support", change)
