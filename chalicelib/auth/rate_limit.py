"""Limits how often a client may ask: per second and API key in this process, per hour in the table.

The per-second limit is a token bucket for each key. It stops a runaway program at no cost and is not exact: Lambda runs as many
processes as it needs, each with its own buckets, so n processes let through n times as much. The stage's throttle is exact.
It uses monotonic time, so that a moved clock changes nothing.
The hourly limit is counted in the table, so that it holds over all processes; it costs one write a count.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute

from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, ProblemCode, TableError, TooManyRequests, Unavailable
from chalicelib.rules.canonical import mailbox
from chalicelib.signing import keyed_hash
from chalicelib.storage.table import Item, Key, Transaction, get

_log = logging.getLogger("heardback")
BUCKETS_MOST = 10_000
"""Buckets kept at once. The one used least recently is dropped, which only makes it full again."""
BURST_SECONDS = 2
MAILS_TO_ONE_ADDRESS = 5
ASKED_FROM_ONE_PLACE = 60
"""A whole office may share one IP address."""
CODES_AN_HOUR = 5
"""Tries of mailed codes for one mailbox, from everywhere together."""
CODES_FROM_KNOWN = 5
"""More of them from each network from which its owner signed in: a stranger who uses the tries up locks nobody out there."""
KNOWN_FOR = timedelta(days=90)
"""How long a network counts as one from which a mailbox's owner signed in."""


class TokenBuckets:
    """A token bucket for each API key. `per_second` 0 is no limit."""

    def __init__(
        self, per_second: float, buckets_most: int = BUCKETS_MOST, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._buckets_most = buckets_most
        self._monotonic = monotonic
        self._burst = max(1.0, per_second * BURST_SECONDS)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key_id: str) -> dict[str, str]:
        """Counts one request of a key, and returns headers that say what is left. Raises TooManyRequests with them."""
        if not self._per_second:
            return {}
        now = self._monotonic()
        with self._lock:
            left, then = self._left.pop(key_id, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._per_second)
            self._left[key_id] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > self._buckets_most:
                self._left.popitem(last=False)
        if left < 1:
            wait = max(1, math.ceil((1 - left) / self._per_second))
            raise TooManyRequests(headers={"Retry-After": str(wait), **self._headers(0, wait)})
        return self._headers(int(left - 1), math.ceil((self._burst - left + 1) / self._per_second))

    def _headers(self, left: int, seconds: int) -> dict[str, str]:
        return quota_headers("requests", int(self._burst), BURST_SECONDS, left, seconds)


def quota_headers(name: str, most: int, window: int, left: int, seconds: int) -> dict[str, str]:
    """Returns headers by draft-ietf-httpapi-ratelimit-headers-10: `most` in a window of seconds; `left`, for so many seconds."""
    return {"RateLimit-Policy": f'"{name}";q={most};w={window}', "RateLimit": f'"{name}";r={left};t={seconds}'}


def hour_is_full(name: str, most: int, now: datetime, detail: str, code: ProblemCode | None = None) -> TooManyRequests:
    """Returns the error where the most within a clock hour are reached: it names the seconds until the next hour."""
    wait = 3600 - int(now.timestamp()) % 3600
    headers = {"Retry-After": str(wait), **quota_headers(name, most, 3600, 0, wait)}
    return TooManyRequests(detail, code=code, headers=headers)


class LimitItem(Item):
    """PK LIMIT#<what is counted>#<hour>, SK LIMIT: how often something was asked for within an hour."""

    kind = "LIMIT"
    times = NumberAttribute()


class KnownItem(Item):
    """PK KNOWN#<keyed hash of a mailbox and a network>, SK KNOWN: its owner signed in from there. Vanishes by `expires_at`."""

    kind = "KNOWN"


def _known_key(address: str, network: str) -> Key:
    return f"KNOWN#{keyed_hash(settings().hash_secret, 'known network', f'{mailbox(address)} {network}')}", "KNOWN"


