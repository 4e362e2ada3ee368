"""How a candidate found it: two questions on their own page, to those who said that they heard, once an application.

The answer is kept apart from the application. The employer reads figures of five answers or more (`rules.experience`).
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, ExperienceItem, StatementItem
from chalicelib.applications.unit_of_work import UnitOfWork, update_application
from chalicelib.auth.actors import CANDIDATE
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key, Transaction


def can_answer(case: ApplicationCase) -> bool:
    """Tells whether the candidate said last that they heard, and has not answered yet."""
    said = [one for one in case.statements.values() if not one.voided and _is_own(one)]
    latest = max(said, key=lambda one: (one.at, one.id), default=None)
    return latest is not None and latest.heard and case.application.experience_at is None


def _is_own(statement: StatementItem) -> bool:
    """Whether the candidate said it on their page or by text, rather than a client for them."""
    return bool(statement.own) or (statement.recorded_by or {}).get("type") == "candidate"


def give(employer: Employer, application_id: str, score: int, line: str, now: datetime) -> bool:
    """Stores an answer, its line without links and numbers. Idempotent: the first one stays.

    False where the candidate is not asked. Raises NotFound.
    """

    def change(unit: UnitOfWork, case: ApplicationCase) -> bool:
        application = case.application
        if application.experience_at is not None:
            return True
        if employer.seeker or not can_answer(case):
            return False
        application.experience_at = now
        item = ExperienceItem(
            *_key(application),
            application_id=application.id,
            stage=application.wait_stage or "interview",
            group=application.group,
            score=score,
            line=clean(line) or None,
            at=now,
        )
        unit.transaction.create(item)
        return True

    return update_application(employer, application_id, now, change, by=CANDIDATE)[1]


def answer_of(application: ApplicationItem) -> ExperienceItem | None:
    """Reads what the candidate answered, for their own page. None where they did not, or took it back."""
    if application.experience_at is None:
        return None
    item = table.get(*_key(application))
    return item if isinstance(item, ExperienceItem) else None


def take_back(application: ApplicationItem) -> None:
    """Deletes the candidate's answer. They are not asked again. Idempotent."""
    transaction = Transaction()
    transaction.delete(ExperienceItem(*_key(application)))
    transaction.commit()


def _key(application: ApplicationItem) -> Key:
    return keys.experience_pk(application.employer_id), f"EXP#{application.id}"
