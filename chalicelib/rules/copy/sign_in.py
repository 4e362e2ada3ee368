"""Writes the emails about an account: invitation, sign-in, address verification, changes of access."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chalicelib.rules.copy.clean import EMPLOYER, clean
from chalicelib.rules.copy.pages import button, page
from chalicelib.rules.model import Message

SUBJECT = "Sign in to Heardback"
_WORKS = (
    "The link and the code work for 15 minutes, and sign you in once. "
    "If you did not ask for them, ignore this email: nobody can sign in without it."
)
_ABOUT = "Heardback keeps the list of candidates who are waiting to hear from you."


def sign_in_mail(to: str, ways: Sequence[tuple[str, str, str]]) -> Message:
    """Returns the sign-in email: (employer's name, link, code) for each employer at which the address is known."""
    labelled = [(f"Sign in at {clean(name, EMPLOYER)}", link, f"Or enter this code: {code}") for name, link, code in ways]
    text = "\n\n".join([*(f"{label}:\n{link}\n{by_code}" for label, link, by_code in labelled), _WORKS, _ABOUT]) + "\n"
    parts = [
        *(part for label, link, by_code in labelled for part in (button(label, link), f"<p>{escape(by_code)}</p>")),
        f"<p>{escape(_WORKS)}</p>",
    ]
    return Message("email", to, text, SUBJECT, page(SUBJECT, parts, [_ABOUT]))


VERIFY_SUBJECT = "Confirm this email address for Heardback"
_VERIFY_WORKS = "The link works for two days. If this was not you, ignore this email: we send nothing more to this address."


def verify_mail(to: str, employer: str, link: str) -> Message:
    """Returns the email that verifies an address which an employer on trial named as its own."""
    who = clean(employer, EMPLOYER)
    asked = f"Someone trying Heardback for {who} asked for its messages to come here. If that was you, confirm it:"
    text = "\n\n".join([asked, link, _VERIFY_WORKS, _ABOUT]) + "\n"
    parts = [f"<p>{escape(asked)}</p>", button("Confirm this address", link), f"<p>{escape(_VERIFY_WORKS)}</p>"]
    return Message("email", to, text, VERIFY_SUBJECT, page(VERIFY_SUBJECT, parts, [_ABOUT]))


INVITE_SUBJECT = "You are invited to Heardback"
_INVITE_WORKS = (
    "The link and the code work for 14 days. If this is a mistake, ignore this email: we send nothing more until you accept."
)


def invitation_mail(to: str, employer: str, link: str, code: str) -> Message:
    """Returns the invitation of a new person, in our words alone: nothing in it was chosen by the one who invites."""
    asked = f"{clean(employer, EMPLOYER)} invites you to its list of candidates who are waiting to hear. Accept it here:"
    by_code = f"Or enter this code where you are asked for it: {code}"
    text = "\n\n".join([asked, link, by_code, _INVITE_WORKS, _ABOUT]) + "\n"
    parts = [
        f"<p>{escape(asked)}</p>",
        button("Accept the invitation", link),
        f"<p>{escape(by_code)}</p>",
        f"<p>{escape(_INVITE_WORKS)}</p>",
    ]
    return Message("email", to, text, INVITE_SUBJECT, page(INVITE_SUBJECT, parts, [_ABOUT]))


ACCESS_SUBJECT = "Your access to Heardback has changed"
_ACCESS_WRONG = "If you did not expect this, tell a manager at your company. You have been signed out everywhere."


def access_changed_mail(to: str, employer: str, changes: Sequence[str]) -> Message:
    """Returns the notice to a person whose role or address was changed. It goes to the address of before, without a link."""
    intro = f"A manager at {clean(employer, EMPLOYER)} has changed your access:"
    text = "\n\n".join([intro, *(f"- {change}" for change in changes), _ACCESS_WRONG, _ABOUT]) + "\n"
    parts = [
        f"<p>{escape(intro)}</p>",
        "<ul>" + "".join(f"<li>{escape(change)}</li>" for change in changes) + "</ul>",
        f"<p>{escape(_ACCESS_WRONG)}</p>",
    ]
    return Message("email", to, text, ACCESS_SUBJECT, page(ACCESS_SUBJECT, parts, [_ABOUT]))
