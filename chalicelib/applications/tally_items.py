"""The employer's tally: one item for each UTC date of `word_due_at`, changed in the transaction of what it counts.

Counts are flat numeric attributes with short names: DynamoDB's ADD works only at the top level. `rev` is incremented
by every write.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.expressions.operand import Path

from chalicelib.rules.model import LAPSE_AFTER
from chalicelib.rules.tally import Tally
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction

READ_BACK = LAPSE_AFTER + timedelta(days=1)
"""Open waits lapse when they are 365 days overdue; earlier due days count nowhere."""
LAST_DAY = "9999-12-31"
_NOT_COUNTS = {"PK", "SK", "rev"}


class TallyItem(Item):
    """PK EMP#..#TALLY, SK yyyy-mm-dd. Its counts are not declared here: they are read from raw items."""


def add(transaction: Transaction, employer_id: str, difference: Tally, group: str | None = None) -> None:
    """Adds a difference to the transaction. It is summed by day: an item may stand in a transaction once."""
    for day, counts in difference.items():
        actions = [Path(code).add(count) for code, count in sorted(counts.items())]
        transaction.update(TallyItem(keys.tally_pk(employer_id, group and group_key(group)), day), [*actions, Path("rev").add(1)])


@dataclass(frozen=True, slots=True)
class Day:
    """One tally item: its counts without zeros, and `rev`, which every write increments (0: no item)."""

    rev: int
    counts: dict[str, int]


def read(employer_id: str, as_of: datetime, group: str | None = None) -> Tally:
    """Returns the tally that a report as of an instant needs, of all or of one group, by one consistent query."""
    first = (as_of.astimezone(UTC) - READ_BACK).date().isoformat()
    return {day: found.counts for day, found in days(employer_id, first, group).items() if found.counts}


def days(employer_id: str, first: str = "0000", group: str | None = None) -> dict[str, Day]:
    """Returns the tally items from a UTC date on, by date."""
    pk = keys.tally_pk(employer_id, group and group_key(group))
    return {raw["SK"]["S"]: _day(raw) for raw in table.query_range(pk, first, LAST_DAY)}


def group_key(name: str) -> str:
    """Returns what two spellings of one group have in common: case and white space do not matter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _day(raw: dict[str, Any]) -> Day:
    counts = {code: count for code, value in raw.items() if code not in _NOT_COUNTS and (count := int(value["N"]))}
    return Day(int(raw.get("rev", {"N": "0"})["N"]), counts)
