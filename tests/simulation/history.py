"""Histories: what clients, the scheduler and workers do, drawn from a seed. Plain data, so that a failure can be shrunk.

A step names persons and jobs by number, and finds their records when it runs. So other steps still work when some are removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.faults import Fault

HOUR, DAY = 3600.0, 86400.0
BY_TEXT = ("hear", "stop", "start")
"""Kinds of steps in which a person sends a text."""
INVITED = "Kim, who was invited"
"""The name of somebody who is on the team of an employer and has not accepted."""
BY_MAIL = "mail_in"
"""The kind of steps in which a mail arrives."""
AGAIN = ("comes_back", "log_line", BY_MAIL, *BY_TEXT)
"""Kinds of steps that SNS, or the subscription of a log, delivers again when their handler fails."""


@dataclass(frozen=True)
class Step:
    """One process that will run.

    `after`: seconds since the step before began; `skew`: the error of its clock; `seed`: for its random numbers.
    """

    kind: str
    after: float
    seed: int
    details: dict[str, Any] = field(default_factory=dict)
    skew: float = 0.0
    faults: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        details = " ".join(f"{name}={value}" for name, value in self.details.items())
        skew = f" clock {self.skew:+.0f}s" if self.skew else ""
        faults = "".join(f" {fault}" for fault in self.faults)
        return f"+{self.after:.3f}s {self.kind} {details}{skew}{faults}"


@dataclass(frozen=True)
class History:
    """`world` holds the settings of the world: employer, index_lag and read_lag (seconds at most), duplicates, vague, cold."""

    seed: int
    world: dict[str, Any]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        details = " ".join(f"{name}={value}" for name, value in self.world.items())
        return "\n".join([f"seed {self.seed}: {details}", *(f"  {number:2} {step}" for number, step in enumerate(self.steps))])
