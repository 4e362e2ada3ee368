"""Computes the heard-back rate that an employer may publish: of the answers that were due, the share that came on time.

An answer that the candidate disputes does not count: the fold ignores the disputed contact, so the wait is open again, due and
not heard. A call that reached nobody is no answer. docs/heard-back-rate.md explains the rate to outsiders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.rules.risk.model import WINDOW_DATES
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import Tally

LEAST_DUE = 20
"""Below this number the rate says more about chance than about the employer, so it is not published."""


@dataclass(frozen=True, slots=True)
class HeardBackRate:
    """`share`, `low` and `high` (the Wilson 90 % interval) are None where fewer than 20 answers were due in 90 days."""

    as_of: datetime
    on_time: int
    due: int
    share: float | None
    low: float | None
    high: float | None
    days: int = WINDOW_DATES


def heard_back_rate(tally: Tally, as_of: datetime) -> HeardBackRate:
    """Returns the rate of one employer. Open waits that were due before the 90 days count against it."""
    heard = assess(tally, as_of).heard_on_time
    if heard.due < LEAST_DUE:
        return HeardBackRate(as_of, heard.on_time, heard.due, None, None, None)
    return HeardBackRate(as_of, heard.on_time, heard.due, heard.share, heard.low, heard.high)
