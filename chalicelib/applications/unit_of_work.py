"""One application's case read, amended and written: what every act of the records wing goes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from chalicelib.applications.aggregate import Case
from chalicelib.applications.candidates.service import Write, retry_on_conflict
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import NotFound
from chalicelib.rules.model import Employer
from chalicelib.storage import keys, table

T = TypeVar("T")


def read_case(employer_id: str, any_case_id: str) -> Case:
    """Raises NotFound: also for another tenant's id, which leads to no partition of this one."""
    case = Case.read(employer_id, any_case_id)
    if case is None:
        raise NotFound
    return case


def read_application(employer_id: str, application_id: str) -> Case:
    """The case whose application has exactly this id. Raises NotFound."""
    case = read_case(employer_id, application_id)
    if case.application.id != application_id:
        raise NotFound
    return case


def update_case(employer: Employer, read: Callable[[], Case], now: datetime, amend: Callable[[Case], T]) -> tuple[Case, T]:
    """Reads a case, amends it, writes the difference; all of it again where another write came first."""

    def write_once() -> tuple[Case, T]:
        case = read()
        result = amend(case)
        write = Write(employer, now)
        write.case(case)
        write.commit()
        return case, result

    return retry_on_conflict(write_once)


def recompute(employer_id: str, application_id: str, now: datetime) -> None:
    """Folds an application anew at `now`, for a step that time alone brings: a wait that lapses."""
    employer = table.get(keys.employer_pk(employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        update_case(employer_of(employer), lambda: read_application(employer_id, application_id), now, lambda _: None)
