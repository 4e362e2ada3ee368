"""One row into the records: the candidate, the application, the interview, what was told. Found or made as the API does it.

A row is written into a `UnitOfWork` of its own, which its caller joins with those of other rows; a row that says nothing new
writes nothing, so a file that is imported twice is imported once.
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
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.storage.table import Item, Key, read_instant

OPERATIONS_MOST = 97
"""Of rows and the days of their tally in one transaction: DynamoDB takes 100, and the rows' item and the import go with them."""
Json = dict[str, Any]


def size_of(row: Json) -> int:
    """Operations of a row where everything of it is new: its records, unique keys, addresses, and a day of the tally."""
    size = 1 + sum(2 if name in ("email", "phone") else 1 for name in ("email", "phone", "candidate_ref") if name in row)
    if "job_title" in row:
        size += 2 + ("application_ref" in row) + (3 if "interview_start" in row else 0) + ("told_at" in row)
    return size


def person_of(row: Json, system: str) -> CandidateInput:
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


def opening_of(row: Json, system: str) -> ApplicationInput:
    return ApplicationInput(
        row.get("job_title", ""), candidate=person_of(row, system), external_ids=_ids(row.get("application_ref"), system)
    )


def into(write: UnitOfWork, row: Json, system: str, found: Mapping[Key, Item]) -> str:
    """Puts a row into a write: created, matched or unchanged. `found` answers the opening's keys.

    Raises Conflict, Unprocessable.
    """
    if "job_title" not in row:
        _, is_new = service.find_or_create_candidate(write, person_of(row, system), found)
    else:
        case = find_or_create(write, opening_of(row, system), found)
        is_new = case.is_new
        _happen(case, row, write)
        write.save(case)
    return "created" if is_new else "matched" if len(write.transaction) else "unchanged"


def _happen(case: ApplicationCase, row: Json, write: UnitOfWork) -> None:
    if "interview_start" in row:
        _book(case, row, write)
    told_at = read_instant(row["told_at"]) if "told_at" in row else None
    if told_at and not any(known.occurred_at == told_at and not known.voided_at for known in case.contacts.values()):
        told = {"channel": "email", "outcome": "sent", "occurred_at": told_at, "decision": row.get("decided")}
        add_contact(write, case, {name: value for name, value in told.items() if value})
    elif not told_at and row.get("decided") and case.application.decided is None:
        case.application.decided, case.application.decided_at = row["decided"], write.now


def _book(case: ApplicationCase, row: Json, write: UnitOfWork) -> None:
    start: datetime = read_instant(row["interview_start"])
    if case.interview_at(start):
        return
    check_takes_interviews(case)
    booking = Booking(stage=row.get("stage", "interview"), start_at=start, end_at=read_instant(row["interview_end"]))
    add_interview(write, case, booking)
