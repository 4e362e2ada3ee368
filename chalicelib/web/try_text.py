"""A test text to one's own phone: fixed words that say what they are, a few a day, within the employer's limits."""

from __future__ import annotations

from chalicelib.accounts.users import service as people
from chalicelib.api.forms import Form
from chalicelib.api.phone_numbers import read_phone
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth import rate_limit
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.messaging import gate, opt_outs, providers, send_now
from chalicelib.messaging.eligibility import NO_NUMBER, ON_TRIAL
from chalicelib.messaging.gate import OnDemand
from chalicelib.messaging.plans import Held
from chalicelib.rules.copy.automatic_replies import test_text
from chalicelib.rules.model import Message
from chalicelib.web import field_errors, page_support, phones

FIELDS = {"phone": "Your mobile number"}
_PRESS = "test text of a page"
_WHY = {
    gate.SUSPENDED: "is not texted: this employer is suspended",
    opt_outs.OPTED_OUT: "has replied STOP, so we do not text it. Text START to the same sender to undo that",
    gate.TOO_MANY_MAILS: f"had enough test texts: at most {gate.TEST_TEXTS_A_DAY} a day go to one number and from one team",
    ON_TRIAL: "is not texted yet: on trial, texts go only to numbers of yours that the operator has verified",
    NO_NUMBER: "needs a sender’s number of your own in that country, which the operator sets",
}
_COUNTRY = "is in a country to which your settings allow no texts"
_USED_UP = "is not texted now: this month’s money or today’s texts are used up. Send the email instead"


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings/test-text"""
    return _page(request, visitor, None, {})


def send(request: Request, visitor: Visitor) -> Response:
    """POST /settings/test-text: one text for a press, to a number that the manager enters."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    try:
        _send(request, visitor, given)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: path[1:])
        return _page(request, visitor, given, field_errors.in_order(problems, FIELDS, {"phone": given.one("phone")}))
    return page_support.see_other(request, "/settings/test-text?test=texted")


def _send(request: Request, visitor: Visitor, given: Form) -> None:
    """Send the text, once for a page. Raises Unprocessable, which says why at the field."""
    try:
        number = read_phone(phones.as_written(given.one("phone"), visitor.employer) or "")
    except ValueError as error:
        raise Unprocessable(errors=[FieldError("/phone", str(error))]) from None
    if not rate_limit.allow_within_day(_PRESS, given.one("form_token"), 1, request.now):
        return  # the same page pressed twice
    text = Message("sms", number, test_text(visitor.employer.name))
    asked = OnDemand("test_text", text, visitor.employer, request.network)
    if held := send_now.send_now(asked, providers.channels(), request.now):
        rate_limit.give_back_of_day(_PRESS, given.one("form_token"), request.now)
        raise Unprocessable(errors=[FieldError("/phone", _why(held))])
    people.note_test(visitor.person, request.now)


def _why(held: Held) -> str:
    return _WHY.get(held.reason) or (_COUNTRY if held.reason.startswith("no texts to ") else _USED_UP)


def _page(request: Request, visitor: Visitor, given: Form | None, problems: dict[str, str]) -> Response:
    return page_support.page(
        "test_text.html",
        request,
        visitor,
        422 if problems else 200,
        fields=FIELDS,
        typed=field_errors.typed(given, FIELDS, {}),
        problems=problems,
        words=test_text(visitor.employer.name),
        most=gate.TEST_TEXTS_A_DAY,
        test=next(iter(request.query.get("test", ())), ""),
    )
