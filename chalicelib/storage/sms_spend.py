"""Each employer's spend on texts in a month (UTC): reserved before sending, and never more than its policy allows.

A worker reserves a block at a time. The block of a worker that died counts as spent, so the sum can be too high, never too low.
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
    """Increases with every change."""


def key_of(employer_id: str, now: datetime) -> Key:
    """Returns the primary key of an employer's spend in the month of `now`."""
    return f"EMP#{employer_id}#SPEND", f"SPEND#{now:%Y-%m}"


def keys_of(employer_id: str | None, now: datetime) -> list[Key]:
    """Lists the keys to read for `is_reached`; none where texts cost nothing."""
    return [key_of(employer_id, now)] if employer_id and settings().sms_price_usd else []


def cap_of(employer: Employer) -> int:
    """Returns the policy's monthly cap in millionths of a dollar."""
    return int(Decimal(str(employer.policy.sms_monthly_cap_usd)) * MICRO)


def is_reached(item: Item | None, employer: Employer, price: Decimal) -> bool:
    """Tells whether not one more text fits under the cap. A price of 0 has no cap."""
    reserved = int(item.reserved) if isinstance(item, SpendItem) else 0
    return price > 0 and reserved + int(price * MICRO) > cap_of(employer)


def reserve(key: Key, texts: int, price: int, most: int) -> int:
    """Reserves for up to `texts` at `price` millionths each, under `most`. Returns for how many.

    Raises HeardbackError where the table does not answer; then a block may be lost.
    """
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
    """Gives back what was reserved and not used. Raises HeardbackError.

    The write depends on the state read, so a request that DynamoDB receives late does not give back a second time.
    """
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
    """Returns what is reserved of this month's cap, in dollars."""
    known = table.get(*key_of(employer_id, now))
    return int(known.reserved) / MICRO if isinstance(known, SpendItem) else 0.0
