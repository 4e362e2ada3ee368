"""Signing in: an address is asked for, a link is mailed, the link's page has a button, the button signs in.

Whether an address is known is never told: the same words, the same status, and an answer that takes as long either way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from chalicelib.access.call import Call, Reply
from chalicelib.access.people import service as people
from chalicelib.access.signin import forms, limits, links, sessions
from chalicelib.access.signin.forms import Form
from chalicelib.access.signin.sessions import Visitor
from chalicelib.access.table import EmployerItem
from chalicelib.config import settings
from chalicelib.followups import direct
from chalicelib.followups.channels import Channels
from chalicelib.ids import employer_pk
from chalicelib.pages import door
from chalicelib.rules.signin_wording import sign_in_mail
from chalicelib.signing import BadToken, Expired
from chalicelib.table import get_many
from chalicelib.values import read_email

ANSWER_TAKES = 0.7
"""Seconds: longer than a mail takes to hand over nearly always, so that the time does not tell either."""
EMPLOYERS_MOST = 10


def ask(call: Call) -> Reply:
    """GET /sign-in"""
    if sessions.read(call):
        return door.see_other(call, "/")
    return _form(call, "sign_in.html", problem="", email="")


def mail(call: Call, channels: Callable[[], Channels], sleep: Callable[[float], None] = time.sleep) -> Reply:
    """POST /sign-in"""
    began = time.monotonic()
    given = _read(call)
    try:
        email = read_email(given.one("email"))
    except ValueError as error:
        return _form(call, "sign_in.html", 422, problem=f"The address {error}.", email=given.one("email")[:320])
    if not limits.allow("sign-in place", call.source_ip, limits.ASKED_FROM_ONE_PLACE, call.now):
        return door.words(call, None, 429, "Too many times", "Somebody here has asked for very many links. Try again in an hour.")
    if limits.allow("sign-in address", email.casefold(), limits.MAILS_TO_ONE_ADDRESS, call.now):
        _send(email, call.now, channels)
    sleep(max(0.0, ANSWER_TAKES - (time.monotonic() - began)))
    return door.page("sign_in_sent.html", call, None, email=email, most=limits.MAILS_TO_ONE_ADDRESS)


def _send(email: str, now: datetime, channels: Callable[[], Channels]) -> None:
    """One mail, however many employers know the address; none where nobody does."""
    known = people.signing_in_with(email)[:EMPLOYERS_MOST]
    if not known:
        return
    keys = [(employer_pk(person.employer_id), "EMP") for person in known]
    employers = get_many(keys)
    ways = [(item.name, f"{settings().base_url}/sign-in/{links.new_token(person, now)}")
            for key, person in zip(keys, known, strict=True) if isinstance(item := employers.get(key), EmployerItem)]
    if ways:
        direct.send(known[0].employer_id, "sign_in", sign_in_mail(known[0].email, ways), channels(), now)


def show(call: Call, token: str) -> Reply:
    """GET /sign-in/{token}: a button. Nothing is looked up and nothing changes: scanners open links."""
    try:
        links.read(token, call.now)
    except BadToken as error:
        return _bad(call, error)
    return _form(call, "sign_in_button.html")


def enter(call: Call, token: str) -> Reply:
    """POST /sign-in/{token}"""
    _read(call)
    try:
        cookie = sessions.begin(token, call.now)
    except BadToken as error:
        return _bad(call, error)
    reply = door.see_other(call, "/")
    reply.headers["Set-Cookie"] = cookie
    return reply


def leave(call: Call, visitor: Visitor, *, everywhere: bool) -> Reply:
    """POST /sign-out and /sign-out-everywhere"""
    forms.demand(forms.read(call), visitor.session.id, call)
    if everywhere:
        people.sign_out_everywhere(visitor.person)
    else:
        sessions.end(visitor.session)
    visitor.set_cookie = None
    reply = door.see_other(call, "/sign-in")
    reply.headers["Set-Cookie"] = sessions.forget_cookie()
    return reply


def _read(call: Call) -> Form:
    given = forms.read(call)
    forms.demand(given, forms.nonce(call)[0], call)
    return given


def _form(call: Call, template: str, status: int = 200, **values: str) -> Reply:
    nonce, cookie = forms.nonce(call)
    reply = door.page(template, call, None, status, token=forms.token(nonce, call), **values)
    if cookie:
        reply.headers["Set-Cookie"] = cookie
    return reply


def _bad(call: Call, error: BadToken) -> Reply:
    ask_anew = "Ask for a new one on the sign-in page."
    if isinstance(error, links.Used):
        return door.words(call, None, 410, "This link has been used", f"Each link signs in once. {ask_anew}")
    if isinstance(error, Expired):
        return door.words(call, None, 410, "This link is over", f"Links work for fifteen minutes. {ask_anew}")
    return door.words(call, None, 404, "This link does not work", f"Perhaps it was cut short on its way. {ask_anew}")
