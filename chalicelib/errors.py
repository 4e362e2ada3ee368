"""All errors that Heardback raises. An error's docstring says when it happens; `api.problems` maps them to problem+json.

HeardbackError
├── SettingError               a setting is missing or wrong: the program stops and names it
├── ApiError                   the caller can do something about it (status, code, title, errors)
│   ├── BadRequest        400  not well-formed: JSON that is not JSON, a header that cannot be read
│   ├── Unauthenticated   401  no key, or not one of ours
│   ├── Forbidden         403  the key lacks the scope
│   ├── NotFound          404  not there, or another tenant's: the same answer
│   ├── Conflict          409  well-formed and refused by the state of the record
│   ├── Gone              410  a token or link was valid for a time, which is over
│   ├── PreconditionFailed 412 If-Match names another state
│   ├── TooLarge          413  the body is over its bound
│   ├── UnsupportedMediaType 415 the body is not sent as JSON
│   ├── Unprocessable     422  well-formed JSON and wrong: every fault by JSON pointer
│   ├── TooManyRequests   429  this key makes requests faster than it may
│   └── Unavailable       503  the table did not answer in time: try again
└── TableError
    ├── ConditionFailed        a conditional write found another state: read again, change again, try again
    └── WriteUnknown           no response to a write: it may or may not have happened
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProblemCode = Literal[
    "above_limit",
    "already_accepted",
    "already_linked",
    "already_told",
    "application_closed",
    "bad_idempotency_key",
    "bad_request",
    "bad_signature",
    "closed",
    "concurrent_change",
    "conflict",
    "cross_site",
    "decided_otherwise",
    "duplicate_application",
    "duplicate_candidate",
    "duplicate_interview",
    "duplicate_person",
    "employer_key_needed",
    "faulty_rows",
    "feedback_not_asked",
    "forbidden",
    "gone",
    "header_mismatch",
    "idempotency_answer_erased",
    "idempotency_answer_lost",
    "idempotency_in_flight",
    "idempotency_key_reused",
    "internal_error",
    "interview_cancelled",
    "interview_conflict",
    "interview_ended",
    "interview_no_show",
    "interview_not_begun",
    "invalid",
    "letter_pending",
    "link_not_offered",
    "link_of_another",
    "malformed_json",
    "managers_only",
    "method_not_allowed",
    "missing_scope",
    "no_email",
    "no_jurisdiction",
    "not_found",
    "not_unknown",
    "not_waiting",
    "notice_pending",
    "on_trial",
    "operator_key_needed",
    "operator_only",
    "own_role",
    "person_needed",
    "precondition_failed",
    "refresh_token_over",
    "refused",
    "stale_form",
    "suspended",
    "token_expired",
    "too_large",
    "too_late_to_correct",
    "too_many_addresses",
    "too_many_applications",
    "too_many_endpoints",
    "too_many_external_ids",
    "too_many_integrations",
    "too_many_interviews",
    "too_many_cards",
    "too_many_links",
    "too_many_mails",
    "too_many_outcomes",
    "too_many_requests",
    "too_many_unreadable_files",
    "too_much_at_once",
    "unauthenticated",
    "unavailable",
    "unreachable",
    "unreadable_file",
    "unsupported_media_type",
    "withdrawn",
    "write_unknown",
    "wrong_code",
]
"""Every `code` of a problem. Each is explained in `openapi.problem_codes`."""
INTERVIEW_CODES: dict[str, ProblemCode] = {"cancelled": "interview_cancelled", "no_show": "interview_no_show"}
"""Codes of refusals, by the status of an interview that does not count."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request. `pointer` is an RFC 6901 JSON pointer ("/candidate/email"), or "?limit" for a query."""

    pointer: str
    message: str


class HeardbackError(Exception):
    """Any error that Heardback raises."""


class SettingError(HeardbackError):
    """A setting is missing or wrong. The message names it."""


class ApiError(HeardbackError):
    """The caller can do something about it."""

    status = 500
    code: ProblemCode = "internal_error"
    title = "Internal error"

    def __init__(
        self,
        detail: str = "",
        *,
        code: ProblemCode | None = None,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or (self.__doc__ or self.title).strip()
        self.code = code or self.code
        self.errors = errors or []
        self.headers = headers or {}


class BadRequest(ApiError):
    """The request is not well-formed."""

    status, code, title = 400, "bad_request", "Bad request"


class Unauthenticated(ApiError):
    """A valid key or access token is needed: send `Authorization: Bearer ...`."""

    status, code, title = 401, "unauthenticated", "Unauthenticated"


class Forbidden(ApiError):
    """This key may not do that."""

    status, code, title = 403, "forbidden", "Forbidden"


class NotFound(ApiError):
    """There is no such record."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(ApiError):
    """The record's state does not allow this."""

    status, code, title = 409, "conflict", "Conflict"


class Gone(ApiError):
    """This was valid for a time, which is over."""

    status, code, title = 410, "gone", "Gone"


class PreconditionFailed(ApiError):
    """The record has changed since you read it: read it again."""

    status, code, title = 412, "precondition_failed", "Precondition failed"


class TooLarge(ApiError):
    """The body is too large."""

    status, code, title = 413, "too_large", "Body too large"


class UnsupportedMediaType(ApiError):
    """Send the body as application/json (or application/merge-patch+json)."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class Unprocessable(ApiError):
    """The request is well-formed and wrong."""

    status, code, title = 422, "invalid", "Invalid"


class TooManyRequests(ApiError):
    """This key asks faster than it may: wait as long as Retry-After says."""

    status, code, title = 429, "too_many_requests", "Too many requests"


class Unavailable(ApiError):
    """The table did not answer in time. Nothing is half-written; try again."""

    status, code, title = 503, "unavailable", "Unavailable"


class TableError(HeardbackError):
    """DynamoDB refused a request or did not respond."""


class ConditionFailed(TableError):
    """A conditional write found another state. `failed` holds the (PK, SK) of the operations whose condition failed."""

    def __init__(self, failed: list[tuple[str, str]]) -> None:
        super().__init__(f"condition failed on {len(failed)} item(s)")
        self.failed = failed


class WriteUnknown(TableError):
    """No response to a write: it may or may not have happened."""
