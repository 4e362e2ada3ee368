"""Changes a booked interview: moves, corrects, cancels, marks as no-show, reinstates. Each is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.interviews.service import (
    check_scheduled,
    check_slot,
    check_takes_interviews,
    check_times,
    interview_in,
    set_fields,
    set_status,
)
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.unit_of_work import UnitOfWork, read_case, update_case
from chalicelib.auth.actors import Actor
from chalicelib.errors import Conflict
from chalicelib.rules.employer import Employer
from chalicelib.storage.transaction import AT_ONCE, Committer

Check = Callable[[ApplicationCase, InterviewItem], None]
"""Sees an interview as it was read, and raises for a stale If-Match."""
Change = Callable[[UnitOfWork, ApplicationCase, InterviewItem], None]
"""Changes an interview in memory. Raises where its state does not allow it."""


def _unchecked(case: ApplicationCase, interview: InterviewItem) -> None:
    """Accepts any state."""


def change_interview(
    employer: Employer,
    interview_id: str,
    fields: Mapping[str, Any],
    now: datetime,
    check: Check,
    *,
    by: Actor | None = None,
) -> tuple[ApplicationCase, InterviewItem]:
    """Moves or corrects an interview. Raises NotFound, Conflict, Unprocessable."""

    def change(unit: UnitOfWork, case: ApplicationCase, interview: InterviewItem) -> None:
        check_scheduled(interview)
        set_fields(unit, interview, fields)
        check_times(case, interview, fields)

    return _change(employer, interview_id, now, check, change, by=by)


def cancel_interview(
    employer: Employer,
    interview_id: str,
    now: datetime,
    check: Check = _unchecked,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, InterviewItem]:
    """Cancels an interview before its end. Idempotent.

    The fold ignores it from then on. Raises NotFound, Conflict.
    """
    return _change(employer, interview_id, now, check, _cancel, committer=committer, by=by)


def mark_no_show(
    employer: Employer,
    interview_id: str,
    now: datetime,
    check: Check = _unchecked,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, InterviewItem]:
    """Records that the candidate did not come: no word is due for this interview. Idempotent.

    Raises NotFound, Conflict.
    """
    return _change(employer, interview_id, now, check, _miss, committer=committer, by=by)


def reinstate_interview(
    employer: Employer,
    interview_id: str,
    now: datetime,
    check: Check = _unchecked,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, InterviewItem]:
    """Takes back a cancellation or a no-show: the interview counts again. Idempotent.

    Raises NotFound, and Conflict where the application is closed or its slot was booked again.
    """
    return _change(employer, interview_id, now, check, _reinstate, committer=committer, by=by)


def _cancel(unit: UnitOfWork, _case: ApplicationCase, interview: InterviewItem) -> None:
    if interview.status == "no_show" or (interview.status == "scheduled" and unit.now >= interview.end_at):
        raise Conflict("The interview has ended: it can no longer be cancelled.", code="interview_ended")
    set_status(unit, interview, "cancelled")


def _miss(unit: UnitOfWork, _case: ApplicationCase, interview: InterviewItem) -> None:
    if interview.status == "cancelled":
        raise Conflict("The interview was cancelled.", code="interview_cancelled")
    if unit.now < interview.start_at:
        raise Conflict("The interview has not begun: cancel it instead.", code="interview_not_begun")
    set_status(unit, interview, "no_show")


def _reinstate(unit: UnitOfWork, case: ApplicationCase, interview: InterviewItem) -> None:
    if interview.status != "scheduled":
        check_takes_interviews(case)
        check_slot(case, interview)
        set_status(unit, interview, "scheduled")


def _change(
    employer: Employer,
    interview_id: str,
    now: datetime,
    check: Check,
    change: Change,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, InterviewItem]:
    """Reads, checks, changes and saves an interview. Starts again where another write came first."""

    def checked(unit: UnitOfWork, case: ApplicationCase) -> InterviewItem:
        interview = interview_in(case, interview_id)
        check(case, interview)
        change(unit, case, interview)
        return interview

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, checked, committer=committer, by=by)
