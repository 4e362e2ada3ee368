"""Scenarios that histories are made of: each is a few minutes in which one kind of thing goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any

from tests.simulation.accounts import Accounts
from tests.simulation.conversations import Conversations
from tests.simulation.delivery_log import ARRIVED, LINE, OPTED_OUT, REFUSED
from tests.simulation.drawing import DETAILS, Drawing
from tests.simulation.fairness import SlowEndpoint
from tests.simulation.faults import Fault, Kind, Where
from tests.simulation.history import DAY, HOUR, History, Step
from tests.simulation.linked import LinkedPairs
from tests.simulation.mail_histories import AnsweredMails
from tests.simulation.repeated_requests import RepeatedRequests
from tests.simulation.seekers import SeekersAlone
from tests.simulation.shared_people import SharedPeople, WhileErased, WhileSending

SLOW = 0.01
"""The part of histories in which one employer has a slow webhook endpoint."""
LIMITED = 0.1
"""The part of histories with an operator's ceiling that is soon reached."""
RACED = 0.15
"""The part of those with a limit of a day in which two workers deliver at the same moment."""
REPEATED = 0.03
"""The part of histories about clients that repeat what they ask for over HTTP."""
ACCOUNTS = 0.03
"""The part of histories about invitations and sign-in."""
SHARED = 0.25
"""The part of histories in which two employers text the same people, and these reply."""
MEANWHILE = 0.15
"""The part of these in which somebody opts out, or is erased, while several messages to them are being sent."""
ERASED = 0.25
"""The part of those in which somebody writes while they are being erased."""
LOGGED = 0.03
"""The part of histories in which SNS's delivery log says what became of texts."""
MOVED = 0.02
"""The part of histories in which an interview is moved after its message, and moved back."""

TALKING = 0.1
"""The part of histories in which candidates write and ask, and the team is told: owners, deciders, letters, feedback."""
SEEKERS = 0.05
"""The part of histories of job seekers who keep their own interviews."""
LINKED = 0.03
"""The part of histories of a job seeker whose interview is linked with an employer's record of it."""
ANSWERED = 0.025
"""The part of histories in which people answer mails by mail."""
MAILS = 0.05
"""The part of histories in which several persons who are reached by mail alone hear at once: one call carries their mails."""


def history(seed: int) -> History:
    """Draws the history of a seed."""
    writer = writer_of(seed)
    drawn = writer(seed).write()
    if writer not in (SlowEndpoint, Accounts, RepeatedRequests, SeekersAlone, LinkedPairs, AnsweredMails):
        drawn = replace(drawn, world={**drawn.world, **_ceilings(seed, drawn)})
    is_raced = drawn.world["employer"] == "limited" and Random(f"race {seed}").random() < RACED
    return replace(drawn, steps=tuple(_raced(drawn.steps))) if is_raced else drawn


def _raced(steps: Iterable[Step]) -> Iterable[Step]:
    """Makes two deliveries of each, of one record each and at the same moment: they compete for what is left of a day."""
    for step in steps:
        if step.kind != "deliver":
            yield step
            continue
        yield replace(step, details={"most": 1})
        yield replace(step, after=0.002, seed=step.seed + 2**34, details={"most": 1}, faults=())  # other write tokens


def writer_of(seed: int) -> type[Writer]:
    """Tells which kind of history a seed draws, without drawing it."""
    writer = _writer(Random(f"kind {seed}").random())
    if writer is SharedPeople and Random(f"meanwhile {seed}").random() < MEANWHILE:
        return WhileErased if Random(f"while erased {seed}").random() < ERASED else WhileSending
    return writer


def _ceilings(seed: int, drawn: History) -> dict[str, Any]:
    """Draws the operator's ceilings: one text and one mail a day for an employer, or trial; a small budget of the deployment."""
    draw, ceilings = Random(f"ceilings {seed}"), dict[str, Any]()
    if drawn.world["employer"] == "plain" and draw.random() < LIMITED:
        ceilings["employer"] = draw.choice(("limited", "limited", "limited", "trial"))
    if draw.random() < LIMITED:
        ceilings["budget"] = draw.choice(("0.05", "0.1", "0.2"))
    return ceilings


