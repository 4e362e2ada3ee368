"""`/u/{token}`: GET shows a button and changes nothing (scanners open links); POST acts at once (RFC 8058)."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.access import optouts
from chalicelib.access.routes import Call, Reply, route
from chalicelib.access.unsubscribe import page
from chalicelib.config import settings
from chalicelib.errors import HeardbackError
from chalicelib.signing import BadToken, Expired

unsubscribe = Blueprint(__name__)


@route(unsubscribe, "GET", "/u/{token}", public=True)
def show(call: Call, token: str) -> Reply:
    return _about(call, token, act=False)


@route(unsubscribe, "POST", "/u/{token}", public=True)
def stop(call: Call, token: str) -> Reply:
    return _about(call, token, act=True)


def _about(call: Call, token: str, *, act: bool) -> Reply:
    try:
        hashes = optouts.read_token(token, call.now)
        if act:
            optouts.record(hashes, "one_click" if b"One-Click" in call.raw_body[:200] else "link", call.now)
    except Expired:
        return Reply(410, page.gone(settings().support_email), page.HEADERS)
    except BadToken:
        return Reply(404, page.unknown(settings().support_email), page.HEADERS)
    except HeardbackError:
        return Reply(503, page.failed(), page.HEADERS)
    return Reply(200, page.done() if act else page.ask(), page.HEADERS)
