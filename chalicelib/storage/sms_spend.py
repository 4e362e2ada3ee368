"""What each employer used in a month (UTC), and the whole deployment: money for texts, and the texts and mails of a day.

It is reserved before sending, under a ceiling. A worker reserves a block at a time. The block of a worker that died counts as
used, so the sums can be too high, never too low.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Unavailable
from chalicelib.rules.employer import Employer
from chalicelib.rules.sms_prices import price_of_text
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key, Transaction

MICRO = 1_000_000
CAP_REACHED = "the month's cap on what texts may cost is reached"
_TRIES = 6
_DEPLOYMENT = "DEPLOYMENT#SPEND"


class SpendItem(Item):
    """PK EMP#..#SPEND or DEPLOYMENT#SPEND, SK SPEND#yyyy-mm. Millionths of a dollar, so that sums are exact."""

    kind = "SPEND"
    reserved = NumberAttribute()
    rev = NumberAttribute()
    """Increases with every change."""
    day = UnicodeAttribute(null=True)
    """The UTC date of `texts` and `mails`, which begin again with each. Items of before, and the deployment's, have none."""
    texts = NumberAttribute(null=True)
    mails = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in millionths of a dollar, texts and mails: wanted, reserved, or the most that is allowed."""

    micro: int = 0
    texts: int = 0
    mails: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.micro + other.micro, self.texts + other.texts, self.mails + other.mails)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.micro - other.micro, self.texts - other.texts, self.mails - other.mails)

    def __bool__(self) -> bool:
        return bool(self.micro or self.texts or self.mails)

    def at_most(self, other: Amount) -> Amount:
        """Returns the smaller of each, but nothing below zero."""
        return Amount(
            max(0, min(self.micro, other.micro)), max(0, min(self.texts, other.texts)), max(0, min(self.mails, other.mails))
        )

    def at_least(self, other: Amount) -> Amount:
        """Returns the larger of each."""
        return Amount(max(self.micro, other.micro), max(self.texts, other.texts), max(self.mails, other.mails))

    def covers(self, other: Amount) -> bool:
        """Tells whether none of the other's is more."""
        return self.micro >= other.micro and self.texts >= other.texts and self.mails >= other.mails


NOTHING = Amount()


def key_of(employer_id: str, now: datetime) -> Key:
    """Returns the primary key of what an employer used in the month of `now`."""
    return f"EMP#{employer_id}#SPEND", f"SPEND#{now:%Y-%m}"


def deployment_key(now: datetime) -> Key:
    """Returns the primary key of what all employers' texts cost in the month of `now`."""
    return _DEPLOYMENT, f"SPEND#{now:%Y-%m}"


def keys_of(employer_id: str | None, now: datetime) -> list[Key]:
    """Lists the keys to read for `is_reached`; none where texts cost nothing."""
    return [key_of(employer_id, now)] if employer_id and settings().sms_price_usd else []


def cap_of(employer: Employer) -> int:
    """Returns the policy's monthly cap in millionths of a dollar."""
    return int(Decimal(str(employer.policy.sms_monthly_cap_usd)) * MICRO)


def deployment_cap() -> int | None:
    """Returns the deployment's monthly budget in millionths of a dollar; None where it has none, or texts cost nothing."""
    budget = settings().sms_monthly_budget_usd
    return int(budget * MICRO) if budget and settings().sms_price_usd else None


def micro_price(country: str | None) -> int:
    """Returns what a segment to a country counts for, in millionths of a dollar; 0 where texts are not counted."""
    known = settings()
    return int(price_of_text(country, known.sms_prices, least=known.sms_price_usd, most=known.sms_max_price_usd) * MICRO)


def is_reached(item: Item | None, employer: Employer) -> bool:
    """Tells whether not one more text fits under the cap, not even to the cheapest of the employer's countries."""
    prices = [micro_price(country) for country in employer.policy.sms_countries] or [micro_price(None)]
    reserved = int(item.reserved) if isinstance(item, SpendItem) else 0
    return min(prices) > 0 and reserved + min(prices) > cap_of(employer)


def counted_day(item: Item | None, now: datetime) -> str:
    """Returns the day on which a message counts. Where a faster clock has begun the next day, it is that one."""
    known = item.day if isinstance(item, SpendItem) else None
    return max(known or "", f"{now:%Y-%m-%d}")


