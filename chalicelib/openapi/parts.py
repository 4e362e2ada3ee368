"""Parameters and headers that many operations share."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
PARAMETERS: Json = {
    "Limit": {
        "name": "limit",
        "in": "query",
        "description": "How many records a page holds.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "description": "`next_cursor` of the page before.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 2048},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A fresh text for each change, such as a UUID; the same for its retries, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "Change only this state: an ETag that was read.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags that the client has.",
        "schema": {"type": "string"},
    },
}
HEADERS: Json = {
    name: {"description": says, "schema": {"type": "string"}}
    for name, says in {
        "ETag": "This state of the record.",
        "Idempotency-Replayed": "`true` where the first answer is given again.",
        "Link": 'The next page: `<…>; rel="next"`.',
        "Location": "Where the record is.",
        "RateLimit": 'What is left: `"requests";r=99;t=1`. Only where there is a limit.',
        "RateLimit-Policy": 'The limit: `"requests";q=100;w=2` is 100 in 2 seconds.',
        "Retry-After": "Seconds to wait.",
        "WWW-Authenticate": "Bearer",
        "X-Request-Id": "The caller's own id of this request, or ours.",
    }.items()
}
