"""Log a contact from a page, and undo it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications import tally_items, unit_of_work
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.rules.employer import Employer
from chalicelib.rules.risk.report import assess
from chalicelib.storage.table import stored_instant
from chalicelib.web import call_scripts, field_errors, formatting, page_support, today
from chalicelib.web.labels import DECISIONS, OUTCOMES

_WRITTEN_CHANNELS = ("email", "sms", "letter", "portal")
"""By these the outcome "reached" is stored as "sent": nobody knows yet whether it was read."""
PROMISED_AT = time(17, 0)
"""The hour of a promised day by which word is due, in the employer's time zone."""


FIELDS = {
    "outcome": "Outcome",
    "channel": "By",
    "decision": "Decision",
    "promised": "They will hear by",
    "feedback": "Feedback you gave",
    "note": "Note for your team",
}
_TICKS = ("thanked", "keep_in_mind")
_POINTERS = {"next_word_by": "promised"}


def form(request: Request, visitor: Visitor, application: str) -> Response:
    """GET /applications/{application}/log"""
    item = unit_of_work.read_application(visitor.employer.id, page_support.demand_id(application, "app")).application
    back = safe_back(request.query.get("back", [""])[0])
    return _form(request, visitor, item, back, None, {})


def _form(
    request: Request, visitor: Visitor, item: ApplicationItem, back: str, given: Form | None, problems: dict[str, str]
) -> Response:
    by_mail = bool(item.email and not item.phone)
    defaults = {"outcome": "reached", "channel": "email" if by_mail else "call", "decision": item.decided}
    return page_support.page(
        "log_call.html",
        request,
        visitor,
        422 if problems else 200,
        application=item,
        typed=field_errors.typed(given, FIELDS, defaults),
        ticked=[name for name in _TICKS if given is not None and given.has(name)],
        problems=problems,
        fields=FIELDS,
        decisions={"": "Choose what you told them", **DECISIONS},
        outcomes={name: OUTCOMES[name] for name in ("reached", "voicemail", "no_answer")},
        attempts=formatting.tried(item.attempts, request.now),
        script=call_scripts.for_call(item, item.decided, visitor.employer, request.now),
        back=back,
        **today.days(visitor.employer, request.now),
    )


def log(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/contacts"""
    given = page_support.form(request, visitor)
    application_id = page_support.demand_id(application, "app")
    before = unit_of_work.read_application(visitor.employer.id, application_id)
    undone = sorted(contact.id for contact in before.contacts.values() if contact.voided_at)

    def save() -> Response:
        fields = fields_of(given, visitor.employer, request.now)
        case, item = contacts.log_contact(
            visitor.employer, application_id, fields, request.now, committer=request.committer, by=visitor.actor
        )
        return _logged(request, visitor, given, case, item.id)

    try:
        return page_support.once(request, visitor, given, save, *undone)
    except Unprocessable as error:
        if request.headers.get("hx-request"):
            raise
        problems = field_errors.messages_of(error, FIELDS, lambda path: _POINTERS.get(path[1:], path[1:]))
        return _form(request, visitor, before.application, back_of(given), given, problems)


def undo(request: Request, visitor: Visitor, application: str, contact: str) -> Response:
    """POST /applications/{application}/contacts/{contact}/undo"""
    given = page_support.form(request, visitor)
    application_id, contact_id = page_support.demand_id(application, "app"), page_support.demand_id(contact, "con")
    case, _ = contacts.void_contact(visitor.employer, application_id, contact_id, request.now, by=visitor.actor)
    if given.one("from") == "application" or not request.headers.get("hx-request"):
        return page_support.see_other(request, back_of(given))
    return _in_place(request, visitor, "undone.html", case)


def fields_of(given: Form, employer: Employer, now: datetime) -> dict[str, Any]:
    """Return the form as fields of the API's body, checked by its schema. Raises Unprocessable, which names the fields."""
    from chalicelib.applications.contacts.schema import ContactIn  # late: it imports pydantic, 96 ms of a cold start

    body: dict[str, Any] = {"channel": given.one("channel") or "call", "outcome": given.one("outcome")}
    if body["outcome"] == "reached" and body["channel"] in _WRITTEN_CHANNELS:
        body["outcome"] = "sent"
    reached = body["outcome"] in ("reached", "sent")
    if reached and not given.one("decision"):
        raise Unprocessable(errors=[FieldError("/decision", "is missing: choose what you told them")])
    if reached:
        body["decision"] = given.one("decision")
    if reached and body.get("decision", "pending") == "pending" and given.has("promised"):
        body["next_word_by"] = stored_instant(promised_at(given.one("promised"), employer))
    for name in ("feedback", "note"):
        if given.has(name):
            body[name] = given.one(name)
    for name in ("thanked", "keep_in_mind"):
        if reached and given.has(name):
            body[name] = True
    return validate(ContactIn, body, now).fields()


def promised_at(value: str, employer: Employer) -> datetime:
    """Return the instant by which word is due on a promised day. Raises Unprocessable."""
    try:
        return datetime.combine(date.fromisoformat(value), PROMISED_AT, ZoneInfo(employer.timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unprocessable(errors=[FieldError("/promised", "must be a date, like 2026-05-31")]) from None


def _logged(request: Request, visitor: Visitor, given: Form, case: ApplicationCase, contact_id: str) -> Response:
    if not request.headers.get("hx-request"):
        back = back_of(given)
        return page_support.see_other(request, f"{back}{'&' if '?' in back else '?'}done={case.application.id}.{contact_id}#done")
    request.committer.flush()  # the figures below count this contact
    item = case.contacts[contact_id]
    return _in_place(
        request,
        visitor,
        "logged.html",
        case,
        contact=item,
        outcome=OUTCOMES[item.outcome],
        decision=DECISIONS.get(item.decision or ""),
        back=back_of(given),
    )


def _in_place(request: Request, visitor: Visitor, template: str, case: ApplicationCase, **values: Any) -> Response:
    """Render what replaces the card, with the updated figures of the page's head."""
    risk = assess(tally_items.read(visitor.employer.id, request.now), request.now)
    return page_support.page(
        template, request, visitor, application=case.application, **today.figures(risk, visitor.employer, request.now), **values
    )


def back_of(given: Form) -> str:
    """Return the path of the page with the form: of Today or of an application. Never a foreign address."""
    return safe_back(given.one("back"))


def safe_back(back: str) -> str:
    """Return a path of Today, the waiting list or an application, or "/" for anything else."""
    return back if back.startswith(("/?", "/waiting", "/applications/app_")) and len(back) < 200 and back.isascii() else "/"
