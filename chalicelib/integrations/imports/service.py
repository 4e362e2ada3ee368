"""Taking a file in: read, mapped and checked whole before anything is written; then its rows are stored for the queue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.api.strict_json import capped, pointer
from chalicelib.applications.privacy.erasure import Person
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.integrations.imports import apply, read_file
from chalicelib.integrations.imports.items import (
    COUNTS,
    FAULTS_KEPT,
    STORED_WITHIN,
    ImportItem,
    ProfileItem,
    RowsItem,
    import_key,
    new_import,
    new_rows,
    rewrite,
    run,
)
from chalicelib.integrations.imports.mapper import Mapper, map_all
from chalicelib.integrations.imports.profiles import BUILT_IN, Profile, profile_of
from chalicelib.rules.model import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction

STORED_AT_ONCE = 90
BYTES_AT_ONCE = 2_000_000
"""DynamoDB takes 4 MB in a transaction."""
PREVIEW = 5
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it was understood: the good rows, the faults by line and column, and which columns were found."""

    profile: Profile
    rows: list[Json]
    faults: list[tuple[int, str, str]]
    mapped: dict[str, list[str]]

    def fault_list(self) -> list[FieldError]:
        return list(capped(FieldError(pointer(pointer("", line), column), message) for line, column, message in self.faults))

    def report(self) -> Json:
        """What a dry run answers: nothing is written."""
        faulty = len({line for line, _, _ in self.faults})
        return {
            "dry_run": True,
            "profile": self.profile.name,
            "rows": len(self.rows) + faulty,
            "good_rows": len(self.rows),
            "faulty_rows": faulty,
            "columns": self.mapped,
            "preview": self.rows[:PREVIEW],
            "errors": [{"pointer": fault.pointer, "message": fault.message} for fault in self.fault_list()],
        }


def check(raw: bytes, profile: Profile, now: datetime, **how: Any) -> Checked:
    """Reads a file by a profile. Raises TooLarge, Unprocessable for a file that cannot be read at all."""
    sheet = read_file.read(raw, **how)
    mapper = Mapper(profile, sheet.header, now)
    rows, faults = map_all(mapper, sheet)
    return Checked(profile, rows, faults, mapper.mapped)


def begin(employer: Employer, checked: Checked, now: datetime, *, skip_faulty: bool = False) -> ImportItem:
    """Stores the rows and sets them going. Raises Unprocessable with every fault, and imports nothing, unless told to skip."""
    if checked.faults and not skip_faulty:
        raise Unprocessable(
            "Some rows are wrong, so nothing was imported. Errors name line and column.",
            code="faulty_rows",
            errors=checked.fault_list(),
        )
    if not checked.rows:
        raise Unprocessable("No row of the file can be imported.", code="faulty_rows", errors=checked.fault_list())
    item = new_import(employer.id, f"{checked.profile.name}#{checked.profile.system}", len(checked.rows), now)
    head = Transaction()
    head.create(item)
    head.commit()
    for some in _batches(_items(item, checked.rows, now)):
        transaction = Transaction()
        for one in some:
            transaction.create(one)
        transaction.commit()
    going = Transaction()
    run(going, item)
    going.commit()
    item.state = "running"
    return item


def _items(item: ImportItem, rows: Sequence[Json], now: datetime) -> Iterable[RowsItem]:
    for number, some in enumerate(_groups(rows)):
        yield new_rows(item, number, some, now)


def _groups(rows: Sequence[Json]) -> Iterable[list[Json]]:
    """As many rows to an item as fit one transaction where all of them are new."""
    group: list[Json] = []
    size = 0
    for row in rows:
        size += apply.size_of(row)
        if group and size > apply.OPERATIONS_MOST:
            yield group
            group, size = [], apply.size_of(row)
        group.append(row)
    yield group


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


def _state(item: ImportItem, now: datetime) -> str:
    """running, finished; abandoned where whoever took the file in died before its rows were all stored: nothing was imported."""
    if item.state == "storing":
        return "abandoned" if now - item.created_at > STORED_WITHIN else "running"
    return "finished" if item.finished else "running"


def read(employer_id: str, import_id: str) -> ImportItem:
    """Raises NotFound."""
    item = table.get(*import_key(employer_id, import_id))
    if not isinstance(item, ImportItem):
        raise NotFound
    return item


def import_json(item: ImportItem, now: datetime) -> Json:
    """How far an import is. `faults` are rows that the records' state refused, by line: the first hundred."""
    faults = [json.loads(fault) for fault in list(item.faults)[:FAULTS_KEPT]]
    return {
        "id": item.id,
        "state": _state(item, now),
        "profile": str(item.profile).partition("#")[0],
        "rows": int(item.rows),
        "done": int(item.done),
        **{name: int(getattr(item, name)) for name in COUNTS},
        "faults": sorted(faults, key=lambda fault: int(fault["line"])),
        "created_at": instant(item.created_at),
        "finished_at": instant(item.moved_at) if item.finished else None,
    }


# --- profiles ---------------------------------------------------------------------------------------------------------


def profile_named(employer_id: str, name: str) -> Profile:
    """A saved profile, else one of ours. Raises Unprocessable."""
    item = table.get(keys.employer_pk(employer_id), f"PROFILE#{name}")
    if isinstance(item, ProfileItem):
        return profile_of(item.profile)
    if name in BUILT_IN:
        return BUILT_IN[name]
    raise Unprocessable(errors=[FieldError("?profile", f"is none of yours, nor {', '.join(BUILT_IN)}")])


def saved_profiles(employer_id: str) -> list[Profile]:
    found = table.query(keys.employer_pk(employer_id), "PROFILE#")
    return [profile_of(item.profile) for item in found if isinstance(item, ProfileItem)]


def save_profile(employer_id: str, fields: Json, now: datetime) -> Profile:
    """Writes a profile whole, in place of one of the same name."""
    name = fields["name"]
    item = ProfileItem(keys.employer_pk(employer_id), f"PROFILE#{name}", name=name, profile=fields, updated_at=now)
    transaction = Transaction()
    transaction.put(item)
    transaction.commit()
    return profile_of(fields)


def drop_profile(employer_id: str, name: str) -> None:
    """Raises NotFound."""
    item = table.get(keys.employer_pk(employer_id), f"PROFILE#{name}")
    if item is None:
        raise NotFound
    transaction = Transaction()
    transaction.delete(ProfileItem(*item.key))
    transaction.commit()


# --- privacy ----------------------------------------------------------------------------------------------------------


def forget(employer: Employer, person: Person) -> None:
    """Takes a person who is being erased out of rows that wait to be imported."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key(employer.id, "IMPORT"), forward=False, start=start)
        for item in table.get_many([(row["PK"]["S"], "IMPORT") for row in rows]).values():
            if isinstance(item, ImportItem) and not item.finished:
                _forget_in(item, employer, set(person.keys))
        if not start:
            return


def _forget_in(item: ImportItem, employer: Employer, keys: set[Any]) -> None:
    """Rows that are worked already have left nothing but their records."""
    system = str(item.profile).partition("#")[2]
    for found in table.query(item.PK, "ROWS#"):
        if isinstance(found, RowsItem):
            left = found.rows[int(found.done) :]
            kept = [row for row in left if keys.isdisjoint(apply.person_of(row, system).keys(employer.id))]
            if len(kept) < len(left) or found.done:
                transaction = Transaction()
                rewrite(transaction, found, kept, len(left) - len(kept))
                transaction.commit()
