"""Puts one bug into the loaded code: in memory, in this process only.

A name that a module imported with `from x import y` is a second reference to the same object. So a replacement is written to
every loaded module of the app that holds the object. A module that is imported later finds the replacement in its home module.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from tests.simulation.planted.bug import Bug, Make, Replacement, Target

APP = "chalicelib"


class DoesNotFit(Exception):
    """The code has changed: the bug must name another target."""


@dataclass(frozen=True)
class Place:
    """A module or class that holds a replaced object under a name."""

    owner: Any
    name: str
    before: Any

    @property
    def now(self) -> Any:
        return vars(self.owner)[self.name]

    def restore(self) -> None:
        setattr(self.owner, self.name, self.before)


def plant(bug: Bug) -> list[Place]:
    """Replaces all targets of a bug and returns the places that changed. Raises DoesNotFit and then changes nothing."""
    changed: list[Place] = []
    try:
        for replacement in bug.replacements:
            changed += _apply(replacement)
    except DoesNotFit as error:
        _restore(changed)
        raise DoesNotFit(f"{bug.name}: {error}") from error
    return changed


@contextmanager
def planted(bug: Bug) -> Iterator[list[Place]]:
    """Plants a bug and takes it out again."""
    changed = plant(bug)
    try:
        yield changed
    finally:
        _restore(changed)


def _restore(changed: list[Place]) -> None:
    for place in reversed(changed):
        place.restore()


def _apply(replacement: Replacement) -> list[Place]:
    if replacement.during is None:
        return _replace(replacement.target, replacement.make)
    running = _Running()
    changed = _replace(replacement.during, running.watch_calls)
    try:
        return changed + _replace(replacement.target, lambda original: running.choose(original, replacement.make(original)))
    except DoesNotFit:
        _restore(changed)
        raise


class _Running(threading.local):
    """Knows whether a function runs on this thread. Each simulated process has a thread of its own."""

    depth = 0

    def watch_calls(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.depth += 1
            try:
                return function(*args, **kwargs)
            finally:
                self.depth -= 1

        return watched

    def choose(self, original: Callable[..., Any], replacement: Callable[..., Any]) -> Callable[..., Any]:
        def chosen(*args: Any, **kwargs: Any) -> Any:
            return (replacement if self.depth else original)(*args, **kwargs)

        return chosen


def _replace(target: Target, make: Make) -> list[Place]:
    owner, name = _owner(target), target[1].rpartition(".")[2]
    before = vars(owner)[name]
    after = _remade(before, make)
    if after is before or (not callable(before) and after == before):
        raise DoesNotFit(f"the replacement of {_shown(target)} changes nothing")
    changed = [Place(owner, name, before)] if isinstance(owner, type) else _places_of(before, name, owner)
    for place in changed:
        setattr(place.owner, place.name, after)
    return changed


def _owner(target: Target) -> Any:
    """The module or class that holds the target. Raises DoesNotFit."""
    module, name = target
    try:
        owner: Any = import_module(module)
    except ModuleNotFoundError as error:
        raise DoesNotFit(f"there is no module {module}") from error
    *classes, last = name.split(".")
    for part in classes:
        owner = vars(owner).get(part)
        if not isinstance(owner, type):
            raise DoesNotFit(f"{module} has no class {part}, of which {name} could be a part")
    if last not in vars(owner):
        raise DoesNotFit(f"{module} does not define {name}")
    return owner


def _places_of(held: Any, name: str, home: ModuleType) -> list[Place]:
    """Where loaded modules hold an object: a function under any name, a constant under its own name only.

    Equal small numbers are one object in Python, so for a constant the object alone says nothing.
    """
    modules = [module for key, module in list(sys.modules.items()) if key == APP or key.startswith(f"{APP}.")]
    if home not in modules:
        modules.append(home)
    shared = callable(held) or not name.startswith("_")
    return [
        Place(module, key, value)
        for module in (modules if shared else [home])
        for key, value in list(vars(module).items())
        if value is held and (callable(held) or key == name)
    ]


def _remade(before: Any, make: Make) -> Any:
    """What `make` returns for the function inside a decorated one, decorated the same way again."""
    if isinstance(before, staticmethod | classmethod):
        return type(before)(make(before.__func__))
    if isinstance(before, property):
        return property(make(before.fget), before.fset, before.fdel, before.__doc__)
    if hasattr(before, "cache_parameters"):
        return functools.lru_cache(**before.cache_parameters())(make(before.__wrapped__))
    return make(before)


def _shown(target: Target) -> str:
    return ".".join(target)
