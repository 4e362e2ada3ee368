"""One bug that the simulator must find: the functions, methods and constants that are replaced while the program runs.

A target is a module and a qualified name in it, such as "chalicelib.storage.transaction" and "Transaction.update". When the code
renames it, change the name here. The source text does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Target = tuple[str, str]
"""A module, and the qualified name of a function, method or constant in it."""
Make = Callable[[Any], Any]
"""Takes the original and returns what replaces it."""


@dataclass(frozen=True)
class Replacement:
    """Replaces `target` by what `make` returns. With `during`, the original stays in use except while that target runs."""

    target: Target
    make: Make
    during: Target | None = None


@dataclass(frozen=True)
class Bug:
    """`why` says what the bug does to people."""

    name: str
    why: str
    replacements: Sequence[Replacement]


def wrap(module: str, name: str, make: Make, *, during: Target | None = None) -> Replacement:
    """Replaces a function or method by `make(original)`. A method gets its instance as the first argument."""
    return Replacement((module, name), make, during)


def always_return(module: str, name: str, value: Any, *, during: Target | None = None) -> Replacement:
    """Replaces a function or method by one that does nothing and returns `value`."""
    return wrap(module, name, lambda original: lambda *args, **kwargs: value, during=during)


def change_result(module: str, name: str, change: Callable[[Any], Any], *, during: Target | None = None) -> Replacement:
    """Calls the function or method as before, and returns `change(result)`."""
    return wrap(module, name, lambda original: lambda *args, **kwargs: change(original(*args, **kwargs)), during=during)


def set_constant(module: str, name: str, value: Any) -> Replacement:
    """Gives a constant another value."""
    return Replacement((module, name), lambda original: value)
