"""Histories in which one employer has a slow webhook endpoint, and the check that it delays nobody else's messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation import promised
from tests.simulation.drawing import Drawing
from tests.simulation.history import History, Step
from tests.simulation.ledger import Claimed
from tests.simulation.world.providers import Call

LONGEST = 10.0
"""Seconds between the start of a worker and the last message of a batch: some seconds of calls, and no endpoint's time."""
CHUNK = 3
"""Queue records that a worker handles together: fewer than in production, so that a short history has several chunks."""


class SlowEndpoint(Drawing):
    """Draws such a history: many events of one employer, then messages of the other."""

    def write(self) -> History:
        draw = self.chance
        self.faults, self.persons = [], 3
        world = {
            "employer": "listening",
            "index_lag": 0,
            "read_lag": 0,
            "duplicates": draw.choice((0, 0.3)),
            "vague": draw.choice((0, 0.5)),
            "cold": False,
            "endpoint": draw.choice((0.2, 2.5, 3.5)),
            "chunk": CHUNK,
        }
        steps = [self._book(person, job) for person in range(3) for job in (0, 1)]
        for _ in range(draw.randint(1, 3)):
            steps += [
                self.step("contact", gap=0.01, person=person, job=job, outcome="voicemail", decision=None, ago=0, promise=None)
                for person in range(3)
                for job in (0, 1)
            ]
            steps += [self.step("tick", gap=1), self.step("deliver", gap=0.1, most=100)]  # the events become requests
            steps += [self._book(person, job) for person in range(3) for job in draw.sample((2, 3), draw.choice((1, 2)))]
            steps += [self.step("tick", gap=61), self.step("deliver", gap=0.1, most=draw.choice((20, 100)))]
        return History(self.seed, world, tuple(steps))

    def _book(self, person: int, job: int) -> Step:
        return self.step("book", gap=0.01, person=person, job=job, reach="both", ends=self.chance.choice((-48.02, -48.001, -24)))


@dataclass
class Fairness:
    """The check of one history. `slow` is the employer whose endpoint is slow."""

    wrong: Callable[[str], None]
    slow: str | None = None

    def called(self, call: Call, employer_id: str, claimed: Claimed) -> None:
        """Checks that a worker sent a message soon after it began."""
        process = claimed.process
        if self.slow in (None, employer_id) or process is None or promised.FAIRNESS not in promised.DEMANDED:
            return
        waited = call.at - process.began_at
        if process.kind == "deliver" and waited > LONGEST and not process.notes.get("faults_met"):
            self.wrong(f"a message waited {waited:.0f} s in a worker that called another employer's endpoint")
