"""Puts one mutant into the code that is already imported: a function gets other code, a constant another value."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutants.mutations import Mutation

APP = ("chalicelib", "tests")


def apply(module: str, path: Path, tree: ast.Module, mutation: Mutation) -> bool:
    """Applies a mutation in this process. False where only a new import of the module can: nothing is changed then."""
    original = _compiled(path)
    mutation.apply()
    home = sys.modules[module]
    changed = _changed_function(home, mutation, original, compile(ast.fix_missing_locations(tree), str(path), "exec"))
    if not changed:
        changed = not mutation.function and _changed_constant(home, tree, mutation.constant)
    if changed:
        _forget_results(module)
    return changed


@lru_cache(1)
def _compiled(path: Path) -> CodeType:
    return compile(path.read_text(), str(path), "exec")


def _changed_function(home: ModuleType, mutation: Mutation, original: CodeType, mutated: CodeType) -> bool:
    """Gives the function around the change its new code. Not where the change is in its defaults or decorators."""
    if not mutation.function:
        return False
    owner: Any = home
    for name in mutation.function.split("."):
        original, mutated = _inner(original, name), _inner(mutated, name)
        owner = _plain(vars(owner).get(name))
        if isinstance(owner, FunctionType):
            break
    if not isinstance(owner, FunctionType) or original == mutated or owner.__code__ != original:
        return False
    owner.__code__ = mutated
    return True


def _inner(code: CodeType, name: str) -> CodeType:
    """The last code of that name in another one; the code itself where there is none."""
    return next((one for one in reversed(code.co_consts) if isinstance(one, CodeType) and one.co_name == name), code)


def _plain(found: Any) -> Any:
    """The function in a property, static or class method, or cache."""
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    if isinstance(found, property):
        found = found.fget
    return inspect.unwrap(found) if callable(found) and not isinstance(found, type) else found


def _changed_constant(home: ModuleType, tree: ast.Module, name: str) -> bool:
    """Gives a module's constant its new value, in every module that holds it."""
    statement = next((one for one in tree.body if name and name in _targets(one)), None)
    if statement is None:
        return False
    before = vars(home)[name]
    fresh = dict(vars(home))
    exec(compile(ast.Module([statement], []), "<mutant>", "exec"), fresh)  # noqa: S102 - our own source, with one node changed
    for holder in [one for key, one in sys.modules.items() if key.startswith(APP)]:
        for held, value in list(vars(holder).items()):
            if value is before and (held == name or not isinstance(before, int | float | bool | str | None)):
                setattr(holder, held, fresh[name])
    return True


def _targets(statement: ast.stmt) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _forget_results(module: str) -> None:
    """Drops what caches hold: of the rules and of the changed module."""
    for name in [name for name in sys.modules if name.startswith("chalicelib.rules") or name == module]:
        for found in list(vars(sys.modules[name]).values()):
            if callable(clear := getattr(found, "cache_clear", None)) and not isinstance(found, type):
                clear()
