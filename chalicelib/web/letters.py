"""Letters that tell a rejection: a preview, the confirmation, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import lacks_of_notice
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.messaging.letters import request as letter_request
from chalicelib.messaging.letters.request import Letter
from chalicelib.messaging.letters.responses import LetterRow
from chalicelib.messaging.letters.serializers import serialize_letter
from chalicelib.messaging.letters.words import words
from chalicelib.rules.copy.letters import STATUTORY_NAMES
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import LetterReason
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import stored_instant
from chalicelib.web import contacts, page_support
from chalicelib.web.labels import LETTER_REFUSALS, MESSAGE_STATUSES
from chalicelib.web.statutes_page import lacks_in_words


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for, checked as the API checks it."""

    application_ids: list[str]
    reasons: tuple[LetterReason, ...]
    promised_by: datetime | None


def preview(request: Request, visitor: Visitor) -> Response:
    """POST /letters/preview: shows one letter as it will be sent. Changes nothing."""
    given = page_support.form(request, visitor)
    wanted = _read(given, request, visitor)
    found = _applications(visitor.employer, wanted.application_ids)
    people = [item for item in found.values() if item.email]
    if not people:
        raise Unprocessable(errors=[FieldError("/to", "nobody chosen has an email address")])
    message = words(people[0], visitor.employer, wanted.reasons, wanted.promised_by, None, visitor.actor)
    return page_support.page(
        "letter_preview.html",
        request,
        visitor,
        people=people,
        subject=message.subject,
        body=message.text,
        lacks=lacks_in_words(lacks_of_notice(visitor.employer, people[0], "rejected", STATUTORY_NAMES)),
        reasons=wanted.reasons,
        promised=given.one("promised"),
        window=_window(visitor.employer),
        back=contacts.back_of(given),
    )


def send(request: Request, visitor: Visitor) -> Response:
    """POST /letters: asks for the letters, once for one press of the button."""
    given = page_support.form(request, visitor)
    wanted = _read(given, request, visitor)

    def save() -> Response:
        letter_id = request.committer.begin_steps(lambda: ids.new_id("let", request.now))
        letter = Letter(letter_id, "rejected", wanted.reasons, wanted.promised_by)
        letter_request.ask_many(
            visitor.employer, wanted.application_ids, letter, visitor.actor, request.now, committer=request.committer
        )
        return page_support.see_other(request, f"/letters/{letter_id}")

    return page_support.once(request, visitor, given, save)


def show(request: Request, visitor: Visitor, letter: str) -> Response:
    """GET /letters/{letter}"""
    item = letter_request.read(visitor.employer.id, page_support.demand_id(letter, "let"))
    told = serialize_letter(item, letter_request.messages_of(visitor.employer.id, item))
    found = _applications(visitor.employer, [row.application_id for row in told.data])
    names = {application_id: one.name for application_id, one in found.items()}
    lines = [(names.get(row.application_id), row, _fate(row)) for row in told.data]
    return page_support.page("letter.html", request, visitor, letter=told, lines=lines)


def cancel(request: Request, visitor: Visitor, letter: str) -> Response:
    """POST /letters/{letter}/cancel"""
    page_support.form(request, visitor)
    letter_request.cancel(visitor.employer.id, page_support.demand_id(letter, "let"), request.now)
    return page_support.see_other(request, f"/letters/{letter}")


def _read(given: Form, request: Request, visitor: Visitor) -> Wanted:
    """Reads the form. Raises Unprocessable."""
    from chalicelib.messaging.letters.schema import LettersIn  # late: it imports pydantic, 96 ms of a cold start

    feedback: dict[str, Any] = {}
    if given.get("reason"):
        feedback["reasons"] = given["reason"]
    if given.one("promised"):
        feedback["promised_by"] = stored_instant(contacts.promised_at(given.one("promised"), visitor.employer))
    body = {"application_ids": list(dict.fromkeys(given.get("application", []))), "decision": "rejected"}
    asked = validate(LettersIn, {**body, **({"feedback": feedback} if feedback else {})}, request.now)
    told = asked.feedback
    return Wanted(asked.application_ids, tuple(told.reasons or ()) if told else (), told.promised_by if told else None)


def _applications(employer: Employer, application_ids: list[str]) -> dict[str, ApplicationItem]:
    """Returns the applications by id, in order; those of other employers are not found."""
    key_of = {one: (keys.case_pk(employer.id, one), "APP") for one in application_ids}
    found = table.get_many(key_of.values())
    items = {one: found.get(key) for one, key in key_of.items()}
    return {one: item for one, item in items.items() if isinstance(item, ApplicationItem) and item.id == one}


def _window(employer: Employer) -> str:
    window = employer.policy.candidate_window
    return f"from {window.start} to {window.end} on working days"


def _fate(row: LetterRow) -> str:
    if row.status == "refused":
        return f"left out, {LETTER_REFUSALS.get(row.code or '', row.detail or 'refused')}"
    came_back = ", and came back: they wait again" if row.bounced_at else ""
    before = ", asked for before" if row.status == "accepted_before" else ""
    return MESSAGE_STATUSES.get(row.message_status or "", "gone") + came_back + before
