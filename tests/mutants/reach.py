"""Knows which functions each test calls. The map is kept in a file: only test files that have changed are recorded again."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from tests.mutants.mutations import Mutant

FIRST_TESTS = 12
"""So many of the tests that call the least are run before those of whole records, which take seconds."""
WHOLE_RECORDS = "tests/records/"


@dataclass
class Reach:
    """What a run without a mutant found: for each test its file's hash, and the functions of the area that it calls."""

    kept: Path | None = None
    functions: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)

    def load(self, tests: set[str]) -> None:
        """Reads what is known of these tests, as far as their files are unchanged."""
        known = self._known()
        for test in tests & known.keys():
            made, functions = known[test]
            if made == file_hash(file_of(test)):
                self.hashes[test], self.functions[test] = made, {(module, name) for module, name in functions}

    def save(self) -> None:
        """Keeps what is known, for the next run."""
        if self.kept:
            self.kept.parent.mkdir(exist_ok=True)
            rows = {test: [self.hashes[test], sorted(reached)] for test, reached in self.functions.items()}
            self.kept.write_text(json.dumps(self._known() | rows))

    def _known(self) -> dict[str, list[Any]]:
        """{test: [its file's hash, functions]} of earlier runs, those of other tests too."""
        known: dict[str, list[Any]] = json.loads(self.kept.read_text()) if self.kept and self.kept.exists() else {}
        return known

    def note(self, test: str, reached: set[tuple[str, str]]) -> None:
        self.functions[test], self.hashes[test] = reached, file_hash(file_of(test))

    def tests_of(self, mutant: Mutant, importers: set[str]) -> list[str]:
        """Returns the tests that call the function; first those that only state values, then a few that call little else,
        then whole records, which notice most.

        For code outside functions: all tests of the files that use or import the module or one that imports it.
        """
        called = [test for test, reached in self.functions.items() if (mutant.module, mutant.mutation.function) in reached]
        if not mutant.mutation.function or not called:
            near = {file_of(test) for test, reached in self.functions.items() if any(name in importers for name, _ in reached)}
            near |= {file for file in {file_of(test) for test in self.functions} if _imported_by(file) & importers}
            called = [test for test in self.functions if file_of(test) in near]
        called.sort(key=lambda test: len(self.functions[test]))
        quick = [test for test in called if not self.functions[test]]
        whole = [test for test in called[len(quick) :] if test.startswith(WHOLE_RECORDS)]
        others = [test for test in called[len(quick) :] if not test.startswith(WHOLE_RECORDS)]
        return [*quick, *others[:FIRST_TESTS], *whole, *others[FIRST_TESTS:]]

    def few_of(self, tests: list[str], most: int) -> list[str]:
        """Returns those that call nothing of the area, which take a millisecond, and so many of the others."""
        quick = [test for test in tests if not self.functions[test]]
        return [*quick, *[test for test in tests if self.functions[test]][:most]]


class Tracer:
    """Notes which functions of some packages are called, in any thread."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self._packages = packages
        self._seen: set[int] = set()
        self._reached: set[tuple[str, str]] = set()

    def record(self, run: Callable[[], None]) -> set[tuple[str, str]]:
        """Runs something; returns the (module, function) that it called."""
        self._seen, self._reached = set(), set()
        threading.settrace(self._note)
        sys.settrace(self._note)
        try:
            run()
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
        return self._reached

    def _note(self, frame: FrameType, _event: str, _argument: object) -> None:
        code = frame.f_code
        if id(code) in self._seen:  # to hash the code itself takes microseconds
            return
        self._seen.add(id(code))
        if (module := frame.f_globals.get("__name__", "")).startswith(self._packages):
            self._reached.add((module, code.co_qualname.split(".<locals>")[0].removesuffix(".<genexpr>")))


@cache
def _imported_by(file: str) -> set[str]:
    """The modules, and names within modules, that a test file imports itself."""
    nodes = [node for node in ast.parse(Path(file).read_text()).body if isinstance(node, ast.ImportFrom) and node.module]
    return {name for node in nodes for name in (node.module or "", *(f"{node.module}.{one.name}" for one in node.names))}


def file_of(test: str) -> str:
    return test.split("::")[0]


def file_hash(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
