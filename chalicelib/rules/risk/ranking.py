"""Ranks the call list by what a week's delay costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter

from chalicelib.rules.model import STAGES, Stage, truncated_to_hour
from chalicelib.rules.risk import model
from chalicelib.rules.risk.model import days_overdue, survival
from chalicelib.rules.tally import OpenCell, Tally, cells


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` open waits of one stage, due in the hour from `hour` (UTC). They have the same rank."""

    stage: Stage
    hour: datetime
    count: int


def delay_cost(stage: Stage, u: float) -> float:
    """Returns the reviews (central) that a call a week later no longer avoids."""
    return model.CALL_EFFECT * model.REVIEW_CENTRAL * model.STAGE_WEIGHT[stage] * (survival(u) - survival(u + model.DELAY_DAYS))


def _find_peak() -> float:
    """Bisects for the `u` at which S is as steep as a week later: there the cost of delay is highest."""
    early, late = 0.0, model.REVIEW_DAYS
    for _ in range(60):
        middle = (early + late) / 2
        rising = (middle + model.DELAY_DAYS) * survival(middle + model.DELAY_DAYS) > middle * survival(middle)
        early, late = (middle, late) if rising else (early, middle)
    return early


_PEAK = _find_peak()


def delay_cost_peak(stage: Stage) -> float:
    """Returns the `u` at which delay costs most, about 17.8 days.

    It is the same for every stage: the weight scales the curve and does not shift it.
    """
    if stage not in STAGES:
        raise ValueError(f"{stage!r} is not a stage")
    return _PEAK


RankKey = tuple[float, float, datetime, int, str]


def rank_key(stage: Stage, word_due_at: datetime, as_of: datetime, application_id: str = "") -> RankKey:
    """Returns the sort key of the call list: the highest cost first, then nearer the peak, then hour, stage and id.

    Waits of one stage and hour are neighbours, so rows sort as their cells do, and by id within a cell.
    """
    hour = truncated_to_hour(word_due_at.astimezone(UTC))
    u = days_overdue(hour, as_of)
    return -delay_cost(stage, u), abs(u - delay_cost_peak(stage)), hour, STAGES.index(stage), application_id


def ranked_cells(tally: Tally, as_of: datetime, *, reachable: bool = True, stage: Stage | None = None) -> list[Cell]:
    """Returns the cells of open waits in the order of the call list, without those that delay does not cost."""
    found = [
        Cell(cell.stage, cell.hour, cell.count)
        for cell in cells(tally)
        if isinstance(cell, OpenCell) and cell.reachable == reachable and stage in (None, cell.stage) and cell.count > 0
    ]
    keyed = [(rank_key(cell.stage, cell.hour, as_of), cell) for cell in found]
    return [cell for key, cell in sorted(keyed, key=itemgetter(0)) if key[0] < 0]
