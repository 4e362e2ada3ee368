"""What every door needs of HTTP, with no framework in it: problems, validation, ETags; queries and cursors by the way.

Errors are RFC 9457 problem+json. `problem()` maps the family of `chalicelib.errors`, once; `finish()` rewrites what
the framework answers by itself, so that no other shape of error ever leaves the house.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.errors import ApiError, ConditionLost, Fault, PreconditionFailed, Unprocessable, WriteUnknown
from chalicelib.queries import PAGING, decode_cursor, encode_cursor, limit, one_of, page_of, read_query, text, true_or_false
from chalicelib.strict_json import capped, parse_json, pointer

if TYPE_CHECKING:
    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")

PROBLEM_JSON = "application/problem+json"
_log = logging.getLogger("heardback")
_NAMES = {
    400: ("bad_request", "Bad request"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    413: ("too_large", "Body too large"),
    415: ("unsupported_media_type", "Unsupported media type"),
}


# --- answers ---------------------------------------------------------------------------------------------------------


def dump(body: Any) -> str:
    """Compact JSON text; encoded as UTF-8 by the server."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def instant(value: datetime | None) -> str | None:
    """An instant as clients see it: RFC 3339 in UTC, with microseconds only where there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def problem(error: Exception, request_id: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """(status, body, headers) of any error. What is not an ApiError is ours: it is logged, and its words stay inside."""
    if isinstance(error, WriteUnknown):
        return _problem(
            503,
            "write_unknown",
            "No answer from the table",
            "The table did not answer: the change may or may not have been made. Read it, then try again.",
            request_id,
            headers={"Retry-After": "1"},
        )
    if isinstance(error, ConditionLost):
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
    errors: Iterable[Fault] = (),
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


def finish(status: int, body: Any, headers: Mapping[str, Any], request_id: str) -> tuple[int, str, dict[str, Any]]:
    """Any answer as it leaves: with its common headers, and as a problem where the framework made up an error of its own."""
    kept = dict(headers)
    content_type = next((str(value) for name, value in kept.items() if name.lower() == "content-type"), "")
    if status >= 400 and not content_type.startswith((PROBLEM_JSON, "text/html")):
        code, title = _NAMES.get(status, ("internal_error", "Internal error") if status >= 500 else ("refused", "Refused"))
        detail = str(body.get("Message") or title) if isinstance(body, dict) and status < 500 else title
        _, body, extra = _problem(status, code, title, detail, request_id)
        kept = {name: value for name, value in kept.items() if name.lower() != "content-type"} | extra
    if not isinstance(body, str):
        body = dump(body)
    kept.setdefault("Cache-Control", "no-store")
    kept.setdefault("X-Content-Type-Options", "nosniff")
    kept["X-Request-Id"] = request_id
    return status, body, kept


# --- bodies ----------------------------------------------------------------------------------------------------------


def validate(model: type[ModelT], data: Any, now: datetime) -> ModelT:
    """The data as a model, or Unprocessable that names every fault. `now` bounds instants."""
    from pydantic import ValidationError  # 96 ms: paid by those who have already imported a schema

    try:
        return model.model_validate(data, context={"now": now})
    except ValidationError as error:
        faults = list(capped(Fault(_pointer(one, data), _message(one)) for one in error.errors(include_url=False)))
        raise Unprocessable("The body has fields that are missing, unknown or wrong.", errors=faults) from None


def _pointer(error: Mapping[str, Any], data: Any) -> str:
    """Where an error lies in the data. Pydantic's path also names the branches of unions: those are left out."""
    at, here = "", data
    path = error["loc"]
    for index, step in enumerate(path):
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int) and step < len(here)):
            at, here = pointer(at, step), here[step]
        elif error["type"] == "missing" and index == len(path) - 1:
            at = pointer(at, step)
    return at + str(error.get("ctx", {}).get("below", ""))


_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this body",
    "string_type": "must be a string",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "invalid_key": "is not a field of this body",
    "finite_number": "must be a number",
}

_LIMITS = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must name at least {min_length}",
    "too_long": "must name at most {max_length}",
}


def _message(error: Mapping[str, Any]) -> str:
    if known := _MESSAGES.get(error["type"]):
        return known
    if words := _LIMITS.get(error["type"]):
        return words.format(**error["ctx"])
    text = str(error["msg"]).removeprefix("Value error, ")
    text = re.sub(r"^(Input|List|Tuple|String) should", "must", text)
    return text[:1].lower() + text[1:500]


# --- ETags ------------------------------------------------------------------------------------------------------------


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


__all__ = [
    "PAGING",
    "decode_cursor",
    "dump",
    "encode_cursor",
    "etag",
    "finish",
    "instant",
    "limit",
    "one_of",
    "page_of",
    "parse_json",
    "problem",
    "read_query",
    "require_match",
    "text",
    "true_or_false",
    "validate",
]
