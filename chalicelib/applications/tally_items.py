"""The employer's tally: one item for each UTC date of `word_due_at`, changed in the transaction of what it counts.

Counts are flat numeric attributes with short names: DynamoDB's ADD works only at the top level. `rev` is incremented
by every write.
"""

from __future__ import annotations

from pynamodb.expressions.operand import Path

from chalicelib.rules.tally import Tally
from chalicelib.storage import keys
from chalicelib.storage.table import Item, Transaction


class TallyItem(Item):
    """PK EMP#..#TALLY, SK yyyy-mm-dd. Its counts are not declared here: they are read from raw items."""


def add(transaction: Transaction, employer_id: str, difference: Tally) -> None:
    """Adds a difference to the transaction. It is summed by day: an item may stand in a transaction once."""
    for day, counts in difference.items():
        actions = [Path(code).add(count) for code, count in sorted(counts.items())]
        transaction.update(TallyItem(keys.tally_pk(employer_id), day), [*actions, Path("rev").add(1)])
