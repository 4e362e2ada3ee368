"""Writes the answer to a job seeker who forwarded an invitation: what is on their list now, or why nothing is."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.mail_answers import headers_of_answer
from chalicelib.rules.model import Message

SUBJECT = "The invitation that you forwarded"
NO_CALENDAR = "There was no calendar invitation in your mail. Forward the invitation itself, or its .ics file."
NOTHING = "The invitation named no interview to come, or of the last 30 days. If it was cancelled, it is off your list."
NAMED_MOST = 10
_STOP = "Answer STOP to get no more emails from us."


def answer(to: str, listed: Sequence[tuple[str, str]], problem: str | None, url: str, message_id: str | None) -> Message:
    """Returns the mail. `listed` are companies and job titles; `problem` says why nothing could be read."""
    said = problem or NOTHING
    if listed:
        named = [f"* {clean(company, 'A company')}: {clean(job, 'a job')}" for company, job in listed[:NAMED_MOST]]
        more = [f"* and {len(listed) - NAMED_MOST} more"] if len(listed) > NAMED_MOST else []
        said = "On your list now:\n\n" + "\n".join([*named, *more])
    return Message("email", to, f"{said}\n\nYour list: {url}\n\n{_STOP}\n", SUBJECT, headers=headers_of_answer(message_id))
