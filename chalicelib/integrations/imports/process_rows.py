"""Processes one item of rows: as many as fit go into one transaction, with one summed tally difference.

The transaction also notes how many rows are done, on the condition that no other worker has. So two workers on the same rows, a
worker that dies, or a lost response come to the same: every row is imported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.actors import Actor
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ApiError, ConditionFailed, Unavailable, WriteUnknown
from chalicelib.integrations.imports import apply
from chalicelib.integrations.imports.items import FAULTS_KEPT, STORED_WITHIN, ImportItem, RowsItem, count, mark_done, new_faults
from chalicelib.rules.model import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction

_TRIES = 8
Json = dict[str, Any]


def process_rows(item: Item, now: datetime) -> None:
    """Import the rows of one item. Raises Unavailable where other workers keep coming first: the item is due again."""
    tries = 0
    while isinstance(rows := table.get(*item.key), RowsItem):
        head = table.get(rows.PK, "IMPORT")
        if not isinstance(head, ImportItem) or head.state != "running":
            _delete_if_abandoned(rows, now)
            return
        owner = table.get(keys.employer_pk(rows.employer_id), "EMP")
        if not isinstance(owner, EmployerItem) or owner.suspended:
            return
        try:
            _process_some(rows, head, employer_of(owner), now)
            tries = 0
        except (ConditionFailed, WriteUnknown):
            tries += 1
            if tries == _TRIES:
                raise Unavailable from None


def _delete_if_abandoned(rows: RowsItem, now: datetime) -> None:
    if now - rows.created_at > STORED_WITHIN:
        transaction = Transaction()
        transaction.delete(RowsItem(*rows.key))
        transaction.commit()


@dataclass(slots=True)
class _Packed:
    """The rows of one transaction: their unit of work, their results, and their number."""

    unit: UnitOfWork
    origin: apply.Origin
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Json] = field(default_factory=list)
    warnings: list[Json] = field(default_factory=list)
    rows: int = 0

    def add(self, row: Json, found: dict[Key, Item]) -> bool:
        """Add a row. False where it must wait for the next transaction: this one is full, or writes what the row reads."""
        own = UnitOfWork(self.unit.employer, self.unit.now, by=self.unit.by)
        try:
            result = apply.apply_row(own, row, self.origin, found)
            own.check_size(apply.OPERATIONS_MOST)
        except ApiError as error:
            if isinstance(error, Unavailable):
                raise
            if self.rows and self._writes_what_it_reads(row):  # it may fit what this transaction is about to write
                return False
            self._count("failed", {"line": row["line"], "message": error.detail})
            return True
        if self.rows and not self._fits(own, row):
            return False
        self.unit.merge(own)
        self._count(result.outcome, _kept(row, result.kept) if result.kept else None)
        if result.shared:
            self.warnings.append(_shared(row, result.shared))
        return True

    def _fits(self, own: UnitOfWork, row: Json) -> bool:
        """Whether there is room, and the row is about nobody that this transaction writes."""
        disjoint = self.unit.transaction.keys.isdisjoint(own.transaction.keys) and not self._writes_what_it_reads(row)
        return self.unit.size + own.size <= apply.OPERATIONS_MOST and disjoint

    def _writes_what_it_reads(self, row: Json) -> bool:
        """Whether this transaction writes a record that the row is looked up by."""
        return not self.unit.transaction.keys.isdisjoint(apply.row_keys(row, self.origin, self.unit.employer.id))

    def listed(self) -> dict[str, list[Json]]:
        """Return what the import lists of these rows, by its attribute."""
        return {"faults": self.faults, "warnings": self.warnings}

    def _count(self, outcome: str, fault: Json | None = None) -> None:
        self.rows += 1
        self.counts[outcome] += 1
        if fault:
            self.faults.append(fault)


def _kept(row: Json, fields: Sequence[str]) -> Json:
    """Return the fault of a row that says something else than what is known and was kept."""
    unsure = [name for name in fields if name in row.get("unsure", ())]
    if unsure:
        return {"line": row["line"], "message": f"Other rows of this person have another {_and(unsure)}: what was known is kept."}
    message = f"The {_and(fields)} of this row differ from what is known, which was kept: change the record itself."
    return {"line": row["line"], "message": message.replace(" differ ", " differs ") if len(fields) == 1 else message}


def _shared(row: Json, fields: Sequence[str]) -> Json:
    message = f"Another candidate has this {_and(fields)} under another name: they stay different people."
    return {"line": row["line"], "message": message}


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _process_some(rows: RowsItem, head: ImportItem, employer: Employer, now: datetime) -> None:
    every, done = rows.rows, int(rows.done)
    left = every[done:]
    profile, _, system = str(head.profile).partition("#")
    origin = apply.Origin(profile, system, head.id)
    found = table.get_many(dict.fromkeys(key for row in left for key in apply.row_keys(row, origin, employer.id)))
    packed = _Packed(UnitOfWork(employer, now, by=Actor("import", head.id, profile)), origin)
    for row in left:
        if not packed.add(row, found):
            break
    packed.counts["done"] = packed.rows
    unit = packed.unit
    mark_done(unit.transaction, rows, done + packed.rows, len(every))
    if packed.faults:
        number = str(rows.SK).partition("#")[2]
        unit.transaction.create(new_faults(rows.PK, f"R{number}#{done:04d}#{len(every):04d}", packed.faults))
    listed = {name: some[: max(0, FAULTS_KEPT - len(getattr(head, name) or ()))] for name, some in packed.listed().items()}
    count(unit.transaction, rows.PK, dict(packed.counts), listed, now)
    unit.commit()
