"""Histories: what clients, clocks and the machinery do, drawn from a seed. Plain data, so that a failure can be shrunk and shown.

A step names persons and jobs by number and finds their records when it runs: taking steps out leaves the rest meaningful.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation.faults import KINDS, Fault, Kind, Where

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
    "start": {},
    "erase": {},
    "patch": {"given": ("other phone", "other email", "no email", "no phone", "consent")},
    "policy": {
        "given": (
            {"policy": {"candidate_nudge": "off"}},
            {"policy": {"max_nudges": 1}},
            {"suspended": True},
            {"suspended": False},
            {"policy": {"candidate_nudge": None}},
            {"call_back_phone": None, "call_back_email": None},
            {"call_back_phone": "+12025550100"},
            {"policy": {"sms_monthly_cap_usd": 0.15}},
        )
    },
    "notice": {"by": (30, 72, 200)},
    "resolve": {"status": ("sent", "failed")},
    "comes_back": {"kind": ("Bounce Permanent", "Bounce Permanent", "Bounce Transient", "Complaint", "Delivery")},
    "hear": {"words": ("STOP", "Stop, please!", "START", "yes", "No", "who is this?", "HELP")},
    "lose_queue": {},
    "redrive": {},
    "dead_letters": {},
}
_OF_NOBODY = {"tick", "deliver", "policy", "lose_queue", "redrive", "dead_letters"}
_OFTEN = {"contact": 5, "stop": 3, "move": 2, "void": 2, "state": 2, "patch": 2, "book": 3}


class _Writer:
    """Chooses first what kinds of things this history has at all: most bugs need a few kinds, often."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)
        draw = self.chance
        self.faults: list[Kind] = draw.sample(KINDS, draw.randint(1, 4)) if draw.random() < 0.8 else []
        self.often_faulty = draw.choice((0.15, 0.4, 0.8))
        self.skewed = draw.random() < 0.3
        self.clients = draw.sample(sorted(_DETAILS), draw.randint(2, 6))
        self.employer = draw.choice(("plain", "plain", "plain", "once", "digest", "reply", "thrifty", "frugal"))
        self.poor = self.employer in ("thrifty", "frugal")
        """Its month pays for fewer texts than there are persons."""
        self.persons = draw.choice((2, 3, 3)) if self.poor else draw.choice((1, 1, 2, 3))
        self.sought = draw.random() < 0.25
        """Somebody who applies everywhere, and is written to by everybody."""
        self.hasty = draw.random()

    def write(self) -> History:
        draw = self.chance
        world = {
            "employer": self.employer,
            "index_lag": draw.choice((0, 0, 0.2, 40)),
            "read_lag": draw.choice((0, 0, 0.1, 2)),
            "duplicates": draw.choice((0, 0.3)),
            "vague": draw.choice((0, 0.5)),
            "cold": draw.random() < 0.1,
        }
        steps = [
            self._step("book", ends=draw.choice((-48.02, -48.02, -48.001, -47.99)), person=number, job=0)
            for number in range(self.persons)
        ]
        if self.sought:
            steps += [
                self._step("book", gap=0.01, ends=draw.choice((-48.02, -48.001, -47.99, -24, 12)), person=0, job=job)
                for job in draw.sample((1, 2, 3), draw.choice((1, 2, 3)))
            ]
        for _ in range(draw.randint(1, 4)):
            scene = draw.choices(self._scenes, (5, 4, 3, 1, 1, 4, 5 if self.poor or self.sought else 1, 1))[0]
            steps += scene()
        return History(self.seed, world, tuple(steps))

    def _pump(self, *faults: Fault, gap: float | None = None, crowded: bool = False) -> list[Step]:
        """A tick, then deliveries. Where it is crowded, two of each, a record each, and clients at the very same time."""
        draw = self.chance
        steps = [self._step("tick", gap=draw.choice((1, 60, 60, 900)) if gap is None else gap)]
        if crowded or draw.random() < 0.2:
            steps.append(self._step("tick", gap=draw.choice((0.001, 0.01))))
        most = 1 if crowded else draw.choice((2, 100, 100))
        if draw.random() < 0.3:
            steps.append(self._client(gap=draw.choice((0.05, 0.1))))
            steps.append(self._step("deliver", *faults, gap=draw.uniform(0, 0.06), most=most))
        else:
            steps.append(self._step("deliver", *faults, gap=draw.choice((0.05, 0.1, 1)), most=most))
        for _ in range(draw.choice((1, 2)) if crowded else draw.choice((0, 0, 1, 1, 2))):
            if draw.random() < 0.6:
                steps.append(self._client(hasty=True, ending=crowded))
            else:
                steps.append(self._step("deliver", gap=draw.uniform(0, 0.04), most=most))
        return steps

    def _refusal(self) -> list[Step]:
        """A provider that says no for a while, and what happens until the next attempt."""
        draw = self.chance
        no = Fault(draw.choice(("throttle", "unavailable", "refuse")), 0, draw.choice((1, 2, 20)), "send")
        steps = self._pump(no)
        for _ in range(draw.choice((1, 1, 2))):
            steps += self._pump(gap=draw.choice((61, 61, 62, 121, 241, 3700)), crowded=draw.random() < 0.7)
        return steps

    def _rush(self) -> list[Step]:
        """Several workers at once, a record each: for the same money, or the same person. One may be heard late."""
        draw = self.chance
        steps = [self._step("tick", gap=draw.choice((1, 60, 900)))]
        for _ in range(draw.choice((2, 3, 3))):
            faults = [Fault("refuse", 0, 1, "send"), Fault("late", 3, 1, "write", round(draw.random(), 3))]
            steps.append(
                self._step("deliver", *(faults if draw.random() < 0.2 else []), gap=draw.choice((0.001, 0.005, 0.02)), most=1)
            )
        return steps

    def _hindrance(self) -> list[Step]:
        """Nudges may not go out for a while; then they may again, and somebody writes."""
        draw = self.chance
        away, back = draw.choice(
            (
                ({"suspended": True}, {"suspended": False}),
                ({"call_back_phone": None, "call_back_email": None}, {"call_back_phone": "+12025550100"}),
            )
        )
        steps = [self._step("policy", gap=0.5, given=away), *self._pump(gap=draw.choice((2, 60)))]
        steps.append(self._step("policy", gap=draw.choice((0.01, 60)), given=back))
        steps.append(
            self._step("patch", gap=draw.choice((0.01, 60)), given=draw.choice(("other phone", "other email", "consent")))
        )
        return [*steps, *self._pump()]

    def _death(self) -> list[Step]:
        """A worker that dies, freezes or is not heard of while it sends, and what is found when its claim comes due."""
        draw = self.chance
        kind: Kind = draw.choice(("crash_before", "crash_after", "late", "freeze", "freeze_after"))
        where: Where = draw.choice(("send", "write"))
        end = Fault(kind, draw.choice((0, 1)), 20 if kind == "late" else 1, where, round(draw.random(), 3))
        steps = self._pump(end)
        for gap in draw.choice(((1,), (30,), (896,), (1, 900))):
            steps += self._pump(gap=gap + draw.choice((0, 1, 2)))
        return steps

    def _put_off(self) -> list[Step]:
        """The employer has no decision yet and says so. What was sent is word; it may come back, or never be heard of."""
        draw = self.chance
        whom = {"person": draw.randrange(self.persons), "job": 0}
        steps = [self._step("notice", **whom, by=draw.choice((30, 72, 200)))]
        lost = Fault(draw.choice(("crash_after", "lose", "refuse")), 0, 1, "send", 0.5)
        steps += self._pump(*([lost] if draw.random() < 0.3 else []), gap=draw.choice((0.01, 1, 30)))
        for _ in range(draw.choice((0, 1, 1, 2))):
            kind = draw.choice(("comes_back", "comes_back", "hear", "resolve", "notice", "stop"))
            details = {name: draw.choice(choices) for name, choices in _DETAILS[kind].items()}
            steps.append(self._step(kind, gap=draw.choice((0.01, 1, 60, 1000)), **whom, **details))
            if draw.random() < 0.5:
                steps += self._pump()
        return steps

    def _outage(self) -> list[Step]:
        """Nothing runs for a day, or for five; then clients and the sender wake at once."""
        draw = self.chance
        gap = draw.choice((DAY, 3 * DAY, 5 * DAY, 12 * HOUR))
        first = draw.choice(("tick", "client", "patch"))
        if first == "patch":
            steps = [self._step("patch", gap=gap, given=draw.choice(("other phone", "other email", "consent")))]
        else:
            steps = [self._step("tick", gap=gap)] if first == "tick" else [*self._client_alone(gap), *self._pump(gap=0.01)]
        return [*steps, *self._pump(gap=draw.choice((0.05, 60)))]

    def _client_alone(self, gap: float | None = None) -> list[Step]:
        return [self._client(gap=gap)]

    @property
    def _scenes(self) -> tuple[Callable[[], list[Step]], ...]:
        often = self._pump, self._refusal, self._death, self._outage, self._hindrance
        return *often, self._client_alone, self._rush, self._put_off

    def _client(self, hasty: bool = False, gap: float | None = None, ending: bool = False) -> Step:
        """A client's request; with `ending` most likely one that ends a wait, or the wish to hear of it."""
        draw = self.chance
        kind = draw.choices(self.clients, [_OFTEN.get(kind, 1) for kind in self.clients])[0]
        if ending and draw.random() < 0.7:
            kind = draw.choice(("contact", "stop", "cancel", "change", "state", "move"))
        details = {name: draw.choice(choices) for name, choices in _DETAILS[kind].items()}
        if gap is None and (hasty or draw.random() < self.hasty):
            gap = draw.uniform(0, 0.09)
        return self._step(kind, gap=gap, **details)

    def _step(self, kind: str, /, *faults: Fault, gap: float | None = None, **details: Any) -> Step:
        draw = self.chance
        if kind not in _OF_NOBODY:
            jobs = (0, 0, 1, 2, 3) if self.sought else (0, 0, 0, 0, 1)
            details = {"person": draw.randrange(self.persons), "job": draw.choice(jobs), **details}
        if kind == "book":
            reach = draw.choice(("sms", "sms", "sms", "both") if self.poor else ("sms", "sms", "email", "both", "both"))
            details = {"stage": "interview", "word_by": None, "reach": reach, **details}
        if kind in AGAIN:
            details["number"] = draw.getrandbits(32)
        if gap is None:
            gap = (
                draw.choice((0.002, 0.5, 30, 61, 61, 1000, 2 * HOUR, DAY, 5 * DAY))
                if draw.random() < 0.7
                else draw.uniform(0, 120)
            )
        if self.faults and draw.random() < self.often_faulty:
            faults += tuple(self._fault(kind) for _ in range(draw.choice((1, 1, 2))))
        skew = round(draw.uniform(-300, 300)) if self.skewed else 0
        return Step(kind, round(gap, 4), draw.getrandbits(32), details, skew, faults)

    def _fault(self, kind: str) -> Fault:
        """Most calls that matter are writes and sends."""
        draw = self.chance
        where: Where = draw.choice(("any", "read", "write", "send", "send") if kind == "deliver" else ("any", "any", "write"))
        first = draw.randrange(7) if where == "any" else draw.choice((0, 0, 0, 1, 1, 2))
        return Fault(draw.choice(self.faults), first, draw.choice((1, 1, 1, 3, 20)), where, round(draw.random(), 3))
