"""Histories: what clients, clocks and the machinery do, drawn from a seed. Plain data, so that a failure can be shrunk and shown.

A step names persons and jobs by number and finds their records when it runs: taking steps out leaves the rest meaningful.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.faults import Fault

HOUR, DAY = 3600.0, 86400.0
AGAIN = ("comes_back", "hear")
"""What SNS hands over again when its handler fails."""


@dataclass(frozen=True)
class Step:
    """One process to be. `after`: seconds since the step before began; `skew`: how wrong its clock is; `seed`: its own chance."""

    kind: str
    after: float
    seed: int
    details: dict[str, Any] = field(default_factory=dict)
    skew: float = 0.0
    faults: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.details.items())
        skew = f" clock {self.skew:+.0f}s" if self.skew else ""
        faults = "".join(f" {fault}" for fault in self.faults)
        return f"+{self.after:.3f}s {self.kind} {told}{skew}{faults}"


@dataclass(frozen=True)
class History:
    """`world` holds what the world is like: employer, index_lag, read_lag (seconds at most), duplicates."""

    seed: int
    world: dict[str, Any]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.world.items())
        return "\n".join([f"seed {self.seed}: {told}", *(f"  {number:2} {step}" for number, step in enumerate(self.steps))])
