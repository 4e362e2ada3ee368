"""The trend of the score: the daily snapshots as points, and as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from chalicelib.reputation import counters
from chalicelib.rules.risk.model import METHOD
from chalicelib.rules.risk.report import Risk


@dataclass(frozen=True, slots=True)
class Point:
    """The score of a UTC day, and the band and method of the snapshot."""

    day: date
    score: float
    method: str = METHOD
    band: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """Points from the oldest to today. `change` is since about a week ago; None without an earlier snapshot."""

    points: list[Point]
    change: float | None
    sentence: str

    @property
    def new_methods(self) -> list[Point]:
        """The first days of a method that differs from the day's before."""
        return [after for before, after in pairwise(self.points) if before.method != after.method]


def read(employer_id: str, now: datetime, days: int, group: str | None = None) -> list[Point]:
    """Return the scores of the last `days` days, oldest first."""
    today = now.astimezone(UTC).date()
    found = counters.snapshots(employer_id, (today - timedelta(days=days)).isoformat(), today.isoformat(), days + 1, group)
    return [
        Point(date.fromisoformat(item.date), float(item.risk["score"]), item.risk["method"], item.risk["band"])
        for item in reversed(found)
    ]


def trend_of(points: list[Point], risk: Risk) -> Trend:
    today = risk.as_of.astimezone(UTC).date()
    earlier = [point for point in points if point.day < today]
    line = [*earlier, Point(today, risk.score, risk.method, risk.band)]
    before = [point for point in earlier if point.day <= today - timedelta(days=7)]
    if not before:
        return Trend(line, None, "No week to compare with yet.")
    if before[-1].method != risk.method:
        return Trend(line, None, f"The method changed to {risk.method} since a week ago: the two scores cannot be compared.")
    change = risk.score - before[-1].score
    if abs(change) < 0.5:
        return Trend(line, change, "About the same as a week ago.")
    return Trend(line, change, f"{abs(change):.1f} points {'worse' if change > 0 else 'better'} than a week ago.")
