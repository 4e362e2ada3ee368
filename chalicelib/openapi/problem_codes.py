"""Explains each problem code: its status, when it happens, what to do, and what a problem says.

The document shows it, and `make openapi` writes docs/problems.md from it. `errors.ProblemCode` lists the codes.
"""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.errors import ProblemCode

TITLES = {
    400: "Bad request",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Invalid",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
_AGAIN = "Read the record again, then decide."
_WAIT = "Wait as long as `Retry-After` says, then send it again."
_SIGN_IN = "Sign in again."
_FIX_FILE = "Correct the file by `errors`, and send it again."
_OPERATOR = "Ask the operator of the deployment."


class Entry(NamedTuple):
    """What a code means. `detail` is an example of the problem's own words."""

    status: int
    when: str
    what_to_do: str
    detail: str

    @property
    def title(self) -> str:
        return TITLES[self.status]


PROBLEMS: dict[ProblemCode, Entry] = {
    "bad_request": Entry(400, "A header or the path can't be read.", "Correct the request.", "The request is not well-formed."),
    "malformed_json": Entry(
        400, "The body is not JSON, or JSON that can be read in two ways.", "Send plain UTF-8 JSON.", "The body is not JSON."
    ),
    "bad_idempotency_key": Entry(
        400,
        "The `Idempotency-Key` is empty, too long or not ASCII.",
        "Send a UUID.",
        "Idempotency-Key takes 1 to 255 visible ASCII characters.",
    ),
    "unauthenticated": Entry(
        401, "No credential was sent, or one that does not work.", "Send a valid key or access token.", "A valid key is needed."
    ),
    "bad_signature": Entry(
        401,
        "A hiring system's event has a signature that does not fit.",
        "Compare the secret in the system with the connection's.",
        "The signature does not fit the body and this connection's secret.",
    ),
    "refresh_token_over": Entry(
        401, "The refresh token was used, revoked or too old.", _SIGN_IN, "This refresh token does not work any more."
    ),
    "forbidden": Entry(403, "The credential may not do that.", "Use another credential.", "This key may not do that."),
    "missing_scope": Entry(
        403,
        "The key lacks a scope, or a person's role does.",
        "Use a key with the scope that `detail` names.",
        "This key lacks the scope 'manage'.",
    ),
    "person_needed": Entry(403, "A key asks for what belongs to a person.", "Sign in.", "This is for a person's token."),
    "employer_key_needed": Entry(
        403, "The operator's key asks for an employer's records.", "Use a key of the employer.", "This is for an employer's key."
    ),
    "operator_key_needed": Entry(
        403, "An employer asks for what the operator does.", _OPERATOR, "This is for the operator's key."
    ),
    "operator_only": Entry(
        403, "Only the operator changes this field.", _OPERATOR, "Only the operator of this deployment changes name: ask for it."
    ),
    "suspended": Entry(
        403, "The operator has suspended the employer.", _OPERATOR, "This employer is suspended: it can read and not write."
    ),
    "managers_only": Entry(403, "A recruiter opens a manager's page.", "Ask a manager.", "This is for managers."),
    "cross_site": Entry(
        403, "A cookie came with a request from another site.", "Send an access token.", "The form did not come from our pages."
    ),
    "stale_form": Entry(403, "A page was open for too long.", "Open the page again.", "Its page was open for too long."),
    "not_found": Entry(
        404, "There is no such record, or it is another employer's.", "Forget the id.", "There is no such record."
    ),
    "method_not_allowed": Entry(405, "The path has no such method.", "See `Allow`.", "Unsupported method: PUT"),
    "conflict": Entry(409, "The record's state does not allow this.", _AGAIN, "The record's state does not allow this."),
    "concurrent_change": Entry(
        409, "Others changed the same records at the same time.", "Send it again.", "Others changed the same records."
    ),
    "idempotency_in_flight": Entry(
        409,
        "The first request with this `Idempotency-Key` is still running.",
        "Wait a second, and send it again with the same key.",
        "A request with this Idempotency-Key is being worked on.",
    ),
    "idempotency_answer_lost": Entry(
        409,
        "The change was made, and its answer can't be shown again.",
        "Read the record.",
        "The change was made; its answer was too long to be kept.",
    ),
    "idempotency_answer_erased": Entry(
        409,
        "The change was made, and its person has been erased since.",
        "Forget the record.",
        "The change was made. The person that it was about has been erased since.",
    ),
    "duplicate_candidate": Entry(
        409,
        "Another candidate has this external id.",
        "Use that candidate, or another id.",
        "Another candidate of yours already has this external id.",
    ),
    "duplicate_application": Entry(
        409,
        "Another candidate's application has this external id.",
        "Use that application, or another id.",
        "Another candidate's application has this external id.",
    ),
    "duplicate_interview": Entry(
        409,
        "The application has another interview at that start.",
        "Use that interview, or another start.",
        "This application has another interview at that start.",
    ),
    "duplicate_person": Entry(
        409,
        "Someone on the team uses this email.",
        "Change that person, or send the invitation again.",
        "Someone on your team already uses this email.",
    ),
    "interview_conflict": Entry(
        409,
        "The interview is known with other values; `errors` names the fields and the id.",
        "PATCH the known interview.",
        "Interview int_01KT4A4MR0S1K0FS1KR9M52VB2 is known with another end_at.",
    ),
    "interview_cancelled": Entry(
        409, "The interview was cancelled.", "Reinstate it: `POST …/reinstate`.", "The interview is marked cancelled."
    ),
    "interview_no_show": Entry(
        409, "The candidate did not come.", "Reinstate it: `POST …/reinstate`.", "The interview is marked no_show."
    ),
    "interview_ended": Entry(
        409, "An interview that has ended can't be cancelled.", "Mark a no-show instead.", "The interview has ended."
    ),
    "interview_not_begun": Entry(
        409,
        "Nobody can miss an interview that has not begun, or owe word about it.",
        "Cancel it instead, or wait for it.",
        "The interview has not begun.",
    ),
    "application_closed": Entry(
        409,
        "The application is closed or withdrawn.",
        "Reopen it: PATCH its `status` to `active`.",
        "The application is closed: it takes no more interviews.",
    ),
    "closed": Entry(
        409, "A letter is asked for, and the application is closed.", "Reopen it first.", "The application is closed."
    ),
    "withdrawn": Entry(409, "A letter is asked for, and the candidate withdrew.", "Send none.", "The candidate withdrew."),
    "feedback_not_asked": Entry(
        409,
        "Feedback is given, and the candidate did not ask for it.",
        "Log a contact with `feedback` and `share_feedback` instead.",
        "This candidate has not asked for feedback.",
    ),
    "not_waiting": Entry(
        409, "The candidate is not waiting for word.", "Send nothing.", "This application is not waiting for word."
    ),
    "already_told": Entry(
        409, "The candidate has been told a decision.", "Send nothing.", "The candidate has been told a decision already."
    ),
    "decided_otherwise": Entry(
        409, "Another decision is recorded.", "Correct `decided` first.", "The decision is recorded as offer."
    ),
    "already_linked": Entry(
        409, "An interview has one link at most.", "End the other one.", "One of the two is linked already. End that link first."
    ),
    "link_not_offered": Entry(
        409,
        "The employer does not offer links with job seekers' own lists.",
        "Keep the interview unlinked.",
        "This employer does not offer to link its records with a list of your own.",
    ),
    "link_of_another": Entry(
        409,
        "A candidate's link went to an address that this job seeker has not confirmed.",
        "Sign in with the address that got it, or confirm that number.",
        "This link was sent to another address than yours.",
    ),
    "letter_pending": Entry(
        409, "Another letter is on its way.", "Wait for it, or cancel it.", "Another letter to this candidate is on its way."
    ),
    "notice_pending": Entry(
        409, "Another notice is on its way.", "Wait for it.", "This candidate is being told another day already."
    ),
    "no_email": Entry(409, "A letter needs an email address.", "Add one, or call.", "The candidate has no email address."),
    "unreachable": Entry(
        409, "There is no address to write to.", "Add one, or call.", "There is neither an email address nor a number."
    ),
    "not_unknown": Entry(409, "The message has a known result.", "Read it.", "The message is not unknown: it is sent."),
    "no_jurisdiction": Entry(
        409, "The employer has no jurisdiction.", "Set `policy.jurisdiction`.", "Set policy.jurisdiction first."
    ),
    "on_trial": Entry(409, "The employer is on trial.", _OPERATOR, "Only employers off trial can publish a rate."),
    "own_role": Entry(
        409, "People can't remove themselves.", "Ask another manager.", "You cannot remove yourself or change your own role."
    ),
    "already_accepted": Entry(
        409, "The person has accepted the invitation.", "Nothing: they sign in.", "This person has accepted the invitation."
    ),
    "too_late_to_correct": Entry(
        409, "A candidate's answer is older than seven days.", "Nothing.", "An answer can be changed for seven days."
    ),
    "too_much_at_once": Entry(
        409,
        "The change is of more records than can be written together.",
        "Close some of the candidate's applications first.",
        "This changes more records than can be written together.",
    ),
    "too_many_addresses": Entry(
        409, "The most addresses are there.", "Remove one.", "An employer can have at most 20 addresses of its own."
    ),
    "too_many_applications": Entry(
        409, "The candidate has the most applications.", "Close one.", "A candidate can have at most 1000 applications."
    ),
    "too_many_endpoints": Entry(409, "The most endpoints are there.", "Delete one.", "An employer can have at most 5 endpoints."),
    "too_many_external_ids": Entry(
        409,
        "The record has the most external ids.",
        "Remove one.",
        "A record has at most 200 external ids, of 100,000 bytes together.",
    ),
    "too_many_interviews": Entry(
        409, "A job seeker keeps at most 1,000 interviews.", "Delete old ones.", "Your list holds at most 1000 interviews."
    ),
    "too_many_outcomes": Entry(
        409, "One job of a job seeker takes at most 100 outcomes.", "Close it.", "One job takes at most 100 outcomes."
    ),
    "too_many_cards": Entry(
        409, "The most check-in cards work.", "Revoke one.", "There are 100 check-in cards already: revoke one first."
    ),
    "too_many_integrations": Entry(
        409, "The most hiring systems are connected.", "Revoke one.", "There are 20 connections to hiring systems already."
    ),
    "too_many_links": Entry(409, "The most links are there.", "End one.", "There are 20 links to this report already."),
    "gone": Entry(410, "A link or token was valid for a time.", "Get a new one.", "This was valid for a time, which is over."),
    "token_expired": Entry(
        410,
        "A token of the change feed is older than 30 days.",
        "Read the lists again, with a new token.",
        "This token is older than 30 days.",
    ),
    "precondition_failed": Entry(
        412, "The record has another ETag than `If-Match` names.", _AGAIN, "The record has changed since you read it."
    ),
    "too_large": Entry(413, "The body is larger than 256 KB, or a file than 5 MB.", "Send less.", "The body is too large."),
    "unsupported_media_type": Entry(
        415,
        "The body's `Content-Type` or `Content-Encoding` is not taken here.",
        "Send JSON, or a file's own type, as it is or by gzip.",
        "Send the body as application/json.",
    ),
    "invalid": Entry(
        422, "Fields or parameters are wrong.", "Correct them by `errors`.", "The request has fields that are missing or wrong."
    ),
    "above_limit": Entry(
        422, "More than the operator allows.", _OPERATOR, "The policy is above the limits that the operator set."
    ),
    "idempotency_key_reused": Entry(
        422,
        "The `Idempotency-Key` was used for another request.",
        "Use a fresh key for each change.",
        "This Idempotency-Key was used for another request; use a fresh one.",
    ),
    "wrong_code": Entry(422, "The mailed code is wrong, used or too old.", "Ask for a new one.", "The code can't be used."),
    "unreadable_file": Entry(422, "The file can't be read.", _FIX_FILE, "The file cannot be read."),
    "header_mismatch": Entry(
        422, "The file's header does not fit the profile.", "Use another profile.", "The header does not fit the profile."
    ),
    "faulty_rows": Entry(422, "Rows of the file are wrong.", _FIX_FILE, "Some rows are wrong, so nothing was imported."),
    "too_many_requests": Entry(429, "The credential sends too much.", _WAIT, "This key asks faster than it may."),
    "too_many_mails": Entry(429, "Too many mails were asked for within the hour.", _WAIT, "Too many were invited."),
    "too_many_unreadable_files": Entry(
        429, "Too many workbooks could not be read within the hour.", _WAIT, "Ten workbooks could not be read within the hour."
    ),
    "refused": Entry(400, "The request was refused before it was read.", "Correct the request.", "Refused"),
    "internal_error": Entry(
        500,
        "Something went wrong here.",
        "Send it again with the same `Idempotency-Key`; tell support the `request_id`.",
        "Something went wrong here; it has been logged.",
    ),
    "unavailable": Entry(503, "The table did not answer in time. Nothing is half-written.", _WAIT, "The table did not answer."),
    "write_unknown": Entry(
        503,
        "The table did not answer: the change may or may not have been made.",
        "Send it again with the same `Idempotency-Key`, or read the record.",
        "The table did not answer: the change may or may not have been made. Read it, then try again.",
    ),
}


def first_of_status(status: int) -> ProblemCode:
    """Return the first code with a status: what the document shows as its example."""
    return next(code for code, entry in PROBLEMS.items() if entry.status == status)


def as_page() -> str:
    """Return docs/problems.md: an anchor a code."""
    lines = ["# Problems", ""]
    lines += [
        "Every error is `application/problem+json` (RFC 9457). `type` is `urn:heardback:problem:` and the code; programs go by"
    ]
    lines += [
        "`code`, and by the status where they do not know it. Made by `make openapi` from `chalicelib/openapi/problem_codes.py`."
    ]
    for code, entry in PROBLEMS.items():
        lines += ["", f"## {code}", "", f"**{entry.status} {entry.title}.** {entry.when}", "", f"{entry.what_to_do}", ""]
        lines += ["```json", f'{{"type": "urn:heardback:problem:{code}", "status": {entry.status}, "code": "{code}",']
        lines += [f' "detail": "{entry.detail}"}}', "```"]
    return "\n".join(lines) + "\n"
