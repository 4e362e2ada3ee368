"""The button that emails a test reminder to oneself: the first reminder as a candidate would read it, marked as a test."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.accounts.users import service as people
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth import rate_limit
from chalicelib.auth.sessions import Visitor
from chalicelib.messaging import providers, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.copy.language import language_of
from chalicelib.web import page_support, reminder_previews

STATES = ("sent", "again", "none")
_PRESS = "test reminder of a page"


def send(request: Request, visitor: Visitor) -> Response:
    """POST /settings/test-reminder: to the signed-in person alone. The same page pressed twice sends one."""
    given = page_support.form(request, visitor)
    employer = visitor.employer
    message = reminder_previews.first_mail(employer, request.now, language_of(None, employer.policy.language))
    if message is None:
        return _back(request, given, "none")
    if not rate_limit.allow_within_day(_PRESS, given.one("form_token"), 1, request.now):
        return _back(request, given, "again")
    mail = replace(message, to=visitor.person.email, subject=f"Test: {message.subject}")
    asked = OnDemand("test_reminder", mail, employer, request.network)
    if send_now.send_now(asked, providers.channels(), request.now):
        rate_limit.give_back_of_day(_PRESS, given.one("form_token"), request.now)  # the same page may be pressed again later
        why = f"At most {rate_limit.MAILS_TO_ONE_ADDRESS} test reminders go to one address in an hour. Try again later."
        return page_support.message(request, visitor, 429, "Test reminder not sent", why)
    people.note_test(visitor.person, request.now)
    return _back(request, given, "sent")


def _back(request: Request, given: Form, state: str) -> Response:
    """Return to the page that was pressed, which says what became of it."""
    page = "/settings/test-text" if given.one("back") == "/settings/test-text" else "/settings"
    return page_support.see_other(request, f"{page}?test={state}#test-reminder")
