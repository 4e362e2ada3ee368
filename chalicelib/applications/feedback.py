"""Feedback that a candidate asks for once after a rejection was told: request, due day, and the answer by criteria.

The answer is shown on the candidate's own page. A mail tells of the first one (`messaging.feedback_mail`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, FeedbackItem
from chalicelib.applications.unit_of_work import UnitOfWork, update_application
from chalicelib.auth.actors import CANDIDATE, Actor
from chalicelib.errors import Conflict
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.clean import clean_note
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import DECIDED, LetterReason
from chalicelib.rules.reminders import next_step
from chalicelib.storage import keys, table
from chalicelib.storage.table import stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

DUE_AFTER = 5
"""Business days of the employer."""
READ_MOST = 1000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A candidate who asked why and has no answer yet."""

    application: ApplicationItem
    due_on: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpenRequests:
    """Who asked and has no answer: the first ones by the due day, and how many there are. `more`: more than were counted."""

    shown: Sequence[Asked] = ()
    count: int = 0
    more: bool = False

    @property
    def left_out(self) -> int:
        return self.count - len(self.shown)


def can_ask(case: ApplicationCase) -> bool:
    """Tells whether the last decision that the candidate was told is a rejection, and nobody withdrew."""
    told = [
        one
        for one in case.contacts.values()
        if one.decision in DECIDED and one.outcome in ("reached", "sent") and not one.voided_at and not one.disputed
    ]
    latest = max(told, key=lambda one: (one.occurred_at, one.id), default=None)
    return latest is not None and latest.decision == "rejected" and case.application.status != "withdrawn"


def ask(employer: Employer, application_id: str, now: datetime) -> bool:
    """Records the candidate's request. Idempotent: the first one stays. False where there is nothing to ask. Raises NotFound."""

    def change(_: UnitOfWork, case: ApplicationCase) -> bool:
        if not can_ask(case):
            return False
        if case.application.feedback_request is None:
            is_holiday = holiday_check(employer.policy.holidays)
            due_on = next_step.business_day_after(now, DUE_AFTER, employer.timezone, is_holiday)
            case.application.feedback_request = {"asked_at": stored_instant(now), "due_on": due_on.isoformat()}
        return True

    return update_application(employer, application_id, now, change, by=CANDIDATE)[1]


def answer(
    employer: Employer,
    application_id: str,
    reasons: Sequence[LetterReason],
    note: str | None,
    now: datetime,
    check: Callable[[ApplicationCase], None],
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> ApplicationCase:
    """Answers a request by criteria and a cleaned note, or replaces the answer. The same again changes nothing.

    `check` sees the case as read, and raises for a stale If-Match. Raises NotFound, Conflict.
    """

    def change(_: UnitOfWork, case: ApplicationCase) -> None:
        check(case)
        asked: Json | None = case.application.feedback_request
        if asked is None or case.application.status == "withdrawn":
            raise Conflict("This candidate has not asked for feedback.", code="feedback_not_asked")
        given = {"reasons": list(reasons), "note": clean_note(note or "") or None}
        if asked.get("answered_at") and all(asked.get(name) == value for name, value in given.items()):
            return
        signed = {"by": by.stored()} if by else {}
        case.application.feedback_request = {**asked, **given, "answered_at": stored_instant(now), **signed}

    return update_application(employer, application_id, now, change, committer=committer, by=by)[0]


def open_requests(employer: Employer, now: datetime, most: int) -> OpenRequests:
    """Reads who asked and has no answer, by the due day, at most so many of the first `READ_MOST`."""
    read = table.query_first(keys.feedback_pk(employer.id), "FEEDBACK#", READ_MOST)
    listed = sorted((one for one in read if isinstance(one, FeedbackItem)), key=lambda one: (one.due_on, one.application_id))
    wanted = [(keys.case_pk(employer.id, one.application_id), "APP") for one in listed[:most]]
    found = table.get_many(wanted) if wanted else {}
    items = [item for key in wanted if isinstance(item := found.get(key), ApplicationItem)]
    shown = [asked_of(item, employer.timezone, now) for item in items if is_open(item)]
    count = len(listed) - (len(wanted) - len(shown))  # some may have been answered at this moment
    return OpenRequests(shown, count, len(read) == READ_MOST)


def asked_of(item: ApplicationItem, zone: str, now: datetime) -> Asked:
    """Returns an open request. It is overdue from the midnight after the due day in `zone`."""
    due_on = date.fromisoformat(item.feedback_request["due_on"])
    return Asked(item, due_on, due_on < now.astimezone(ZoneInfo(zone)).date())


def is_open(item: ApplicationItem) -> bool:
    """Tells whether the candidate asked and has no answer."""
    asked: Json | None = item.feedback_request
    return bool(asked and not asked.get("answered_at")) and item.status != "withdrawn"
