"""Tries mutants: most of them in one session of forks; the others each in a process that imports the changed module."""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.children import BROKEN, KILLED, NEEDS_IMPORT, SURVIVED, Children
from tests.mutants.mutations import Mutant
from tests.mutants.reach import Reach
from tests.mutants.session import CONTROL, MUTANT_SECONDS, Session, files_of

ROOT = Path(__file__).parents[2]
CONTROL_TESTS = 10
_VERDICTS: dict[int, int] = {
    pytest.ExitCode.OK: SURVIVED,
    pytest.ExitCode.TESTS_FAILED: KILLED,
    pytest.ExitCode.INTERRUPTED: KILLED,  # a module that cannot be imported
    pytest.ExitCode.NO_TESTS_COLLECTED: SURVIVED,
}
"""Whatever else ends pytest says nothing of the mutant."""

settings.register_profile(
    "mutants",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=60,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Area:
    """A part of the code, and the tests that hold it."""

    packages: tuple[str, ...]
    tests: tuple[str, ...]
    needs_engines: bool
    at_least: float
    """The share of the non-equivalent mutants that the tests must notice."""


class _Chosen:
    """A pytest plugin that runs only some tests, in the given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._order = {test: index for index, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((x for x in items if x.nodeid in self._order), key=lambda item: self._order[item.nodeid])


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree instead of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self._module, self._path = mutant.module, mutant.path
        self._code = compile(ast.fix_missing_locations(mutant.tree), str(mutant.path), "exec")

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self._path)) if fullname == self._module else None

    def exec_module(self, module: Any) -> None:
        exec(self._code, module.__dict__)  # noqa: S102 - our own source, with one node changed


def noticed(tried: Sequence[Mutant], importers: dict[str, set[str]], area: Area, workers: int) -> Iterator[tuple[Mutant, int]]:
    """Runs the mutants, so many at a time; yields each with what became of it. Tests that fail without one are not used.

    Raises SystemExit where tests fail that have passed before, although nothing is changed: then no verdict counts.
    """
    again: list[tuple[int, list[str]]] = []
    for place, found, tests in _in_one_session(tried, importers, area, 1 if area.needs_engines else workers):
        # rules: what a test file computed while it was imported has not seen the mutant
        if place == CONTROL:
            _check_control(found)
        elif found == NEEDS_IMPORT or (found == SURVIVED and not area.needs_engines):
            again.append((place, tests))
        else:
            yield tried[place], found
    running, control = Children(), again[-1][1][-CONTROL_TESTS:] if again else []
    while again or running:
        while again and len(running) < workers:
            place, tests = again.pop()
            running.start(place, partial(_imported, tried[place], tests, area), 2 * MUTANT_SECONDS)
        place, code = running.wait()
        yield tried[place], code
    if control:
        running.start(CONTROL, partial(_imported, None, control, area), 2 * MUTANT_SECONDS)
        _check_control(running.wait()[1])


def _check_control(code: int) -> None:
    if code != SURVIVED:
        raise SystemExit("no score: the first tests fail also without a change, perhaps because an engine ended")


def _in_one_session(
    tried: Sequence[Mutant], importers: dict[str, set[str]], area: Area, workers: int
) -> Iterator[tuple[int, int, list[str]]]:
    """Yields the place of each mutant, what became of it, and the tests that reach it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe, contextlib.suppress(BaseException):

            def told(*found: Any) -> None:
                pipe.write(json.dumps(found) + "\n")
                pipe.flush()

            settings.register_profile("mutants", settings.get_profile("mutants"), max_examples=20)  # survivors are tried again
            reach = Reach(ROOT / ".local" / "mutants.json" if area.needs_engines else None)
            packages = tuple(f"chalicelib.{package}." for package in area.packages)
            session = Session(tried, importers, packages, workers, reach)
            session.told = told
            code = _pytest(area.tests, session, area)
            pipe.write(json.dumps({"fail without a mutant": session.failed, "code": code}) + "\n")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        for line in pipe:
            found = json.loads(line)
            if isinstance(found, list):
                yield found[0], found[1], found[2]
            elif any(found.values()):
                print(f"not used: {found}")
    os.waitpid(child, 0)


def _imported(mutant: Mutant | None, tests: list[str], area: Area) -> int:
    """Imports the mutant, if any, and runs its tests, in a process of its own."""
    if mutant:
        mutant.mutation.apply()
        sys.meta_path.insert(0, _Changed(mutant))
    return _VERDICTS.get(_pytest(files_of(tests), _Chosen(tests), area), BROKEN)


def _pytest(paths: Sequence[str], plugin: object, area: Area) -> int:
    options = ["-x", "-q", "-n", "0", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:randomly"]
    if not area.needs_engines:
        options.append("--noconftest")
    settings.load_profile("mutants")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return int(pytest.main([*options, "-m", "not long", "--hypothesis-profile=mutants", *paths], plugins=[plugin]))
