"""One bug that the simulator must find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """`old` is replaced by `new` in `module`. `why` says what it does to people."""

    name: str
    why: str
    module: str
    old: str
    new: str
    also: tuple[tuple[str, str], ...] = ()
    """Further places of the same module."""
