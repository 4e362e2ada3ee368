"""Ranks the call list by what waiting costs until the desk comes round again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from chalicelib.rules.model import STAGES, Stage, truncated_to_hour
from chalicelib.rules.risk import model
from chalicelib.rules.risk.model import days_overdue, survival
from chalicelib.rules.tally import OpenCell, Tally, cells

BACKLOG_FROM, BACKLOG_TO = -2.0, 90.0
"""Days past the deadline from and below which an open wait counts as the desk's backlog."""
_DAY = timedelta(days=1)


class Cell(NamedTuple):
    """`count` open waits of one stage, due in the hour from `hour` (UTC). They have the same rank."""

    stage: Stage
    hour: datetime
    count: int  # type: ignore[assignment] # hides tuple.count, which nobody calls


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a list is ranked by: how many days ahead it looks, and the scale of the review curve. Fixed for a list's pages."""

    horizon_days: int = model.HORIZON_LEAST
    review_days: float = model.REVIEW_DAYS


def outlook(tally: Tally, as_of: datetime, review_days: float | None = None) -> Outlook:
    """Returns the outlook of a desk. `review_days` is the scale that its own reviews have taught, if any."""
    return Outlook(horizon_days(tally, as_of), review_days or model.REVIEW_DAYS)


def horizon_days(tally: Tally, as_of: datetime) -> int:
    """Returns T = clamp(B / pace, 7, 90), rounded up to whole days: after how many days the desk comes round again.

    B is the open reachable waits with -2 <= u < 90. The pace is the answered waits due on one of the last 90 UTC dates, divided
    by the days from the earliest of these dates that has any wait, to today, both counted.
    """
    today = as_of.astimezone(UTC).date()
    first = today - timedelta(days=model.WINDOW_DATES - 1)
    backlog, answered, earliest = 0, 0, today
    for cell in cells(tally):
        if isinstance(cell, OpenCell):
            due_on = cell.hour.date()
            if cell.reachable and BACKLOG_FROM <= (as_of - cell.hour) / _DAY < BACKLOG_TO:  # the hour is a whole one of UTC
                backlog += cell.count
        else:
            due_on = cell.due_on
            answered += cell.count if first <= due_on <= today else 0
        if first <= due_on <= today and cell.count > 0:
            earliest = min(earliest, due_on)
    if answered < model.HORIZON_ANSWERS:
        return model.HORIZON_LEAST
    days = (today - earliest).days + 1
    rounded_up = -(-backlog * days // answered)  # in whole numbers: a float division could round up once more
    return max(model.HORIZON_LEAST, min(model.HORIZON_MOST, rounded_up))


def delay_cost(stage: Stage, u: float, ahead: Outlook) -> float:
    """Returns the reviews (central) that a call `ahead.horizon_days` later no longer avoids."""
    return _weight(stage) * _lost(u, ahead)


def _weight(stage: Stage) -> float:
    return model.CALL_EFFECT * model.REVIEW_CENTRAL * model.STAGE_WEIGHT[stage]


def _lost(u: float, ahead: Outlook) -> float:
    """Returns the share of all reviews that fall into the horizon from `u` on."""
    return survival(u, ahead.review_days) - survival(u + ahead.horizon_days, ahead.review_days)


@lru_cache(maxsize=256)
def delay_cost_peak(ahead: Outlook) -> float:
    """Bisects for the `u` at which delay costs most: there S is as steep as it is a horizon later.

    It is the same for every stage: the weight scales the curve and does not shift it. About 17.8 days for a week ahead.
    """
    early, late = 0.0, ahead.review_days
    for _ in range(60):
        middle = (early + late) / 2
        end = middle + ahead.horizon_days
        rising = end * survival(end, ahead.review_days) > middle * survival(middle, ahead.review_days)
        early, late = (middle, late) if rising else (early, middle)
    return early


RankKey = tuple[float, float, datetime, int, str]


def rank_key(stage: Stage, word_due_at: datetime, as_of: datetime, ahead: Outlook, application_id: str = "") -> RankKey:
    """Returns the sort key of the call list: the highest cost first, then nearer the peak, then hour, stage and id.

    Waits of one stage and hour are neighbours, so rows sort as their cells do, and by id within a cell.
    """
    hour = truncated_to_hour(word_due_at.astimezone(UTC))
    u = days_overdue(hour, as_of)
    return -delay_cost(stage, u, ahead), abs(u - delay_cost_peak(ahead)), hour, STAGES.index(stage), application_id


def ranked_cells(
    tally: Tally, as_of: datetime, ahead: Outlook, *, reachable: bool = True, stage: Stage | None = None
) -> list[Cell]:
    """Returns the cells of open waits in the order of the call list, without those that delay does not cost."""
    found: Iterable[OpenCell] = (
        cell
        for cell in cells(tally)
        if isinstance(cell, OpenCell) and cell.reachable == reachable and stage in (None, cell.stage) and cell.count > 0
    )
    peak, weights = delay_cost_peak(ahead), {one: _weight(one) for one in STAGES}
    of_hours: dict[datetime, tuple[float, float]] = {}  # most cells share their hour with another one
    keyed: list[tuple[RankKey, Cell]] = []
    for cell in found:
        if cell.hour not in of_hours:
            u = (as_of - cell.hour) / _DAY
            of_hours[cell.hour] = _lost(u, ahead), abs(u - peak)
        lost, from_peak = of_hours[cell.hour]
        cost = weights[cell.stage] * lost
        if cost > 0:
            key = (-cost, from_peak, cell.hour, STAGES.index(cell.stage), "")
            keyed.append((key, Cell(cell.stage, cell.hour, cell.count)))
    return [cell for _, cell in sorted(keyed, key=itemgetter(0))]
