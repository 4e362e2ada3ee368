"""Draws histories of clients that repeat what they ask for over HTTP."""

from __future__ import annotations

from tests.simulation.drawing import Drawing
from tests.simulation.faults import Fault, Kind
from tests.simulation.history import DAY, HOUR, History, Step


class RepeatedRequests(Drawing):
    """Draws such a history: people who wait, and a recruiter whose requests are cut off, repeated and pressed twice."""

    def write(self) -> History:
        draw = self.chance
        self.skewed, self.persons = False, draw.choice((2, 3))
        self.often_faulty = draw.choice((0.0, 0.1, 0.3))
        world = {
            "employer": "plain",
            "index_lag": 0,
            "read_lag": draw.choice((0, 0, 0.1, 2)),
            "duplicates": 0,
            "vague": 0,
            "cold": False,
        }
        reach = draw.choice(("email", "email", "both"))
        steps = [
            self.step("book", gap=0.5, person=number, job=0, ends=draw.choice((-24, -2)), reach=reach)
            for number in range(self.persons)
        ]
        for _ in range(draw.randint(2, 5)):
            steps += draw.choice((self._notices, self._notices, self._contact, self._form))()
        return History(self.seed, world, tuple(steps))

    def _cut(self) -> tuple[Fault, ...]:
        """A fault in the middle of a request: between two writes of several, most often."""
        draw = self.chance
        kind: Kind = draw.choice(("crash_before", "crash_after", "lose", "lose", "drop", "late", "unavailable"))
        return (Fault(kind, draw.choice((0, 0, 1, 2, 3)), draw.choice((1, 1, 20)), "write", round(draw.random(), 3)),)

    def _post(self, what: str, given: object, gap: float, *faults: Fault, number: int | None = None) -> Step:
        draw = self.chance
        number = draw.getrandbits(32) if number is None else number
        person = draw.randrange(self.persons)
        return self.step("post", *faults, gap=gap, person=person, job=0, what=what, given=given, number=number)

    def _notices(self) -> list[Step]:
        """Asks for many notices, perhaps twice at once; they go out; the same day is asked for again under a new key."""
        draw = self.chance
        by, number = draw.choice((72, 72, 120)), draw.getrandbits(32)
        steps = [self._post("notices", by, 1, *(self._cut() if draw.random() < 0.6 else ()), number=number)]
        if draw.random() < 0.3:
            steps.append(self._post("notices", by, 0.01, number=number))
        if draw.random() < 0.8:
            steps += self._sent()
        again = draw.choice((by, by, by, 120))
        return [*steps, self._post("notices", again, draw.choice((0.01, 1, 200)), *(self._cut() if draw.random() < 0.3 else ()))]

    def _sent(self) -> list[Step]:
        return [self.step("tick", gap=61), self.step("deliver", gap=1, most=100)]

    def _contact(self) -> list[Step]:
        """Logs a call by key, cut off or not, and sends it twice at once."""
        draw = self.chance
        number, outcome = draw.getrandbits(32), draw.choice(("voicemail", "reached", "no_answer"))
        steps = [
            self._post("contact", outcome, draw.choice((1, HOUR)), *(self._cut() if draw.random() < 0.6 else ()), number=number)
        ]
        if draw.random() < 0.5:
            steps.append(self._post("contact", outcome, draw.choice((0.002, 0.01, 70)), number=number))
        return steps

    def _form(self) -> list[Step]:
        """Presses a button twice, and another one a moment later."""
        draw = self.chance
        number, outcome = draw.getrandbits(32), draw.choice(("voicemail", "reached"))
        steps = [self._post("form", outcome, draw.choice((1, DAY)), *(self._cut() if draw.random() < 0.3 else ()), number=number)]
        steps.append(self._post("form", outcome, draw.choice((0.002, 0.01, 0.05)), number=number))
        if draw.random() < 0.5:
            steps.append(self._post("form", "no_answer", draw.choice((0.02, 3))))
        return steps
