"""Starts imports: the rows of a checked file are stored as jobs. Follows them, and keeps saved profiles."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from chalicelib.api.spreadsheet import Table
from chalicelib.applications.privacy.elsewhere import Person
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, About, Origin
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.integrations.imports import apply, contradictions
from chalicelib.integrations.imports.check_file import Checked
from chalicelib.integrations.imports.items import (
    FAULTS_KEPT,
    STORED_WITHIN,
    FaultsItem,
    ImportItem,
    ProfileItem,
    RowsItem,
    import_key,
    new_faults,
    new_import,
    new_rows,
    replace_rows,
    start,
)
from chalicelib.integrations.imports.profiles import Profile, read_profile
from chalicelib.integrations.imports.report import is_keyless
from chalicelib.integrations.imports.responses import ImportProgress, Skipped
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.integrations.imports.together import rows_together
from chalicelib.rules.canonical import canonical_email, canonical_name, canonical_phone
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

STORED_AT_ONCE = 90
FAULTS_AT_ONCE = 2_000
BYTES_AT_ONCE = 2_000_000
"""DynamoDB takes 4 MB in a transaction."""
Json = dict[str, Any]


def demand_importable(checked: Checked) -> None:
    """Raise Unprocessable with every error, unless faults are skipped."""
    if checked.faults and checked.on_fault == "refuse":
        raise Unprocessable(
            "Some rows are wrong, so nothing was imported. Errors name line and column.",
            code="faulty_rows",
            errors=checked.fault_list(),
        )
    if not checked.rows:
        raise Unprocessable("No row of the file can be imported.", code="faulty_rows", errors=checked.fault_list())


def start_import(employer: Employer, checked: Checked, now: datetime, *, committer: Committer = AT_ONCE) -> ImportItem:
    """Store the rows and start the import. Raises Unprocessable with every error, unless faults are skipped."""
    demand_importable(checked)
    _mark_rows(checked.rows, checked.profile.name)
    mapped, named = checked.mapped, f"{checked.profile.name}#{checked.profile.system}"
    item = new_import(employer.id, named, len(checked.rows), now, faulty=mapped.faulty, blank=mapped.blank)
    head = Transaction()
    head.create(item)
    committer.commit(head)
    for some in _batches(_items(item, checked.rows, now)):
        transaction = Transaction()
        for one in some:
            transaction.create(one)
        committer.commit(transaction)
    for at in range(0, len(checked.faults), FAULTS_AT_ONCE):
        chunk = checked.faults[at : at + FAULTS_AT_ONCE]
        writing = Transaction()
        kept = [{"line": fault.line, "column": fault.column, "message": fault.kept_message} for fault in chunk]
        writing.create(new_faults(item.PK, f"{at:06d}", kept))
        committer.commit(writing)
    starting = Transaction()
    start(starting, item)
    committer.commit(starting)
    item.state = "running"
    return item


def _mark_rows(rows: Sequence[Json], profile: str) -> None:
    """Give rows without any address or id one of their own, and note what only the whole file tells of a row."""
    starts: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if "application_ref" in row and "interview_start" in row:
            starts[row["application_ref"]].add(row["interview_start"])
    for row in rows:
        if "interview_start" in row and len(starts.get(row.get("application_ref", ""), ())) == 1:
            row["is_only_row"] = True
    ended = {_of_application(row) for row in rows if _ends_application(row)}
    for row in rows:
        if is_keyless(row) or ("application_ref" not in row and "job_title" in row and _of_application(row) in ended):
            parts = (profile, *_of_application(row), row.get("interview_start", ""))
            row["row_ref"] = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    contradictions.settle(rows)


def _ends_application(row: Json) -> bool:
    """Whether the same person's next row for this job begins another application."""
    return row.get("status") in ("withdrawn", "hired") or ("told_at" in row and row.get("decided") in ("offer", "rejected"))


def _of_application(row: Json) -> tuple[str, ...]:
    """Return what makes the rows of one application one: the person by id or address, if any, and the job."""
    name, job = canonical_name(row.get("name", "")), canonical_name(row.get("job_title", ""))
    if "candidate_ref" in row:
        return row["candidate_ref"], job
    if "email" in row:
        return canonical_email(row["email"]), name, job
    return (canonical_phone(row["phone"]), name, job) if "phone" in row else (name, job)


def _items(item: ImportItem, rows: Sequence[Json], now: datetime) -> Iterable[RowsItem]:
    for number, some in enumerate(_groups(rows)):
        yield new_rows(item, number, some, now)


def _groups(rows: Sequence[Json]) -> Iterable[list[Json]]:
    """Group rows into items: as many as fit into one transaction where all their records are new.

    Rows about the same person stay together, even where they take more than one transaction. Rows of one day come after each
    other: they add to the same item of the tally.
    """
    group: list[Json] = []
    size = 0
    for some in sorted(rows_together(rows), key=_day_of):
        more = sum(map(apply.size_of, some))
        if group and size + more >= apply.OPERATIONS_MOST:  # one more tells the changes
            yield group
            group, size = [], 0
        group, size = group + some, size + more
    yield group


def _day_of(rows: Sequence[Json]) -> str:
    return next((row["interview_start"][:10] for row in rows if "interview_start" in row), "")


