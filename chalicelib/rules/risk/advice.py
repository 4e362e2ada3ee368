"""Says what a few calls would fix, in words for a person who has ten seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.rules.risk.model import (
    DUE_SOON_WITHIN,
    LATE_RESIDUAL,
    STAGE_WEIGHT,
    WINDOW_DATES,
    days_overdue,
    severity,
)
from chalicelib.rules.risk.ranking import Outlook, ranked_cells
from chalicelib.rules.risk.report import Risk, WhatIf
from chalicelib.rules.tally import LATENESS_LOWER_DAYS, OpenCell, Tally, cells, lateness_bucket

MOST_CALLS = 25
"""More calls than that are no advice for today."""
MOST = 0.5
"""Calls that take away at least this share of what the open waits add to the score fix most of it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """How many calls fix most of it, or what the first 25 fix. `share` is of what open waits add to the score.

    `can_be_called` counts who waits and can be reached. `calls` is 0 where nobody is late, or nobody can be reached.
    """

    calls: int
    share: float
    can_be_called: int

    @property
    def fixes_most(self) -> bool:
        return self.calls > 0 and self.share >= MOST


def advise(tally: Tally, risk: Risk) -> Advice:
    """Returns the smallest number of calls, down the call list, that fixes most of it."""
    waits = list(_called(tally, risk.as_of, risk.outlook))
    at_stake = _at_stake(tally, risk.as_of)
    fixed, calls = 0.0, 0
    while at_stake > 0 and fixed < MOST * at_stake and calls < min(len(waits), MOST_CALLS):
        fixed, calls = fixed + waits[calls], calls + 1
    return Advice(calls, fixed / at_stake if at_stake else 0.0, _can_be_called(tally, risk.as_of))


def shown_what_ifs(risk: Risk, can_be_called: int) -> list[WhatIf]:
    """Returns the rows of "what calling changes" for those who wait: 5, 10 or 25, and never more than there are."""
    shown: list[WhatIf] = []
    for one in risk.what_if:
        calls = min(one.calls, can_be_called)
        if calls and calls not in {row.calls for row in shown}:
            shown.append(WhatIf(calls, one.score, one.next_30_days))
    return shown


def _waiting(tally: Tally, as_of: datetime) -> Iterator[OpenCell]:
    for cell in cells(tally):
        if isinstance(cell, OpenCell) and cell.hour - as_of <= DUE_SOON_WITHIN:
            yield cell


def _can_be_called(tally: Tally, as_of: datetime) -> int:
    return sum(cell.count for cell in _waiting(tally, as_of) if cell.reachable)


def _at_stake(tally: Tally, as_of: datetime) -> float:
    waiting = ((cell, severity(days_overdue(cell.hour, as_of))) for cell in _waiting(tally, as_of))
    return sum(STAGE_WEIGHT[cell.stage] * harm * cell.count for cell, harm in waiting)


def _called(tally: Tally, as_of: datetime, ahead: Outlook) -> Iterator[float]:
    """Yields what each call takes away from the score's sum, down the call list."""
    for cell in ranked_cells(tally, as_of, ahead):
        if cell.hour - as_of > DUE_SOON_WITHIN:
            continue
        u = days_overdue(cell.hour, as_of)
        left = 0.0
        if (as_of.date() - cell.hour.date()).days < WINDOW_DATES:
            left = LATE_RESIDUAL * severity(LATENESS_LOWER_DAYS[lateness_bucket(max(as_of - cell.hour, timedelta(0)))])
        for _ in range(min(cell.count, MOST_CALLS)):
            yield STAGE_WEIGHT[cell.stage] * (severity(u) - left)
