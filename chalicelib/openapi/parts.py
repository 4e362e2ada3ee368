"""Parameters, headers, credentials and examples of files that many operations share."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
PARAMETERS: Json = {
    "Limit": {
        "name": "limit",
        "in": "query",
        "description": "How many records a page holds.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
        "example": 25,
    },
    "LimitOfShortList": {
        "name": "limit",
        "in": "query",
        "description": "How many records a page holds.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
        "example": 100,
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "description": "`next_cursor` of the page before.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 2048},
        "example": "eyJhIjoxfQ",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A fresh text for each change, such as a UUID; the same for its retries, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "8a4c7a8e-5a9d-4d63-9a43-6f2b6b3f5c11",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "Change only this state: an ETag that was read.",
        "schema": {"type": "string"},
        "example": '"2f1c9a"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags that the client has.",
        "schema": {"type": "string"},
        "example": '"2f1c9a"',
    },
}
HEADERS: Json = {
    name: {"description": says, "schema": {"type": "string"}, "example": example}
    for name, (says, example) in {
        "Content-Disposition": ("The name under which to keep the file.", 'attachment; filename="call-list-2026-06-01.csv"'),
        "ETag": ("This state of the record.", '"2f1c9a"'),
        "Idempotency-Replayed": ("`true` where the first answer is given again.", "true"),
        "Link": (
            'The next page of a list: `rel="next"`. The page about a problem\'s code: `rel="help"`.',
            '</v1/candidates?cursor=eyJhIjoxfQ>; rel="next"',
        ),
        "Location": ("Where the record is.", "/v1/interviews/int_01KT4A4MR0S1K0FS1KR9M52VB2"),
        "RateLimit": ('What is left: `"requests";r=99;t=1`. Only where there is a limit.', '"requests";r=99;t=1'),
        "RateLimit-Policy": ('The limit: `"requests";q=100;w=2` is 100 in 2 seconds.', '"requests";q=100;w=2'),
        "Retry-After": ("Seconds to wait.", "2"),
        "WWW-Authenticate": ("How to send a credential.", "Bearer"),
        "X-Has-More": ("Of a file: whether there are more rows than it holds. `Link` leads to them.", "false"),
        "X-Request-Id": ("The caller's own id of this request, or ours.", "01KT4A4MR0S1K0FS1KR9M52VB2"),
    }.items()
}
SECURITY_SCHEMES: Json = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-heardback_session",
        "description": "The cookie of a person who is signed in to the pages.",
    },
    "person": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "hba_…",
        "description": "A person's access token, from `POST /v1/sessions`. It lasts an hour. A recruiter has the scopes "
        "`read` and `write`, a manager `manage` too. `POST /v1/sessions/refresh` gets the next one.",
    },
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "hb_…",
        "description": "An employer's API key, or the operator's key.",
    },
}
FILE_EXAMPLES = {
    "text/csv": "name,email,job_title\nSam Sample,sam@example.com,Welder\n",
    "text/calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Heardback//EN\r\nBEGIN:VEVENT\r\nUID:sample-1\r\n"
    "DTSTAMP:20260601T090000Z\r\nDTSTART:20260602T130000Z\r\nDTEND:20260602T140000Z\r\nSUMMARY:Interview for Fitter\r\n"
    "ORGANIZER;CN=Dana Reyes:mailto:dana@bluefern.example\r\nATTENDEE;CN=Sam Sample:mailto:sam@example.com\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n",
    "text/html": "<!doctype html><title>Heardback</title>",
    "application/x-ndjson": '{"type": "candidate", "id": "cand_01KT4A4MR0S1K0FS1KR9M52VB2"}\n{"type": "end"}\n',
}
"""By media type. Workbooks are binary."""
