"""Counts the histories that it takes to catch one planted bug."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.simulation.planted.bugs import BUGS
from tests.simulation.planted.planting import plant

STATED = 2000
"""Every bug must be caught within so many seeds."""


@dataclass
class Catch:
    """`first`: the number of seeds that it took to catch the bug (0: not caught)."""

    first: int
    caught: int
    seeds: int
    what: str


def caught(number: int, first_seed: int, seeds: int, at_most: int) -> Catch:
    """Runs `seeds` histories with one bug planted, and up to `at_most` until it is caught. Needs a process of its own."""
    plant(BUGS[number])
    from tests.simulation.run import Simulator
    from tests.simulation.scenarios import history

    simulator, hits, first, run = Simulator(), 0, 0, 0
    kinds: Counter[str] = Counter()
    while run < seeds or (not hits and run < at_most):
        violations = simulator.run(history(first_seed + run)).violations
        run += 1
        if violations:
            hits, first = hits + 1, first or run
            kinds[violations[0][:90]] += 1
    return Catch(first, hits, run, kinds.most_common(1)[0][0] if kinds else "")
