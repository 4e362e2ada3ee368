"""Draws one step of a history: what it does, when, with which faults."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.simulation.faults import KINDS, Fault, Kind, Where
from tests.simulation.history import AGAIN, DAY, HOUR, Step

DETAILS: dict[str, dict[str, tuple[Any, ...]]] = {
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
    "letter": {},
    "resolve": {"status": ("sent", "failed")},
    "comes_back": {"kind": ("Bounce Permanent", "Bounce Permanent", "Bounce Transient", "Complaint", "Delivery")},
    "hear": {"words": ("STOP", "Stop, please!", "START", "yes", "No", "who is this?", "HELP")},
    "lose_queue": {},
    "redrive": {},
    "dead_letters": {},
}
ABOUT_ACCOUNTS = ("invite", "accept", "ask", "sign_in", "readdress")
OWN = (
    *("own_sign_up", "own_enter", "own_phone", "own_confirm", "own_book"),
    *("own_outcome", "own_move", "own_erase", "own_link", "own_unlink"),
)
"""What job seekers do."""
_WITHOUT_PERSON = {"tick", "deliver", "policy", "lose_queue", "redrive", "dead_letters", "log_line", *ABOUT_ACCOUNTS, *OWN}
OFTEN = {"contact": 5, "stop": 3, "move": 2, "void": 2, "state": 2, "patch": 2, "book": 3}


class Drawing:
    """Chooses which kinds of steps a history has at all: most bugs need a few kinds, often."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)
        draw = self.chance
        self.faults: list[Kind] = draw.sample(KINDS, draw.randint(1, 4)) if draw.random() < 0.8 else []
        self.often_faulty = draw.choice((0.15, 0.4, 0.8))
        self.skewed = draw.random() < 0.3
        self.clients = draw.sample(sorted(DETAILS), draw.randint(2, 6))
        self.employer = draw.choice(("plain", "plain", "telling", "once", "digest", "reply", "thrifty", "frugal"))
        self.poor = self.employer in ("thrifty", "frugal")
        """Its monthly cap pays for fewer texts than there are persons."""
        self.persons = draw.choice((2, 3, 3)) if self.poor else draw.choice((1, 1, 2, 3))
        self.shared = draw.random() < 0.25
        """One person applies for all jobs, so both employers write to them."""
        self.undecided = draw.random() < 0.15
        """The employer has no decision yet, and says so by mail."""
        self.hasty = draw.random()

    def client(self, hasty: bool = False, gap: float | None = None, ending: bool = False) -> Step:
        """Draws a client's request; with `ending` most likely one that ends a wait or opts out."""
        draw = self.chance
        kind = draw.choices(self.clients, [OFTEN.get(kind, 1) for kind in self.clients])[0]
        if ending and draw.random() < 0.7:
            kind = draw.choice(("contact", "stop", "cancel", "change", "state", "move"))
        details = {name: draw.choice(choices) for name, choices in DETAILS[kind].items()}
        if gap is None and (hasty or draw.random() < self.hasty):
            gap = draw.uniform(0, 0.09)
        return self.step(kind, gap=gap, **details)

    def step(self, kind: str, /, *faults: Fault, gap: float | None = None, **details: Any) -> Step:
        draw = self.chance
        if kind not in _WITHOUT_PERSON:
            jobs = (0, 0, 1, 2, 3) if self.shared else (0, 0, 0, 0, 1)
            details = {"person": draw.randrange(self.persons), "job": draw.choice(jobs), **details}
        if kind == "book":
            reach = draw.choice(("sms", "sms", "sms", "both") if self.poor else ("sms", "sms", "email", "both", "both"))
            reach = "email" if self.undecided and draw.random() < 0.7 else reach
            details = {"stage": "interview", "word_by": None, "reach": reach, **details}
        if kind in ("comes_back", "hear"):
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
        seed = draw.getrandbits(32)
        if kind in AGAIN:
            details.setdefault("number", seed)
        return Step(kind, round(gap, 4), seed, details, skew, faults)

    def _fault(self, kind: str) -> Fault:
        """Draws a fault, mostly of writes and sends."""
        draw = self.chance
        where: Where = draw.choice(("any", "read", "write", "send", "send") if kind == "deliver" else ("any", "any", "write"))
        first = draw.randrange(7) if where == "any" else draw.choice((0, 0, 0, 1, 1, 2))
        return Fault(draw.choice(self.faults), first, draw.choice((1, 1, 1, 3, 20)), where, round(draw.random(), 3))
