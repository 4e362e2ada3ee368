"""Applies one row: candidate, application, interview, and what was told, through the services that the API uses.

Each row has a unit of work of its own, which the caller merges with those of other rows. A row that says nothing new writes
nothing, so a file may be imported twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import service
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.contacts.service import add_contact
from chalicelib.applications.find_or_create import ApplicationInput, find_or_create
from chalicelib.applications.interviews.service import Booking, add_interview, check_takes_interviews, set_fields
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.service import decide, set_status
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.errors import Unprocessable
from chalicelib.storage.table import Item, Key, read_instant

OPERATIONS_MOST = 97
"""For rows and the days of their tally in one transaction: DynamoDB takes 100, and the rows' item and the import are two more."""
Json = dict[str, Any]


ROW_SYSTEM = "import row"
"""The system of the ids of rows that name no address and no id: a hash of profile, name, job and start."""


@dataclass(slots=True)
class Result:
    """What a row did: created, updated (a known value was changed), matched (something was added) or unchanged."""

    outcome: str = "unchanged"
    differing: list[str] = field(default_factory=list)
    """Fields of the person that are known with another value, which was kept."""


def size_of(row: Json) -> int:
    """Return the operations of a row whose records are all new: records, unique keys, addresses, and a day of the tally."""
    size = 1 + sum(2 if name in ("email", "phone") else 1 for name in ("email", "phone", "candidate_ref") if name in row)
    if "job_title" in row or "application_ref" in row:
        refs = ("application_ref" in row) + ("row_ref" in row)
        size += 2 + refs + (3 if "interview_start" in row else 0) + ("told_at" in row)
    return size


def candidate_input(row: Json, system: str) -> CandidateInput:
    """Return the candidate of a row. A row of ids alone has no name."""
    given_at = row.get("sms_consent_at")
    of_person = () if "job_title" in row or "application_ref" in row else _ids(row.get("row_ref"), ROW_SYSTEM)
    return CandidateInput(
        name=row.get("name", ""),
        email=row.get("email"),
        phone=row.get("phone"),
        timezone=row.get("timezone"),
        locale=row.get("locale"),
        sms_consent={"given_at": given_at, "source": row.get("sms_consent_source", "import")} if given_at else None,
        external_ids=(*_ids(row.get("candidate_ref"), system), *of_person),
    )


def _ids(ref: str | None, system: str) -> tuple[dict[str, str], ...]:
    return ({"system": system, "id": ref},) if ref else ()


def application_input(row: Json, system: str) -> ApplicationInput:
    """Return the application of a row."""
    of_row = _ids(row.get("row_ref"), ROW_SYSTEM) if "job_title" in row else ()
    return ApplicationInput(
        row.get("job_title", ""),
        candidate=candidate_input(row, system),
        external_ids=(*_ids(row.get("application_ref"), system), *of_row),
    )


def apply_row(unit: UnitOfWork, row: Json, system: str, found: Mapping[Key, Item]) -> Result:
    """Apply a row. `found` are the known records behind the application's unique keys. Raises Conflict, Unprocessable."""
    wanted = application_input(row, system)
    _check_is_known(row, wanted, unit.employer.id, found)
    if not ("job_title" in row or "application_ref" in row):
        candidate, is_new = service.find_or_create_candidate(unit, candidate_input(row, system), found)
        return Result(_outcome(unit, is_new, False), [] if is_new else _differing(candidate, row))
    case = find_or_create(unit, wanted, found)
    is_updated = _apply_facts(case, row, unit, system)
    unit.save(case)
    return Result(_outcome(unit, case.is_new, is_updated), [] if case.is_new else _differing(case.application, row))


def _outcome(unit: UnitOfWork, is_new: bool, is_updated: bool) -> str:
    return "created" if is_new else "updated" if is_updated else "matched" if len(unit.transaction) else "unchanged"


def _differing(known: Any, row: Json) -> list[str]:
    """Return the fields of a known person that the row has another value for."""
    names = ("name", "email", "phone")
    return [name for name in names if name in row and getattr(known, name) not in (None, row[name])]


