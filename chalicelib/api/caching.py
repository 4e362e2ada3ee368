"""What HTTP adds to a response's body: ETags and 304, the link to the next page, CORS, OPTIONS, the request's id.

Knows no framework and reads nothing from the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.api.json_text import dump
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.errors import PreconditionFailed

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_NOT_IN_ETAG = re.compile(r'"next_reminder_at":(?:"[^"]*"|null)')
"""Left out of the ETag: sending a reminder changes it, and an ETag tells only what people changed."""
_REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
_EXPOSED_HEADERS = (
    "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Has-More, "
    "X-Request-Id"
)
_PREFLIGHT_SECONDS = "7200"


def given_request_id(headers: Mapping[str, Any]) -> str | None:
    """Returns the client's own X-Request-Id, where it can stand in a log line. Headers are found in any case."""
    given = headers.get("x-request-id")
    return str(given) if given and _REQUEST_ID.fullmatch(str(given)) else None


def finish_response(request: Request, response: Response, base_url: str) -> Response:
    """Adds the ETag of the state shown and the link to the next page, or makes it a 304."""
    body = response.body
    if request.method in ("GET", "HEAD") and isinstance(body, dict) and body.get("next_cursor"):
        response.headers.setdefault("Link", link_to_next(request, body["next_cursor"], base_url))
    if tag := response.headers.get("ETag"):
        if isinstance(body, dict):
            response.body = text = dump(body)
            response.headers.setdefault("Content-Type", "application/json")
            response.headers["ETag"] = tag = _etag_of_state(tag, text)
        if request.method in ("GET", "HEAD") and response.status == 200 and matches(request.headers.get("if-none-match"), tag):
            headers = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
            return Response(304, None, headers)
    return response


def link_to_next(request: Request, cursor: str, base_url: str) -> str:
    """Returns the Link header that names the next page."""
    query = {**request.query, "cursor": [cursor]}
    return f'<{base_url}{quote(request.path)}?{urlencode(query, doseq=True)}>; rel="next"'


def _etag_of_state(tag: str, body: str) -> str:
    """Adds a hash of what is shown: time alone changes `loop` and `overdue`. If-None-Match compares it, If-Match does not."""
    shown = body.replace('"next_reminder_at":null', "")
    if '"next_reminder_at":' in shown:
        shown = _NOT_IN_ETAG.sub("", shown)
    return f'{tag[:-1]}-{sha256(shown.encode()).hexdigest()[:8]}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """Compares by weak comparison (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)


def cors_headers(origin: str | None, allowed: tuple[str, ...]) -> dict[str, str]:
    """Returns the headers that let a page of one of the `allowed` origins read the response."""
    if not allowed:
        return {}
    if "*" in allowed:
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": _EXPOSED_HEADERS}
    if origin not in allowed:
        return {"Vary": "Origin"}
    return {"Access-Control-Allow-Origin": str(origin), "Access-Control-Expose-Headers": _EXPOSED_HEADERS, "Vary": "Origin"}


def options_response(methods: list[str], cors: Mapping[str, str]) -> Response:
    """Lists the methods of a path; for a page of an allowed origin, also as a CORS preflight response."""
    allow = ", ".join(methods)
    preflight = (
        {
            "Access-Control-Allow-Methods": allow,
            "Access-Control-Allow-Headers": _REQUEST_HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        }
        if "Access-Control-Allow-Origin" in cors
        else {}
    )
    return Response(204, None, {"Allow": allow, **preflight})


def etag(record_id: str, *revisions: int | str) -> str:
    """Returns a strong ETag of a record as clients see it."""
    return '"' + sha256("|".join([record_id, *map(str, revisions)]).encode()).hexdigest()[:20] + '"'


def require_match(if_match: str | None, current: str) -> None:
    """Checks If-Match. Raises PreconditionFailed where it names only other states.

    Weak tags never match (RFC 9110, 13.1.1). The part after "-" tells what time changed; it is for If-None-Match only.
    """
    if if_match is None or if_match.strip() == "*":
        return
    strong = [f'"{tag.partition("-")[0]}"' for weak, tag in re.findall(r'(W/)?"([^"]*)"', if_match) if not weak]
    if current not in strong:
        raise PreconditionFailed