def _batches(items: Iterable[RowsItem]) -> Iterable[list[RowsItem]]:
    batch: list[RowsItem] = []
    size = 0
    for item in items:
        if len(batch) == STORED_AT_ONCE or size + len(item.data) > BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.data)
    if batch:
        yield batch


def _state(item: ImportItem, now: datetime) -> Literal["running", "finished", "abandoned"]:
    """running, finished, or abandoned: the process died before all rows were stored, and nothing was imported."""
    if item.state == "storing":
        return "abandoned" if now - item.created_at > STORED_WITHIN else "running"
    return "finished" if item.finished else "running"


def read(employer_id: str, import_id: str) -> ImportItem:
    """Read an import. Raises NotFound."""
    item = table.get(*import_key(employer_id, import_id))
    if not isinstance(item, ImportItem):
        raise NotFound
    return item


def fault_table(item: ImportItem) -> Table:
    """Return all faults of an import as a table, by line."""
    found = [fault for one in table.query(item.PK, "FAULTS#") if isinstance(one, FaultsItem) for fault in one.faults]
    rows = sorted(found, key=lambda fault: (int(fault["line"]), str(fault.get("column", ""))))
    cells = [[int(one["line"]), one.get("column", ""), one["message"]] for one in rows]
    return Table(f"faults-{item.id}", ("line", "column", "message"), cells)


def serialize_import(item: ImportItem, now: datetime) -> ImportProgress:
    """Return an import as clients see it. `faults` are the first hundred rows that could not be applied, by line."""
    return ImportProgress(
        id=item.id,
        state=_state(item, now),
        profile=str(item.profile).partition("#")[0],
        rows=int(item.rows),
        done=int(item.done),
        created=int(item.created),
        updated=int(item.updated),
        matched=int(item.matched),
        unchanged=int(item.unchanged),
        failed=int(item.failed),
        faulty_rows=int(item.faulty or 0),
        blank_rows=int(item.blank or 0),
        faults=_by_line(item.faults),
        warnings=[Skipped(f"/{one['line']}", one["message"]) for one in _by_line(item.warnings or ())],
        created_at=item.created_at,
        finished_at=item.moved_at if item.finished else None,
    )


def _by_line(some: Iterable[str]) -> list[Json]:
    return sorted((json.loads(one) for one in list(some)[:FAULTS_KEPT]), key=lambda one: int(one["line"]))


# --- profiles ---------------------------------------------------------------------------------------------------------


def find_profile(employer_id: str, name: str) -> Profile:
    """Find a saved profile, else a built-in one. Raises Unprocessable."""
    item = table.get(keys.employer_pk(employer_id), f"PROFILE#{name}")
    if isinstance(item, ProfileItem):
        return read_profile(item.profile)
    if name in SHIPPED:
        return SHIPPED[name]
    raise Unprocessable(errors=[FieldError("?profile", f"is none of yours, nor {', '.join(SHIPPED)}")])


def saved_profiles(employer_id: str) -> list[Profile]:
    """List an employer's saved profiles."""
    found = table.query(keys.employer_pk(employer_id), "PROFILE#")
    return [read_profile(item.profile) for item in found if isinstance(item, ProfileItem)]


def save_profile(employer_id: str, fields: Json, now: datetime, *, origin: Origin = NOBODY) -> Profile:
    """Save a profile; it replaces one of the same name."""
    name = fields["name"]
    item = ProfileItem(keys.employer_pk(employer_id), f"PROFILE#{name}", name=name, profile=fields, updated_at=now)
    transaction = Transaction()
    transaction.put(item)
    _note(transaction, employer_id, name, origin, now)
    transaction.commit()
    return read_profile(fields)


def _note(transaction: Transaction, employer_id: str, name: str, origin: Origin, now: datetime) -> None:
    about = About("import_profile", name, name)
    audit_log.note(transaction, employer_id, "import_profile_changed", origin, now, about=about)


def delete_profile(employer_id: str, name: str, now: datetime, *, origin: Origin = NOBODY) -> None:
    """Delete a saved profile. Raises NotFound."""
    item = table.get(keys.employer_pk(employer_id), f"PROFILE#{name}")
    if item is None:
        raise NotFound
    transaction = Transaction()
    transaction.delete(ProfileItem(*item.key))
    _note(transaction, employer_id, name, origin, now)
    transaction.commit()


# --- privacy ----------------------------------------------------------------------------------------------------------


def erase_person(employer: Employer, person: Person) -> None:
    """Remove the rows of a person who is being erased from imports that are not finished."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key(employer.id, "IMPORT"), forward=False, start=start)
        for item in table.get_many([(row["PK"]["S"], "IMPORT") for row in rows]).values():
            if isinstance(item, ImportItem) and not item.finished:
                _erase_in(item, employer, set(person.keys))
        if not start:
            return


def _erase_in(item: ImportItem, employer: Employer, keys: set[Any]) -> None:
    """Remove the person's rows that are still to be processed. Of processed rows only the records are left."""
    profile, _, system = str(item.profile).partition("#")
    origin = apply.Origin(profile, system, item.id)
    for found in table.query(item.PK, "ROWS#"):
        if isinstance(found, RowsItem):
            left = found.rows[int(found.done) :]
            kept = [row for row in left if keys.isdisjoint(apply.candidate_input(row, origin).keys(employer.id))]
            if len(kept) < len(left) or found.done:
                transaction = Transaction()
                replace_rows(transaction, found, kept, len(left) - len(kept))
                transaction.commit()
