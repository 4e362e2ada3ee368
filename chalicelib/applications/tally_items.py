"""The employer's tally items: ADD differences that stand in the same transaction as the change they count.

One item a UTC date of `word_due_at`; flat numeric attributes with short names (ADD works only at the top level);
`rev` moves with every write.
"""

from __future__ import annotations

from pynamodb.expressions.operand import Path

from chalicelib.rules.tally import Tally
from chalicelib.storage import keys
from chalicelib.storage.table import Item, Transaction


class TallyItem(Item):
    """PK EMP#..#TALLY, SK yyyy-mm-dd. Its counts are not declared here: they are read raw."""


def add(transaction: Transaction, employer_id: str, difference: Tally) -> None:
    """Adds a difference to the transaction: summed per day already, since an item may stand in a transaction once."""
    for day, counts in difference.items():
        actions = [Path(code).add(count) for code, count in sorted(counts.items())]
        transaction.update(TallyItem(keys.tally_pk(employer_id), day), [*actions, Path("rev").add(1)])