def _check_is_known(row: Json, wanted: ApplicationInput, employer_id: str, found: Mapping[Key, Item]) -> None:
    """Raise Unprocessable where a new record would lack what it needs."""
    application = unique_keys.first_match(unique_keys.application_keys(employer_id, wanted.external_ids), found)
    person = wanted.candidate.keys(employer_id) if wanted.candidate else []
    if "name" not in row and application is None and unique_keys.first_match(person, found) is None:
        raise Unprocessable("None of your records has the id in this row: a new candidate needs a name.")
    if "application_ref" in row and "job_title" not in row and application is None:
        raise Unprocessable("None of your applications has the id in this row: a new one needs a job title.")


def _apply_facts(case: ApplicationCase, row: Json, unit: UnitOfWork, system: str) -> bool:
    """Apply interview, status and decision. Return whether a known value was changed."""
    is_updated = _apply_interview(case, row, unit, system)
    told_at = read_instant(row["told_at"]) if "told_at" in row else None
    decided, known = row.get("decided"), case.application.decided
    if told_at and not any(known.occurred_at == told_at and not known.voided_at for known in case.contacts.values()):
        told = {"channel": "email", "outcome": "sent", "occurred_at": told_at, "decision": decided}
        add_contact(unit, case, {name: value for name, value in told.items() if value})
    elif not told_at and decided and decided != known:
        decide(case, decided, unit.now)
        is_updated = is_updated or known is not None
    if (ended := {"withdrawn": "withdrawn", "hired": "closed"}.get(row.get("status", ""))) and case.application.status != ended:
        is_updated = is_updated or not case.is_new
        set_status(case, "withdrawn" if ended == "withdrawn" else "closed")
    return is_updated


def _apply_interview(case: ApplicationCase, row: Json, unit: UnitOfWork, system: str) -> bool:
    """Book the interview of a row, or move, correct or mark the known one. Return whether a known one was changed."""
    ref = f"{system}:{row['interview_ref']}" if "interview_ref" in row else None
    start = read_instant(row["interview_start"]) if "interview_start" in row else None
    known = _known_interview(case, start, ref, row, unit)
    if known is None:
        if start is not None:
            check_takes_interviews(case)
            booking = Booking(row.get("stage", "interview"), start, read_instant(row["interview_end"]), external_ref=ref)
            booked = add_interview(unit, case, booking)
            _set(unit, booked, _marks(booked, row))
        elif ref:
            raise Unprocessable("The application has no interview with the id in this row: a new one needs a start.")
        return False
    fields: Json = _marks(known, row)
    if start is not None:
        fields |= {"start_at": start, "end_at": read_instant(row["interview_end"])}
    if "stage" in row:
        fields["stage"] = row["stage"]
    if ref and known.external_ref is None:
        fields["external_ref"] = ref
    changed = _set(unit, known, fields)
    return bool(changed - {"external_ref"})


def _known_interview(
    case: ApplicationCase, start: datetime | None, ref: str | None, row: Json, unit: UnitOfWork
) -> InterviewItem | None:
    """Find the interview that a row means: by its id, by its start, or the only one to come of an application with an id."""
    interviews = list(case.interviews.values())
    if ref and (by_ref := next((one for one in interviews if one.external_ref == ref), None)):
        return by_ref
    if start and (by_start := next((one for one in interviews if one.start_at == start), None)):
        return by_start
    coming = [one for one in interviews if one.status == "scheduled" and one.start_at > unit.now and one.external_ref is None]
    if row.get("is_only_row") and not ref and len(coming) == 1 and coming[0].stage == row.get("stage", coming[0].stage):
        return coming[0]
    return None


def _marks(interview: InterviewItem, row: Json) -> Json:
    status = row.get("status")
    if status in ("cancelled", "no_show"):
        return {"status": status}
    return {"status": "scheduled"} if status in ("scheduled", "held") and interview.status != "scheduled" else {}


def _set(unit: UnitOfWork, interview: InterviewItem, fields: Json) -> set[str]:
    """Set fields, and return those that differ."""
    changed = {name for name, value in fields.items() if getattr(interview, name) != value}
    if changed:
        set_fields(unit, interview, {name: fields[name] for name in changed})
    return changed
