"""Processes items of rows: as many as fit go into one transaction, with one summed tally difference.

What the rows of all items may lead to is read at once, and again where a transaction wrote it since. While one transaction is
written, the next is packed, of rows that are about nothing that the first writes; where the first fails, the next is not sent.
Each transaction also notes how many rows are done, on the condition that no other worker has. So two workers on the same rows,
a worker that dies, or a lost response come to the same: every row is imported once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.actors import Actor
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, Unavailable, WriteUnknown
from chalicelib.integrations.imports import apply
from chalicelib.integrations.imports.items import FAULTS_KEPT, STORED_WITHIN, ImportItem, RowsItem, count, mark_done, new_faults
from chalicelib.integrations.imports.known_records import KnownRecords
from chalicelib.integrations.imports.pack_rows import Packed, Spare
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction

_TRIES = 8
HEAD_START = 0.002
"""Seconds after which packing begins: until then a transaction has been sent. Python runs one thread at a time, and one that
packs gives way after five milliseconds only, at each step of the other's way to the table."""
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


class _Work:
    """The work on one import in one invocation."""

    def __init__(self, head: ImportItem, employer: Employer, origin: apply.Origin, clock: Callable[[], datetime]) -> None:
        self._head, self._employer, self._origin, self._clock = head, employer, origin, clock
        self._known = KnownRecords(employer.id, origin)
        self._by = Actor("import", origin.import_id, origin.profile)
        self._rows: dict[Key, list[Json]] = {}
        """The rows of each item."""

    def finish(self, items: Sequence[RowsItem]) -> None:
        """Process all rows of some items. Raises Unavailable."""
        tries, before, left = 0, 0, list(items)
        while left:
            self._rows = {item.key: item.rows for item in left}
            rows = [row for item in left for row in self._rows[item.key][int(item.done) :]]
            tries, before = (tries if len(rows) == before else 0), len(rows)
            self._known.read(rows)
            try:
                self._write_all(left)
                return
            except (ConditionFailed, WriteUnknown):
                again = table.get_many([self._head.key, *(one.key for one in items)])
                left = [one for item in items if isinstance(one := again.get(item.key), RowsItem)]
                if isinstance(head := again.get(self._head.key), ImportItem):
                    self._head = head
                tries += 1
                if tries == _TRIES:
                    raise Unavailable from None

    def _write_all(self, items: Sequence[RowsItem]) -> None:
        """Write one transaction after the other. The rows of the next are packed while the last is written.

        Raises ConditionFailed, WriteUnknown: then the items must be read again.
        """
        packed, left = self._pack(items)
        with ThreadPoolExecutor(1) as packer:
            while left:
                writing, packing = packed, packer.submit(self._pack_beside, packed, left)
                writing.unit.commit()
                packed, left = packing.result()
                self._known.written(writing.writes)
                if not packed.rows:
                    packed, left = self._pack(left)
        packed.unit.commit()

    def _pack_beside(self, writing: Packed, items: Sequence[RowsItem]) -> tuple[Packed, list[RowsItem]]:
        """Pack rows that are about nothing that a transaction under way writes."""
        time.sleep(HEAD_START)
        return self._pack(items, writing.writes, writing.spare)

    def _pack(
        self, items: Sequence[RowsItem], beside: frozenset[Key] = frozenset(), applied: Spare | None = None
    ) -> tuple[Packed, list[RowsItem]]:
        """Pack as many rows as fit one transaction. Return them, ready to be committed, and the items of which some are left.

        `beside` is what a transaction under way writes, `applied` the row that found no room in it.
        """
        now = self._clock()
        packed = Packed(UnitOfWork(self._employer, now, by=self._by), self._origin, beside, applied)
        finished = 0
        for item in items:
            if not packed.take(item, self._rows[item.key], self._known):
                break
            finished += 1
        if packed.rows:
            self._note_progress(packed, items[0], now)
            packed.prepare()
        return packed, list(items[finished:])

    def _note_progress(self, packed: Packed, first: RowsItem, now: datetime) -> None:
        """Add to the transaction how many rows are done, and what became of them."""
        packed.counts["done"] = packed.rows
        transaction = packed.unit.transaction
        for item, done, of in packed.taken:
            mark_done(transaction, item, done, of)
        if packed.faults:
            number, of = str(first.SK).partition("#")[2], len(self._rows[first.key])
            transaction.create(new_faults(first.PK, f"R{number}#{int(first.done):04d}#{of:04d}", packed.faults))
        listed = self._listed(packed)
        count(transaction, first.PK, dict(packed.counts), listed, now)
        for name, some in listed.items():
            setattr(self._head, name, [*(getattr(self._head, name) or ()), *some])
        for item, done, _ in packed.taken:
            item.done = done

    def _listed(self, packed: Packed) -> dict[str, list[Json]]:
        """Return what the import will list of these rows: as much as it has room for."""
        room = {name: max(0, FAULTS_KEPT - len(getattr(self._head, name) or ())) for name in ("faults", "warnings")}
        return {name: some[: room[name]] for name, some in packed.listed().items()}
