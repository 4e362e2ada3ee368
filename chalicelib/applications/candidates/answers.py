"""What the candidate says on their own page: did they get in touch? For seven days an answer can be corrected."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.aggregate import Case
from chalicelib.applications.items import StatementItem
from chalicelib.applications.unit_of_work import read_application, update_case
from chalicelib.rules.model import Employer

CORRECTED_WITHIN = timedelta(days=7)


def latest(case: Case) -> StatementItem | None:
    """The candidate's own answer about the latest wait, if there is one."""
    since = case.application.wait_since
    own = [s for s in case.statements.values() if s.own and not s.voided and since is not None and s.at >= since]
    return max(own, key=lambda s: (s.at, s.id), default=None)


def can_correct(statement: StatementItem, now: datetime) -> bool:
    return now < statement.recorded_at + CORRECTED_WITHIN


def answer(employer: Employer, application_id: str, given: dict[str, Any], now: datetime, *, correct: bool = False) -> Case:
    """Records an answer; `correct` takes back the one before it, where that is not older than seven days.

    The same answer again changes nothing but the feedback that comes with it. Raises NotFound.
    """

    def amend(case: Case) -> None:
        before = latest(case)
        if before and (before.heard, before.decision) == (given["heard"], given.get("decision")):
            before.feedback = given.get("feedback") or before.feedback
            return
        if before and correct and can_correct(before, now):
            before.voided = True
        statement_id = case.new_id("sta", now)
        case.add(
            StatementItem(case.application.PK, f"STA#{statement_id}", id=statement_id, at=now, recorded_at=now, own=True, **given)
        )

    return update_case(employer, lambda: read_application(employer.id, application_id), now, amend)[0]
