"""Limits the work time that a slow endpoint takes from the workers: pure, by instants.

An endpoint may take `WORK_SECONDS` of every minute, and as much again in advance after a quiet time. Above that its deliveries
get slots: instants at which each may begin. So hundreds of events for a server that takes 3.5 seconds cost one write each,
and the workers stay free for others. Quick endpoints are not paced and cost no write.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

QUICK_SECONDS = 0.25
WORK_SECONDS = 20.0
"""A third of one thread: six deliveries a minute at 3.5 seconds each."""
MINUTE = timedelta(minutes=1)
SLOTS_UNTIL = timedelta(minutes=30)
"""No slot is later, so that a server that is quick again gets what waits within half an hour."""
DECAY = 0.7
"""After a quicker attempt the duration counted falls by this factor at most: one quick response changes little."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of an endpoint: how long an attempt takes, until when its share is used, and the next free slot."""

    seconds: float | None = None
    """None where the endpoint is quick, or was never tried."""
    busy_until: datetime | None = None
    next_slot: datetime | None = None

    def may_begin(self, now: datetime, *, has_slot: bool) -> bool:
        """Tells whether an attempt may begin now. Deliveries that have waited for their slot go before new ones."""
        if self.seconds is None:
            return True
        waiting = self.next_slot is not None and self.next_slot > now
        return self._begins_from(now) <= now and (has_slot or not waiting)

    def begin(self, now: datetime) -> datetime:
        """Returns the new `busy_until` where an attempt begins now."""
        return max(self.busy_until or now, now) + self._cost

    def take_slot(self, now: datetime) -> tuple[datetime, datetime | None]:
        """Returns when a delivery is due again, and the new `next_slot`: None where all slots are taken."""
        at = max(self.next_slot or now, self._begins_from(now))
        if at - now > SLOTS_UNTIL:
            return now + SLOTS_UNTIL * random.uniform(0.5, 1), None  # noqa: S311 - spreads load
        return at, at + self._cost

    def after(self, seconds: float) -> float | None:
        """Returns the duration to count after an attempt that took so long."""
        counted = max(seconds, (self.seconds or 0) * DECAY)
        return counted if counted >= QUICK_SECONDS else None

    @property
    def _cost(self) -> timedelta:
        return MINUTE * ((self.seconds or 0) / WORK_SECONDS)

    def _begins_from(self, now: datetime) -> datetime:
        return max(now, (self.busy_until or now) - MINUTE)