def used(item: Item | None, day: str) -> Amount:
    """Returns what is reserved of the month's money, and of a day's texts and mails."""
    if not isinstance(item, SpendItem):
        return NOTHING
    same = item.day == day
    return Amount(int(item.reserved), int(item.texts or 0) if same else 0, int(item.mails or 0) if same else 0)


def reserve(
    key: Key, wanted: Amount, least: Amount, most: Amount, now: datetime, known: Item | None = None
) -> tuple[Amount, str]:
    """Reserves up to `wanted` under `most`, or nothing where not even `least` fits. Returns what, and on which day it counts.

    `known` is the item where it was read before; the write fails where it says too little. Raises HeardbackError where the
    table does not answer; then a block may be lost.
    """
    for _ in range(_TRIES):
        day = counted_day(known, now)
        amount = wanted.at_most(most - used(known, day))
        if not amount or not amount.covers(least):
            read = table.get(*key)
            if _revision(read) == _revision(known):
                return NOTHING, day
            known = read
            continue
        try:
            _add(key, amount, day, known, most)
            return amount, day
        except ConditionFailed:
            known = table.get(*key)
    return NOTHING, counted_day(known, now)


def give_back(key: Key, amount: Amount, day: str) -> None:
    """Gives back what was reserved and not used. Raises HeardbackError.

    The write depends on the state read, so a request that DynamoDB receives late does not give back a second time.
    """
    for _ in range(_TRIES):
        known = table.get(*key)
        if not isinstance(known, SpendItem):
            return
        left = amount if known.day == day else Amount(amount.micro)
        if not left:
            return
        try:
            _write(key, _added(NOTHING - left), SpendItem.rev == known.rev)
            return
        except ConditionFailed:
            continue
    raise Unavailable


def _revision(item: Item | None) -> int | None:
    return int(item.rev) if isinstance(item, SpendItem) else None


def _add(key: Key, amount: Amount, day: str, known: Item | None, most: Amount) -> None:
    """Adds to the day's counts, or begins a new day. Raises ConditionFailed where others have used too much meanwhile."""
    if not isinstance(known, SpendItem):
        _write(key, [*_added(Amount(amount.micro)), *_begun(amount, day)], SpendItem.rev.does_not_exist())
    elif not amount.texts and not amount.mails:
        _write(key, _added(amount), SpendItem.reserved <= most.micro - amount.micro)
    elif known.day != day:
        _write(key, [*_added(Amount(amount.micro)), *_begun(amount, day)], SpendItem.rev == known.rev)
    else:
        _write(key, _added(amount), (SpendItem.day == day) & _fits(amount, most))


def _fits(amount: Amount, most: Amount) -> Condition:
    """The condition that each part that grows stays under its ceiling."""
    room = most - amount
    parts: Iterable[tuple[int, Any, int]] = (
        (amount.micro, SpendItem.reserved, room.micro),
        (amount.texts, SpendItem.texts, room.texts),
        (amount.mails, SpendItem.mails, room.mails),
    )
    condition = SpendItem.rev.exists()
    for grows, attribute, most_before in parts:
        if grows:
            condition = condition & (attribute <= most_before)
    return condition


def _added(amount: Amount) -> list[Any]:
    """Actions that add an amount. The money is always named, so that an item of any version has it."""
    counts = ((SpendItem.texts, amount.texts), (SpendItem.mails, amount.mails))
    return [SpendItem.reserved.add(amount.micro), *(attribute.add(number) for attribute, number in counts if number)]


def _begun(amount: Amount, day: str) -> list[Any]:
    if not amount.texts and not amount.mails:
        return []
    return [SpendItem.day.set(day), SpendItem.texts.set(amount.texts), SpendItem.mails.set(amount.mails)]


def _write(key: Key, actions: list[Any], condition: Condition) -> None:
    transaction = Transaction()
    transaction.update(SpendItem(*key), [*actions, SpendItem.rev.add(1)], condition)
    transaction.commit()


def spent_usd(employer_id: str, now: datetime) -> float:
    """Returns what is reserved of this month's cap, in dollars."""
    known = table.get(*key_of(employer_id, now))
    return int(known.reserved) / MICRO if isinstance(known, SpendItem) else 0.0
