"""Runs many mutants in one pytest session: the tests are collected once, and each mutant is a fork of that process."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants import live
from tests.mutants.children import KILLED, NEEDS_IMPORT, SURVIVED, Children
from tests.mutants.mutations import Mutant
from tests.mutants.reach import FIRST_TESTS, Reach, Tracer, file_of

TEST_SECONDS = 60
"""A test that takes so long under a mutant loops or waits for ever: the mutant counts as timed out."""
CPU_SECONDS = 20
"""The same, of a test that computes for so long."""
MUTANT_SECONDS = 120
"""After so long no further test of a mutant is begun: what none has noticed by then survived."""
MOST_TESTS = 60
"""So many tests, those that call the least, are run where a mutant needs engines of its own."""
CONTROL = -1
"""The place of the control: no mutant, tried like one when all are done. Its tests must pass, or no verdict counts."""
Told = Callable[[int, int, list[str]], None]
"""Told of each mutant: its place, what became of it, the tests that reach it."""


class Session:
    """A pytest plugin that tries mutants instead of running the tests. A test whose reach is not known is run once before."""

    def __init__(
        self, tried: Sequence[Mutant], importers: dict[str, set[str]], packages: tuple[str, ...], workers: int, reach: Reach
    ) -> None:
        self._tried, self._importers, self._workers = tried, importers, workers
        self._reach, self._tracer = reach, Tracer(packages)
        self.told: Told = lambda *_: None
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        self._reach.load({item.nodeid for item in items})
        unknown = [item for item in items if item.nodeid not in self._reach.functions] or items[:1]  # one sets up the engines
        for item, after in zip(unknown, [*unknown[1:], unknown[0]], strict=True):
            self._record(item, after)
            if file_of(after.nodeid) != file_of(item.nodeid):
                self._reach.save()
        self._reach.save()
        self._try_all(session, {item.nodeid: item for item in items})
        return True

    def _record(self, item: pytest.Item, after: pytest.Item) -> None:
        """Runs a test and notes which functions of the area it calls."""
        reports: list[pytest.TestReport] = []
        reached = self._tracer.record(lambda: reports.extend(runtestprotocol(item, log=False, nextitem=after)))
        if any(report.failed for report in reports):
            self.failed.append(item.nodeid)
            self._reach.functions.pop(item.nodeid, None)
        elif not any(report.skipped for report in reports):
            self._reach.note(item.nodeid, reached)

    def _try_all(self, session: pytest.Session, items: dict[str, pytest.Item]) -> None:
        for module in {mutant.module for mutant in self._tried}:
            importlib.import_module(module)  # where no test has: a fork changes what is imported
        running, left = Children(), list(reversed(range(len(self._tried))))
        chosen: dict[int, list[str]] = {}
        control: dict[str, None] = {}
        while left or running:
            while left and len(running) < self._workers:
                place = left.pop()
                mutant = self._tried[place]
                chosen[place] = self._reach.tests_of(mutant, self._importers[mutant.module])
                tests = [items[test] for test in chosen[place] if test in items]
                running.start(place, partial(_tried, session, mutant, tests), MUTANT_SECONDS + TEST_SECONDS)
            place, code = running.wait()
            of_mutant = chosen.pop(place)
            control |= dict.fromkeys(self._reach.few_of(of_mutant, FIRST_TESTS))
            self.told(place, code, self._reach.few_of(of_mutant, MOST_TESTS) if self._reach.kept else of_mutant)
        running.start(CONTROL, partial(_tried, session, None, [items[test] for test in control]), MUTANT_SECONDS + TEST_SECONDS)
        _, code = running.wait()
        self.told(CONTROL, code, [])


def _tried(session: pytest.Session, mutant: Mutant | None, items: list[pytest.Item]) -> int:
    """Runs the tests on a mutant, or on none, until one fails."""
    _start_threads_anew()
    if items:
        session._setupstate.teardown_exact(items[0])  # what the last recorded test left set up
    if mutant and not _applied(mutant):
        return NEEDS_IMPORT
    began = time.monotonic()
    for item, after in zip(items, [*items[1:], *items[:1]], strict=True):  # never without a next: the engines are shared
        limit()
        failed = [report for report in runtestprotocol(item, log=False, nextitem=after) if report.failed]
        if failed and mutant is None:
            os.write(2, f"fails without a change: {item.nodeid}\n{failed[0].longreprtext}\n".encode())
        if failed:
            return KILLED
        if time.monotonic() - began > MUTANT_SECONDS:
            break
    return SURVIVED


def _applied(mutant: Mutant) -> bool:
    try:
        return live.apply(mutant.module, mutant.path, mutant.tree, mutant.mutation)
    except Exception:  # a constant that cannot be computed: a process that imports it shows what fails
        return False


def _start_threads_anew() -> None:
    """Lets functions that keep a pool of threads make a new one: threads do not live on in a fork."""
    for module in [module for name, module in sys.modules.items() if name.startswith("chalicelib")]:
        for found in list(vars(module).values()):
            makes = getattr(getattr(found, "__wrapped__", None), "__annotations__", {}).get("return")
            if makes == "ThreadPoolExecutor" and hasattr(found, "cache_clear"):
                found.cache_clear()


def limit() -> None:
    """Ends this process where what it does next computes or waits for too long."""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    signal.alarm(TEST_SECONDS)


def files_of(tests: Sequence[str]) -> list[str]:
    """The files of some tests."""
    return sorted({file_of(test) for test in tests})
