"""Works one item of rows off the queue: as many rows as fit go in one transaction, with one summed tally difference.

The transaction also moves the rows' item on, on the condition that nobody else has. So two workers on the same rows, a worker
that dies, or an answer that is lost come to the same: every row once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ApiError, ConditionFailed, Unavailable, WriteUnknown
from chalicelib.integrations.imports import apply
from chalicelib.integrations.imports.items import FAULTS_KEPT, STORED_WITHIN, ImportItem, RowsItem, count, take
from chalicelib.rules.model import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction

_TRIES = 8
Json = dict[str, Any]


def work(item: Item, now: datetime) -> None:
    """Imports the rows of one item. Raises Unavailable where others keep coming first: it comes again."""
    tries = 0
    while isinstance(rows := table.get(*item.key), RowsItem):
        head = table.get(rows.PK, "IMPORT")
        if not isinstance(head, ImportItem) or head.state != "running":
            _wait_or_drop(rows, now)
            return
        owner = table.get(keys.employer_pk(rows.employer_id), "EMP")
        if not isinstance(owner, EmployerItem) or owner.suspended:
            return
        try:
            _pack(rows, head, employer_of(owner), now)
            tries = 0
        except (ConditionFailed, WriteUnknown):
            tries += 1
            if tries == _TRIES:
                raise Unavailable from None


def _wait_or_drop(rows: RowsItem, now: datetime) -> None:
    if now - rows.created_at > STORED_WITHIN:
        transaction = Transaction()
        transaction.delete(RowsItem(*rows.key))
        transaction.commit()


@dataclass(slots=True)
class _Packing:
    """Rows that go together: their one write, how they came out, and how many they are."""

    write: UnitOfWork
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Json] = field(default_factory=list)
    rows: int = 0

    def add(self, row: Json, system: str, found: dict[Key, Item]) -> bool:
        """False where the row must wait for the next transaction: it is full, or the row stands on what this one writes."""
        own = UnitOfWork(self.write.employer, self.write.now)
        try:
            outcome = apply.into(own, row, system, found)
            own.check_size(apply.OPERATIONS_MOST)
        except ApiError as error:
            if isinstance(error, Unavailable):
                raise
            self._note("failed", {"line": row["line"], "message": error.detail})
            return True
        if self.rows and not self._fits(own, row, system):
            return False
        self.write.merge(own)
        self._note(outcome)
        return True

    def _fits(self, own: UnitOfWork, row: Json, system: str) -> bool:
        """A row that is about somebody whom this transaction writes about sees nothing of it yet."""
        keys = self.write.transaction.keys
        wanted = {*own.transaction.keys, *apply.opening_of(row, system).keys(self.write.employer.id)}
        return self.write.size + own.size <= apply.OPERATIONS_MOST and keys.isdisjoint(wanted)

    def _note(self, outcome: str, fault: Json | None = None) -> None:
        self.rows += 1
        self.counts[outcome] += 1
        if fault:
            self.faults.append(fault)


def _pack(rows: RowsItem, head: ImportItem, employer: Employer, now: datetime) -> None:
    every, done = rows.rows, int(rows.done)
    left = every[done:]
    system = str(head.profile).partition("#")[2]
    found = table.get_many(_keys(left, system, employer.id))
    packing = _Packing(UnitOfWork(employer, now))
    for row in left:
        if not packing.add(row, system, found):
            break
    packing.counts["done"] = packing.rows
    write = packing.write
    take(write.transaction, rows, done + packing.rows, len(every))
    room = max(0, FAULTS_KEPT - len(head.faults))
    count(write.transaction, rows.PK, dict(packing.counts), packing.faults[:room], now)
    write.commit()


def _keys(rows: Sequence[Json], system: str, employer_id: str) -> list[Key]:
    return [key for row in rows for key in apply.opening_of(row, system).keys(employer_id)]
