"""HTML forms: read strictly, and accepted only with the token that their page was given (against cross-site requests)."""

from __future__ import annotations

import os
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from chalicelib.api.request import Request
from chalicelib.auth.sessions import cookies, host_name, set_cookie
from chalicelib.config import settings
from chalicelib.errors import BadRequest, Forbidden, TooLarge, UnsupportedMediaType
from chalicelib.signing import BadToken, sign_token, verify_token

BODY_MOST = 256 * 1024
FIELDS_MOST = 300
TOKEN_LIFETIME = timedelta(hours=36)
"""A page left open overnight still works in the morning."""
FIELD = "form_token"
COOKIE = "heardback_form"
"""Binds a form to its browser before sign-in."""
_NONCE_LIFETIME = timedelta(hours=2)


class NotFromOurPage(Forbidden):
    """The form did not come from one of our pages, or its page was open for too long: open the page again."""


class Form(dict[str, list[str]]):
    """The values of a form, by name."""

    def one(self, name: str) -> str:
        """Returns the first value, trimmed; "" where there is none."""
        return next(iter(self.get(name, ())), "").strip()

    def has(self, name: str) -> bool:
        """Tells whether the field has a value that is not blank."""
        return bool(self.one(name))


def read(request: Request) -> Form:
    """Reads a form. Raises UnsupportedMediaType, TooLarge, BadRequest; NotFromOurPage where the browser names another site."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("Send a form.")
    if len(request.raw_body) > BODY_MOST:
        raise TooLarge
    demand_same_origin(request)
    try:
        pairs = parse_qsl(request.raw_body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MOST, errors="strict")
    except ValueError:
        raise BadRequest("The form cannot be read.") from None
    form = Form()
    for name, value in pairs:
        form.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
    return form


def demand_same_origin(request: Request) -> None:
    """Checks the site that the browser names. A browser that names none is checked by the token alone. Raises NotFromOurPage."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotFromOurPage(code="cross_site")
    origin, own = request.headers.get("origin"), urlsplit(settings().base_url)
    if origin and origin != "null" and origin.lower() != f"{own.scheme}://{own.netloc}".lower():
        raise NotFromOurPage(code="cross_site")


def token(bound_to: str, request: Request) -> str:
    """Makes a token for the forms of a page. `bound_to` is a session's id, or a browser's nonce before sign-in."""
    return sign_token(settings().sign, f"form:{bound_to}", os.urandom(6), request.now + TOKEN_LIFETIME)


def demand(form: Form, bound_to: str, request: Request) -> None:
    """Checks the token of a form. Raises NotFromOurPage."""
    try:
        verify_token(settings().sign, f"form:{bound_to}", form.one(FIELD), request.now)
    except BadToken:
        raise NotFromOurPage(code="stale_form") from None


def new_nonce() -> tuple[str, str]:
    """Makes what a page's forms are bound to before sign-in: (nonce, Set-Cookie value).

    Every page gets a fresh one and never takes over what the browser sends: anyone who planted it would know the form's token.
    """
    fresh = os.urandom(16).hex()
    return fresh, set_cookie(COOKIE, fresh, same_site="Strict", max_age=_NONCE_LIFETIME)


def demand_nonce(form: Form, request: Request) -> None:
    """Checks the token of a form from before sign-in, against this browser's cookie. Raises NotFromOurPage."""
    demand(form, cookies(request.headers).get(host_name(COOKIE)) or os.urandom(16).hex(), request)
