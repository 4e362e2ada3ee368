"""Many histories in several processes, and their counts together."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.simulation.history import History
from tests.simulation.run import Report, Simulator
from tests.simulation.scenes import history
from tests.simulation.shrink import shrunk

CHUNK = 50
_SIMULATOR: list[Simulator] = []


def simulator() -> Simulator:
    """The one of this process: what it replaces stays replaced."""
    if not _SIMULATOR:
        _SIMULATOR.append(Simulator())
    return _SIMULATOR[0]


@dataclass
class Counts:
    """What many histories came to together. `failures` are (seed, what was wrong)."""

    histories: int = 0
    steps: int = 0
    calls: int = 0
    seconds: float = 0.0
    befallen: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    provider_calls: Counter[str] = field(default_factory=Counter)
    unknowns: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, other: Counts | Report) -> None:
        self.histories += other.histories if isinstance(other, Counts) else 1
        self.steps += other.steps
        self.calls += other.calls
        for name in ("befallen", "fates", "provider_calls", "unknowns", "held", "outcomes"):
            getattr(self, name).update(getattr(other, name))
        if isinstance(other, Counts):
            self.seconds += other.seconds
            self.failures += other.failures
        elif other.violations:
            self.failures.append((other.history.seed, other.violations))


def chunk(first: int, count: int) -> Counts:
    """Runs the histories of some seeds here. `seconds` is the processor's time that it took."""
    counts, here = Counts(), simulator()
    began = time.process_time()
    for seed in range(first, first + count):
        counts.add(here.run(history(seed)))
    counts.seconds = time.process_time() - began
    return counts


def shortest(seed: int) -> tuple[History, Report]:
    """A seed's history made as short as it goes while it goes wrong alike, and its report with its trace."""
    here = simulator()
    wrong = _kinds(here.run(history(seed)))
    small = shrunk(history(seed), lambda candidate: bool(wrong & _kinds(here.run(candidate))))
    return small, here.run(small, trace=True)


def one(seed: int) -> tuple[History, Report]:
    """A seed's history as it was drawn, and its report with its trace."""
    return history(seed), simulator().run(history(seed), trace=True)


def _kinds(report: Report) -> set[str]:
    """What went wrong, whatever the instants and names in it."""
    return {violation[:32] for violation in report.violations}


def pool(processes: int) -> ProcessPoolExecutor:
    """Fresh processes under one hash seed: the order of a set is part of a history."""
    os.environ["PYTHONHASHSEED"] = "0"
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def run(first: int, count: int, processes: int = 2) -> Iterator[Counts]:
    """Runs many seeds, chunk by chunk, in order; stop asking and the rest is dropped."""
    with pool(processes) as workers:
        chunks = [workers.submit(chunk, begin, min(CHUNK, first + count - begin)) for begin in range(first, first + count, CHUNK)]
        try:
            for done in chunks:
                yield done.result()
        finally:
            for waiting in chunks:
                waiting.cancel()
