"""The law's deadlines on the report page: how many come when, and the nearest of them. No names: the page is sent as a link."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.law.due_list import Unmet
from chalicelib.rules.statutes.deadlines import WARN_DAYS

SHOWN = 10
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ByLaw:
    """`bands` are (words, how many) from the most pressing on, without the empty ones; `rows` the nearest ten."""

    deadlines: int
    bands: list[tuple[str, int]]
    rows: list[dict[str, Any]]
    whole: bool


def of(unmet: Unmet, now: datetime) -> ByLaw:
    left = [datetime.fromisoformat(duty["due_at"]) - now for _, duty in unmet.rows]
    counted = Counter(_band(one) for one in left)
    order = [_PAST, *(_within(days) for days in sorted(WARN_DAYS)), _LATER]
    bands = [(words, counted[words]) for words in order if counted[words]]
    rows = [
        {"job_title": item.job_title, "left": _left(time), **duty}
        for (item, duty), time in zip(unmet.rows[:SHOWN], left, strict=False)
    ]
    return ByLaw(len(unmet.rows), bands, rows, unmet.whole)


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
