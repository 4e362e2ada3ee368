"""The operator's short session on the pages: opened by the operator's key, and over after half an hour or with a new key."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth import rate_limit, sessions
from chalicelib.auth.actors import OPERATOR
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.authenticate import authenticate
from chalicelib.config import settings
from chalicelib.errors import TooManyRequests, Unauthenticated
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.web import page_support
from chalicelib.web.page_support import View

COOKIE = "heardback_operator"
LASTS = timedelta(minutes=30)
TRIES_AN_HOUR = 30
_PURPOSE = "operator session"


def operators_only(view: View) -> View:
    """Decorate a view for the operator. Everybody else is shown the page that asks for the key."""

    @functools.wraps(view)
    def handle(request: Request, **params: str) -> Response:
        try:
            return view(request, **params) if is_open(request) else page_support.see_other(request, "/operator/key")
        except Exception as error:  # the one place where errors become pages
            return page_support.error_page(error, request, None)

    return handle


def is_open(request: Request) -> bool:
    """Tell whether this browser gave the key that is the operator's now."""
    cookie = sessions.cookies(request.headers).get(sessions.host_name(COOKIE), "")
    try:
        return verify_token(settings().sign, _PURPOSE, cookie, request.now).decode() == settings().operator_key_sha256
    except BadToken:
        return False


def demand_key(request: Request, key: str) -> None:
    """Check the operator's key. Raises Unauthenticated, TooManyRequests."""
    if not rate_limit.allow_within_hour("operator key", request.source_ip, TRIES_AN_HOUR, request.now):
        raise TooManyRequests("Too many keys were tried from here. Try again in an hour.")
    caller, _ = authenticate(f"Bearer {key}", settings().operator_key_sha256, request.now, source_ip=request.source_ip)
    if not caller.operator:
        raise Unauthenticated


def cookie(now: datetime) -> str:
    """Make the Set-Cookie value that opens the session."""
    token = sign_token(settings().sign, _PURPOSE, settings().operator_key_sha256.encode(), now + LASTS)
    return sessions.set_cookie(COOKIE, token, same_site="Strict", max_age=LASTS)


def no_cookie() -> str:
    """Make the Set-Cookie value that ends the session."""
    return sessions.set_cookie(COOKIE, "", same_site="Strict", max_age=timedelta(0))


def token(request: Request) -> str:
    """Return the token of the page's forms, bound to this browser's session."""
    return forms.token(bound_to(request), request)


def form(request: Request) -> Form:
    """Return the posted form, checked for its token. Raises Forbidden."""
    given = forms.read(request)
    forms.demand(given, bound_to(request), request)
    return given


def bound_to(request: Request) -> str:
    """Return what the forms of this browser are bound to."""
    return "operator:" + sessions.cookies(request.headers).get(sessions.host_name(COOKIE), "")


def origin(request: Request) -> Origin:
    """Return who asks and from which network, for the audit log."""
    return Origin(OPERATOR, truncated(request.source_ip))
