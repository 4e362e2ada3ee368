"""Histories of people who get texts from two employers: replies, STOP and START, links and complaints, in every order."""

from __future__ import annotations

from tests.simulation.drawing import Drawing
from tests.simulation.faults import Fault
from tests.simulation.history import DAY, HOUR, History, Step

WORDS = ("STOP", "Stop, please!", "START", "yes", "No", "who is this?", "1", "1", "2", "HELP", "They never contact me")
GAPS = (0.01, 1, 61, 600, 2 * HOUR, DAY, 5 * DAY, 8 * DAY)


class SharedPeople(Drawing):
    """Draws such a history: one person or two, one job or two of each employer, then events in any order."""

    def write(self) -> History:
        draw = self.chance
        self.persons = draw.choice((1, 1, 2))
        self.faults = self.faults if draw.random() < 0.4 else []
        world = {
            "employer": draw.choice(("plain", "plain", "plain", "once", "limited")),
            "index_lag": draw.choice((0, 0, 0.2)),
            "read_lag": draw.choice((0, 0, 0.1, 2)),
            "duplicates": draw.choice((0, 0.3)),
            "vague": 0,
            "cold": False,
        }
        steps = [self._book(job) for job in self._jobs()]
        for _ in range(draw.randint(3, 9)):
            steps += self._event()
        return History(self.seed, world, tuple(steps))

    def _jobs(self) -> list[int]:
        """Jobs of both employers, mostly."""
        draw = self.chance
        jobs = draw.choice(([0, 2], [0, 2], [0, 2], [0, 1, 2, 3], [0, 1], [0, 2, 3]))
        return draw.sample(jobs, len(jobs))

    def _book(self, job: int) -> Step:
        draw = self.chance
        reach = draw.choice(("sms", "sms", "both", "both", "email", "paired"))
        ends = draw.choice((-48.02, -48.02, -48.001, -24, 100))
        person = draw.randrange(self.persons) if draw.random() < 0.3 else 0
        return self.step("book", gap=draw.choice((0.01, 0.01, 60)), person=person, job=job, reach=reach, ends=ends)

    def _event(self) -> list[Step]:
        draw = self.chance
        kind = draw.choices(
            ("deliver", "text", "answer both", "change of mind", "link", "complaint", "book", "client", "time"),
            (6, 6, 2, 2, 2, 1, 1, 1, 2),
        )[0]
        match kind:
            case "deliver":
                return self._deliver()
            case "text":
                return [self._text(draw.choice(WORDS))]
            case "answer both":  # while both may have texted
                first = draw.choice(("yes", "No", "who is this?"))
                return [*self._deliver(), self._text(first), self._text(draw.choice(("1", "2", "yes", "1")))]
            case "change of mind":  # a text that is delivered again comes after the next one
                words = draw.sample(("STOP", "START"), 2)
                return [self._text(words[0]), self._text(words[1], gap=draw.choice((1, 20, 120))), *self._deliver(120)]
            case "link":
                link = self.step("stop", gap=draw.choice(GAPS), person=0, job=0, which="email")
                return [link, *([self._text("START"), *self._deliver()] if draw.random() < 0.5 else [])]
            case "complaint":
                return [self.step("comes_back", gap=draw.choice(GAPS), person=0, job=0, kind="Complaint")]
            case "book":
                return [self._book(draw.choice((0, 1, 2, 3)))]
            case "client":
                return [self.client()]
        return self._deliver(draw.choice((DAY, 5 * DAY, 8 * DAY)))

    def _deliver(self, gap: float | None = None) -> list[Step]:
        draw = self.chance
        lost = (Fault("lose", 0, 1, "send"),) if draw.random() < 0.1 else ()
        steps = [self.step("tick", gap=draw.choice((1, 60, 900)) if gap is None else gap)]
        steps.append(self.step("deliver", *lost, gap=draw.choice((0.05, 1)), most=100))
        return steps

    def _text(self, words: str, gap: float | None = None) -> Step:
        person = 1 if self.chance.random() < 0.15 else 0
        gap = self.chance.choice(GAPS[:-1]) if gap is None else gap
        return self.step("hear", gap=gap, person=person, job=0, words=words)


class WhileSending(SharedPeople):
    """Draws a history in which somebody opts out, or is erased, while one delivery sends several messages to them."""

    def write(self) -> History:
        draw = self.chance
        self.persons, self.faults = 1, []
        world = {"employer": "plain", "index_lag": 0, "read_lag": 0, "duplicates": 0, "vague": 0, "cold": False}
        steps = self._erased() if draw.random() < 0.3 else self._opts_out()
        return History(self.seed, world, (*steps, *self._deliver(5 * DAY)))

    def _opts_out(self) -> list[Step]:
        draw = self.chance
        jobs = draw.choice(([0, 2], [2, 0], [0, 1], [0, 2, 3]))
        which = draw.choice(("email", "sms", "both"))
        stop = self.step("stop", gap=draw.uniform(0, 0.12), person=0, job=0, which=which)
        return [*(self._waiting(job, draw.choice(("sms", "both", "email", "paired"))) for job in jobs), *self._sent(), stop]

    def _erased(self) -> list[Step]:
        """One employer texts somebody and erases them; another one, which has not texted yet, knows the number too."""
        draw = self.chance
        texting, other = draw.sample((0, 2), 2)
        books = [self._waiting(texting, "sms"), self._waiting(other, draw.choice(("sms", "both")), ends=200)]
        erase = self.step("erase", gap=draw.choice((draw.uniform(0, 0.12), HOUR)), person=0, job=texting)
        return [*books, *self._sent(), erase, self._text(draw.choice(("yes", "No", "who is this?")))]

    def _waiting(self, job: int, reach: str, ends: float = -48.02) -> Step:
        return self.step("book", gap=0.01, person=0, job=job, reach=reach, ends=ends)

    def _sent(self) -> list[Step]:
        return [self.step("tick", gap=1), self.step("deliver", gap=1, most=100)]


class WhileErased(SharedPeople):
    """Draws a history in which somebody who was texted writes while the record of them is being erased.

    An erasure of one application takes 0.47 seconds, and deletes the application after 0.41: most of its time goes into looking
    for texts of the last 31 days that could not be read. A text that is stored later than that belongs to nobody.
    """

    def write(self) -> History:
        draw = self.chance
        self.persons, self.faults = 1, self.faults if draw.random() < 0.2 else []
        lag = draw.choice((0, 0, 0, 0.1))
        world = {"employer": "plain", "index_lag": lag, "read_lag": lag, "duplicates": 0, "vague": 0, "cold": False}
        jobs = draw.choice(([0], [2], [0, 1], [0, 2], [2, 0]))
        steps = [self.step("book", gap=0.01, person=0, job=job, reach="sms", ends=-48.02) for job in jobs]
        steps += [self.step("tick", gap=1), self.step("deliver", gap=1, most=100)]
        if len(jobs) > 1:  # both employers may have texted: it waits for a choice
            steps += [self._written(60), *([self._written(60, "1")] if draw.random() < 0.7 else [])]
        steps.append(self.step("erase", gap=draw.choice((1, HOUR)), person=0, job=jobs[0]))
        steps.append(self._written(draw.uniform(0.2, 0.4)))
        steps += [self._written(draw.uniform(0.01, 0.06)) for _ in range(draw.choice((0, 1, 2)))]
        return History(self.seed, world, (*steps, *self._deliver(5 * DAY)))

    def _written(self, gap: float, words: str = "") -> Step:
        words = words or self.chance.choice(("who is this?", "who is this?", "yes", "STOP"))
        return self.step("hear", gap=gap, person=0, job=0, words=words)
