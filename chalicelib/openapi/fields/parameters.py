"""What each id in a path is, and an example of it."""

from __future__ import annotations

_SUFFIX = "_01KT4A4MR0S1K0FS1KR9M52VB2"
PATH: dict[str, tuple[str, str]] = {
    "application_id": ("The application's id.", "app" + _SUFFIX),
    "candidate_id": ("The candidate's id.", "cand" + _SUFFIX),
    "card_id": ("The check-in card's id.", "card_01KT4A4MR0S1K0FS1KR9M52VB2"),
    "contact_id": ("The contact's id.", "con" + _SUFFIX),
    "endpoint_id": ("The webhook endpoint's id.", "whe" + _SUFFIX),
    "/v1/employers/id": ("The employer's id.", "emp" + _SUFFIX),
    "/v1/events/event_id": ("The event's id.", "evt" + _SUFFIX),
    "event_id": ("The id of an event that came in.", "sample-event"),
    "import_id": ("The import's id.", "imp" + _SUFFIX),
    "integration_id": ("The connection's id.", "ats" + _SUFFIX),
    "interview_id": ("The interview's id.", "int" + _SUFFIX),
    "/v1/keys/id": ("The key's id, which is no secret.", "key" + _SUFFIX),
    "letter_id": ("The id of the letters of one request.", "let" + _SUFFIX),
    "message_id": ("The message's id.", "sample-message"),
    "name": ("The profile's name.", "ours"),
    "person_id": ("The person's id.", "per" + _SUFFIX),
    "reply_id": ("The reply's id.", "sample-reply"),
    "/v1/report_shares/id": ("The link's id.", "share" + _SUFFIX),
    "review_id": ("The review's id.", "sample-review"),
    "/v1/sessions/id": ("The session's id.", "ses" + _SUFFIX),
    "statement_id": ("The statement's id.", "sta" + _SUFFIX),
    "token": ("The token of a link.", "c2FtcGxl"),
}


def said_of_path(path: str, name: str) -> tuple[str, str]:
    """Return (description, example) of a name in a path. Raises KeyError where there is none."""
    first = path.partition("{")[0]
    return PATH.get(first + name) or PATH[name]
