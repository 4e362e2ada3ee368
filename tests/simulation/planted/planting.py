"""Puts one bug into the code as it is imported: in memory, in this process only."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tests.simulation.planted.bugs import Bug


class DoesNotFit(Exception):
    """The code has moved: the bug must be planted anew."""


def planted(source: str, bug: Bug) -> str:
    """Raises DoesNotFit."""
    for old, new in ((bug.old, bug.new), *bug.also):
        if source.count(old) != 1:
            raise DoesNotFit(f"{bug.name}: its place is found {source.count(old)} times in {bug.module}")
        source = source.replace(old, new)
    return source


def fits(bug: Bug, root: Path) -> None:
    """Raises DoesNotFit, and SyntaxError where the changed code is none."""
    path = root / (bug.module.replace(".", "/") + ".py")
    compile(planted(path.read_text(), bug), str(path), "exec")


class _Loader(SourceFileLoader):
    bug: Bug

    def get_code(self, fullname: str) -> CodeType:
        return compile(planted(Path(self.path).read_text(), self.bug), self.path, "exec", dont_inherit=True)


class _Planter(MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin:
            loader = _Loader(fullname, spec.origin)
            loader.bug = self._bug
            spec.loader = loader
        return spec


def plant(bug: Bug) -> None:
    """Before anything of `chalicelib` is imported."""
    if any(name.startswith("chalicelib") for name in sys.modules):
        raise RuntimeError("too late: the code is imported already")
    sys.meta_path.insert(0, _Planter(bug))
