"""Processes items of rows: as many as fit go into one transaction, with one summed tally difference.

What the rows of all items may lead to is read at once, and again where a transaction wrote it since. Each transaction also notes
how many rows are done, on the condition that no other worker has. So two workers on the same rows, a worker that dies, or a lost
response come to the same: every row is imported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.actors import Actor
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ApiError, ConditionFailed, Unavailable, WriteUnknown
from chalicelib.integrations.imports import apply
from chalicelib.integrations.imports.items import FAULTS_KEPT, STORED_WITHIN, ImportItem, RowsItem, count, mark_done, new_faults
from chalicelib.integrations.imports.known_records import KnownRecords
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction

_TRIES = 8
Json = dict[str, Any]


def process_rows(items: Sequence[Item], clock: Callable[[], datetime]) -> None:
    """Import the rows of items of one import, as they were read. An item that has changed since is read again.

    Raises Unavailable where other workers keep coming first: the items are due again.
    """
    found = [one for one in items if isinstance(one, RowsItem)]
    if not found:
        return
    head_key, owner_key = (found[0].PK, "IMPORT"), (keys.employer_pk(found[0].employer_id), "EMP")
    read = table.get_many([head_key, owner_key])
    head, owner = read.get(head_key), read.get(owner_key)
    if not isinstance(head, ImportItem) or head.state != "running":
        for rows in found:
            _delete_if_abandoned(rows, clock())
    elif isinstance(owner, EmployerItem) and not owner.suspended:
        profile, _, system = str(head.profile).partition("#")
        work = _Work(head, employer_of(owner), apply.Origin(profile, system, head.id), clock)
        work.read_ahead([row for rows in found for row in rows.rows[int(rows.done) :]])
        for rows in found:
            work.finish(rows)


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

    def add(self, row: Json, found: Mapping[Key, Item]) -> bool:
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
        return self.unit.size_with(own) <= apply.OPERATIONS_MOST and disjoint

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


class _Work:
    """The work on one import in one invocation."""

    def __init__(self, head: ImportItem, employer: Employer, origin: apply.Origin, clock: Callable[[], datetime]) -> None:
        self._head, self._employer, self._origin, self._clock = head, employer, origin, clock
        self._known = KnownRecords(employer.id, origin)
        self._by = Actor("import", origin.import_id, origin.profile)

    def read_ahead(self, rows: Sequence[Json]) -> None:
        self._known.read(rows)

    def finish(self, rows: RowsItem) -> None:
        """Process all rows of an item. Raises Unavailable."""
        tries = 0
        left: RowsItem | None = rows
        while left is not None:
            try:
                left = self._process_some(left)
                tries = 0
            except (ConditionFailed, WriteUnknown):
                tries += 1
                if tries == _TRIES:
                    raise Unavailable from None
                again = table.get(*rows.key)
                left = again if isinstance(again, RowsItem) else None
                self._known.read(left.rows[int(left.done) :] if left else [])

    def _process_some(self, rows: RowsItem) -> RowsItem | None:
        """Process as many rows as fit one transaction. Return the item where some are left."""
        every, done, now = rows.rows, int(rows.done), self._clock()
        packed = _Packed(UnitOfWork(self._employer, now, by=self._by), self._origin)
        for row in every[done:]:
            if not packed.add(row, self._known.of(row)):
                break
        packed.counts["done"] = packed.rows
        transaction = packed.unit.transaction
        mark_done(transaction, rows, done + packed.rows, len(every))
        if packed.faults:
            number = str(rows.SK).partition("#")[2]
            transaction.create(new_faults(rows.PK, f"R{number}#{done:04d}#{len(every):04d}", packed.faults))
        listed = self._listed(packed)
        count(transaction, rows.PK, dict(packed.counts), listed, now)
        packed.unit.commit()
        self._known.written(transaction.keys)
        for name, some in listed.items():
            setattr(self._head, name, [*(getattr(self._head, name) or ()), *some])
        rows.done = done + packed.rows
        return rows if rows.done < len(every) else None

    def _listed(self, packed: _Packed) -> dict[str, list[Json]]:
        """Return what the import will list of these rows: as much as it has room for."""
        room = {name: max(0, FAULTS_KEPT - len(getattr(self._head, name) or ())) for name in ("faults", "warnings")}
        return {name: some[: room[name]] for name, some in packed.listed().items()}
