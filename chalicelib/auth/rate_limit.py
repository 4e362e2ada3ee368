"""How fast one API key may ask: a token bucket for each key, in this process.

What it is: a brake for a program that runs wild, at no cost. What it is not: an exact limit. Lambda runs as many processes as it
needs, each with buckets of its own, so n of them let through n times as much; the stage's own throttle is the wall behind.
Real, monotonic time: a clock that is moved by days moves nothing here.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

from chalicelib.errors import TooManyRequests

KEYS_MOST = 10_000
"""Buckets kept at once; the one asked least recently is forgotten, which only makes it full again."""
BURST_SECONDS = 2


class Buckets:
    """`per_second` 0 is no limit."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second * BURST_SECONDS)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: str) -> None:
        """Counts one request of a key. Raises TooManyRequests with the whole seconds to wait."""
        if not self._per_second:
            return
        now = time.monotonic()
        with self._lock:
            left, then = self._left.pop(who, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._per_second)
            self._left[who] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > KEYS_MOST:
                self._left.popitem(last=False)
        if left < 1:
            wait = math.ceil((1 - left) / self._per_second)
            raise TooManyRequests(headers={"Retry-After": str(max(1, wait))})
