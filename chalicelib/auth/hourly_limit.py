"""How often something may be asked for within an hour of the clock: counted in the table, so that it holds over all workers."""

from __future__ import annotations

from datetime import datetime

from chalicelib.auth.users import LimitItem
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.signing import keyed_hash
from chalicelib.storage.table import Transaction

MAILS_TO_ONE_ADDRESS = 5
ASKED_FROM_ONE_PLACE = 60
"""An office stands behind one address of the internet."""


def allow(what: str, who: str, most: int, now: datetime) -> bool:
    """Counts one more; False where `most` within this hour are reached. `who` is kept as a keyed hash."""
    hour = int(now.timestamp()) // 3600
    item = LimitItem(PK=f"LIMIT#{keyed_hash(settings().secret, f'limit:{what}', who)}#{hour}", SK="LIMIT")
    below = LimitItem.times.does_not_exist() | (LimitItem.times < most)
    transaction = Transaction()
    transaction.update(item, [LimitItem.times.add(1), LimitItem.expires_at.set((hour + 2) * 3600)], below)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True
