"""Writes the digest's paragraphs beside its lists: deadlines of the law, kept promises, replies and requests for feedback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.rules.copy.clean import CANDIDATE, JOB, clean
from chalicelib.rules.copy.clock import date_with_year
from chalicelib.rules.copy.reply_mails import quote
from chalicelib.rules.model import ReplyKind

BY_LAW = "By law these candidates must be told by the day named (see their application for the rule and its source): "
KEPT = "You promised to keep these people in mind, and similar work has opened: "
_REPLIED: dict[ReplyKind, str] = {
    "text": "texted",
    "email": "emailed",
    "not_yet": "has not heard",
    "dispute": "disputes a logged contact",
}
REPLY_QUOTED = 160
MAX_ROWS_NAMED = 50
"""Of statutory deadlines, kept promises and requests for feedback, so the mail stays readable."""


@dataclass(frozen=True, slots=True)
class StatuteRow:
    """A statutory deadline that is near: `due_on` is the last day, `days` the warning mark (30, 10 or 2)."""

    name: str
    job_title: str
    due_on: date
    days: int


@dataclass(frozen=True, slots=True)
class KeepInMindRow:
    """A candidate who was promised to be kept in mind, their job, and the similar job that has opened."""

    name: str
    job_title: str
    opened: str


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """What a candidate wrote and nobody has seen. `words` may be empty: "not yet" answers need none."""

    name: str
    job_title: str
    kind: ReplyKind
    words: str


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """A candidate who asked why they were rejected. `due_on` is the last day for an answer."""

    name: str
    job_title: str
    due_on: date
    overdue: bool


def paragraphs(
    zone: str,
    by_law: Sequence[StatuteRow],
    kept: Sequence[KeepInMindRow],
    replies: Sequence[ReplyRow],
    asked: Sequence[FeedbackRow],
    *,
    asked_more: bool = False,
) -> list[str]:
    """Returns a paragraph for each kind of which there is something, in the order of the mail. Days are those of the zone.

    `asked_more`: more people may have asked for feedback than were read.
    """
    told = [*([_reply_text(replies)] if replies else []), *([_feedback_text(asked, zone, more=asked_more)] if asked else [])]
    told += [_statute_text(by_law, zone)] if by_law else []
    return [*told, *([_keep_in_mind_text(kept)] if kept else [])]


def _reply_text(rows: Sequence[ReplyRow]) -> str:
    """Returns one paragraph: who wrote and waits to be read, with the beginning of their words."""
    told = [
        f"{clean(row.name, CANDIDATE)} ({clean(row.job_title, JOB)}) {_REPLIED[row.kind]}"
        + (f": “{quote(row.words, REPLY_QUOTED)}”" if row.words else "")
        for row in rows
    ]
    return "In your Inbox, not seen yet: " + "; ".join(told) + "."


def _feedback_text(rows: Sequence[FeedbackRow], zone: str, *, more: bool) -> str:
    """Returns one paragraph: who asked why they were rejected, the soonest due day first."""
    told = [
        f"{clean(row.name, CANDIDATE)} ({clean(row.job_title, JOB)}) by {date_with_year(row.due_on, zone)}"
        + (", overdue" if row.overdue else "")
        for row in rows[:MAX_ROWS_NAMED]
    ]
    rest = len(rows) - len(told)
    others = f"{rest:,} or more others" if rest and more else "perhaps others" if more else f"{rest:,} more" if rest else ""
    return "Asked for feedback: " + "; ".join(told) + (f"; and {others}." if others else ".")


def _statute_text(rows: Sequence[StatuteRow], zone: str) -> str:
    """Returns one paragraph, the soonest first. It gives no legal advice."""
    soonest = sorted(rows, key=lambda row: (row.due_on, row.name))[:MAX_ROWS_NAMED]
    about = ((f"{clean(row.name, CANDIDATE)} ({clean(row.job_title, JOB)})", date_with_year(row.due_on, zone)) for row in soonest)
    named = [f"{who} by {day}" for who, day in about]
    rest = len(rows) - len(soonest)
    return BY_LAW + "; ".join(named) + (f"; and {rest} more." if rest else ".")


def _keep_in_mind_text(rows: Sequence[KeepInMindRow]) -> str:
    named = [
        f"{clean(row.name, CANDIDATE)} ({clean(row.job_title, JOB)}) for {clean(row.opened, JOB)}"
        for row in rows[:MAX_ROWS_NAMED]
    ]
    rest = len(rows) - len(named)
    return KEPT + "; ".join(named) + (f"; and {rest} more." if rest else ".")
