"""What can happen to an application itself: created, decided, closed.

`interviews/` and `contacts/` have its interviews, contacts and statements. Functions with a case
change it in memory; the others are one transaction each (see `unit_of_work`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications import groups, team
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.find_or_create import ApplicationInput, MatchedApplication, match_or_create
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict, update_application
from chalicelib.auth.actors import Actor
from chalicelib.auth.users import person_key
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import ApplicationStatus, Decided
from chalicelib.storage import table
from chalicelib.storage.transaction import AT_ONCE, Committer


def decide(case: ApplicationCase, decided: Decided | None, decided_at: datetime | None) -> None:
    """Records a decision that the candidate was not told yet; None takes it back."""
    case.application.decided, case.application.decided_at = decided, decided_at


def set_status(case: ApplicationCase, status: ApplicationStatus) -> None:
    """Closes, withdraws or reopens an application."""
    case.application.status = status


def create_application(
    employer: Employer, wanted: ApplicationInput, now: datetime, *, committer: Committer = AT_ONCE, by: Actor | None = None
) -> MatchedApplication:
    """Finds or creates the application of that candidate for that job."""

    def write_once() -> MatchedApplication:
        unit = UnitOfWork(employer, now, committer, by=by)
        matched = match_or_create(unit, wanted, table.get_many(wanted.keys(employer.id)))
        unit.save(matched.case)
        unit.commit()
        return matched

    return retry_on_conflict(write_once)


def change_application(
    employer: Employer,
    application_id: str,
    fields: Mapping[str, Any],
    now: datetime,
    check: Callable[[ApplicationCase], None],
    *,
    by: Actor | None = None,
) -> ApplicationCase:
    """Records a decision, a status, a group, owner, decider, a snooze, or documents asked for and returned.

    `check` sees the case as read, and raises for a stale If-Match. Raises NotFound, Conflict, Unprocessable.
    """

    def change(unit: UnitOfWork, case: ApplicationCase) -> None:
        check(case)
        application = case.application
        _set_people(unit, application, fields)
        _snooze(application, fields)
        if "decided" in fields and fields["decided"] != application.decided:
            decide(case, fields["decided"], now if fields["decided"] else None)
        set_status(case, fields.get("status", application.status))
        if "group" in fields:
            group = fields["group"]
            application.group = groups.ensure(employer.id, group, now, "/group") if group else None
        for name in ("documents_asked_on", "documents_returned_on"):
            if name in fields:
                setattr(application, name, fields[name])
        _check_documents(application.documents_asked_on, application.documents_returned_on)

    return update_application(employer, application_id, now, change, by=by)[0]


def _set_people(unit: UnitOfWork, application: ApplicationItem, fields: Mapping[str, Any]) -> None:
    given = {name: fields[name] for name in team.ROLES if name in fields}
    if not given:
        return
    wanted = [person_key(unit.employer.id, person) for person in given.values() if person]
    team.check(unit, given, table.get_many(wanted) if wanted else {})
    for name, person in given.items():
        setattr(application, name, person)


def _snooze(application: ApplicationItem, fields: Mapping[str, Any]) -> None:
    """Raises Conflict where nobody waits."""
    if "snooze_until" not in fields:
        return
    if fields["snooze_until"] is not None and application.wait_state != "open":
        raise Conflict("This application is not waiting for word.", code="not_waiting")
    application.snooze_until = fields["snooze_until"]


def _check_documents(asked_on: str | None, returned_on: str | None) -> None:
    if returned_on is not None and (asked_on is None or returned_on < asked_on):
        raise Unprocessable(errors=[FieldError("/documents_returned_on", "is before the day on which they were asked back")])


def stop_keeping_in_mind(employer: Employer, application_id: str, now: datetime) -> None:
    """Records that the candidate no longer wants to be kept in mind. Raises NotFound."""

    def change(_: UnitOfWork, case: ApplicationCase) -> None:
        case.application.not_kept_since = now

    update_application(employer, application_id, now, change)
