"""One thing that was looked at in an account: ready, missing, or not to be seen, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """`next_step` is a command, or words where AWS has none."""

    state: Literal["ready", "missing", "not seen"]
    says: str
    next_step: str = ""


def ready(says: str) -> Finding:
    return Finding("ready", says)


def missing(says: str, next_step: str) -> Finding:
    return Finding("missing", says, next_step)
