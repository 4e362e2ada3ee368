"""Stored items of imports. All of one import share the partition EMP#<employer>#IMPORT#<id>.

The rows are stored in small items, each in the due index. The transaction that writes the records of rows also changes their
item: so a row is never imported twice and never lost, whenever a worker dies. The scheduler queues the items in turn with other
employers' jobs.
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

COUNTS = ("created", "updated", "matched", "unchanged", "failed")
FAULTS_KEPT = 100
"""Errors stored of one import, and a few more where two workers write at once. All are counted."""
STORED_WITHIN = timedelta(minutes=5)
"""An import whose rows are not all stored after so long was cut off: nothing of it is imported."""
Json = dict[str, Any]


class ImportItem(Item):
    """SK IMPORT: one import and its progress."""

    kind = "IMPORT"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    state = UnicodeAttribute()
    """storing (its rows are being stored) or running. It is finished when all rows are done."""
    profile = UnicodeAttribute()
    rows = NumberAttribute()
    done = NumberAttribute(default=0)
    created = NumberAttribute(default=0)
    updated = NumberAttribute(default=0)
    matched = NumberAttribute(default=0)
    unchanged = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    faults: ListAttribute[Any] = ListAttribute(default=list)
    """JSON texts {line, message} of rows that could not be applied. They hold no value of the row."""
    warnings: ListAttribute[Any] = ListAttribute(null=True)
    """JSON texts {line, message}, likewise, of rows that were applied."""
    faulty = NumberAttribute(null=True)
    """Rows of the file that were wrong, and left out."""
    blank = NumberAttribute(null=True)
    created_at = InstantAttribute()
    moved_at = InstantAttribute()

    @property
    def finished(self) -> bool:
        return self.state == "running" and int(self.done) >= int(self.rows)


class RowsItem(Item):
    """SK ROWS#<number>: some rows, compressed, of which the first `done` are processed."""

    kind = "ROWS"
    employer_id = UnicodeAttribute()
    data = BinaryAttribute(legacy_encoding=False)
    done = NumberAttribute(default=0)
    created_at = InstantAttribute()

    @property
    def lane(self) -> str:
        """The rows of one import are processed one after the other: they write the same tally."""
        return str(self.PK)

    @property
    def rows(self) -> list[Json]:
        found: list[Json] = json.loads(zlib.decompress(self.data))
        return found


class FaultsItem(Item):
    """SK FAULTS#<…>: some of what is wrong in the file, or could not be applied, compressed. Without names and addresses."""

    kind = "FAULTS"
    data = BinaryAttribute(legacy_encoding=False)

    @property
    def faults(self) -> list[Json]:
        found: list[Json] = json.loads(zlib.decompress(self.data))
        return found


class ProfileItem(Item):
    """PK EMP#<id>, SK PROFILE#<name>: a saved profile."""

    kind = "PROFILE"
    name = UnicodeAttribute()
    profile = JSONAttribute()
    updated_at = InstantAttribute()


def import_key(employer_id: str, import_id: str) -> Key:
    return f"EMP#{employer_id}#IMPORT#{import_id}", "IMPORT"


def new_import(employer_id: str, profile: str, rows: int, now: datetime, *, faulty: int = 0, blank: int = 0) -> ImportItem:
    """Create an import whose rows are still to be stored."""
    import_id = ids.new_id("imp", now)
    return ImportItem(
        *import_key(employer_id, import_id),
        id=import_id,
        employer_id=employer_id,
        state="storing",
        profile=profile,
        rows=rows,
        faulty=faulty,
        blank=blank,
        created_at=now,
        moved_at=now,
        list_key=keys.list_key(employer_id, "IMPORT"),
        list_at=import_id,
    )


def new_rows(item: ImportItem, number: int, rows: list[Json], now: datetime) -> RowsItem:
    """Create an item of rows, due at once."""
    return RowsItem(
        item.PK,
        f"ROWS#{number:06d}",
        employer_id=item.employer_id,
        data=_packed(rows),
        created_at=now,
        due_shard=ids.due_shard(f"{item.id}{number}"),
        due_at=stored_instant(now),
    )


def new_faults(pk: str, name: str, faults: list[Json]) -> FaultsItem:
    """Create an item of faults {line, column, message}."""
    return FaultsItem(pk, f"FAULTS#{name}", data=_packed(faults))


def start(transaction: Transaction, item: ImportItem) -> None:
    """Start an import, once all its rows are stored."""
    transaction.update(ImportItem(*item.key), [ImportItem.state.set("running")], ImportItem.state == "storing")


def mark_done(transaction: Transaction, item: RowsItem, done: int, of: int) -> None:
    """Note how many rows are processed, unless another worker was first. The item is deleted with its last row."""
    held = _unchanged(item)
    if done == of:
        transaction.delete(RowsItem(*item.key), held)
    else:
        transaction.update(RowsItem(*item.key), [RowsItem.done.set(done)], held)


def replace_rows(transaction: Transaction, item: RowsItem, kept: list[Json], removed: int) -> None:
    """Remove rows that must not be imported. Rows that are processed already are dropped too."""
    held = _unchanged(item)
    if kept:
        transaction.update(RowsItem(*item.key), [RowsItem.data.set(_packed(kept)), RowsItem.done.set(0)], held)
    else:
        transaction.delete(RowsItem(*item.key), held)
    transaction.update(ImportItem(item.PK, "IMPORT"), [ImportItem.rows.set(ImportItem.rows - removed)], Item.PK.exists())


def _unchanged(item: RowsItem) -> Condition:
    """The same rows, and none processed since. The number alone is not enough: the rows of an erased person are removed."""
    return (RowsItem.done == item.done) & (RowsItem.data == item.data)


def _packed(rows: list[Json]) -> bytes:
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def count(transaction: Transaction, pk: str, counts: dict[str, int], listed: dict[str, list[Json]], now: datetime) -> None:
    """Add to an import's counts and lists. The caller limits their length to what an item holds."""
    actions: list[Any] = [Path(name).add(number) for name, number in sorted(counts.items()) if number]
    actions.append(ImportItem.moved_at.set(now))
    for name, some in listed.items():
        if some:
            known = Path(name)
            actions.append(known.set((known | []).append([json.dumps(one) for one in some])))
    transaction.update(ImportItem(pk, "IMPORT"), actions, Item.PK.exists())
