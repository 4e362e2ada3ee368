"""Compares orders of calling the same people, in reviews avoided per call.

In most worlds some candidates who are not called hear anyway, sooner or later: the simulated employers of learning.py, and
desks that improve, collapse, hire in two seasons, or skip anyone who does not like the phone. In the last ones nobody but the
caller tells anybody anything. The hazard of a review is the method's own, or one that the method has wrong: in its scale, or
in its shape.

python -m bench.ranking [--employers 60] [--seed 7]
"""

from __future__ import annotations

import argparse
import heapq
import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import exp

from bench.learning import DAYS, START, employer
from chalicelib.rules.model import STAGES, Stage, Wait
from chalicelib.rules.risk import model
from chalicelib.rules.risk.ranking import BACKLOG_FROM, BACKLOG_TO, Outlook, delay_cost

CALLABLE_FROM = timedelta(days=2)
"""Before the deadline: the digest's head start."""
SHARES = (0.1, 0.25, 0.5, 0.8)
"""Calls a year, as a share of the waits."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Person:
    """`heard_at`: when somebody at the employer tells them anyway. `shy`: on the list, and skipped by anyone who calls."""

    stage: Stage
    due: datetime
    heard_at: datetime | None
    lot: float
    shy: bool = False


Rank = Callable[[Person, datetime, Outlook], float]
ORDERS: dict[str, Rank] = {
    "horizon": lambda one, now, ahead: delay_cost(one.stage, (now - one.due) / DAY, ahead),
    "fixed week": lambda one, now, _: delay_cost(one.stage, (now - one.due) / DAY, Outlook(7)),
    "oldest first": lambda one, now, _: (now - one.due) / DAY,
    "newest first": lambda one, now, _: (one.due - now) / DAY,
    "random": lambda one, *_: one.lot,
}


@dataclass(frozen=True)
class Curve:
    """When reviews come: the scale as a multiple of the method's, and the shape (2 is the method's)."""

    scale: float = 1.0
    shape: float = 2.0

    def survival(self, days: float) -> float:
        return exp(-((days / (model.REVIEW_DAYS * self.scale)) ** self.shape)) if days > 0 else 1.0


def avoided(one: Person, now: datetime, curve: Curve) -> float:
    """What one call avoids, per unit of p: the reviews of the silence that it ends, until somebody else would have ended it."""
    ends = curve.survival((one.heard_at - one.due) / DAY) if one.heard_at else 0.0
    return model.CALL_EFFECT * model.STAGE_WEIGHT[one.stage] * (curve.survival((now - one.due) / DAY) - ends)


class Pace:
    """The horizon as the tally tells it: backlog over answers a day, of the last 90 dates."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._dues = sorted(one.due.date() for one in people)
        self._answered: list[datetime] = []

    def answer(self, one: Person) -> None:
        insort(self._answered, one.due)

    def outlook(self, waiting: Sequence[Person], now: datetime) -> Outlook:
        first = (now - timedelta(days=model.WINDOW_DATES - 1)).replace(hour=0)
        answered = bisect_right(self._answered, now.replace(hour=23, minute=59)) - bisect_left(self._answered, first)
        if answered < model.HORIZON_ANSWERS:
            return Outlook()
        backlog = sum(BACKLOG_FROM <= (now - one.due) / DAY < BACKLOG_TO for one in waiting)
        days = (now.date() - self._dues[bisect_left(self._dues, first.date())]).days + 1
        return Outlook(max(model.HORIZON_LEAST, min(model.HORIZON_MOST, -(-backlog * days // answered))))


def worth(order: Rank, people: Sequence[Person], calls_a_day: float, days: int, curve: Curve) -> tuple[float, int]:
    """(reviews avoided per unit of p, calls): each morning the first of the list are called, once each."""
    total, made, budget, left = 0.0, 0, 0.0, sorted(people, key=lambda one: one.due)
    pace = Pace(people)
    for day in range(days):
        now = START + timedelta(days=day, hours=9)
        for one in left:
            if one.heard_at is not None and one.heard_at <= now:
                pace.answer(one)
        left = [one for one in left if one.heard_at is None or one.heard_at > now]
        budget += calls_a_day
        waiting = [one for one in left if one.due - CALLABLE_FROM <= now]
        ahead = pace.outlook(waiting, now)
        called = heapq.nlargest(int(budget), (one for one in waiting if not one.shy), key=partial(_key, order, now, ahead))
        budget -= int(budget)
        total, made = total + sum(avoided(one, now, curve) for one in called), made + len(called)
        for one in called:
            pace.answer(one)
        gone = {id(one) for one in called}
        left = [one for one in left if id(one) not in gone]
    return total, made


def _key(order: Rank, now: datetime, ahead: Outlook, one: Person) -> tuple[float, float]:
    return order(one, now, ahead), -one.due.timestamp()


# --- simulated employers, where some hear anyway ---------------------------------------------------------------------

Answered = Callable[[random.Random, Wait], datetime | None]


def as_simulated(_: random.Random, wait: Wait) -> datetime | None:
    """As in learning.py: half are never told, the others between two days before the deadline and 45 after it."""
    return wait.answered_at


def promptly(dice: random.Random, wait: Wait) -> datetime | None:
    """A better desk: four of five are told, half of them within five days of the interview."""
    return None if dice.random() < 0.2 else wait.word_due_at + timedelta(days=dice.expovariate(1 / 7) - 2)


def _changing(first: float, last: float, slow: float, quick: float) -> Answered:
    """The share that is told goes from `first` to `last` over the year, the mean lateness from `slow` to `quick` days."""

    def answered(dice: random.Random, wait: Wait) -> datetime | None:
        gone = min(1.0, max(0.0, (wait.word_due_at - START) / DAY / DAYS))
        told, mean = first + (last - first) * gone, slow + (quick - slow) * gone
        return wait.word_due_at + timedelta(days=dice.expovariate(1 / mean) - 2) if dice.random() < told else None

    return answered


improving = _changing(0.2, 0.9, 20, 3)
collapsing = _changing(0.9, 0.2, 3, 20)


def in_two_seasons(due: datetime) -> datetime:
    """Half of the year's interviews in January and February, the other half in September and October."""
    day = (due - START) / DAY / DAYS * 120
    return START + timedelta(days=day if day < 60 else 240 + day - 60)


@dataclass(frozen=True)
class World:
    """Simulated employers of one kind."""

    name: str
    answered: Answered = as_simulated
    curve: Curve = field(default_factory=Curve)
    moved: Callable[[datetime], datetime] = lambda due: due
    shy: float = 0.0
    """The share that is skipped."""


WORLDS = (
    World("as simulated"),
    World("reviews come twice as fast", curve=Curve(scale=0.5)),
    World("reviews come half as fast", curve=Curve(scale=2.0)),
    World("a prompt desk", promptly),
)
MORE_WORLDS = (
    World("a desk that improves", improving),
    World("a desk that collapses", collapsing),
    World("two hiring seasons", moved=in_two_seasons),
    World("two recruiters who skip the phone-shy", shy=0.35),
    World("another curve: most reviews at once", curve=Curve(shape=1.0)),
)


def crowds(world: World, employers: int, seed: int) -> list[list[Person]]:
    """The same people for every order."""
    dice, more, found = random.Random(seed), random.Random(f"{world.name} {seed}"), list[list[Person]]()
    for _ in range(employers):
        found.append([])
        for wait in employer(dice).waits:
            heard, lot = world.answered(dice, wait), dice.random()
            due = world.moved(wait.word_due_at)
            heard = heard + (due - wait.word_due_at) if heard else None
            found[-1].append(Person(wait.stage, due, heard, lot, more.random() < world.shy))
    return found


def population(world: World, employers: int, seed: int, share: float) -> dict[str, float]:
    """Reviews avoided per call over all employers, in each order."""
    people, found = crowds(world, employers, seed), {}
    for name, order in ORDERS.items():
        rows = [worth(order, crowd, share * len(crowd) / DAYS, DAYS, world.curve) for crowd in people]
        found[name] = sum(row[0] for row in rows) / max(1, sum(row[1] for row in rows))
    return found


# --- desks where nobody else tells candidates ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """A desk: waits due over the last `over` days, how many fall due a day, and how many are called."""

    name: str
    backlog: int
    over: int
    a_day: int
    calls: int
    days: int = 60


DESKS = (
    Desk("a backlog of 150, 5 calls a day, nobody new", 150, 60, 0, 5, 30),
    Desk("a backlog of 150, 10 new and 10 calls a day", 150, 45, 10, 10),
    Desk("10 new a day, 8 calls", 0, 0, 10, 8),
    Desk("10 new a day, 4 calls", 0, 0, 10, 4),
    Desk("10 new a day, 1 call", 0, 0, 10, 1),
)


def alone(desk: Desk, seed: int) -> dict[str, float]:
    """Reviews avoided per call at one desk, in each order."""
    dice = random.Random(f"{desk.name} {seed}")
    ages = [-dice.uniform(0, desk.over) for _ in range(desk.backlog)] + [
        dice.uniform(0, desk.days) for _ in range(desk.a_day * desk.days)
    ]
    crowd = [Person(dice.choice(STAGES), START + timedelta(days=age), None, dice.random()) for age in ages]
    rows = {name: worth(order, crowd, desk.calls, desk.days, Curve()) for name, order in ORDERS.items()}
    return {name: total / made for name, (total, made) in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ranking", description=__doc__)
    parser.add_argument("--employers", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    print(f"| desk | {' | '.join(ORDERS)} |\n|---|{'---|' * len(ORDERS)}")
    for world in (*WORLDS, *MORE_WORLDS):
        for share in SHARES:
            _show(f"{world.name}, {share:.0%}", population(world, asked.employers, asked.seed, share))
    for desk in DESKS:
        _show(desk.name, alone(desk, asked.seed))


def _show(title: str, found: dict[str, float]) -> None:
    best = max(found.values())
    cells = (f"**{value:.3f}**" if value > best - 0.0005 else f"{value:.3f}" for value in found.values())
    print(f"| {title} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
