"""Pages on which a job seeker signs up, confirms a number, and exports and erases everything."""

from __future__ import annotations

import re
import time
from typing import Any

from chalicelib.accounts.seekers import languages, privacy, sign_up
from chalicelib.accounts.seekers import phone as phones
from chalicelib.accounts.sessions import sign_in as service
from chalicelib.api import forms
from chalicelib.api.json_text import dump
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.serialize import to_json
from chalicelib.api.validation import validate
from chalicelib.api.validators import listed_zones
from chalicelib.applications.seekers import tenant
from chalicelib.auth import rate_limit, sessions
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import NotFound, Unprocessable
from chalicelib.rules.copy.language import Catalogue, language_of, mark
from chalicelib.rules.copy.seeker_account import EMAIL_CONSENT, SMS_CONSENT
from chalicelib.rules.model import LANGUAGES
from chalicelib.web import field_errors, own_words, page_support, render
from chalicelib.web.phones import as_seeker_writes

FIELDS = {"name": mark("Name"), "email": mark("Email"), "timezone": mark("Time zone")}
_WRONG_CODE = mark("This code does not work. Check the newest text, or ask for another one.")
_WRONG_MAILED_CODE = mark("This code does not work. Check the newest email, or ask for another one.")
_WRONG_NUMBER = mark("Check the number. Write a foreign one with its country code, like +1 202 555 0123.")
_ERASED = mark("Everything is erased")
_NOTHING_MORE = mark(
    "Your interviews, what you noted about them, and your account are erased. Nothing more comes to your address."
)
DEFAULT_ZONE = "America/New_York"
"""Selected where the browser does not say where it is."""


def start(request: Request) -> Response:
    """GET /my/start. Raises NotFound where the deployment is not open."""
    _demand_open()
    asked_for = _asked_for(next(iter(request.query.get("next", ())), ""))
    return _start(request, {}, {"timezone": DEFAULT_ZONE}, asked_for)


def _asked_for(text: str) -> str:
    """Returns the job seeker's page that somebody came from, to which their sign-up leads back."""
    path = page_support.safe_path(text)
    return path if path.startswith("/my/link/") else "/my"


def _demand_open() -> None:
    if not settings().seekers_open:
        raise NotFound


def _start(request: Request, problems: dict[str, str], typed: dict[str, str], asked_for: str) -> Response:
    nonce, cookie = forms.new_nonce()
    said = own_words.asked_for(request)
    response = own_words.page(
        "own_start.html",
        request,
        None,
        said,
        422 if problems else 200,
        token=forms.token(nonce, request),
        fields=own_words.labels(said, FIELDS),
        problems=own_words.problems(said, problems),
        typed={name: typed.get(name, "") for name in FIELDS},
        zones=sorted({*listed_zones(), typed.get("timezone") or DEFAULT_ZONE}),
        guess="name" not in typed,
        next=asked_for,
        consent=said.text(EMAIL_CONSENT),
    )
    response.headers["Set-Cookie"] = cookie
    return response


def sign_up_by_form(request: Request) -> Response:
    """POST /my/start: mails a link and a code; the same page for every address."""
    from chalicelib.accounts.seekers.schema import SeekerNew  # late: it imports pydantic

    _demand_open()
    said = own_words.asked_for(request)
    began, given = time.monotonic(), forms.read(request)
    forms.demand_nonce(given, request)
    typed, asked_for = {name: given.one(name) for name in FIELDS}, _asked_for(given.one("next"))
    try:
        body = validate(SeekerNew, typed, request.now)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: path[1:])
        return _start(request, field_errors.in_order(problems, FIELDS, typed), typed, asked_for)
    asked = sign_up.SignUp(body.email, body.name, body.timezone, said.language, leads_to=asked_for)
    sign_up.ask(asked, Origin(place=truncated(request.source_ip)), request.now)
    service.wait(began, service.RESPONSE_SECONDS)
    return sent(request, body.email, asked_for)