def _writer(kind: float) -> type[Writer]:
    if kind < SLOW:
        return SlowEndpoint
    if kind < SLOW + SHARED:
        return SharedPeople
    if kind < SLOW + SHARED + ACCOUNTS:
        return Accounts
    if kind < SLOW + SHARED + ACCOUNTS + REPEATED:
        return RepeatedRequests
    if kind < SLOW + SHARED + ACCOUNTS + REPEATED + LOGGED:
        return FateOfTexts
    if kind < SLOW + SHARED + ACCOUNTS + REPEATED + LOGGED + TALKING:
        return Conversations
    if kind < SLOW + SHARED + ACCOUNTS + REPEATED + LOGGED + TALKING + ANSWERED:
        return AnsweredMails
    if kind > 1 - MOVED - MAILS:
        return ThereAndBack if kind > 1 - MOVED else MailsTogether
    if kind > 1 - MOVED - MAILS - SEEKERS:
        return SeekersAlone
    if kind > 1 - MOVED - MAILS - SEEKERS - LINKED:
        return LinkedPairs
    return _Writer


class _Writer(Drawing):
    """Joins scenarios to a history."""

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
        ends = (-24, -1) if self.undecided else (-48.02, -48.02, -48.001, -47.99)
        steps = [self.step("book", ends=draw.choice(ends), person=number, job=0) for number in range(self.persons)]
        if self.shared:
            steps += [
                self.step("book", gap=0.01, ends=draw.choice((-48.02, -48.001, -47.99, -24, 12)), person=0, job=job)
                for job in draw.sample((1, 2, 3), draw.choice((1, 2, 3)))
            ]
        for _ in range(draw.randint(1, 4)):
            scenario = draw.choices(self._scenarios, self._weights)[0]
            steps += scenario()
        return History(self.seed, world, tuple(steps))

    def _pump(self, *faults: Fault, gap: float | None = None, crowded: bool = False) -> list[Step]:
        """A tick, then deliveries. With `crowded`, two of each with one record each, and clients at the same time."""
        draw = self.chance
        steps = [self.step("tick", gap=draw.choice((1, 60, 60, 900)) if gap is None else gap)]
        if crowded or draw.random() < 0.2:
            steps.append(self.step("tick", gap=draw.choice((0.001, 0.01))))
        most = 1 if crowded else draw.choice((2, 100, 100))
        if draw.random() < 0.3:
            steps.append(self.client(gap=draw.choice((0.05, 0.1))))
            steps.append(self.step("deliver", *faults, gap=draw.uniform(0, 0.06), most=most))
        else:
            steps.append(self.step("deliver", *faults, gap=draw.choice((0.05, 0.1, 1)), most=most))
        for _ in range(draw.choice((1, 2)) if crowded else draw.choice((0, 0, 1, 1, 2))):
            if draw.random() < 0.6:
                steps.append(self.client(hasty=True, ending=crowded))
            else:
                steps.append(self.step("deliver", gap=draw.uniform(0, 0.04), most=most))
        return steps

    def _refusal(self) -> list[Step]:
        """A provider refuses for a while, and other things happen before the next attempt."""
        draw = self.chance
        no = Fault(draw.choice(("throttle", "unavailable", "refuse")), 0, draw.choice((1, 2, 20)), "send")
        steps = self._pump(no)
        for _ in range(draw.choice((1, 1, 2))):
            steps += self._pump(gap=draw.choice((61, 61, 62, 121, 241, 3700)), crowded=draw.random() < 0.7)
        return steps

    def _rush(self) -> list[Step]:
        """Several workers at once, one record each: they compete for money, or for the same person. A write may arrive late."""
        draw = self.chance
        steps = [self.step("tick", gap=draw.choice((1, 60, 900)))]
        for _ in range(draw.choice((2, 3, 3))):
            faults = [Fault("refuse", 0, 1, "send"), Fault("late", 3, 1, "write", round(draw.random(), 3))]
            steps.append(
                self.step("deliver", *(faults if draw.random() < 0.2 else []), gap=draw.choice((0.001, 0.005, 0.02)), most=1)
            )
        return steps

    def _pause_and_resume(self) -> list[Step]:
        """Nudges may not go out for a while; then they may again, and a client changes a record."""
        draw = self.chance
        away, back = draw.choice(
            (
                ({"suspended": True}, {"suspended": False}),
                ({"call_back_phone": None, "call_back_email": None}, {"call_back_phone": "+12025550100"}),
            )
        )
        steps = [self.step("policy", gap=0.5, given=away), *self._pump(gap=draw.choice((2, 60)))]
        steps.append(self.step("policy", gap=draw.choice((0.01, 60)), given=back))
        steps.append(
            self.step("patch", gap=draw.choice((0.01, 60)), given=draw.choice(("other phone", "other email", "consent")))
        )
        return [*steps, *self._pump()]

    def _death(self) -> list[Step]:
        """A worker dies, freezes or gets no response while it sends, and its claim comes due."""
        draw = self.chance
        kind: Kind = draw.choice(("crash_before", "crash_after", "late", "freeze", "freeze_after"))
        where: Where = draw.choice(("send", "write"))
        end = Fault(kind, draw.choice((0, 1)), 20 if kind == "late" else 1, where, round(draw.random(), 3))
        steps = self._pump(end)
        for gap in draw.choice(((1,), (30,), (896,), (1, 900))):
            steps += self._pump(gap=gap + draw.choice((0, 1, 2)))
        return steps

    def _holding_notice(self) -> list[Step]:
        """The employer sends a holding notice. It may come back, or its outcome stays unknown."""
        draw = self.chance
        person, by = {"person": draw.randrange(self.persons), "job": 0}, draw.choice((30, 72, 200))
        steps = [self.step("letter", **person) if draw.random() < 0.4 else self.step("notice", **person, by=by)]
        went = draw.choice(("well", "well", "unheard", "half", "cut off"))
        cuts: tuple[Kind, ...] = ("crash_before", "crash_after", "lose")
        cut = draw.choice(cuts)  # whatever went, so that older seeds draw the same
        if went == "cut off":
            return self._unlogged(steps[0], cut) if draw.random() < 0.6 else self._asked_again(steps[0])
        lost = {
            "unheard": Fault("lose", 0, 1, "send"),
            "half": Fault("crash_after", 0, 1, "send"),
        }
        steps += self._pump(*([lost[went]] if went in lost else []), gap=draw.choice((0.01, 1, 30)))
        if went == "half":
            steps += self._pump(gap=draw.choice((901, 1201)))
        sequels = ("back", "back", "answer", "stop", "again") if went == "well" else ("again", "found out", "found out")
        for _ in range(draw.choice((1, 1, 2))):
            steps += self._sequel(draw.choice(sequels), person, by)
            if draw.random() < 0.7:
                steps += self._pump()
        return steps

    def _unlogged(self, asked: Step, kind: Kind) -> list[Step]:
        """A notice is sent, and its worker dies before it is logged, or gets no answer. Often it comes back meanwhile."""
        draw = self.chance
        dies = Fault(draw.choice((kind, "crash_before")), 0, 1, "contact")
        steps = [asked, self.step("tick", gap=draw.choice((1, 60))), self.step("deliver", dies, gap=1, most=100)]
        back = draw.choice(
            ("Bounce Permanent", "Bounce Permanent", "Bounce Permanent", "Bounce Transient", "Complaint", "Delivery")
        )
        who = {name: asked.details[name] for name in ("person", "job")}
        return [*steps, self.step("comes_back", gap=draw.choice((1, 30)), **who, kind=back), *self._pump()]

    def _asked_again(self, asked: Step) -> list[Step]:
        """The provider's response is lost, or the worker dies while it sends. The notice is unknown, and is asked for again."""
        draw = self.chance
        lost = Fault(draw.choice(("lose", "lose", "drop", "crash_after")), 0, 1, "send")
        steps = [asked, self.step("tick", gap=draw.choice((1, 60))), self.step("deliver", lost, gap=1, most=100)]
        if lost.kind == "crash_after":  # its claim comes due
            steps += self._pump(gap=draw.choice((901, 1201)))
        steps.append(self.step(asked.kind, gap=draw.choice((10, 60)), **asked.details))
        return [*steps, *self._pump()]

    def _sequel(self, what: str, person: dict[str, Any], by: float) -> list[Step]:
        """What people do about a notice that is on its way, was sent, or is unknown."""
        draw, soon = self.chance, self.chance.choice((0.01, 0.01, 1, 60))
        match what:
            case "back":
                kind = draw.choice(("Bounce Permanent", "Bounce Permanent", "Bounce Transient", "Complaint", "Delivery"))
                return [self.step("comes_back", gap=soon, **person, kind=kind)]
            case "again":
                if draw.random() < 0.5:
                    return [self.step("letter", gap=soon, **person)]
                return [self.step("notice", gap=soon, **person, by=draw.choice((by, by + 24)))]
            case "found out":  # reported by two people at once
                said = [draw.choice(("sent", "failed")) for _ in range(2)]
                return [self.step("resolve", gap=gap, **person, status=one) for gap, one in zip((soon, 0.001), said, strict=True)]
            case "answer":
                return [self.step("hear", gap=soon, **person, words=draw.choice(("yes", "no", "STOP")))]
        return [self.step("stop", gap=soon, **person, which=draw.choice(("sms", "email", "both")))]

    def _replies(self) -> list[Step]:
        """People reply to what was sent to them, and a reply may be delivered twice."""
        draw = self.chance
        said = [draw.choice(DETAILS["hear"]["words"]) for _ in range(draw.choice((1, 2)))]
        return [*self._pump(), *(self.step("hear", gap=draw.choice((0.01, 1, 600)), words=words) for words in said)]

    def _outage(self) -> list[Step]:
        """Nothing runs for a day, or for five; then clients and the scheduler start at once."""
        draw = self.chance
        gap = draw.choice((DAY, 3 * DAY, 5 * DAY, 12 * HOUR))
        first = draw.choice(("tick", "client", "patch"))
        if first == "patch":
            steps = [self.step("patch", gap=gap, given=draw.choice(("other phone", "other email", "consent")))]
        else:
            steps = [self.step("tick", gap=gap)] if first == "tick" else [*self._client_alone(gap), *self._pump(gap=0.01)]
        return [*steps, *self._pump(gap=draw.choice((0.05, 60)))]

    def _client_alone(self, gap: float | None = None) -> list[Step]:
        return [self.client(gap=gap)]

    @property
    def _scenarios(self) -> tuple[Callable[[], list[Step]], ...]:
        often = self._pump, self._refusal, self._death, self._outage, self._pause_and_resume
        return *often, self._client_alone, self._rush, self._holding_notice, self._replies

    @property
    def _weights(self) -> tuple[int, ...]:
        return 5, 4, 3, 1, 1, 4, 5 if self.poor or self.shared else 1, 12 if self.undecided else 1, 4 if self.shared else 1


