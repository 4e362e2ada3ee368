"""Applies one row: candidate, application, interview, and what was told, through the services that the API uses.

Each row has a unit of work of its own, which the caller merges with those of other rows. A row that says nothing new writes
nothing, so a file may be imported twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import service
from chalicelib.applications.candidates.identity import CandidateInput, Filled, Source
from chalicelib.applications.contacts.service import add_contact
from chalicelib.applications.find_or_create import ApplicationInput, match_or_create, of_known_case
from chalicelib.applications.interviews.service import (
    Booking,
    add_external_ids,
    add_interview,
    check_takes_interviews,
    set_fields,
)
from chalicelib.applications.items import InterviewItem
from chalicelib.applications.service import decide, set_status
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.integrations.imports import job_titles
from chalicelib.rules.name_search import indexed_words, words_of
from chalicelib.storage.table import Item, Key, read_instant

OPERATIONS_MOST = 97
"""For rows and the days of their tally in one transaction: DynamoDB takes 100, and the rows' item and the import are two more."""
Json = dict[str, Any]
Ids = tuple[dict[str, str], ...]


ROW_SYSTEM = "import row"
"""The system of the ids of rows that name no address and no id: a hash of profile, name, job and start."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows are from: `system` is that of their ids."""

    profile: str
    system: str
    import_id: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a row did: created, updated (a known value was changed), matched (something was added), unchanged, or failed."""

    outcome: str
    kept: tuple[str, ...] = ()
    """Fields that are known with another value, which was kept."""
    shared: tuple[str, ...] = ()
    """Addresses of the row that other people have too."""


def size_of(row: Json) -> int:
    """Return the operations of a row whose records are all new: records, unique keys, addresses, the words of the
    name, and a day of the tally."""
    size = 1 + len(indexed_words(words_of(row.get("name", ""))))
    size += sum(2 if name in ("email", "phone") else 1 for name in ("email", "phone", "candidate_ref") if name in row)
    if "job_title" in row or "application_ref" in row:
        refs = ("application_ref" in row) + ("row_ref" in row)
        of_interview = (3 + ("interview_ref" in row)) if "interview_start" in row else 0
        size += 2 + refs + of_interview + ("told_at" in row)
    return size


def row_keys(row: Json, origin: Origin, employer_id: str) -> list[Key]:
    """List every unique key that may lead to a record that the row names."""
    of_interview = unique_keys.interview_keys(employer_id, _ids(row.get("interview_ref"), origin.system))
    return [*application_input(row, origin).keys(employer_id), *of_interview]


def candidate_input(row: Json, origin: Origin) -> CandidateInput:
    """Return the candidate of a row. A row of ids alone has no name."""
    given_at = row.get("sms_consent_at")
    of_person = () if "job_title" in row or "application_ref" in row else _ids(row.get("row_ref"), ROW_SYSTEM)
    return CandidateInput(
        name=row.get("name", ""),
        email=row.get("email"),
        phone=row.get("phone"),
        phone_extension=row.get("phone_extension"),
        timezone=row.get("timezone"),
        locale=row.get("locale"),
        sms_consent={"given_at": given_at, "source": row.get("sms_consent_source", "import")} if given_at else None,
        external_ids=(*_ids(row.get("candidate_ref"), origin.system), *of_person),
        source=Source(origin.profile, origin.import_id, frozenset(row.get("unsure", ()))),
    )


def _ids(ref: str | None, system: str) -> Ids:
    return ({"system": system, "id": ref},) if ref else ()


def application_input(row: Json, origin: Origin) -> ApplicationInput:
    """Return the application of a row."""
    of_row = _ids(row.get("row_ref"), ROW_SYSTEM) if "job_title" in row else ()
    return ApplicationInput(
        row.get("job_title", ""),
        candidate=candidate_input(row, origin),
        external_ids=(*_ids(row.get("application_ref"), origin.system), *of_row),
        group=row.get("group"),
        may_be_finished=lambda case: _has_interview(case, row),
    )


def _has_interview(case: ApplicationCase, row: Json) -> bool:
    """Whether a row is about an application that has ended since: one that has its interview, or a row without any."""
    return "interview_start" not in row or case.interview_at(read_instant(row["interview_start"])) is not None


def apply_row(unit: UnitOfWork, row: Json, origin: Origin, found: Mapping[Key, Item]) -> Result:
    """Apply a row. `found` are the known records behind `row_keys`. Raises Conflict, Unprocessable."""
    wanted = application_input(row, origin)
    known = _case_of_interview(unit, row, origin, found)
    known = known or job_titles.case_at_start(unit, candidate_input(row, origin), row, found)
    if known is None:
        _check_is_known(row, wanted, unit.employer.id, found)
        if not ("job_title" in row or "application_ref" in row):
            person = service.match_or_create(unit, candidate_input(row, origin), found)
            of_person = tuple(f"/candidate{one}" for one in person.ignored)
            return _result(unit, person.created, False, person.filled, of_person, person.shared)
    matched = of_known_case(unit, known, wanted, found) if known else match_or_create(unit, wanted, found)
    is_retitled = job_titles.correct(unit, matched, row)
    is_updated = _apply_facts(matched.case, row, unit, origin, found) or is_retitled
    ignored = tuple(one for one in matched.ignored if not (is_retitled and one == "/job_title"))
    if matched.case.is_touched:
        unit.save(matched.case)
    return _result(unit, matched.created, is_updated, matched.filled, ignored, matched.shared)


def _result(
    unit: UnitOfWork, is_new: bool, is_updated: bool, filled: Filled, ignored: tuple[str, ...], shared: tuple[str, ...]
) -> Result:
    kept = tuple(_column_of(one) for one in ignored)
    is_more = len(unit.transaction) > int(filled.is_note)
    if is_new:
        return Result("created", kept, shared)
    if is_updated or filled.corrected:
        return Result("updated", kept, shared)
    return Result("matched" if is_more else "failed" if kept else "unchanged", kept, shared)


_REFS = {"/candidate/external_ids": "candidate_ref", "/external_ids": "application_ref"}


def _column_of(pointer: str) -> str:
    """Return the field of a row that a pointer into a request means."""
    parent, _, last = pointer.rpartition("/")
    return _REFS.get(parent, last)


def _case_of_interview(unit: UnitOfWork, row: Json, origin: Origin, found: Mapping[Key, Item]) -> ApplicationCase | None:
    """Return the case of the interview that a row names by its id. Raises Conflict where the row names another application."""
    employer_id = unit.employer.id
    interview_keys = unique_keys.interview_keys(employer_id, _ids(row.get("interview_ref"), origin.system))
    interview_id = unique_keys.first_match(interview_keys, found)
    case = unit.read_case(employer_id, interview_id) if interview_id else None
    if case is None or interview_id not in case.interviews:
        return None
    of_application = unique_keys.application_keys(employer_id, _ids(row.get("application_ref"), origin.system))
    if unique_keys.first_match(of_application, found) not in (None, case.application.id):
        raise Conflict("The interview with the id in this row belongs to another application than the row says.")
    return case


def _check_is_known(row: Json, wanted: ApplicationInput, employer_id: str, found: Mapping[Key, Item]) -> None:
    """Raise Unprocessable where a new record would lack what it needs."""
    application = unique_keys.first_match(unique_keys.application_keys(employer_id, wanted.external_ids), found)
    person = wanted.candidate.keys(employer_id) if wanted.candidate else []
    if "name" not in row and application is None and unique_keys.first_match(person, found) is None:
        raise Unprocessable("None of your records has the id in this row: a new candidate needs a name.")
    if "application_ref" in row and "job_title" not in row and application is None:
        raise Unprocessable("None of your applications has the id in this row: a new one needs a job title.")
    if "interview_ref" in row and "job_title" not in row and application is None:
        raise Unprocessable("None of your interviews has the id in this row: a new one needs a job title and a start.")


def _apply_facts(case: ApplicationCase, row: Json, unit: UnitOfWork, origin: Origin, found: Mapping[Key, Item]) -> bool:
    """Apply interview, status and decision. Return whether a known value was changed."""
    is_updated = _apply_interview(case, row, unit, origin, found)
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


def _apply_interview(case: ApplicationCase, row: Json, unit: UnitOfWork, origin: Origin, found: Mapping[Key, Item]) -> bool:
    """Book the interview of a row, or move, correct or mark the known one. Return whether a known one was changed."""
    ref = f"{origin.system}:{row['interview_ref']}" if "interview_ref" in row else None
    external_ids = _ids(row.get("interview_ref"), origin.system)
    start = read_instant(row["interview_start"]) if "interview_start" in row else None
    known = _known_interview(case, start, ref, external_ids, row, unit)
    if known is None:
        if start is not None:
            check_takes_interviews(case)
            end = read_instant(row["interview_end"])
            booking = Booking(row.get("stage", "interview"), start, end, external_ref=ref, external_ids=external_ids)
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
    changed = _set(unit, known, fields)
    if ref and known.external_ref is None:
        _set(unit, known, {"external_ref": ref})
    add_external_ids(unit, known, external_ids, found)
    return bool(changed)


def _known_interview(
    case: ApplicationCase, start: datetime | None, ref: str | None, external_ids: Ids, row: Json, unit: UnitOfWork
) -> InterviewItem | None:
    """Find the interview that a row means: by its id, by its start, or the only one to come of an application with an id."""
    interviews = list(case.interviews.values())
    for one in interviews if ref else ():
        if one.external_ref == ref or external_ids[0] in (one.external_ids or ()):
            return one
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
