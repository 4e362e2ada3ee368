"""What each employer spends on texts in a month (UTC): reserved before anything is sent, and never more than its policy allows.

A worker reserves a block at a time. What a dead worker held is lost to the month: so the sum can be too high, and never too low.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Unavailable
from chalicelib.rules.model import Employer
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key, Transaction

MICRO = 1_000_000
CAP_REACHED = "the month's cap on what texts may cost is reached"
_TRIES = 6


class SpendItem(Item):
    """PK EMP#..#SPEND, SK SPEND#yyyy-mm. Millionths of a dollar, so that sums are exact."""

    kind = "SPEND"
    reserved = NumberAttribute()
    rev = NumberAttribute()
    """Moves with every change."""


def key_of(employer_id: str, now: datetime) -> Key:
    return f"EMP#{employer_id}#SPEND", f"SPEND#{now:%Y-%m}"


def keys_of(employer_id: str | None, now: datetime) -> list[Key]:
    """What to read to know of `is_reached`; nothing where texts are not reckoned."""
    return [key_of(employer_id, now)] if employer_id and settings().sms_price_usd else []


def cap_of(employer: Employer) -> int:
    """In millionths of a dollar."""
    return int(Decimal(str(employer.policy.sms_monthly_cap_usd)) * MICRO)


def is_reached(item: Item | None, employer: Employer, price: Decimal) -> bool:
    """Whether not one more text fits under the cap. A price of 0 reckons nothing."""
    reserved = int(item.reserved) if isinstance(item, SpendItem) else 0
    return price > 0 and reserved + int(price * MICRO) > cap_of(employer)


def reserve(key: Key, texts: int, price: int, most: int) -> int:
    """Reserves for up to `texts` at `price` millionths each, and says for how many: for as many as are left under `most`.
    Raises HeardbackError where the table does not answer; then a block may be lost."""
    for _ in range(_TRIES):
        if texts <= 0:
            return 0
        room = SpendItem.reserved <= most - texts * price
        try:
            _add(key, texts * price, SpendItem.reserved.does_not_exist() | room if texts * price <= most else room)
            return texts
        except ConditionFailed:
            known = table.get(*key)
            texts = min(texts, (most - (int(known.reserved) if isinstance(known, SpendItem) else 0)) // price)
    return 0


def give_back(key: Key, texts: int, price: int) -> None:
    """What was reserved and not used. Only from a state that was read: a request that arrives when it has long been forgotten, as
    requests may, gives nothing back a second time. Raises HeardbackError."""
    for _ in range(_TRIES):
        known = table.get(*key)
        if not isinstance(known, SpendItem):
            return
        try:
            _add(key, -texts * price, SpendItem.rev == known.rev)
            return
        except ConditionFailed:
            continue
    raise Unavailable


def _add(key: Key, amount: int, condition: Condition) -> None:
    transaction = Transaction()
    transaction.update(SpendItem(*key), [SpendItem.reserved.add(amount), SpendItem.rev.add(1)], condition)
    transaction.commit()


def spent_usd(employer_id: str, now: datetime) -> float:
    """What is reserved of this month's cap, in dollars."""
    known = table.get(*key_of(employer_id, now))
    return int(known.reserved) / MICRO if isinstance(known, SpendItem) else 0.0