def sent(request: Request, email: str, asked_for: str, status: int = 200, problem: str = "") -> Response:
    """Return the page that takes the mailed code, in a language that the browser asks for."""
    nonce, cookie = forms.new_nonce()
    said = own_words.asked_for(request)
    response = own_words.page(
        "own_sent.html",
        request,
        None,
        said,
        status,
        token=forms.token(nonce, request),
        email=email,
        next=asked_for,
        most=str(rate_limit.MAILS_TO_ONE_ADDRESS),
        problem=said.text(_WRONG_MAILED_CODE) if problem and said.language != "en" else problem,
    )
    response.headers["Set-Cookie"] = cookie
    return response


def phone_page(request: Request, visitor: Visitor, problem: str = "", status: int = 200, **typed: str) -> Response:
    """GET /my/phone"""
    said = own_words.of(visitor)
    return own_words.page(
        "own_phone.html",
        request,
        visitor,
        said,
        status,
        phone=tenant.phone_of(visitor.employer_item),
        typed=typed.get("number", ""),
        sent=typed.get("sent", ""),
        problem=problem,
        consent=said.text(SMS_CONSENT),
    )


def send_code(request: Request, visitor: Visitor) -> Response:
    """POST /my/phone"""
    from chalicelib.accounts.seekers.schema import PhoneIn

    given = page_support.form(request, visitor)
    number = as_seeker_writes(given.one("phone"), visitor.employer_item)
    try:
        body = validate(PhoneIn, {"phone": number}, request.now)
    except Unprocessable as error:
        return phone_page(request, visitor, _fault_of_number(error, own_words.of(visitor)), 422, number=given.one("phone"))

    def send() -> Response:
        request.committer.begin()
        phones.send_code(visitor.employer_item, body.phone, request.network, request.now)
        return Response(200, {"sent": body.phone})

    page_support.once(request, visitor, given, send)
    return phone_page(request, visitor, sent=body.phone)


def _fault_of_number(error: Unprocessable, said: Catalogue) -> str:
    return f"The number {field_errors.plain(error.errors[0].message)}" if said.language == "en" else said.text(_WRONG_NUMBER)


def confirm(request: Request, visitor: Visitor) -> Response:
    """POST /my/phone/confirm"""
    given = page_support.form(request, visitor)
    code = re.sub(r"[\s-]", "", given.one("code"))
    try:
        phones.confirm(visitor.employer_item, visitor.person, code[:6] if len(code) == 6 else "", request.now)
    except Unprocessable as error:
        said = own_words.of(visitor)
        problem = error.detail if said.language == "en" else said.text(_WRONG_CODE)
        return phone_page(request, visitor, problem, 422, sent=given.one("sent")[:40])
    return page_support.see_other(request, "/my?done=phone")


def choose_language(request: Request, visitor: Visitor) -> Response:
    """POST /my/language"""
    code = page_support.form(request, visitor).one("language")
    if code not in LANGUAGES:
        raise Unprocessable("Choose a language from the list.")
    languages.choose(visitor.employer.id, language_of(code), request.now)
    return page_support.see_other(request, "/my?done=language")


def download(request: Request, visitor: Visitor) -> Response:
    """GET /my/export: everything, as JSON."""
    body: Any = to_json(privacy.export_all(visitor.employer_item, visitor.person, request.now))
    kept = {"Content-Type": "application/json", "Content-Disposition": 'attachment; filename="my-interviews.json"'}
    return Response(200, dump(body), {**render.HEADERS, **kept})


def ask_to_erase(request: Request, visitor: Visitor) -> Response:
    """GET /my/erase: asks before anything is erased."""
    return own_words.page("own_erase.html", request, visitor, own_words.of(visitor))


def erase(request: Request, visitor: Visitor) -> Response:
    """POST /my/erase"""
    page_support.form(request, visitor)
    privacy.erase(visitor.employer_item, visitor.person, page_support.origin(request, visitor), request.now)
    visitor.set_cookie = None
    said = own_words.of(visitor)
    response = page_support.message(request, None, 200, said.text(_ERASED), said.text(_NOTHING_MORE), in_words=said)
    response.headers["Set-Cookie"] = sessions.delete_cookie()
    return response
