"""What the candidate's page says in its code: answers, channels, and why a link opens nothing."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chalicelib.applications.items import ApplicationItem, StatementItem
from chalicelib.rules.copy.language import Catalogue, mark
from chalicelib.rules.copy.letters import REASONS
from chalicelib.rules.experience import BEST, WORST
from chalicelib.rules.model import ContactChannel

if TYPE_CHECKING:
    from markupsafe import Markup

EXPIRED, NO_LINK = mark("This link has expired"), mark("This link does not work")
NOTHING_TO_ASK = mark("There is nothing to ask about")
TO_NEWER, CUT_IN_TWO = mark("Use the link in a newer message."), mark("It may have been cut in two: please copy all of it.")
NOT_ON_LIST = mark("No interview of yours is on our list any more.")
CHANNELS: dict[ContactChannel, str] = {
    "call": mark("call"),
    "email": mark("email"),
    "sms": mark("text"),
    "video": mark("video call"),
    "in_person": mark("in person"),
    "letter": mark("letter"),
    "portal": mark("portal"),
}
SCORES = tuple(str(number) for number in range(WORST, BEST + 1))
SAID = {"good": mark("yes, good news"), "no": mark("yes, not this time"), "not_yet": mark("not yet")}


def answer_of(statement: StatementItem) -> str:
    """Return which of the three answers was given, in small letters."""
    if not statement.heard:
        return SAID["not_yet"]
    return SAID["good" if statement.decision == "advancing" else "no"]


def say_html(said: Catalogue, message: str, **fields: str) -> Markup:
    """Return a translation with tags of ours: its fields are escaped."""
    from markupsafe import Markup, escape  # late: only pages need it

    return Markup(said.say(message, **{name: escape(value) for name, value in fields.items()}))  # noqa: S704 - fields are escaped


def why_of(application: ApplicationItem, said: Catalogue, zone: str) -> dict[str, Any] | None:
    """Return what the page says of a request for feedback: until when, or the answer; None where nobody asked."""
    asked: dict[str, Any] | None = application.feedback_request
    if not asked or application.status == "withdrawn":
        return None
    due = said.short_day(datetime.combine(date.fromisoformat(asked["due_on"]), time(12), ZoneInfo(zone)), zone)
    reasons = [said.text(REASONS[one]) for one in asked.get("reasons") or () if one in REASONS]
    return {"answered": bool(asked.get("answered_at")), "due": due, "reasons": reasons, "note": asked.get("note")}
