"""Writes the answer to a job seeker who forwarded an invitation: what is on their list now, or why nothing is."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.rules.copy.clean import JOB, clean
from chalicelib.rules.copy.language import catalogue, mark
from chalicelib.rules.copy.mail_answers import headers_of_answer
from chalicelib.rules.model import Language, Message

SUBJECT = mark("The invitation that you forwarded")
NO_CALENDAR = mark("There was no calendar invitation in your mail. Forward the invitation itself, or its .ics file.")
NOTHING = mark("The invitation named no interview to come, or of the last 30 days. If it was cancelled, it is off your list.")
UNREADABLE = mark("The invitation could not be read. Forward the invitation itself, or its .ics file.")
TOO_MUCH = mark("The calendar file is too large, or names too many interviews. Forward one invitation at a time.")
NOT_ADDED = mark("The invitation could not be added: $fault")
"""For rare faults, which stay in English, as the API tells them."""
NAMED_MOST = 10
_COMPANY, _LISTED, _LIST = mark("A company"), mark("On your list now"), mark("Your list")
_STOP = mark("Answer STOP to get no more emails from us.")


def answer(
    to: str,
    listed: Sequence[tuple[str, str]],
    problem: str | None,
    url: str,
    message_id: str | None,
    language: Language = "en",
) -> Message:
    """Returns the mail. `listed` are companies and job titles; `problem` says why nothing could be read, in words as they are."""
    said = catalogue(language)
    words = problem or said.text(NOTHING)
    if listed:
        company, job = said.text(_COMPANY), said.text(JOB)
        named = [f"* {said.pair(clean(one, company), clean(title, job))}" for one, title in listed[:NAMED_MOST]]
        left = len(listed) - NAMED_MOST
        more = [f"* {said.say('and $count more', count=left)}"] if left > 0 else []
        words = f"{said.pair(said.text(_LISTED))}\n\n" + "\n".join([*named, *more])
    text = f"{words}\n\n{said.pair(said.text(_LIST), url)}\n\n{said.text(_STOP)}\n"
    return Message("email", to, text, said.text(SUBJECT), headers=headers_of_answer(message_id))