class FateOfTexts(_Writer):
    """Texts arrive or fail after SNS has taken them. The lines about them come late, twice, and contradict each other."""

    def step(self, kind: str, /, *faults: Fault, gap: float | None = None, **details: Any) -> Step:
        if kind == "book":
            details = {"reach": self.chance.choice(("sms", "both", "both")), **details}
        return super().step(kind, *faults, gap=gap, **details)

    def _fate(self) -> list[Step]:
        draw = self.chance
        if draw.random() < 0.3:  # the line comes while the text is being settled
            steps = [self.step("tick", gap=60), self.step("deliver", gap=1, most=100)]
            steps.append(self.step(LINE, gap=draw.uniform(0.04, 0.09), outcome=REFUSED))
        elif draw.random() < 0.7:
            steps = self._pump()
        else:
            steps = [self.step("notice", by=draw.choice((30, 72))), *self._pump(gap=1)]
        for _ in range(draw.choice((1, 1, 2))):
            gap = draw.choice((0.01, 0.05, 1, 60, 2 * HOUR, 2 * DAY))
            steps.append(self.step(LINE, gap=gap, outcome=draw.choice((ARRIVED, REFUSED, REFUSED, OPTED_OUT))))
            if draw.random() < 0.5:
                steps += self._pump(gap=draw.choice((1, 61, 900)))
        return [*steps, *self._pump()]

    @property
    def _scenarios(self) -> tuple[Callable[[], list[Step]], ...]:
        return self._fate, self._pump, self._death, self._replies, self._client_alone

    @property
    def _weights(self) -> tuple[int, ...]:
        return 6, 1, 1, 1, 1


