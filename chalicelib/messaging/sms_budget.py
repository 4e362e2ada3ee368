"""Money for texts: each invocation reserves it in blocks, spends it text by text and gives the rest back."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from chalicelib.errors import HeardbackError
from chalicelib.rules.model import Employer
from chalicelib.storage import sms_spend
from chalicelib.storage.sms_spend import MICRO
from chalicelib.storage.table import Key

BLOCK = 50
"""Texts a block, at most: what an employer's month loses when a worker dies."""
PART = 20
"""A block holds at most a 20th of the monthly cap, so that other workers find money left of a small cap."""
log = logging.getLogger(__name__)


@dataclass
class SmsBudget:
    """The blocks of one invocation. Several threads may use it.

    `price` is what a text counts for, in dollars; 0 counts nothing. `records` says how many records of each employer the
    invocation has: it reserves for no more.
    """

    price: Decimal
    records: Mapping[str, int] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    """Ids of employers with no money left for now."""
    _asked: Counter[str] = field(default_factory=Counter)
    _held: Counter[Key] = field(default_factory=Counter)
    _lent: dict[str, Key] = field(default_factory=dict)
    """By message id: from which month's money it was allowed."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def micro(self) -> int:
        return int(self.price * MICRO)

    def allow(self, employer: Employer, message_ids: list[str], now: datetime) -> set[str]:
        """Says which of these texts may be sent now: all, some or none. Raises HeardbackError."""
        if not self.micro:
            return set(message_ids)
        key, wanted = sms_spend.key_of(employer.id, now), len(message_ids)
        with self._lock:
            missing = wanted - self._held[key]
            if missing > 0:
                to_come = self.records.get(employer.id, 0) - self._asked[employer.id]
                most = sms_spend.cap_of(employer)
                block = max(missing, min(to_come, BLOCK, most // self.micro // PART))
                self._held[key] += sms_spend.reserve(key, block, self.micro, most)
            self._asked[employer.id] += wanted
            granted = message_ids[: self._held[key]]
            self._held[key] -= len(granted)
            self._lent.update(dict.fromkeys(granted, key))
        if len(granted) < wanted:
            self.empty.add(employer.id)
            log.warning("texts are held back by a month's cap", extra={"over_cap": wanted - len(granted)})
        return set(granted)

    def put_back(self, message_id: str) -> None:
        """Takes back the money of a text that was not sent."""
        with self._lock:
            key = self._lent.pop(message_id, None)
            if key is not None:
                self._held[key] += 1

    def give_back(self) -> None:
        """Gives unspent money back to the month. What cannot be given back stays reserved."""
        with self._lock:
            for key, texts in self._held.items():
                if texts > 0:
                    try:
                        sms_spend.give_back(key, texts, self.micro)
                    except HeardbackError:
                        log.warning("money that was reserved for texts was not given back", extra={"texts": texts})
            self._held.clear()
