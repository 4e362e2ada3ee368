"""Single sign-on in a browser: to the employer's provider, and back from it."""

from __future__ import annotations

from urllib.parse import quote

from chalicelib.accounts.single_sign_on import service
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth import rate_limit, sessions, sign_in_links
from chalicelib.auth.session_store import Client
from chalicelib.auth.single_sign_on import Refused
from chalicelib.signing import BadToken
from chalicelib.web import page_support, render

COOKIE = "heardback_sso"
_OTHER_WAY = "You can also sign in by email."


def start(request: Request, employer: str) -> Response:
    """GET /sso/{employer}: leads to the provider."""
    if not _may_try(request):
        return _too_many(request)
    back = page_support.safe_path(next(iter(request.query.get("next", ())), ""))
    try:
        begun = service.begin(employer, back, request.now)
    except Refused as error:
        return _refused(request, error)
    cookie = sessions.set_cookie(COOKIE, begun.cookie, max_age=service.LASTS)
    return Response(303, "", {**render.HEADERS, "Location": begun.url, "Set-Cookie": cookie})


def callback(request: Request, employer: str) -> Response:
    """GET /sso-callback/{employer}: the provider sends the browser here."""
    if not _may_try(request):
        return _too_many(request)
    kept = sessions.cookies(request.headers).get(sessions.host_name(COOKIE), "")
    given = {name: next(iter(request.query.get(name, ())), "") for name in ("state", "code", "iss")}
    try:
        person, back = service.finish(employer, kept, given, request.source_ip, request.now)
        visitor = sessions.read(request.headers, "POST", request.now)  # by GET its cookie may rotate, and would be lost
        if visitor and visitor.person.key != person.key:  # anybody's link may begin a sign-in: only its reader switches accounts
            link = sign_in_links.new_token(person, request.now, by_mail=False)
            return page_support.see_other(request, f"/sign-in/{link}?next={quote(back, safe='')}")
        client = Client(request.source_ip, request.headers.get("user-agent", ""), by_mail=False)
        session = service.enter(person, client, request.now)
    except Refused as error:
        return _refused(request, error)
    except BadToken:
        words = "It took too long, or was begun in another browser. Please start again."
        return page_support.message(request, None, 400, "Sign-in was not finished", words, _OTHER_WAY)
    response = page_support.see_other(request, back)
    response.headers["Set-Cookie"] = sessions.cookie_of(session)
    return response


def _may_try(request: Request) -> bool:
    return rate_limit.allow_within_hour("single sign-on", request.network, rate_limit.ASKED_FROM_ONE_PLACE * 4, request.now)


def _too_many(request: Request) -> Response:
    return page_support.message(request, None, 429, "Too many attempts", "Try again in an hour.", _OTHER_WAY)


def _refused(request: Request, error: Refused) -> Response:
    words = f"Your company's sign-in did not work: {error}."
    return page_support.message(request, None, 403, "You could not be signed in", words, _OTHER_WAY)
