"""Processes items of rows: as many as fit go into one transaction, with one summed tally difference.

What the rows of all items may lead to is read at once, and again where a transaction wrote it since. Each transaction also notes
how many rows are done, on the condition that no other worker has. So two workers on the same rows, a worker that dies, or a lost
response come to the same: every row is imported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
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
from chalicelib.storage.table import Item, Transaction

_TRIES = 8
Json = dict[str, Any]


def process_rows(items: Sequence[Item], clock: Callable[[], datetime]) -> None:
    """Import the rows of items of one import, as they were read. An item that has changed since is read again.

    Raises Unavailable where other workers keep coming first: the items are due again.
    """
    found = sorted((one for one in items if isinstance(one, RowsItem)), key=lambda one: str(one.SK))
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
        work.finish(found)


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
    taken: list[tuple[RowsItem, int]] = field(default_factory=list)
    """The items that its rows are of, with the number that are done then: one operation each, and one is reserved."""

    def take(self, item: RowsItem, known: KnownRecords) -> bool:
        """Add the rows of an item that are not done. False where some must wait for the next transaction."""
        every, done = item.rows, int(item.done)
        if self.rows and self._size + 1 > apply.OPERATIONS_MOST:
            return False
        for number, row in enumerate(every[done:], done):
            if not self.add(row, known, int(number == done)):
                break
            done = number + 1
        if done > item.done:
            self.taken.append((item, done))
        return done == len(every)

    @property
    def _size(self) -> int:
        return self.unit.size + max(0, len(self.taken) - 1)

    def add(self, row: Json, known: KnownRecords, more_items: int = 0) -> bool:
        """Add a row. False where it must wait for the next transaction: this one is full, or writes what the row reads.

        `more_items` is 1 for the first row of an item.
        """
        own = UnitOfWork(self.unit.employer, self.unit.now, by=self.unit.by, read_case=known.case)
        try:
            result = apply.apply_row(own, row, self.origin, known.of(row))
            own.check_size(apply.OPERATIONS_MOST)
        except ApiError as error:
            if isinstance(error, Unavailable):
                raise
            if self.rows and self._writes_what_it_reads(row):  # it may fit what this transaction is about to write
                return False
            self._count("failed", {"line": row["line"], "message": error.detail})
            return True
        if self.rows and not self._fits(own, row, more_items):
            return False
        self.unit.merge(own)
        self._count(result.outcome, _kept(row, result.kept) if result.kept else None)
        if result.shared:
            self.warnings.append(_shared(row, result.shared))
        return True

    def _fits(self, own: UnitOfWork, row: Json, more_items: int) -> bool:
        """Whether there is room, and the row is about nobody that this transaction writes."""
        disjoint = self.unit.transaction.keys.isdisjoint(own.transaction.keys) and not self._writes_what_it_reads(row)
        beside = max(0, len(self.taken) - 1 + more_items)
        return self.unit.size_with(own) + beside <= apply.OPERATIONS_MOST and disjoint

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

    def finish(self, items: Sequence[RowsItem]) -> None:
        """Process all rows of some items. Raises Unavailable."""
        tries, left = 0, list(items)
        self._read_ahead(left)
        while left:
            try:
                left = self._process_some(left)
                tries = 0
            except (ConditionFailed, WriteUnknown):
                tries += 1
                if tries == _TRIES:
                    raise Unavailable from None
                again = table.get_many([one.key for one in left])
                left = [one for item in left if isinstance(one := again.get(item.key), RowsItem)]
                self._read_ahead(left)

    def _read_ahead(self, items: Sequence[RowsItem]) -> None:
        self._known.read([row for item in items for row in item.rows[int(item.done) :]])

    def _process_some(self, items: Sequence[RowsItem]) -> list[RowsItem]:
        """Process as many rows as fit one transaction. Return the items of which some are left."""
        now = self._clock()
        packed = _Packed(UnitOfWork(self._employer, now, by=self._by), self._origin)
        finished = 0
        for item in items:
            if not packed.take(item, self._known):
                break
            finished += 1
        packed.counts["done"] = packed.rows
        transaction = packed.unit.transaction
        for item, done in packed.taken:
            mark_done(transaction, item, done, len(item.rows))
        first = items[0]
        if packed.faults:
            number = str(first.SK).partition("#")[2]
            transaction.create(new_faults(first.PK, f"R{number}#{int(first.done):04d}#{len(first.rows):04d}", packed.faults))
        listed = self._listed(packed)
        count(transaction, first.PK, dict(packed.counts), listed, now)
        packed.unit.commit()
        self._known.written(transaction.keys)
        for name, some in listed.items():
            setattr(self._head, name, [*(getattr(self._head, name) or ()), *some])
        for item, done in packed.taken:
            item.done = done
        return list(items[finished:])

    def _listed(self, packed: _Packed) -> dict[str, list[Json]]:
        """Return what the import will list of these rows: as much as it has room for."""
        room = {name: max(0, FAULTS_KEPT - len(getattr(self._head, name) or ())) for name in ("faults", "warnings")}
        return {name: some[: room[name]] for name, some in packed.listed().items()}
