"""Applies one row: candidate, application, interview, and what was told, through the services that the API uses.

Each row has a unit of work of its own, which the caller merges with those of other rows. A row that says nothing new writes
nothing, so a file may be imported twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import service
from chalicelib.applications.candidates.service import CandidateInput
from chalicelib.applications.contacts.service import add_contact
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create
from chalicelib.applications.interviews.service import Booking, add_interview, check_takes_interviews
from chalicelib.applications.service import decide
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.storage.table import Item, Key, read_instant

OPERATIONS_MOST = 97
"""For rows and the days of their tally in one transaction: DynamoDB takes 100, and the rows' item and the import are two more."""
Json = dict[str, Any]


def size_of(row: Json) -> int:
    """Return the operations of a row whose records are all new: records, unique keys, addresses, and a day of the tally."""
    size = 1 + sum(2 if name in ("email", "phone") else 1 for name in ("email", "phone", "candidate_ref") if name in row)
    if "job_title" in row:
        size += 2 + ("application_ref" in row) + (3 if "interview_start" in row else 0) + ("told_at" in row)
    return size


def candidate_input(row: Json, system: str) -> CandidateInput:
    """Return the candidate of a row."""
    given_at = row.get("sms_consent_at")
    return CandidateInput(
        name=row["name"],
        email=row.get("email"),
        phone=row.get("phone"),
        timezone=row.get("timezone"),
        locale=row.get("locale"),
        sms_consent={"given_at": given_at, "source": row.get("sms_consent_source", "import")} if given_at else None,
        external_ids=_ids(row.get("candidate_ref"), system),
    )


def _ids(ref: str | None, system: str) -> tuple[dict[str, str], ...]:
    return ({"system": system, "id": ref},) if ref else ()


def application_input(row: Json, system: str) -> ApplicationInput:
    """Return the application of a row."""
    return ApplicationInput(
        row.get("job_title", ""), candidate=candidate_input(row, system), external_ids=_ids(row.get("application_ref"), system)
    )


def apply_row(unit: UnitOfWork, row: Json, system: str, found: Mapping[Key, Item]) -> str:
    """Apply a row: created, matched or unchanged. `found` are the known records behind the application's unique keys.

    Raises Conflict, Unprocessable.
    """
    if "job_title" not in row:
        _, is_new = service.find_or_create_candidate(unit, candidate_input(row, system), found)
    else:
        case = find_or_create(unit, application_input(row, system), found)
        is_new = case.is_new
        _apply_facts(case, row, unit)
        unit.save(case)
    return "created" if is_new else "matched" if len(unit.transaction) else "unchanged"


def _apply_facts(case: ApplicationCase, row: Json, unit: UnitOfWork) -> None:
    if "interview_start" in row:
        _book(case, row, unit)
    told_at = read_instant(row["told_at"]) if "told_at" in row else None
    if told_at and not any(known.occurred_at == told_at and not known.voided_at for known in case.contacts.values()):
        told = {"channel": "email", "outcome": "sent", "occurred_at": told_at, "decision": row.get("decided")}
        add_contact(unit, case, {name: value for name, value in told.items() if value})
    elif not told_at and row.get("decided") and case.application.decided is None:
        decide(case, row["decided"], unit.now)


def _book(case: ApplicationCase, row: Json, unit: UnitOfWork) -> None:
    start: datetime = read_instant(row["interview_start"])
    if case.interview_at(start):
        return
    check_takes_interviews(case)
    booking = Booking(stage=row.get("stage", "interview"), start_at=start, end_at=read_instant(row["interview_end"]))
    add_interview(unit, case, booking)
