"""The employer's tally: one item for each UTC date of `word_due_at`, changed in the transaction of what it counts.

Counts are flat numeric attributes with short names: DynamoDB's ADD works only at the top level. `rev` is incremented
by every write. Answers without a decision are counted in an item of their own for each date, after all that older
code reads (docs/decisions/not-yet-counts-apart.md).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.expressions.operand import Path

from chalicelib.errors import ConditionFailed
from chalicelib.rules.model import LAPSE_AFTER
from chalicelib.rules.tally import Tally, only_not_yet, without_not_yet
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction

READ_BACK = LAPSE_AFTER + timedelta(days=1)
"""Open waits lapse when they are 365 days overdue; earlier due days count nowhere."""
LAST_DAY = "9999-12-31"
_NOT_YET = f"{LAST_DAY}#"
"""Begins the sort key of an item of answers without a decision. The date follows, counted backwards: `_backwards`."""
_NOT_COUNTS = {"PK", "SK", "rev"}


class TallyItem(Item):
    """PK EMP#..#TALLY, SK yyyy-mm-dd, or 9999-12-31#<date backwards> for answers without a decision.

    Its counts are not declared here: they are read from raw items.
    """


def add(transaction: Transaction, employer_id: str, difference: Tally, group: str | None = None) -> None:
    """Adds a difference to the transaction. It is summed by day: an item may stand in a transaction once."""
    for sk, counts in by_item(difference).items():
        actions = [Path(code).add(count) for code, count in sorted(counts.items())]
        transaction.update(TallyItem(keys.tally_pk(employer_id, group and group_key(group)), sk), [*actions, Path("rev").add(1)])


def repair(employer_id: str, place: tuple[str | None, str], rev: int, missing: dict[str, int]) -> bool:
    """Corrects the counts of one item, named by (group, or None; sort key), unless it was written since `rev` (0: no item).

    Returns whether it was corrected.
    """
    group, sk = place
    transaction = Transaction()
    of_item = Path("rev")
    actions = [Path(code).add(count) for code, count in sorted(missing.items())]
    unchanged = of_item == rev if rev else of_item.does_not_exist()
    item = TallyItem(keys.tally_pk(employer_id, group and group_key(group)), sk)
    transaction.update(item, [*actions, of_item.add(1)], unchanged)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def by_item(counts: Tally) -> Tally:
    """Returns counts by the sort key of the item that holds them."""
    if not counts:
        return {}
    apart = {_NOT_YET + _backwards(day): codes for day, codes in only_not_yet(counts).items()}
    return {**without_not_yet(counts), **apart}


def day_of(sk: str) -> str:
    """Returns the date that an item counts."""
    if not sk.startswith(_NOT_YET):
        return sk
    digits = f"{99_999_999 - int(sk.removeprefix(_NOT_YET)):08}"
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _backwards(day: str) -> str:
    """Returns a date as digits that order the latest first: a range from a date on has the same end in both orders."""
    return f"{99_999_999 - int(day.replace('-', '')):08}"


@dataclass(frozen=True, slots=True)
class Day:
    """One tally item: its counts without zeros, and `rev`, which every write increments (0: no item)."""

    rev: int
    counts: dict[str, int]


def read(employer_id: str, as_of: datetime, group: str | None = None) -> Tally:
    """Returns the tally that a report as of an instant needs, of all or of one group, by one consistent query."""
    first = (as_of.astimezone(UTC) - READ_BACK).date().isoformat()
    counts: Tally = {}
    for sk, found in days(employer_id, first, group).items():
        for code, count in found.counts.items():
            of_day = counts.setdefault(day_of(sk), {})
            of_day[code] = of_day.get(code, 0) + count
    return counts


def days(employer_id: str, first: str = "0000", group: str | None = None) -> dict[str, Day]:
    """Returns the tally items from a UTC date on, by sort key."""
    pk = keys.tally_pk(employer_id, group and group_key(group))
    return {raw["SK"]["S"]: _day(raw) for raw in table.query_range(pk, first, _NOT_YET + _backwards(first))}


def group_key(name: str) -> str:
    """Returns what two spellings of one group have in common: case and white space do not matter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _day(raw: dict[str, Any]) -> Day:
    counts = {code: count for code, value in raw.items() if code not in _NOT_COUNTS and (count := int(value["N"]))}
    return Day(int(raw.get("rev", {"N": "0"})["N"]), counts)