class ThereAndBack(_Writer):
    """An interview is moved after a message about it, and back again. A message may be sent in between."""

    def _there_and_back(self) -> list[Step]:
        draw = self.chance
        who, by = {"person": draw.randrange(self.persons), "job": 0}, draw.choice((-0.02, 0.02, 5, 60))
        steps = [*self._pump(), self.step("move", gap=draw.choice((1, 60, 2 * HOUR)), **who, hours=by)]
        if draw.random() < 0.5:
            steps += self._pump()
        return [*steps, self.step("move", gap=draw.choice((0.01, 60, DAY)), **who, hours=-by), *self._pump()]

    @property
    def _scenarios(self) -> tuple[Callable[[], list[Step]], ...]:
        return self._there_and_back, self._pump, self._refusal, self._death

    @property
    def _weights(self) -> tuple[int, ...]:
        return 4, 1, 1, 1


class MailsTogether(_Writer):
    """Several persons hear by mail at the same moment: one call carries all of it, and SES may take a part."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.persons, self.undecided, self.shared = 3, False, self.chance.random() < 0.3

    def step(self, kind: str, /, *faults: Fault, gap: float | None = None, **details: Any) -> Step:
        if kind == "book" and "reach" not in details:
            details["reach"] = self.chance.choice(("email", "email", "email", "email", "both"))
        return super().step(kind, *faults, gap=gap, **details)

    def _sent_together(self) -> list[Step]:
        """One call for several mails goes wrong: as a whole, or for some of them. What was refused comes again."""
        draw = self.chance
        kinds: tuple[Kind, ...] = ("partial", "partial", "partial", "lose", "throttle", "reject", "internal_done", "drop")
        wrong = Fault(draw.choice(kinds), 0, draw.choice((1, 1, 2)), "send", round(draw.random(), 3))
        steps = self._pump(wrong, gap=draw.choice((1, 60)))
        if draw.random() < 0.5:
            steps.append(self.step("stop", gap=draw.choice((0.01, 1)), person=draw.randrange(3), job=0, which="email"))
        return [*steps, *self._pump(gap=draw.choice((61, 62, 121))), *self._pump(gap=5 * DAY)]

    @property
    def _scenarios(self) -> tuple[Callable[[], list[Step]], ...]:
        return self._sent_together, self._pump, self._refusal, self._death, self._client_alone

    @property
    def _weights(self) -> tuple[int, ...]:
        return 5, 1, 1, 1, 1


Writer = (
    SlowEndpoint
    | SharedPeople
    | Accounts
    | RepeatedRequests
    | Conversations
    | SeekersAlone
    | LinkedPairs
    | AnsweredMails
    | _Writer
)
"""Whatever writes a history."""
