"""Compares four orders of calling the same people, in reviews avoided per call.

Two worlds. In the first, the simulated employers of learning.py: some candidates who are not called hear anyway, sooner or
later. In the second nobody but the caller tells anybody anything: the hardest case for an order that looks a week
ahead. The hazard of a review is the method's own, or one that the method has wrong.

python -m bench.ranking [--employers 60] [--seed 7]
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bench.learning import DAYS, START, employer
from chalicelib.rules.model import STAGES, Stage, Wait
from chalicelib.rules.risk import model
from chalicelib.rules.risk.ranking import delay_cost

CALLABLE_FROM = timedelta(days=2)
"""Before the deadline: the digest's head start."""
SHARES = (0.1, 0.25, 0.5, 0.8)
"""Calls a year, as a share of the waits."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Person:
    """`heard_at`: when somebody at the employer tells them anyway."""

    stage: Stage
    due: datetime
    heard_at: datetime | None
    lot: float


Rank = Callable[[Person, datetime], float]
ORDERS: dict[str, Rank] = {
    "cost of delay": lambda one, now: delay_cost(one.stage, (now - one.due) / DAY),
    "oldest first": lambda one, now: (now - one.due) / DAY,
    "newest first": lambda one, now: (one.due - now) / DAY,
    "random": lambda one, _: one.lot,
}


def avoided(one: Person, now: datetime, scale: float = 1.0) -> float:
    """What one call avoids, per unit of p: the reviews of the silence that it ends, until somebody else would have ended it.
    `scale`: how much slower than the method's the true curve is."""
    ends = model.survival((one.heard_at - one.due) / DAY / scale) if one.heard_at else 0.0
    return model.CALL_EFFECT * model.STAGE_WEIGHT[one.stage] * (model.survival((now - one.due) / DAY / scale) - ends)


def worth(order: Rank, people: Sequence[Person], calls_a_day: float, days: int, scale: float = 1.0) -> tuple[float, int]:
    """(reviews avoided per unit of p, calls): each morning the first of the list are called, once each."""
    total, made, budget, left = 0.0, 0, 0.0, sorted(people, key=lambda one: one.due)
    for day in range(days):
        now = START + timedelta(days=day, hours=9)
        left = [one for one in left if one.heard_at is None or one.heard_at > now]
        budget += calls_a_day
        waiting = [one for one in left if one.due - CALLABLE_FROM <= now]
        called = heapq.nlargest(int(budget), waiting, key=partial(_key, order, now))
        budget -= int(budget)
        total, made = total + sum(avoided(one, now, scale) for one in called), made + len(called)
        gone = {id(one) for one in called}
        left = [one for one in left if id(one) not in gone]
    return total, made


def _key(order: Rank, now: datetime, one: Person) -> tuple[float, float]:
    return order(one, now), -one.due.timestamp()


# --- simulated employers, where some hear anyway ---------------------------------------------------------------------

Answered = Callable[[random.Random, Wait], datetime | None]


def as_simulated(_: random.Random, wait: Wait) -> datetime | None:
    """As in learning.py: half are never told, the others between two days before the deadline and 45 after it."""
    return wait.answered_at


def promptly(dice: random.Random, wait: Wait) -> datetime | None:
    """A better desk: four of five are told, half of them within five days of the interview."""
    return None if dice.random() < 0.2 else wait.word_due_at + timedelta(days=dice.expovariate(1 / 7) - 2)


def population(
    employers: int, seed: int, share: float, answered: Answered = as_simulated, scale: float = 1.0
) -> dict[str, float]:
    """Reviews avoided per call over all employers, in each order."""
    dice, crowds = random.Random(seed), list[list[Person]]()
    for _ in range(employers):
        crowds.append([Person(w.stage, w.word_due_at, answered(dice, w), dice.random()) for w in employer(dice).waits])
    found = {}
    for name, order in ORDERS.items():
        rows = [worth(order, crowd, share * len(crowd) / DAYS, DAYS, scale) for crowd in crowds]
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
    rows = {name: worth(order, crowd, desk.calls, desk.days) for name, order in ORDERS.items()}
    return {name: total / made for name, (total, made) in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ranking", description=__doc__)
    parser.add_argument("--employers", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    print("reviews avoided per call, per unit of p\n\nsimulated employers, where some hear anyway; calls as a share of the waits")
    worlds: list[tuple[str, Answered, float]] = [
        ("as simulated", as_simulated, 1.0),
        ("reviews come twice as fast", as_simulated, 0.5),
        ("reviews come half as fast", as_simulated, 2.0),
        ("a prompt desk", promptly, 1.0),
    ]
    for title, answered, scale in worlds:
        for share in SHARES:
            _show(f"{title}, {share:.0%}", population(asked.employers, asked.seed, share, answered, scale))
    print("\nnobody else tells anybody")
    for desk in DESKS:
        _show(desk.name, alone(desk, asked.seed))


def _show(title: str, found: dict[str, float]) -> None:
    print(f"  {title}: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
