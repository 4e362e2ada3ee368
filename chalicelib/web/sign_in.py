"""Sign-in by mail: a form takes an address; the mailed code goes into the next form, or the mailed link leads to a button.

A known and an unknown address get the same response, after the same time. Who came from another page of ours returns there.
"""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

from chalicelib.accounts.sessions import sign_in as service
from chalicelib.accounts.users import service as people
from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validators import read_email
from chalicelib.auth import invitations, rate_limit, session_store, sessions, sign_in_links
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.session_store import Client
from chalicelib.auth.sessions import Visitor
from chalicelib.auth.sign_in_links import Link
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.config import settings
from chalicelib.errors import TooManyRequests, Unprocessable
from chalicelib.rules.copy.clean import EMPLOYER, clean
from chalicelib.rules.copy.language import catalogue
from chalicelib.signing import BadToken, Expired
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import get, get_many
from chalicelib.web import page_support

_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_WRONG_CODE = "This code does not work. Check the newest email, or ask for another one."


def form(request: Request) -> Response:
    """GET /sign-in"""
    back = page_support.safe_path(next(iter(request.query.get("next", ())), ""))
    if sessions.read(request.headers, request.method, request.now):
        return page_support.see_other(request, back)
    return _sign_in_page(request, "sign_in.html", problem="", email="", next=back)


def send_link(request: Request) -> Response:
    """POST /sign-in"""
    began = time.monotonic()
    given = _read(request)
    back = page_support.safe_path(given.one("next"))
    try:
        email = read_email(given.one("email"))
    except ValueError as error:
        problem, typed = f"The address {error}.", given.one("email")[:320]
        return _sign_in_page(request, "sign_in.html", 422, problem=problem, email=typed, next=back)
    if not service.may_ask(request.network, request.now):
        words = "Too many sign-in links were requested from your network. Try again in an hour."
        return page_support.message(request, None, 429, "Too many attempts", words)
    service.mail(email, request.network, request.now, "" if back == "/" else f"?next={quote(back, safe='')}")
    service.wait(began, service.RESPONSE_SECONDS)
    return _sent(request, email, back)


def _sent(request: Request, email: str, back: str, status: int = 200, problem: str = "") -> Response:
    if back.startswith("/my") and settings().seekers_open:
        from chalicelib.web import own_account  # late: most deployments have no job seekers

        return own_account.sent(request, email, back, status, problem)
    most = str(rate_limit.MAILS_TO_ONE_ADDRESS)
    return _sign_in_page(request, "sign_in_sent.html", status, problem=problem, email=email, next=back, most=most)


def enter_code(request: Request) -> Response:
    """POST /sign-in-code"""
    given = _read(request)
    back, code = page_support.safe_path(given.one("next")), re.sub(r"[\s-]", "", given.one("code"))
    try:
        email = read_email(given.one("email"))
    except ValueError:
        return page_support.see_other(request, "/sign-in")
    if not _CODE.fullmatch(code):
        return _sent(request, email, back, 422, "The code has 6 digits, like 123456.")
    client = Client(request.source_ip, request.headers.get("user-agent", ""))
    try:
        session, _ = service.by_code(email, code, client, request.network, request.now)
    except Unprocessable:
        return _sent(request, email, back, 422, _WRONG_CODE)
    except TooManyRequests as error:
        return _sent(request, email, back, 429, error.detail)
    return _enter(request, sessions.cookie_of(session), back)


def _enter(request: Request, cookie: str, path: str = "/") -> Response:
    response = page_support.see_other(request, path)
    response.headers["Set-Cookie"] = cookie
    return response


def show(request: Request, token: str) -> Response:
    """GET /sign-in/{token}: shows a button. A GET reads and changes nothing, because mail scanners open links."""
    try:
        link = sign_in_links.read(token, request.now)
    except BadToken as error:
        sign_in_links.log_refused(error)
        return _bad_link(request, error)
    back = page_support.safe_path(next(iter(request.query.get("next", ())), ""))
    return _sign_in_page(request, "sign_in_button.html", next=back, accounts=_two_accounts(request, link))


def _two_accounts(request: Request, link: Link) -> tuple[str, str] | None:
    """Return who is signed in in this browser, and whose link it is; None where nobody is, or the same person."""
    visitor = sessions.read(request.headers, "POST", request.now)  # by GET its cookie may rotate: this page sets the form's
    keys = (person_key(link.employer_id, link.person_id), (employer_pk(link.employer_id), "EMP"))
    if visitor is None or visitor.person.key == keys[0]:
        return None
    found = get_many(keys)
    person, employer = found.get(keys[0]), found.get(keys[1])
    if not (isinstance(person, PersonItem) and isinstance(employer, EmployerItem)):
        return None
    return _account(visitor.person, visitor.employer_item), _account(person, employer)


