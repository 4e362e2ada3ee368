"""Errors as RFC 9457 problem+json, without any framework.

`problem()` maps the errors of `chalicelib.errors`. `finish()` rewrites the errors that the framework makes, so that clients see
only one form of error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.api.json_text import dump
from chalicelib.errors import ApiError, ConditionFailed, FieldError, WriteUnknown

PROBLEM_JSON = "application/problem+json"
HSTS = "max-age=63072000"
"""Two years over HTTPS alone. Without subdomains: they may be somebody else's."""
_log = logging.getLogger("heardback")
_NAMES = {
    400: ("bad_request", "Bad request"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    413: ("too_large", "Body too large"),
    415: ("unsupported_media_type", "Unsupported media type"),
}


def problem(error: Exception, request_id: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Returns (status, body, headers) of an error. An error that is not ours to explain is logged; its words are not sent."""
    if isinstance(error, WriteUnknown):
        return _problem(
            503,
            "write_unknown",
            "No answer from the table",
            "The table did not answer: the change may or may not have been made. Read it, then try again.",
            request_id,
            headers={"Retry-After": "1"},
        )
    if isinstance(error, ConditionFailed):
        return _problem(
            409, "concurrent_change", "Conflict", "Others changed the same records at the same time; try again.", request_id
        )
    if not isinstance(error, ApiError):
        _log.error("request %s failed", request_id, exc_info=error)
        return _problem(500, "internal_error", "Internal error", "Something went wrong here; it has been logged.", request_id)
    headers = dict(error.headers)
    if error.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if error.status == 503:
        headers.setdefault("Retry-After", "1")
    return _problem(error.status, error.code, error.title, error.detail, request_id, errors=error.errors, headers=headers)


def _problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    request_id: str,
    *,
    errors: Iterable[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, Any], dict[str, str]]:
    body = {
        "type": f"urn:heardback:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        "errors": [{"pointer": fault.pointer, "message": fault.message} for fault in errors],
    }
    return status, body, {**(headers or {}), "Content-Type": PROBLEM_JSON}


def finish(
    status: int, body: Any, headers: Mapping[str, Any], request_id: str, *, base_url: str = ""
) -> tuple[int, str | bytes, dict[str, Any]]:
    """Adds the common headers to a response, and turns the framework's own errors into problems.

    A problem links to the page about its code: `type` stays a URN, which no deployment can break.
    """
    kept = dict(headers)
    if status >= 400 and not _content_type(kept).startswith((PROBLEM_JSON, "text/html")):
        code, title = _NAMES.get(status, ("internal_error", "Internal error") if status >= 500 else ("refused", "Refused"))
        detail = str(body.get("Message") or title) if isinstance(body, dict) and status < 500 else title
        _, body, extra = _problem(status, code, title, detail, request_id)
        kept = {name: value for name, value in kept.items() if name.lower() != "content-type"} | extra
    if not isinstance(body, str | bytes):
        body = dump(body)
    kept.setdefault("Cache-Control", "no-store")
    kept.setdefault("X-Content-Type-Options", "nosniff")
    kept["X-Request-Id"] = request_id
    if base_url and kept.get("Content-Type") == PROBLEM_JSON:
        kept.setdefault("Link", f'<{base_url}/problems/{json.loads(body)["code"]}>; rel="help"')
    if base_url.startswith("https://"):
        kept["Strict-Transport-Security"] = HSTS
    return status, body, kept


def _content_type(headers: Mapping[str, Any]) -> str:
    return next((str(value) for name, value in headers.items() if name.lower() == "content-type"), "")


__all__ = ["PROBLEM_JSON", "finish", "problem"]
