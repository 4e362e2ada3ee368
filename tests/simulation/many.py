"""Runs many histories in several processes and adds up their counts."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.simulation.history import History
from tests.simulation.run import Report, Simulator
from tests.simulation.scenarios import history
from tests.simulation.shrink import shrunk

CHUNK = 50
_SIMULATOR: list[Simulator] = []


def simulator() -> Simulator:
    """The simulator of this process: its replacements stay installed."""
    if not _SIMULATOR:
        _SIMULATOR.append(Simulator())
        gc.freeze()  # the SDK's models and our modules stay: looking through them again and again took a twelfth of the time
        gc.set_threshold(50_000, 20, 100)
    return _SIMULATOR[0]


@dataclass
class Counts:
    """Counts of many histories. `failures` are (seed, what was wrong)."""

    histories: int = 0
    steps: int = 0
    calls: int = 0
    seconds: float = 0.0
    faults_met: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    provider_calls: Counter[str] = field(default_factory=Counter)
    unknowns: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, other: Counts | Report) -> None:
        self.histories += other.histories if isinstance(other, Counts) else 1
        self.steps += other.steps
        self.calls += other.calls
        for name in ("faults_met", "statuses", "provider_calls", "unknowns", "held", "outcomes"):
            getattr(self, name).update(getattr(other, name))
        if isinstance(other, Counts):
            self.seconds += other.seconds
            self.failures += other.failures
        elif other.violations:
            self.failures.append((other.history.seed, other.violations))


def chunk(first: int, count: int) -> Counts:
    """Runs the histories of some seeds in this process. `seconds` is processor time."""
    counts, here = Counts(), simulator()
    began = time.process_time()
    for seed in range(first, first + count):
        counts.add(here.run(history(seed)))
    counts.seconds = time.process_time() - began
    return counts


def shortest(seed: int) -> tuple[History, Report]:
    """Shrinks a failing seed's history while it fails in the same way. Returns it and its report with a trace."""
    here = simulator()
    wrong = _kinds(here.run(history(seed)))
    small = shrunk(history(seed), lambda candidate: bool(wrong & _kinds(here.run(candidate))))
    return small, here.run(small, trace=True)


def one(seed: int) -> tuple[History, Report]:
    """Runs a seed's history as it was drawn. Returns it and its report with a trace."""
    return history(seed), simulator().run(history(seed), trace=True)


def _kinds(report: Report) -> set[str]:
    """What went wrong, without the instants and names in it."""
    return {violation[:32] for violation in report.violations}


def pool(processes: int) -> ProcessPoolExecutor:
    """Starts processes with one hash seed: the order of a set is part of a history."""
    os.environ["PYTHONHASHSEED"] = "0"
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def run(first: int, count: int, processes: int = 2) -> Iterator[Counts]:
    """Runs many seeds and yields counts chunk by chunk, in order. Drops the rest where the caller stops."""
    with pool(processes) as workers:
        chunks = [workers.submit(chunk, begin, min(CHUNK, first + count - begin)) for begin in range(first, first + count, CHUNK)]
        try:
            for done in chunks:
                yield done.result()
        finally:
            for waiting in chunks:
                waiting.cancel()
