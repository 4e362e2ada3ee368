"""Items of imports. All of one import share the partition EMP#<employer>#IMPORT#<id>.

The rows lie in small items, each in the due index by itself: a row's item goes in the same transaction that writes its records,
so a row is never imported twice and never lost, whoever dies when; and tick queues them in turn with everybody else's work.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from chalicelib.storage import ids, keys
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, stored_instant

COUNTS = ("created", "matched", "unchanged", "failed")
FAULTS_KEPT = 100
"""Of one import, and a few more where two workers meet; all of them are counted."""
STORED_WITHIN = timedelta(minutes=5)
"""An import whose rows are still being written down after so long was cut off: nothing of it is imported."""
Json = dict[str, Any]


class ImportItem(Item):
    """SK IMPORT: what was asked for and how far it is."""

    kind = "IMPORT"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    state = UnicodeAttribute()
    """storing (its rows are being written down), running; it is finished when all rows are done"""
    profile = UnicodeAttribute()
    rows = NumberAttribute()
    done = NumberAttribute(default=0)
    created = NumberAttribute(default=0)
    matched = NumberAttribute(default=0)
    unchanged = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    faults: ListAttribute[Any] = ListAttribute(default=list)
    """JSON texts {line, message} of rows that the records' state refused. They hold no value of the row."""
    created_at = InstantAttribute()
    moved_at = InstantAttribute()

    @property
    def finished(self) -> bool:
        return self.state == "running" and int(self.done) >= int(self.rows)


class RowsItem(Item):
    """SK ROWS#<number>: some rows, compressed, of which the first `done` have been worked."""

    kind = "ROWS"
    employer_id = UnicodeAttribute()
    data = BinaryAttribute(legacy_encoding=False)
    done = NumberAttribute(default=0)
    created_at = InstantAttribute()

    @property
    def lane(self) -> str:
        """Of one import one after the other: they write the same tally."""
        return str(self.PK)

    @property
    def rows(self) -> list[Json]:
        found: list[Json] = json.loads(zlib.decompress(self.data))
        return found


class ProfileItem(Item):
    """PK EMP#<id>, SK PROFILE#<name>: a mapping that was saved."""

    kind = "PROFILE"
    name = UnicodeAttribute()
    profile = JSONAttribute()
    updated_at = InstantAttribute()


def import_key(employer_id: str, import_id: str) -> Key:
    return f"EMP#{employer_id}#IMPORT#{import_id}", "IMPORT"


def new_import(employer_id: str, profile: str, rows: int, now: datetime) -> ImportItem:
    import_id = ids.new_id("imp", now)
    return ImportItem(
        *import_key(employer_id, import_id),
        id=import_id,
        employer_id=employer_id,
        state="storing",
        profile=profile,
        rows=rows,
        created_at=now,
        moved_at=now,
        list_key=keys.list_key(employer_id, "IMPORT"),
        list_at=import_id,
    )


def new_rows(item: ImportItem, number: int, rows: list[Json], now: datetime) -> RowsItem:
    return RowsItem(
        item.PK,
        f"ROWS#{number:06d}",
        employer_id=item.employer_id,
        data=_packed(rows),
        created_at=now,
        due_shard=ids.due_shard(f"{item.id}{number}"),
        due_at=stored_instant(now),
    )


def run(transaction: Transaction, item: ImportItem) -> None:
    transaction.update(ImportItem(*item.key), [ImportItem.state.set("running")], ImportItem.state == "storing")


def take(transaction: Transaction, item: RowsItem, upto: int, of: int) -> None:
    """Notes that the rows before `upto` are worked, if nobody has meanwhile; the item goes with its last row."""
    held = _as_read(item)
    if upto == of:
        transaction.delete(RowsItem(*item.key), held)
    else:
        transaction.update(RowsItem(*item.key), [RowsItem.done.set(upto)], held)


def rewrite(transaction: Transaction, item: RowsItem, kept: list[Json], gone: int) -> None:
    """Takes rows out that must never be imported; those that are worked already are not there any more either."""
    held = _as_read(item)
    if kept:
        transaction.update(RowsItem(*item.key), [RowsItem.data.set(_packed(kept)), RowsItem.done.set(0)], held)
    else:
        transaction.delete(RowsItem(*item.key), held)
    transaction.update(ImportItem(item.PK, "IMPORT"), [ImportItem.rows.set(ImportItem.rows - gone)], Item.PK.exists())


def _as_read(item: RowsItem) -> Condition:
    """Still these rows, and none of them worked since. How many are worked is not enough: who is erased is taken out of them."""
    return (RowsItem.done == item.done) & (RowsItem.data == item.data)


def _packed(rows: list[Json]) -> bytes:
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def count(transaction: Transaction, pk: str, counts: dict[str, int], faults: list[Json], now: datetime) -> None:
    """Adds to an import's counts. The caller sees to it that no more faults are listed than an item holds."""
    actions: list[Any] = [Path(name).add(number) for name, number in sorted(counts.items()) if number]
    actions.append(ImportItem.moved_at.set(now))
    if faults:
        actions.append(ImportItem.faults.set(ImportItem.faults.append([json.dumps(fault) for fault in faults])))
    transaction.update(ImportItem(pk, "IMPORT"), actions, Item.PK.exists())