def note_known(transaction: Transaction, address: str, network: str | None, now: datetime) -> None:
    """Adds to a sign-in's transaction that a mailbox's owner uses a network. Neither can be read from it."""
    if network:
        transaction.put(KnownItem(*_known_key(address, network), expires_at=int((now + KNOWN_FOR).timestamp())))


def is_known(address: str, network: str, now: datetime) -> bool:
    """Tells whether a mailbox's owner signed in from this network within 90 days."""
    item = get(*_known_key(address, network)) if network else None
    return isinstance(item, KnownItem) and now.timestamp() < int(item.expires_at or 0)


def _limit_key(what: str, who: str, hour: int) -> Key:
    return f"LIMIT#{keyed_hash(settings().hash_secret, f'limit:{what}', who)}#{hour}", "LIMIT"


def allow_within_hour(what: str, who: str, most: int, now: datetime) -> bool:
    """Counts one more; returns False where `most` within this clock hour are reached. `who` is stored as a keyed hash."""
    return _allow(what, who, int(now.timestamp()) // 3600, most)


def allow_within_day(what: str, who: str, most: int, now: datetime) -> bool:
    """The same for a day (UTC), which is counted at its first hour."""
    return _allow(*_of_day(what, who, now), most, hours=24)


def give_back_of_day(what: str, who: str, now: datetime) -> None:
    """Takes one off what `allow_within_day` counted, where what it allowed was not done after all."""
    transaction = Transaction()
    transaction.update(LimitItem(*_limit_key(*_of_day(what, who, now))), [LimitItem.times.add(-1)], LimitItem.times > 0)
    transaction.commit()


def _of_day(what: str, who: str, now: datetime) -> tuple[str, str, int]:
    return f"{what} of the day", who, int(now.timestamp()) // 86_400 * 24


def _allow(what: str, who: str, hour: int, most: int, hours: int = 1) -> bool:
    item = LimitItem(*_limit_key(what, who, hour))
    below = LimitItem.times.does_not_exist() | (LimitItem.times < most)
    transaction = Transaction()
    transaction.update(item, [LimitItem.times.add(1), LimitItem.expires_at.set((hour + hours + 1) * 3600)], below)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


@dataclass(frozen=True, slots=True)
class CodeTry:
    """Whether a mailed code may be tried. `silent`: more tries than anybody else has, so that only a right one may be told."""

    allowed: bool
    silent: bool = False


def code_worked(what: str, email: str, network: str, now: datetime) -> None:
    """Takes back what `try_code` counted: only wrong codes use up the tries."""
    take_back([(f"{what} network", network), (f"{what} address", mailbox(email))], now)


def take_back(counted: Iterable[tuple[str, str]], now: datetime, *, of_a_day: bool = False) -> None:
    """Takes back what was counted within this hour, or UTC day, as (what, who). A failure is logged and fails nothing."""
    hour = int(now.timestamp()) // 3600
    transaction = Transaction()
    for what, who in counted:
        if who:
            key = _limit_key(*_of_day(what, who, now)) if of_a_day else _limit_key(what, who, hour)
            transaction.update(LimitItem(*key), [LimitItem.times.add(-1)], LimitItem.times > 0)
    try:
        transaction.commit()
    except (TableError, Unavailable):
        _log.info("what was taken back stays counted")


def try_code(what: str, email: str, network: str, now: datetime) -> CodeTry:
    """Counts a try of a code, for the mailbox and for the network that it comes from. `what` names the kind of code."""
    if network and not allow_within_hour(f"{what} network", network, ASKED_FROM_ONE_PLACE, now):
        return CodeTry(False)
    if allow_within_hour(f"{what} address", mailbox(email), CODES_AN_HOUR, now):
        return CodeTry(True)
    known = is_known(email, network, now)
    reserve = f"{mailbox(email)} {network}"
    return CodeTry(known and allow_within_hour(f"{what} reserve", reserve, CODES_FROM_KNOWN, now), silent=True)
