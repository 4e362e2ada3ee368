"""What every answer does beside its body: states that a client has already, the next page's link, other origins, HEAD.

No framework in it, no reads: what a reply says is all that is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from chalicelib.api.json_text import dump
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.errors import PreconditionFailed

if TYPE_CHECKING:
    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_BOOKKEEPING = re.compile(r'"next_reminder_at":(?:"[^"]*"|null)')
"""Sending changes it, and an ETag tells of what people did."""
_ASKED_WITH = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
_SHOWN = "ETag, Idempotency-Replayed, Link, Location, Retry-After, X-Request-Id"
_PREFLIGHT_LASTS = "7200"


def asked_id(headers: Mapping[str, Any]) -> str | None:
    """The caller's own X-Request-Id, where it is one that can stand in a log line."""
    given = next((str(value) for name, value in headers.items() if name.lower() == "x-request-id"), "")
    return given if _REQUEST_ID.fullmatch(given) else None


def finished(request: Request, reply: Response, base_url: str) -> Response:
    """A view's reply with what its body implies: the ETag of this very state, the link to the next page, or 304."""
    body = reply.body
    if request.method in ("GET", "HEAD") and isinstance(body, dict) and body.get("next_cursor"):
        reply.headers.setdefault("Link", f'<{_next_page(request, body["next_cursor"], base_url)}>; rel="next"')
    if tag := reply.headers.get("ETag"):
        reply.headers["ETag"] = tag = _of_state(tag, body)
        if request.method in ("GET", "HEAD") and reply.status == 200 and knows(request.headers.get("if-none-match"), tag):
            return Response(304, None, {name: value for name, value in reply.headers.items() if name.lower() != "content-type"})
    return reply


def _next_page(request: Request, cursor: str, base_url: str) -> str:
    query = {**request.query, "cursor": [cursor]}
    return f"{base_url}{quote(request.path)}?{urlencode(query, doseq=True)}"


def _of_state(tag: str, body: Any) -> str:
    """Time alone changes what is shown (`loop`, `overdue`): If-None-Match must see it, and If-Match must not mind."""
    if not isinstance(body, dict):
        return tag
    shown = _BOOKKEEPING.sub("", dump(body)).encode()
    return f'{tag[:-1]}-{sha256(shown).hexdigest()[:8]}"'


def knows(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110, 13.1.2: by weak comparison."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)


def shared_with(origin: str | None, allowed: tuple[str, ...]) -> dict[str, str]:
    """The headers that let a page of another origin read the answer: those of HEARDBACK_CORS_ORIGINS may."""
    if not allowed:
        return {}
    if "*" in allowed:
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": _SHOWN}
    if origin not in allowed:
        return {"Vary": "Origin"}
    return {"Access-Control-Allow-Origin": str(origin), "Access-Control-Expose-Headers": _SHOWN, "Vary": "Origin"}


def options(methods: list[str], shared: Mapping[str, str]) -> Response:
    """What may be done at a path; to a page of an origin that is welcome, also from there."""
    allow = ", ".join(methods)
    preflight = (
        {
            "Access-Control-Allow-Methods": allow,
            "Access-Control-Allow-Headers": _ASKED_WITH,
            "Access-Control-Max-Age": _PREFLIGHT_LASTS,
        }
        if "Access-Control-Allow-Origin" in shared
        else {}
    )
    return Response(204, None, {"Allow": allow, **preflight})


def etag(record_id: str, *revisions: int | str) -> str:
    """A strong ETag of a record as clients see it."""
    return '"' + sha256("|".join([record_id, *map(str, revisions)]).encode()).hexdigest()[:20] + '"'


def require_match(if_match: str | None, current: str) -> None:
    """Honours If-Match: PreconditionFailed where it names only other states. Weak tags never match (RFC 9110, 13.1.1).

    What stands after a "-" tells only what time has changed: that is for If-None-Match."""
    if if_match is None or if_match.strip() == "*":
        return
    strong = [f'"{tag.partition("-")[0]}"' for weak, tag in re.findall(r'(W/)?"([^"]*)"', if_match) if not weak]
    if current not in strong:
        raise PreconditionFailed
