"""Score, horizon and order over HTTP, against formulas written down from docs/risk.md. Nothing here imports the rules."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.reputation.loading import load, random_loads

DAY = timedelta(days=1)
WEIGHT = {"screen": 0.67, "interview": 0.78, "final": 1.0}
LOW, CENTRAL, HIGH = 0.009, 0.02, 0.15
EDGES = ((0, 0), (1, 0), (3, 1), (7, 3), (14, 7), (30, 14))
DESKS = {
    "new": {"count": 3, "days": 4},
    "slow": {"count": 160, "days": 120, "answered": 0.1, "unreachable": 0.1},
    "usual": {"count": 150, "days": 60, "answered": 0.5, "unreachable": 0.2},
    "quick": {"count": 120, "days": 40, "answered": 0.9},
    "old": {"count": 80, "days": 300, "answered": 0.3, "to_the_hour": True},
    "four answers": {"count": 30, "days": 20},
}


def late_by(wait: Any) -> float:
    """The lower edge of the bucket of an answer."""
    late = (wait.answered_at - wait.word_due_at) / DAY
    return next((lower for upper, lower in EDGES if late <= upper), 30)


def u_of(wait: Any, now: datetime) -> float:
    return (now - wait.word_due_at.replace(minute=0, second=0, microsecond=0)) / DAY


def unwritten(u: float) -> float:
    return math.exp(-((u / 30) ** 2)) if u > 0 else 1.0


def harm(u: float) -> float:
    return 1 - math.exp(-max(0.0, u) / 14)


def dates_ago(wait: Any, now: datetime) -> int:
    return (now.date() - wait.word_due_at.astimezone(UTC).date()).days


class Calculation:
    """All figures of one desk from the list of its waits."""

    def __init__(self, loads: list[Any], now: datetime) -> None:
        self.now, self.loads = now, loads
        self.open = [one for one in loads if one.wait.state == "open"]
        recent = [one.wait for one in loads if 0 <= dates_ago(one.wait, now) < 90]
        self.answered = [wait for wait in recent if wait.state == "answered"]
        self.n = len(self.answered) + sum(dates_ago(one.wait, now) >= 0 for one in self.open)
        backlog = sum(one.reachable and -2 <= u_of(one.wait, now) < 90 for one in self.open)
        dates = max([1, *(dates_ago(wait, now) + 1 for wait in recent)])
        self.horizon = 7
        if len(self.answered) >= 5:
            self.horizon = math.ceil(min(max(Fraction(backlog) / Fraction(len(self.answered), dates), 7), 90))

    @property
    def score(self) -> float:
        silent = sum(WEIGHT[one.wait.stage] * harm(u_of(one.wait, self.now)) for one in self.open)
        late = sum(0.25 * WEIGHT[wait.stage] * harm(late_by(wait)) for wait in self.answered)
        return 100 * (silent + late) / (self.n + 5)

    @property
    def written(self) -> float:
        silent = sum(WEIGHT[one.wait.stage] * (1 - unwritten(u_of(one.wait, self.now))) for one in self.open)
        return silent + sum(WEIGHT[wait.stage] * (1 - unwritten(late_by(wait))) for wait in self.answered)

    @property
    def coming(self) -> float:
        us = [(one.wait.stage, u_of(one.wait, self.now)) for one in self.open]
        return sum(WEIGHT[stage] * (unwritten(u) - unwritten(u + 30)) for stage, u in us)

    def cost(self, one: Any) -> float:
        u = u_of(one.wait, self.now)
        return 0.75 * CENTRAL * WEIGHT[one.wait.stage] * (unwritten(u) - unwritten(u + self.horizon))

    @property
    def listed(self) -> list[Any]:
        called = [one for one in self.open if one.reachable and one.wait.since <= self.now and self.cost(one) > 0]
        return sorted(called, key=lambda one: -self.cost(one))


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_api_tells_what_the_published_formulas_give(employer, clock, desk, seed):
    """Anyone who reads docs/risk.md can check every figure, to 1e-9."""
    clock.advance(minutes=random.Random(seed).randint(0, 59))  # noqa: S311
    loads = load(employer.employer_id, random_loads(as_of=clock.now, seed=seed, **DESKS[desk]))
    own, risk = Calculation(loads, clock.now), employer.get("/v1/risk").json
    assert risk["method"] == "2026-12"
    assert risk["score"] == pytest.approx(own.score, abs=1e-9)
    assert risk["band"] == ("low" if own.score < 5 else "moderate" if own.score < 15 else "high" if own.score < 35 else "severe")
    for name, p in (("low", LOW), ("central", CENTRAL), ("high", HIGH)):
        assert risk["expected_negative_reviews"]["incurred"][name] == pytest.approx(p * own.written, abs=1e-9)
        assert risk["expected_negative_reviews"]["next_30_days"][name] == pytest.approx(p * own.coming, abs=1e-9)
    assert (risk["horizon_days"], risk["tally"]["waits"]) == (own.horizon, own.n)
    rows, query = [], {"limit": "100"}
    while True:
        page = employer.get("/v1/call_list", query=query).json
        assert page["horizon_days"] == own.horizon
        rows += page["data"]
        if not page["has_more"]:
            break
        clock.advance(hours=7)  # the horizon and the order are those of the first page
        query["cursor"] = page["next_cursor"]
    assert [row["delay_costs"] for row in rows] == pytest.approx([own.cost(one) for one in own.listed], abs=1e-9)
    by_id = {one.application_id: own.cost(one) for one in loads}
    assert [row["delay_costs"] for row in rows] == pytest.approx([by_id[row["application_id"]] for row in rows], abs=1e-9)
    assert {row["application_id"] for row in rows} == {one.application_id for one in own.listed}


def test_desks_of_every_pace_are_among_them(clock):
    """A calculation whose desks all look a week ahead would check nothing."""
    found = {
        name: Calculation(list(random_loads(as_of=clock.now, seed=1, **desk)), clock.now).horizon for name, desk in DESKS.items()
    }
    assert min(found.values()) == 7 and max(found.values()) == 90 and any(7 < days < 90 for days in found.values()), found