def _account(person: PersonItem, employer: EmployerItem) -> str:
    """Name an account: one address may be on the teams of several employers."""
    return person.email if employer.seeker is not None else f"{person.email} at {clean(employer.name, EMPLOYER)}"


def sign_in(request: Request, token: str) -> Response:
    """POST /sign-in/{token}"""
    given = _read(request)
    try:
        cookie = sessions.begin(token, request.now, request.source_ip, request.headers.get("user-agent", ""))
    except BadToken as error:
        return _bad_link(request, error)
    return _enter(request, cookie, page_support.safe_path(given.one("next")))


def show_invitation(request: Request, token: str) -> Response:
    """GET /invitations/{token}: shows a button."""
    try:
        person = invitations.read(token, request.now)
    except BadToken as error:
        return _bad_invitation(request, error)
    employer = get(employer_pk(person.employer_id), "EMP")
    if isinstance(employer, EmployerItem) and employer.seeker is not None:
        return _accept_page(request, person.email, employer)
    name = clean(employer.name, EMPLOYER) if isinstance(employer, EmployerItem) else EMPLOYER
    return _sign_in_page(request, "invitation.html", employer=name, email=person.email)


def _accept_page(request: Request, email: str, employer: EmployerItem) -> Response:
    """Render the page on which a job seeker agrees to what their mail said, in its language."""
    from chalicelib.applications.seekers import tenant  # late: most deployments have no job seekers
    from chalicelib.web import own_words

    said = catalogue(tenant.language(employer))
    values = {**own_words.words(said), "in_words": said, "consent": (employer.seeker or {})["wording"]}
    return _sign_in_page(request, "own_accept.html", email=email, **values)


def accept_invitation(request: Request, token: str) -> Response:
    """POST /invitations/{token}: accepts, and signs in."""
    _read(request)
    try:
        cookie = sessions.begin_by_invitation(token, request.now, request.source_ip, request.headers.get("user-agent", ""))
    except BadToken as error:
        return _bad_invitation(request, error)
    return _enter(request, cookie, page_support.safe_path(next(iter(request.query.get("next", ())), "")))


def _bad_invitation(request: Request, error: BadToken) -> Response:
    if isinstance(error, invitations.Accepted):
        if error.by_seeker:
            return page_support.see_other(request, "/my")
        return page_support.message(request, None, 410, "This invitation has been accepted", "Sign in on the sign-in page.")
    if isinstance(error, Expired):
        words = "Invitations work for 14 days. Ask the person who invited you for a new one."
        return page_support.message(request, None, 410, "This invitation has expired", words)
    if isinstance(error, invitations.Replaced):
        words = "We have sent a newer one. Use the link in the newest email, or ask the person who invited you."
        return page_support.message(request, None, 410, "This invitation was replaced", words)
    words = "It may have been cut off or withdrawn. Ask the person who invited you."
    return page_support.message(request, None, 404, "This link does not work", words)


def sign_out(request: Request, visitor: Visitor, *, everywhere: bool) -> Response:
    """POST /sign-out and /sign-out-everywhere"""
    forms.demand(forms.read(request), visitor.session.id, request)
    if everywhere:
        people.sign_out_everywhere(visitor.person, request.now, page_support.origin(request, visitor))
    else:
        session_store.end(visitor.session, request.now)
    visitor.set_cookie = None
    starts = visitor.employer.seeker and settings().seekers_open
    response = page_support.see_other(request, "/my/start" if starts else "/sign-in")
    response.headers["Set-Cookie"] = sessions.delete_cookie()
    return response


def _read(request: Request) -> Form:
    """Return the posted form. Raises Forbidden where its token is not of this browser."""
    given = forms.read(request)
    forms.demand_nonce(given, request)
    return given


def _sign_in_page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    nonce, cookie = forms.new_nonce()
    response = page_support.page(template, request, None, status, token=forms.token(nonce, request), **values)
    response.headers["Set-Cookie"] = cookie
    return response


def _bad_link(request: Request, error: BadToken) -> Response:
    advice = "Ask for a new one on the sign-in page."
    if isinstance(error, sign_in_links.Used):
        return page_support.message(request, None, 410, "This link has been used", f"Each link signs in once. {advice}")
    if isinstance(error, Expired):
        return page_support.message(request, None, 410, "This link has expired", f"Links work for 15 minutes. {advice}")
    return page_support.message(
        request, None, 404, "This link does not work", f"Part of it may be missing: copy the whole link. {advice}"
    )
