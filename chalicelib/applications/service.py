"""What can happen to an application itself, each one transaction: opened, decided, closed. Its interviews are in `interviews/`,
what is said to the candidate and by them in `contacts/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import Case
from chalicelib.applications.candidates.service import Write, retry_on_conflict
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create
from chalicelib.applications.unit_of_work import read_application, update_case
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.rules.model import Employer
from chalicelib.storage import table


def open_application(employer: Employer, opening: ApplicationInput, now: datetime) -> tuple[Case, bool]:
    """The application of that candidate for that job, and whether it is new."""

    def write_once() -> tuple[Case, bool]:
        write = Write(employer, now)
        case = find_or_create(write, opening, table.get_many(opening.keys(employer.id)))
        write.case(case)
        write.commit()
        return case, case.is_new

    return retry_on_conflict(write_once)


def change_application(
    employer: Employer, application_id: str, given: Mapping[str, Any], now: datetime, demand: Callable[[Case], None]
) -> Case:
    """Records what was decided and not told, or closes the application. Raises NotFound."""

    def amend(case: Case) -> None:
        demand(case)
        application = case.application
        if "decided" in given and given["decided"] != application.decided:
            application.decided = given["decided"]
            application.decided_at = now if given["decided"] else None
        application.status = given.get("status", application.status)
        for name in ("documents_asked_on", "documents_returned_on"):
            if name in given:
                setattr(application, name, given[name])
        _check_documents(application.documents_asked_on, application.documents_returned_on)

    return update_case(employer, lambda: read_application(employer.id, application_id), now, amend)[0]


def _check_documents(asked_on: str | None, returned_on: str | None) -> None:
    if returned_on is not None and (asked_on is None or returned_on < asked_on):
        raise Unprocessable(errors=[FieldError("/documents_returned_on", "is before the day on which they were asked back")])


def keep_no_longer(employer: Employer, application_id: str, now: datetime) -> None:
    """The candidate takes back that they are kept in mind. Raises NotFound."""

    def amend(case: Case) -> None:
        case.application.not_kept_since = now

    update_case(employer, lambda: read_application(employer.id, application_id), now, amend)
