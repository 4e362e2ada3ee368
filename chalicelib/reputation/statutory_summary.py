"""Statutory deadlines on the report page: counts by time left, and the nearest. No names: the page is shared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.serialize import to_json
from chalicelib.applications.law.due_list import Unmet
from chalicelib.rules.statutes.deadlines import WARN_DAYS

SHOWN = 10
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StatutorySummary:
    """`bands` are (label, count), the most urgent first, without empty ones; `rows` are the nearest ten deadlines."""

    deadlines: int
    bands: list[tuple[str, int]]
    rows: list[dict[str, Any]]
    whole: bool


def summarize(unmet: Unmet, now: datetime) -> StatutorySummary:
    left = [duty.due_at - now for _, duty in unmet.rows]
    counted = Counter(_band(one) for one in left)
    order = [_PAST, *(_within(days) for days in sorted(WARN_DAYS)), _LATER]
    bands = [(label, counted[label]) for label in order if counted[label]]
    rows = [
        {"job_title": item.job_title, "left": _left(time), **to_json(duty)}
        for (item, duty), time in zip(unmet.rows[:SHOWN], left, strict=False)
    ]
    return StatutorySummary(len(unmet.rows), bands, rows, unmet.whole)


_PAST, _LATER = "past its day", "later"


def _within(days: int) -> str:
    return f"within {days} days"


def _band(left: timedelta) -> str:
    if left <= timedelta():
        return _PAST
    return next((_within(days) for days in sorted(WARN_DAYS) if left <= timedelta(days=days)), _LATER)


def _left(left: timedelta) -> str:
    if left <= timedelta():
        return "past"
    days = left // ONE_DAY
    return "less than a day" if not days else "1 day" if days == 1 else f"{days} days"
