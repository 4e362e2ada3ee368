"""What other packages keep about a person: `wiring.py` lists who erases and who exports it.

A module of its own, so that registering them does not import erasure and export at every cold start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.rules.employer import Employer
from chalicelib.storage.table import Key


@dataclass(frozen=True, slots=True)
class Person:
    """The person being erased, for the packages that keep something about them. Never stored."""

    candidate_id: str
    texts: tuple[str, ...]
    """Name, email, phone and external ids, as they were written."""
    keys: tuple[Key, ...]
    applications: tuple[str, ...]
    name: str = ""
    email: str | None = None
    phone: str | None = None
    external_ids: tuple[tuple[str, str], ...] = ()
    """(system, id)"""


Forget = Callable[[Employer, Person], None]
"""Erases what another package keeps about a person."""
Export = Callable[[str, Person], dict[str, Any]]
"""Exports what another package keeps about a person, as further fields. It takes the employer's id."""
_forgetters: Callable[[], Iterable[Forget]] = tuple
_exporters: Callable[[], Iterable[Export]] = tuple


def also_forgotten_by(others: Callable[[], Iterable[Forget]]) -> None:
    """Registers who erases what other packages keep."""
    global _forgetters
    _forgetters = others


def also_exported_by(others: Callable[[], Iterable[Export]]) -> None:
    """Registers who exports what other packages keep."""
    global _exporters
    _exporters = others


def forgetters() -> Iterable[Forget]:
    """Returns who erases what other packages keep."""
    return _forgetters()


def exporters() -> Iterable[Export]:
    """Returns who exports what other packages keep."""
    return _exporters()
