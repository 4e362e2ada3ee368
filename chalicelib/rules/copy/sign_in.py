"""The mail that signs somebody in: one button, how long it works, and what to do if nobody asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chalicelib.rules.copy.pages import button, one_line, page
from chalicelib.rules.model import Message

SUBJECT = "Your link to sign in to Heardback"
_WORKS = "The link works once, for 15 minutes. If you did not ask for it, do nothing: nobody gets in without it."
_ABOUT = "Heardback keeps the list of candidates who are waiting to hear from you."


def sign_in_mail(to: str, ways: Sequence[tuple[str, str]]) -> Message:
    """`ways`: (employer's name, link), one for each employer at which the address is known."""
    lines = [(f"Sign in at {one_line(name)}", link) for name, link in ways]
    text = "\n\n".join(["Here is your link to sign in.", *(f"{label}:\n{link}" for label, link in lines), _WORKS, _ABOUT]) + "\n"
    parts = ["<p>Here is your link to sign in.</p>", *(button(label, link) for label, link in lines), f"<p>{escape(_WORKS)}</p>"]
    return Message("email", to, text, SUBJECT, page(SUBJECT, parts, [_ABOUT], None, ""))


VERIFY_SUBJECT = "Shall Heardback write to this address?"
_VERIFY_WORKS = "The link works for two days. If this was not you, do nothing: nothing more comes to this address."


def verify_mail(to: str, employer: str, link: str) -> Message:
    """To an address that an employer on trial calls its own."""
    asked = f"Somebody who tries Heardback for {one_line(employer)} wants its messages sent here. If that was you, say so:"
    text = "\n\n".join([asked, link, _VERIFY_WORKS, _ABOUT]) + "\n"
    parts = [f"<p>{escape(asked)}</p>", button("Yes, send them here", link), f"<p>{escape(_VERIFY_WORKS)}</p>"]
    return Message("email", to, text, VERIFY_SUBJECT, page(VERIFY_SUBJECT, parts, [_ABOUT], None, ""))
