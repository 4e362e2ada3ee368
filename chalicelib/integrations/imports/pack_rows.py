"""Packs rows into one transaction: as many as fit, of any items, with one summed tally difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.errors import ApiError, Unavailable
from chalicelib.integrations.imports import apply
from chalicelib.integrations.imports.items import RowsItem
from chalicelib.integrations.imports.known_records import KnownRecords
from chalicelib.storage.table import Key

Json = dict[str, Any]


class Spare(NamedTuple):
    """A row that was applied and did not fit: it need not be applied again for the next transaction."""

    line: int
    unit: UnitOfWork
    result: apply.Result


@dataclass(slots=True)
class Packed:
    """The rows of one transaction: their unit of work, their results, and their number."""

    unit: UnitOfWork
    origin: apply.Origin
    beside: frozenset[Key] = frozenset()
    """What a transaction under way writes: a row that is about it must wait."""
    applied: Spare | None = None
    """The row that found no room in the transaction under way."""
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Json] = field(default_factory=list)
    warnings: list[Json] = field(default_factory=list)
    rows: int = 0
    keys: set[Key] = field(default_factory=set)
    """What its rows write."""
    taken: list[tuple[RowsItem, int, int]] = field(default_factory=list)
    """The items that its rows are of, with the number that are done then, and that of all: one operation each, and one is
    reserved."""
    spare: Spare | None = None
    """The first row that found no room."""
    writes: frozenset[Key] = frozenset()

    def prepare(self) -> None:
        """Make the transaction ready to be sent."""
        self.writes = self.unit.transaction.keys
        self.unit.prepare()

    def take(self, item: RowsItem, every: Sequence[Json], known: KnownRecords) -> bool:
        """Add those of an item's rows that are not done. False where some must wait for the next transaction."""
        done = int(item.done)
        if self.rows and self._size + 1 > apply.OPERATIONS_MOST:
            return False
        for number, row in enumerate(every[done:], done):
            if not self.add(row, known, int(number == done)):
                break
            done = number + 1
        if done > item.done:
            self.taken.append((item, done, len(every)))
        return done == len(every)

    @property
    def _size(self) -> int:
        return self.unit.size + max(0, len(self.taken) - 1)

    def add(self, row: Json, known: KnownRecords, more_items: int = 0) -> bool:
        """Add a row. False where it must wait for the next transaction: this one is full, or writes what the row reads.

        `more_items` is 1 for the first row of an item.
        """
        if self.beside and known.is_about(row, self.beside):
            return False
        try:
            own, result = self._applied(row, known)
        except ApiError as error:
            if isinstance(error, Unavailable):
                raise
            if self.rows and self._writes_what_it_reads(row, known):  # it may fit what this transaction is about to write
                return False
            self._count("failed", {"line": row["line"], "message": error.detail})
            return True
        if self.rows:
            if not self._is_apart(own, row, known):
                return False
            if not self._has_room(own, more_items):
                self.spare = Spare(row["line"], own, result)
                return False
        self.unit.merge(own)
        self.keys |= own.transaction.keys
        self._count(result.outcome, _kept(row, result.kept) if result.kept else None)
        if result.shared:
            self.warnings.append(_shared(row, result.shared))
        return True

    def _applied(self, row: Json, known: KnownRecords) -> tuple[UnitOfWork, apply.Result]:
        """Apply a row in a unit of its own. Raises ApiError."""
        if self.applied and self.applied.line == row["line"]:  # it is about nothing that is written: what it read is as it was
            return self.applied.unit, self.applied.result
        own = UnitOfWork(self.unit.employer, self.unit.now, by=self.unit.by, read_case=known.case)
        result = apply.apply_row(own, row, self.origin, known.of(row))
        own.check_size(apply.OPERATIONS_MOST)
        return own, result

    def _is_apart(self, own: UnitOfWork, row: Json, known: KnownRecords) -> bool:
        """Whether the row is about nobody that this transaction writes."""
        return self.keys.isdisjoint(own.transaction.keys) and not self._writes_what_it_reads(row, known)

    def _has_room(self, own: UnitOfWork, more_items: int) -> bool:
        beside = max(0, len(self.taken) - 1 + more_items)
        return self.unit.size_with(own) + beside <= apply.OPERATIONS_MOST

    def _writes_what_it_reads(self, row: Json, known: KnownRecords) -> bool:
        """Whether this transaction writes a record that the row is looked up by."""
        return not self.keys.isdisjoint(known.keys_of(row))

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
