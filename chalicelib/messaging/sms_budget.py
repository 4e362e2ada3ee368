"""Reserves what an invocation sends: money for texts, and the day's texts and mails, under the ceilings of employer and operator.

It is reserved in blocks, spent message by message, and what is left is given back.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.errors import HeardbackError
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MessageChannel
from chalicelib.storage import sms_spend
from chalicelib.storage.sms_spend import NOTHING, Amount
from chalicelib.storage.table import Item, Key

BLOCK = 50
"""Messages a block, at most: what an employer's month and day lose when a worker dies."""
PART = 20
"""A block holds at most a 20th of what is allowed, so that other workers find something left of a small cap."""
ACCOUNT_MAILS_KEPT = 20
"""Mails of a day that reminders leave to sign-in and other mails about an account: a 50th of the limit, but no more than this."""
NO_MONEY = "over the month's cap on what texts may cost, or others hold the rest of it just now"
NO_DEPLOYMENT_MONEY = "over this deployment's monthly budget for texts, or the rest of it is held just now"
OVER_DAY: Mapping[MessageChannel, str] = {
    "sms": "the operator's limit of texts a day is reached",
    "email": "the operator's limit of mails a day is reached",
}
UNLIMITED = 10**18
log = logging.getLogger(__name__)

Account = tuple[Key, str]
"""Where something is counted: the item of a month, and the day of its counts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that wants to go out, and what it takes."""

    message_id: str
    channel: MessageChannel
    micro: int = 0

    @property
    def amount(self) -> Amount:
        return Amount(self.micro, texts=1) if self.channel == "sms" else Amount(mails=1)


def ceiling_of(employer: Employer) -> Amount:
    """Returns the most that an employer's reminders may use: of the month's money, and of the day's texts and mails."""
    mails = employer.limits.emails_per_day
    return Amount(sms_spend.cap_of(employer), employer.limits.sms_per_day, mails - min(ACCOUNT_MAILS_KEPT, mails // 50))


@dataclass
class SmsBudget:
    """The blocks of one invocation. Several threads may use it.

    `records` says how many records of each employer the invocation has: it reserves for no more. `known` are items that were
    read while planning.
    """

    records: Mapping[str, int] = field(default_factory=dict)
    known: dict[Key, Item] = field(default_factory=dict)
    empty: set[tuple[str, MessageChannel]] = field(default_factory=set)
    """Employers with nothing left for a channel for now."""
    _asked: Counter[str] = field(default_factory=Counter)
    _held: dict[Account, Amount] = field(default_factory=dict)
    _lent: dict[str, list[tuple[Account, Amount]]] = field(default_factory=dict)
    """By message id: on which accounts it was allowed."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allow(self, employer: Employer, wanted: Sequence[Wanted], now: datetime) -> dict[str, str]:
        """Reserves for messages of one channel. Returns why not, by the id of each that may not go. Raises HeardbackError."""
        with self._lock:
            self._asked[employer.id] += len(wanted)
            denied = self._take(sms_spend.key_of(employer.id, now), wanted, ceiling_of(employer), employer.id, now)
            left = [one for one in wanted if one.message_id not in denied and one.micro]
            cap = sms_spend.deployment_cap()
            if left and cap is not None:
                over = self._take(sms_spend.deployment_key(now), left, Amount(cap, UNLIMITED), "", now)
                for message_id in over:
                    self._return(message_id)
                denied |= dict.fromkeys(over, NO_DEPLOYMENT_MONEY)
        if denied:
            self.empty |= {(employer.id, one.channel) for one in wanted if one.message_id in denied}
            log.warning("messages are held back by a cap", extra={"over_cap": len(denied)})
        return denied

    def _take(self, key: Key, wanted: Sequence[Wanted], most: Amount, employer_id: str, now: datetime) -> dict[str, str]:
        """Lends from one account to as many of these messages as it covers. Returns why not, by id, for the others."""
        whole = bool(employer_id)  # the deployment's account counts money alone
        amounts = {one.message_id: one.amount if whole else Amount(one.micro) for one in wanted}
        account = key, sms_spend.counted_day(self.known.get(key), now) if whole else ""
        held = self._held.get(account, NOTHING)
        missing = (sum(amounts.values(), NOTHING) - held).at_least(NOTHING)
        if missing:
            block = missing.at_least(self._ahead(amounts, most, employer_id))
            least = (min(amounts.values(), key=lambda one: one.micro) - held).at_least(NOTHING)
            got, day = sms_spend.reserve(key, block, least, most, now, self.known.get(key))
            if whole and day != account[1]:
                account, held = (key, day), self._held.get((key, day), NOTHING)
            held += got
        denied: dict[str, str] = {}
        for one in wanted:
            amount = amounts[one.message_id]
            if held.covers(amount):
                held -= amount
                self._lent.setdefault(one.message_id, []).append((account, amount))
            else:
                short = one.micro > held.micro
                denied[one.message_id] = NO_MONEY if short else OVER_DAY[one.channel]
        self._held[account] = held
        return denied

    def _ahead(self, amounts: Mapping[str, Amount], most: Amount, employer_id: str) -> Amount:
        """What the messages to come may take, at the price of the most expensive one of these."""
        dearest = max(amounts.values(), key=lambda one: one.micro)
        records = self.records.get(employer_id, 0) if employer_id else sum(self.records.values())
        asked = self._asked[employer_id] if employer_id else self._asked.total()
        to_come = records - asked + len(amounts)
        limits = [most.texts] if dearest.texts else [most.mails] if dearest.mails else []
        limits += [most.micro // dearest.micro] if dearest.micro else []
        count = max(0, min(to_come, BLOCK, *(limit // PART for limit in limits)))
        return Amount(dearest.micro * count, dearest.texts * count, dearest.mails * count)

    def put_back(self, message_id: str) -> None:
        """Takes back what a message was allowed that was not sent."""
        with self._lock:
            self._return(message_id)

    def _return(self, message_id: str) -> None:
        for account, amount in self._lent.pop(message_id, ()):
            self._held[account] = self._held.get(account, NOTHING) + amount

    def give_back(self) -> None:
        """Gives back what was not used. What cannot be given back stays reserved."""
        with self._lock:
            for (key, day), amount in self._held.items():
                if amount:
                    try:
                        sms_spend.give_back(key, amount, day)
                    except HeardbackError:
                        log.warning("what was reserved for messages was not given back")
            self._held.clear()
