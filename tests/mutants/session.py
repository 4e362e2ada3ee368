"""Runs many mutants in one pytest session: the tests are collected once, and each mutant is a fork of that process."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants import live
from tests.mutants.mutations import Mutant

CPU_SECONDS = 20
WALL_SECONDS = 300
"""A mutant that loops or waits for so long is ended and counts as noticed."""
KILLED, SURVIVED, NEEDS_IMPORT = 0, 1, 2
Told = Callable[[int, int, list[str]], None]
"""Told of each mutant: its place, what became of it, the tests that reach it."""


@dataclass
class Reach:
    """What a run without a mutant found: which functions each test calls, and how long it takes."""

    functions: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def tests_of(self, mutant: Mutant, importers: set[str]) -> list[str]:
        """Returns the tests that call the function, the quickest first.

        For code outside functions: all tests of the files that use the module or one that imports it.
        """
        called = [test for test, reached in self.functions.items() if (mutant.module, mutant.mutation.function) in reached]
        if not mutant.mutation.function or not called:
            near = {_file(test) for test, reached in self.functions.items() if any(name in importers for name, _ in reached)}
            called = [test for test in self.functions if _file(test) in near]
        return sorted(called, key=lambda test: self.seconds[test])


class Session:
    """A pytest plugin that runs each test once, then tries the mutants instead of running the tests again."""

    def __init__(self, tried: Sequence[Mutant], importers: dict[str, set[str]], workers: int, told: Told) -> None:
        self._tried, self._importers, self._workers, self._told = tried, importers, workers, told
        self._reach = Reach()
        self._modules = {mutant.module for mutant in tried}
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        for item, after in zip(items, [*items[1:], items[0]], strict=True):
            self._record(item, after)
        self._try_all(session, {item.nodeid: item for item in items})
        return True

    def _record(self, item: pytest.Item, after: pytest.Item) -> None:
        """Runs a test and notes which functions of the mutated modules it calls, in any thread."""
        reached: set[tuple[str, str]] = set()

        def note(frame: FrameType, _event: str, _argument: object) -> None:
            if (module := frame.f_globals.get("__name__", "")) in self._modules:
                reached.add((module, frame.f_code.co_qualname.split(".<locals>")[0].removesuffix(".<genexpr>")))

        began = time.process_time()
        threading.settrace(note)
        sys.settrace(note)
        reports = runtestprotocol(item, log=False, nextitem=after)
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        if any(report.failed for report in reports):
            self.failed.append(item.nodeid)
        elif not any(report.skipped for report in reports):
            self._reach.functions[item.nodeid] = reached
            self._reach.seconds[item.nodeid] = time.process_time() - began

    def _try_all(self, session: pytest.Session, items: dict[str, pytest.Item]) -> None:
        running: dict[int, tuple[int, list[str]]] = {}
        left = list(reversed(range(len(self._tried))))
        while left or running:
            while left and len(running) < self._workers:
                place = left.pop()
                mutant = self._tried[place]
                tests = self._reach.tests_of(mutant, self._importers[mutant.module])
                child = os.fork()
                if child == 0:
                    _run(session, mutant, [items[test] for test in tests])
                running[child] = (place, tests)
            child, status = os.wait()
            if child in running:  # an engine's process ends here too
                place, tests = running.pop(child)
                code = os.waitstatus_to_exitcode(status)
                self._told(place, code if code in (SURVIVED, NEEDS_IMPORT) else KILLED, tests)


def _run(session: pytest.Session, mutant: Mutant, items: list[pytest.Item]) -> None:
    """Runs the tests until one fails, and ends this process."""
    limit()
    _start_threads_anew()
    code = KILLED  # an error outside a test is noticed too
    with contextlib.suppress(BaseException):
        code = _tried(session, mutant, items)
    os._exit(code)


def _tried(session: pytest.Session, mutant: Mutant, items: list[pytest.Item]) -> int:
    if not live.apply(mutant.module, mutant.path, mutant.tree, mutant.mutation):
        return NEEDS_IMPORT
    if items:
        session._setupstate.teardown_exact(items[0])  # what the last recorded test left set up
    for item, after in zip(items, [*items[1:], *items[:1]], strict=True):  # never without a next: the engines are shared
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=after)):
            return KILLED
    return SURVIVED


def _start_threads_anew() -> None:
    """Lets functions that keep a pool of threads make a new one: threads do not live on in a fork."""
    for module in [module for name, module in sys.modules.items() if name.startswith("chalicelib")]:
        for found in list(vars(module).values()):
            makes = getattr(getattr(found, "__wrapped__", None), "__annotations__", {}).get("return")
            if makes == "ThreadPoolExecutor" and hasattr(found, "cache_clear"):
                found.cache_clear()


def limit() -> None:
    """Ends this process where it computes or waits for too long."""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    signal.alarm(WALL_SECONDS)


def _file(test: str) -> str:
    return test.split("::")[0]


def files_of(tests: Sequence[str]) -> list[str]:
    """The files of some tests."""
    return sorted({_file(test) for test in tests})
