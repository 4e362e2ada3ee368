"""`/u/{token}`: GET shows a button and changes nothing (scanners open links); POST acts at once (RFC 8058)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.config import settings
from chalicelib.errors import HeardbackError
from chalicelib.signing import BadToken, Expired

if TYPE_CHECKING:
    from chalicelib.rules.copy.language import Catalogue

unsubscribe = Blueprint(__name__)


@route(unsubscribe, "GET", "/u/{token}", public=True)
def show(request: Request, token: str) -> Response:
    return _about(request, token, act=False)


@route(unsubscribe, "POST", "/u/{token}", public=True)
def stop(request: Request, token: str) -> Response:
    return _about(request, token, act=True)


def _about(request: Request, token: str, *, act: bool) -> Response:
    from chalicelib.messaging.unsubscribe import page
    from chalicelib.rules.copy.language import catalogue, language_accepted

    said = catalogue(language_accepted(request.headers.get("accept-language", "")))
    try:
        return Response(200, _act_on(request, token, said, act=act), page.HEADERS)
    except Expired:
        return Response(410, page.gone(settings().support_email, said), page.HEADERS)
    except BadToken:
        return Response(404, page.unknown(settings().support_email, said), page.HEADERS)
    except HeardbackError:
        return Response(503, page.failed(said), page.HEADERS)


def _act_on(request: Request, token: str, said: Catalogue, *, act: bool) -> str:
    """Returns the page of a link: of a mailbox, or of one employer's digest."""
    from chalicelib.messaging import opt_outs
    from chalicelib.messaging.unsubscribe import page

    try:
        hashes = opt_outs.read_token(token, request.now)
    except Expired:
        raise
    except BadToken:
        what = opt_outs.end_digest(token, request.now, act=act)
        return page.digest_ended(what) if act else page.ask_digest(what)
    if act:
        opt_outs.record(hashes, "one_click" if b"One-Click" in request.raw_body[:200] else "link", request.now)
    return page.done(said) if act else page.ask(said)
