"""Histories: what clients, clocks and the machinery do, drawn from a seed. Plain data, so that a failure can be shrunk and shown.

A step names persons and jobs by number and finds their records when it runs: taking steps out leaves the rest meaningful.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation.faults import KINDS, Fault, Kind, Where

HOUR, DAY = 3600.0, 86400.0


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


def history(seed: int) -> History:
    return _Writer(seed).write()


_DETAILS: dict[str, dict[str, tuple[Any, ...]]] = {
    "book": {
        "stage": ("screen", "interview", "final"),
        "ends": (-48.02, -48.02, -48.0, -47.99, -47, -52, -120, -1, 2, 30),
        "word_by": (None, None, None, None, 0.02, 24),
        "reach": ("sms", "sms", "email", "both", "both", "both", "none"),
    },
    "contact": {
        "outcome": ("reached", "reached", "sent", "voicemail", "bounced"),
        "decision": (None, "pending", "rejected", "advancing", "offer"),
        "ago": (0, 0, 0, 1, 50),
        "promise": (None, 1, 72),
    },
    "void": {},
    "state": {"heard": (True, False), "ago": (0, 0, 20)},
    "move": {"hours": (-0.02, -1, 0.02, 5, 60)},
    "cancel": {},
    "no_show": {},
    "change": {"given": ({"decided": "rejected"}, {"decided": None}, {"status": "closed"}, {"status": "withdrawn"})},
    "stop": {"which": ("sms", "sms", "email", "both")},
    "patch": {"given": ("other phone", "other email", "no email", "no phone", "consent")},
    "policy": {
        "given": (
            {"policy": {"candidate_nudge": "off"}},
            {"policy": {"max_nudges": 1}},
            {"suspended": True},
            {"suspended": False},
            {"policy": {"candidate_nudge": None}},
            {"call_back_phone": None, "call_back_email": None},
        )
    },
    "lose_queue": {},
    "redrive": {},
    "dead_letters": {},
}
_OFTEN = {"contact": 5, "stop": 3, "move": 2, "void": 2, "state": 2, "patch": 2, "book": 3}


class _Writer:
    """Chooses first what kinds of things this history has at all: most bugs need a few kinds, often."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)
        draw = self.chance
        self.faults: list[Kind] = draw.sample(KINDS, draw.randint(0, 4)) if draw.random() < 0.8 else []
        self.often_faulty = draw.choice((0.15, 0.4, 0.8))
        self.skewed = draw.random() < 0.3
        self.clients = draw.sample(sorted(_DETAILS), draw.randint(2, 6))
        self.persons = draw.choice((1, 1, 2, 3))
        self.hasty = draw.random()

    def write(self) -> History:
        draw = self.chance
        world = {
            "employer": draw.choice(("plain", "plain", "plain", "once", "digest", "reply")),
            "index_lag": draw.choice((0, 0, 0.2, 40)),
            "read_lag": draw.choice((0, 0, 0.1, 2)),
            "duplicates": draw.choice((0, 0.3)),
        }
        steps = [
            self._step("book", ends=draw.choice((-48.02, -48.02, -48.001, -47.99)), person=number, job=0)
            for number in range(self.persons)
        ]
        for _ in range(draw.randint(2, 6)):
            steps += self._pump() if draw.random() < 0.55 else [self._client()]
        return History(self.seed, world, tuple(steps))

    def _pump(self) -> list[Step]:
        """A tick, then deliveries: perhaps two at once, perhaps with a client in between, perhaps with an overlapping tick."""
        draw = self.chance
        steps = [self._step("tick", gap=draw.choice((1, 60, 60, 900)))]
        if draw.random() < 0.2:
            steps.append(self._step("tick", gap=draw.choice((0.001, 0.01))))
        steps.append(self._step("deliver", gap=draw.choice((0.05, 0.1, 1)), most=draw.choice((2, 100, 100))))
        for _ in range(draw.choice((0, 0, 1, 1, 2))):
            if draw.random() < 0.6:
                steps.append(self._client(hasty=True))
            else:
                steps.append(self._step("deliver", gap=draw.uniform(0, 0.08), most=100))
        return steps

    def _client(self, hasty: bool = False) -> Step:
        draw = self.chance
        kind = draw.choices(self.clients, [_OFTEN.get(kind, 1) for kind in self.clients])[0]
        details = {name: draw.choice(choices) for name, choices in _DETAILS[kind].items()}
        gap = draw.uniform(0, 0.09) if hasty or draw.random() < self.hasty else None
        return self._step(kind, gap=gap, **details)

    def _step(self, kind: str, gap: float | None = None, **details: Any) -> Step:
        draw = self.chance
        if kind not in ("tick", "deliver", "policy", "lose_queue", "redrive", "dead_letters"):
            details = {"person": draw.randrange(self.persons), "job": draw.choice((0, 0, 0, 1)), **details}
        if kind == "book":
            details = {
                "stage": "interview",
                "word_by": None,
                "reach": draw.choice(("sms", "sms", "email", "both", "both")),
                **details,
            }
        if gap is None:
            gap = (
                draw.choice((0.002, 0.5, 30, 61, 61, 1000, 2 * HOUR, DAY, 5 * DAY))
                if draw.random() < 0.7
                else draw.uniform(0, 120)
            )
        faults = []
        if self.faults and draw.random() < self.often_faulty:
            for _ in range(draw.choice((1, 1, 2))):
                where: Where = draw.choice(("any", "any", "write", "send"))
                first = draw.randrange(9) if where == "any" else draw.choice((0, 0, 0, 1, 1, 2))
                faults.append(
                    Fault(draw.choice(self.faults), first, draw.choice((1, 1, 1, 3, 20)), where, round(draw.random(), 3))
                )
        skew = round(draw.uniform(-300, 300)) if self.skewed else 0
        return Step(kind, round(gap, 4), draw.getrandbits(32), details, skew, tuple(faults))
