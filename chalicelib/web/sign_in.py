"""Sign-in by mailed link: a form takes an address, the link's page has a button, and the button signs in.

A known and an unknown address get the same response, after the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from chalicelib.accounts.users import service as people
from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validators import read_email
from chalicelib.auth import invitations, rate_limit, sessions, sign_in_links
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.messaging import providers, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.copy.clean import EMPLOYER, clean
from chalicelib.rules.copy.sign_in import sign_in_mail
from chalicelib.signing import BadToken, Expired
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import get, get_many
from chalicelib.web import page_support

RESPONSE_SECONDS = 0.7
"""Longer than sending a mail nearly always takes, so that the time does not show whether an address is known."""
MAX_EMPLOYERS = 10


def form(request: Request) -> Response:
    """GET /sign-in"""
    if sessions.read(request.headers, request.method, request.now):
        return page_support.see_other(request, "/")
    return _sign_in_page(request, "sign_in.html", problem="", email="")


def send_link(request: Request, sleep: Callable[[float], None] = time.sleep) -> Response:
    """POST /sign-in"""
    began = time.monotonic()
    given = _read(request)
    try:
        email = read_email(given.one("email"))
    except ValueError as error:
        return _sign_in_page(request, "sign_in.html", 422, problem=f"The address {error}.", email=given.one("email")[:320])
    if not rate_limit.allow_within_hour("sign-in place", request.source_ip, rate_limit.ASKED_FROM_ONE_PLACE, request.now):
        return page_support.message(
            request, None, 429, "Too many times", "Somebody here has asked for very many links. Try again in an hour."
        )
    mail_links(email, request.network, request.now)
    sleep(max(0.0, RESPONSE_SECONDS - (time.monotonic() - began)))
    return page_support.page("sign_in_sent.html", request, None, email=email, most=rate_limit.MAILS_TO_ONE_ADDRESS)


def mail_links(email: str, network: str, now: datetime) -> None:
    """Send one mail, with a link for each employer at which the address was accepted; none where there is none."""
    known = people.signing_in_with(email)[:MAX_EMPLOYERS]
    if not known:
        return
    keys = [(employer_pk(person.employer_id), "EMP") for person in known]
    employers = get_many(keys)
    found = [(employers.get(key), person) for key, person in zip(keys, known, strict=True)]
    at = [(item, person) for item, person in found if isinstance(item, EmployerItem)]
    ways = [(item.name, f"{settings().base_url}/sign-in/{sign_in_links.new_token(person, now)}") for item, person in at]
    if ways:
        first = employer_of(at[0][0])
        mail = OnDemand("sign_in", sign_in_mail(known[0].email, ways), first, network)
        send_now.send_now(mail, providers.channels(), now)  # over the address's quota nothing is sent, and nothing is said


def show(request: Request, token: str) -> Response:
    """GET /sign-in/{token}: shows a button. A GET reads and changes nothing, because mail scanners open links."""
    try:
        sign_in_links.read(token, request.now)
    except BadToken as error:
        sign_in_links.log_refused(error)
        return _bad_link(request, error)
    return _sign_in_page(request, "sign_in_button.html")


def sign_in(request: Request, token: str) -> Response:
    """POST /sign-in/{token}"""
    _read(request)
    try:
        cookie = sessions.begin(token, request.now, request.source_ip, request.headers.get("user-agent", ""))
    except BadToken as error:
        return _bad_link(request, error)
    response = page_support.see_other(request, "/")
    response.headers["Set-Cookie"] = cookie
    return response


def show_invitation(request: Request, token: str) -> Response:
    """GET /invitations/{token}: shows a button."""
    try:
        person = invitations.read(token, request.now)
    except BadToken as error:
        return _bad_invitation(request, error)
    employer = get(employer_pk(person.employer_id), "EMP")
    name = clean(employer.name, EMPLOYER) if isinstance(employer, EmployerItem) else EMPLOYER
    return _sign_in_page(request, "invitation.html", employer=name, email=person.email)


def accept_invitation(request: Request, token: str) -> Response:
    """POST /invitations/{token}: accepts, and signs in."""
    _read(request)
    try:
        cookie = sessions.begin_by_invitation(token, request.now, request.source_ip, request.headers.get("user-agent", ""))
    except BadToken as error:
        return _bad_invitation(request, error)
    response = page_support.see_other(request, "/")
    response.headers["Set-Cookie"] = cookie
    return response


def _bad_invitation(request: Request, error: BadToken) -> Response:
    if isinstance(error, invitations.Accepted):
        return page_support.message(request, None, 410, "This invitation is accepted", "Sign in on the sign-in page.")
    if isinstance(error, Expired):
        words = "Invitations work for 14 days. Ask who invited you for a new one."
        return page_support.message(request, None, 410, "This invitation is over", words)
    words = "Perhaps it was cut short on its way, or taken back. Ask who invited you."
    return page_support.message(request, None, 404, "This link does not work", words)


def sign_out(request: Request, visitor: Visitor, *, everywhere: bool) -> Response:
    """POST /sign-out and /sign-out-everywhere"""
    forms.demand(forms.read(request), visitor.session.id, request)
    if everywhere:
        people.sign_out_everywhere(visitor.person, request.now, page_support.origin(request, visitor))
    else:
        sessions.end(visitor.session)
    visitor.set_cookie = None
    response = page_support.see_other(request, "/sign-in")
    response.headers["Set-Cookie"] = sessions.delete_cookie()
    return response


def _read(request: Request) -> Form:
    """Return the posted form. Raises Forbidden where its token is not of this browser."""
    given = forms.read(request)
    forms.demand_nonce(given, request)
    return given


def _sign_in_page(request: Request, template: str, status: int = 200, **values: str) -> Response:
    nonce, cookie = forms.new_nonce()
    response = page_support.page(template, request, None, status, token=forms.token(nonce, request), **values)
    response.headers["Set-Cookie"] = cookie
    return response


def _bad_link(request: Request, error: BadToken) -> Response:
    advice = "Ask for a new one on the sign-in page."
    if isinstance(error, sign_in_links.Used):
        return page_support.message(request, None, 410, "This link has been used", f"Each link signs in once. {advice}")
    if isinstance(error, Expired):
        return page_support.message(request, None, 410, "This link is over", f"Links work for fifteen minutes. {advice}")
    return page_support.message(request, None, 404, "This link does not work", f"Perhaps it was cut short on its way. {advice}")
