"""Runs one mutant: a forked process imports the changed module and runs the tests that reach the changed function."""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import io
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.mutations import Mutation

ROOT = Path(__file__).parents[2]
TESTS = "tests/rules"
SECONDS = 60
"""A mutant that loops for so long is killed and counts as noticed."""

settings.register_profile(
    "mutants",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=60,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Reach:
    """What a run without a mutant found: which functions each test calls, and how long it takes."""

    functions: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def tests_of(self, module: str, function: str, importers: set[str]) -> list[str]:
        """Returns the tests that call the function, the quickest first.

        For code outside functions: all tests of the files that use the module or one that imports it.
        """
        called = [test for test, reached in self.functions.items() if (module, function) in reached]
        if not function or not called:
            near = {_file(test) for test, reached in self.functions.items() if any(name in importers for name, _ in reached)}
            called = [test for test in self.functions if _file(test) in near]
        return sorted(called or self.functions, key=lambda test: self.seconds[test])


class _Recorder:
    """A pytest plugin that notes which functions of `chalicelib.rules` each test calls."""

    def __init__(self) -> None:
        self.reach = Reach()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        reached: set[tuple[str, str]] = set()

        def note(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call" and (module := frame.f_globals.get("__name__", "")).startswith("chalicelib.rules"):
                reached.add((module, frame.f_code.co_qualname.split(".<locals>")[0].removesuffix(".<genexpr>")))

        began = time.perf_counter()
        sys.setprofile(note)
        yield
        sys.setprofile(None)
        self.reach.functions[item.nodeid] = reached
        self.reach.seconds[item.nodeid] = time.perf_counter() - began


class _Chosen:
    """A pytest plugin that runs only some tests, in the given order."""

    def __init__(self, tests: Iterable[str]) -> None:
        self._order = {test: index for index, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((x for x in items if x.nodeid in self._order), key=lambda item: self._order[item.nodeid])


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree instead of its file."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self._module, self._path = module, path
        self._code = compile(ast.fix_missing_locations(tree), str(path), "exec")

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self._path)) if fullname == self._module else None

    def exec_module(self, module: Any) -> None:
        exec(self._code, module.__dict__)  # noqa: S102 - our own source, with one node changed


def record() -> Reach:
    """Runs all tests once, unchanged, in a process of its own. Raises RuntimeError where one fails."""

    def run() -> Reach | None:
        recorder = _Recorder()
        settings.register_profile("mutants", settings.get_profile("mutants"), max_examples=10)
        return recorder.reach if _pytest([TESTS], recorder) == 0 else None

    found = _in_a_fork(run)
    if found is None:
        raise RuntimeError(f"{TESTS} must pass before mutants are tried")
    return found  # type: ignore[no-any-return]


def is_noticed(module: str, path: Path, tree: ast.Module, mutation: Mutation, tests: list[str]) -> bool:
    """Whether some test fails, or the module cannot even be imported, with the mutation applied. Call it in a fork."""
    mutation.apply()
    sys.meta_path.insert(0, _Changed(module, path, tree))
    files = sorted({_file(test) for test in tests})
    return _pytest(files, _Chosen(tests)) != 0


def start(work: Callable[[], bool]) -> int:
    """Forks a process that exits with 0 where `work` says True, and with 1 where it says False. Its id."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        code = 0
        with contextlib.suppress(BaseException):  # an error while the mutant is imported is noticed too
            code = 0 if work() else 1
        os._exit(code)
    return child


def _file(test: str) -> str:
    return test.split("::")[0]


def _pytest(files: list[str], plugin: object) -> int:
    options = ["-x", "-q", "-n", "0", "--noconftest", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:randomly"]
    settings.load_profile("mutants")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return int(pytest.main([*options, "-m", "not long", "--hypothesis-profile=mutants", *files], plugins=[plugin]))


def _in_a_fork(work: Callable[[], Any]) -> Any:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pickle.load(pipe)  # noqa: S301 - from our own fork
    os.waitpid(child, 0)
    return found
