"""Histories of candidates who write and ask, and of the team: owners, deciders, letters, feedback, what happens next.

* a text of a candidate is told to the application's owner: within two mails for ten minutes, and never to who has not accepted;
  a mail that was sent since quotes it
* a decider is asked in office hours, not before it is time
* given feedback is told by one mail, unless the candidate has withdrawn or has no address; it is claimed for nobody else
* what happens next is noted as told in the write that moves the application on
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.applications import feedback
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.candidates.service import consent
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.mappers import open_wait_of
from chalicelib.auth.employers import employer_of
from chalicelib.messaging.messages import RETRY_WITHIN
from chalicelib.rules.employer import Window
from chalicelib.rules.model import BUSINESS_DAYS, LetterReason
from chalicelib.rules.reminders import decider_mail, next_step, send_windows
from tests.simulation import truth
from tests.simulation.drawing import Drawing
from tests.simulation.faults import Fault, Kind
from tests.simulation.history import DAY, HOUR, INVITED, History, Step
from tests.simulation.ledger import SLACK, text
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Item, Key, Table, Write

TOLD = "feedback"
"""The step of the mail that says that feedback was given."""
TOGETHER = 600
"""Seconds in which texts of one candidate are told together: in one mail at once, and one more at the end."""
TO_TEAM = frozenset({"reply", "dispute", "decision", "digest", "digest_own", "escalation"})
CONSENT = consent(datetime(2026, 1, 1, tzinfo=UTC), "form")


class Conversations(Drawing):
    """Draws such a history, of an employer that tells what happens next."""

    def write(self) -> History:
        draw = self.chance
        self.skewed, self.shared, self.persons = False, False, draw.choice((1, 1, 2))
        self.faults = self.faults if draw.random() < 0.3 else []
        self.often_faulty = min(self.often_faulty, 0.4)
        world = {
            "employer": "talking",
            "index_lag": draw.choice((0, 0, 0.2)),
            "read_lag": draw.choice((0, 0.1, 0.5, 2)),
            "duplicates": draw.choice((0, 0.3)),
            "vague": draw.choice((0, 0, 0.5)),
            "cold": False,
        }
        steps: list[Step] = []
        for _ in range(draw.choice((1, 1, 2))):
            steps += draw.choice((self._feedback, self._feedback, self._next_steps, self._decision, self._texts, self._letter))()
        return History(self.seed, world, tuple(steps))

    def _engage(self, ends: float, *, reach: str = "email", word_by: float | None = None, person: int = 0, **who: str) -> Step:
        team = {"owner": "robin", "decider": "robin", **who}
        return self.step("engage", gap=0.5, person=person, job=0, ends=ends, word_by=word_by, reach=reach, **team)

    def _who(self) -> dict[str, Any]:
        return {"person": self.chance.randrange(self.persons), "job": 0}

    def _sent(self, *faults: Fault, gap: float = 1, meanwhile: Step | None = None) -> list[Step]:
        """A tick and a delivery, or two at once. `meanwhile` comes while the first one works, or just before it."""
        draw = self.chance
        tick, deliver = self.step("tick", gap=gap), self.step("deliver", *faults, gap=draw.choice((0.05, 1)), most=100)
        steps = [tick, deliver]
        if meanwhile is not None:
            just = replace(meanwhile, after=draw.choice((0.002, 0.01, 0.02, 0.04)))
            steps = draw.choice(([tick, just, deliver], [tick, deliver, just]))
        return [*steps, *([self.step("deliver", gap=draw.choice((0.005, 0.02)), most=100)] if draw.random() < 0.2 else [])]

    def _refused(self, after: Step) -> list[Step]:
        """The provider refuses for a while; something happens, before it is tried again or at that moment."""
        draw = self.chance
        no = Fault(draw.choice(("throttle", "unavailable", "refuse")), 0, 1, "send")
        gap = draw.choice((61, 62, 121))
        if draw.random() < 0.5:
            return [*self._sent(no), *self._sent(gap=gap, meanwhile=after)]
        return [*self._sent(no), replace(after, after=draw.choice((0.5, 20))), *self._sent(gap=gap)]

    def _wrong(self) -> tuple[Fault, ...]:
        """A provider that refuses or says nothing, a worker that dies, a write that comes late; often nothing."""
        draw = self.chance
        kinds: tuple[Kind, ...] = ("throttle", "unavailable", "refuse", "lose", "crash_before", "crash_after", "late")
        kind, where = draw.choice(kinds), draw.choice(("send", "send", "write"))
        return (Fault(kind, draw.choice((0, 0, 1)), draw.choice((1, 2)), where, round(draw.random(), 3)),)  # type: ignore[arg-type]

    def _maybe(self, likely: float = 0.4) -> tuple[Fault, ...]:
        return self._wrong() if self.chance.random() < likely else ()

    def _feedback(self) -> list[Step]:
        """A rejected candidate asks why and is answered. Meanwhile they withdraw, opt out, move, or are erased."""
        draw, who = self.chance, self._who()
        steps = [self._engage(-3, reach=draw.choice(("email", "email", "both", "sms")), person=who["person"])]
        told = {"outcome": "reached", "decision": "rejected", "ago": 0, "promise": None}
        steps += [self.step("contact", gap=1, **who, **told), self.step("ask_why", gap=60, **who)]
        if draw.random() < 0.3:
            steps.append(self.step("ask_why", gap=draw.choice((0.005, 30)), **who))
        steps.append(self.step("give_feedback", gap=draw.choice((60, HOUR, 12 * HOUR, 60 * HOUR)), **who, reason="skills"))
        if draw.random() < 0.4:
            steps.append(
                self.step("give_feedback", gap=draw.choice((0.004, 1)), **who, reason=draw.choice(("skills", "location")))
            )
        if draw.random() < 0.3:
            steps += self._refused(self._meanwhile(who))
        meanwhile = self._meanwhile(who) if draw.random() < 0.6 else None
        steps += self._sent(*self._maybe(), gap=draw.choice((0.01, 1, 60)), meanwhile=meanwhile)
        for _ in range(draw.choice((1, 2))):
            steps += [self._meanwhile(who)] if draw.random() < 0.3 else []
            steps += self._sent(*self._maybe(0.2), gap=draw.choice((61, 121, HOUR, 13 * HOUR)))
        if draw.random() < 0.4:
            again = self.step("give_feedback", gap=draw.choice((1, DAY)), **who, reason=draw.choice(("location", "language")))
            steps += [again, *self._sent()]
        return steps

    def _meanwhile(self, who: dict[str, Any]) -> Step:
        draw, soon = self.chance, self.chance.choice((0.005, 0.02, 0.04, 1))
        match draw.choice(("withdraw", "withdraw", "back", "link", "no email", "other email", "erase", "suspend")):
            case "withdraw":
                return self.step("change", gap=soon, **who, given={"status": "withdrawn"})
            case "back":
                return self.step("change", gap=soon, **who, given={"status": "active"})
            case "link":
                return self.step("stop", gap=soon, **who, which="email")
            case "erase":
                return self.step("erase", gap=soon, **who)
            case "suspend":
                return self.step("policy", gap=soon, given={"suspended": draw.random() < 0.5})
            case given:
                return self.step("patch", gap=soon, **who, given=given)

    def _next_steps(self) -> list[Step]:
        """An interview ends, at times in the evening, and it becomes due to tell what happens next."""
        draw, who = self.chance, self._who()
        hours = draw.choice((1, 1, 2, 9, 12, 33))
        steps = [self._engage(hours, reach=draw.choice(("email", "both")), person=who["person"])]
        early = draw.choice((0, 0, 120, HOUR))
        steps += self._sent(gap=hours * HOUR - early - 2)
        if draw.random() < 0.4:
            steps += [self.step("tick", gap=early + 1), *self._refused(draw.choice((self._ends_it, self._begins_another))(who))]
        meanwhile = self._ends_it(who) if draw.random() < 0.6 else None
        steps += self._sent(*self._maybe(), gap=early + draw.choice((1, 2, 60)), meanwhile=meanwhile)
        for _ in range(draw.choice((1, 2, 3))):
            steps += [self._ends_it(who)] if draw.random() < 0.3 else []
            steps += self._sent(*self._maybe(0.2), gap=draw.choice((61, 62, 121, 13 * HOUR)))
        return steps

    def _ends_it(self, who: dict[str, Any]) -> Step:
        """Word is given, the interview moves or is cancelled, or the employer's policy changes."""
        draw, soon = self.chance, self.chance.choice((0.005, 0.02, 0.04, 1))
        match draw.choice(("contact", "contact", "move", "cancel", "policy", "link")):
            case "contact":
                decision = draw.choice(("rejected", "advancing", "pending"))
                return self.step("contact", gap=soon, **who, outcome="reached", decision=decision, ago=0, promise=None)
            case "move":
                return self.step("move", gap=soon, **who, hours=draw.choice((-0.02, 1, 24)))
            case "cancel":
                return self.step("cancel", gap=soon, **who)
            case "policy":
                return self.step("policy", gap=soon, given={"policy": {"tell_next_step": draw.random() < 0.3}})
        return self.step("stop", gap=soon, **who, which="email")

    def _begins_another(self, who: dict[str, Any]) -> Step:
        """The candidate waits for another word than the message was about: the interview moves, or a day is promised."""
        draw = self.chance
        if draw.random() < 0.5:
            return self.step("move", gap=1, **who, hours=draw.choice((-0.02, -0.5, 1, 24)))
        return self.step("contact", gap=1, **who, outcome="reached", decision="pending", ago=0, promise=draw.choice((48, 72)))

    def _decision(self) -> list[Step]:
        """Word is due in a day, and nothing is decided. Somebody decides at the moment of asking; the office is closed."""
        draw, who = self.chance, self._who()
        ends, decider = draw.choice((-2, -20, -23.9, -30, 4)), draw.choice(("robin", "robin", "robin", "kim"))
        steps = [self._engage(ends, person=who["person"], decider=decider, reach=draw.choice(("email", "sms")))]
        until_asked = max(60.0, (ends + 24) * HOUR)
        if draw.random() < 0.5:
            steps += [self.step("tick", gap=until_asked), *self._refused(self._decides(who))]
        gap = draw.choice((1, until_asked, until_asked, until_asked + 9 * HOUR))
        meanwhile = self._decides(who) if draw.random() < 0.8 else None
        steps += self._sent(*self._maybe(0.3), gap=gap, meanwhile=meanwhile)
        for _ in range(draw.choice((1, 2))):
            steps += self._sent(*self._maybe(0.2), gap=draw.choice((61, HOUR, 5 * HOUR, until_asked)))
        return steps

    def _decides(self, who: dict[str, Any]) -> Step:
        given = self.chance.choice(({"decided": "rejected"}, {"decided": "advancing"}, {"status": "closed"}))
        return self.step("change", gap=1, **who, given=given)

    def _texts(self) -> list[Step]:
        """A candidate is texted, and writes several times: the owner is told at once, and once more."""
        draw, who = self.chance, self._who()
        owner = draw.choice(("robin", "robin", "robin", "kim"))
        steps = [self._engage(-48.02, reach="sms", person=who["person"], owner=owner), *self._sent()]
        words = ("who is this?", "I called twice", "When do I hear?", "yes", "No")
        for _ in range(draw.choice((1, 2, 4))):
            steps.append(self.step("hear", gap=draw.choice((0.01, 1, 200, 700)), **who, words=draw.choice(words)))
            steps += self._sent(*self._maybe(0.2)) if draw.random() < 0.5 else []
        if draw.random() < 0.4:  # one more, while the mail about the one before is being made
            steps.append(self.step("hear", gap=draw.choice((1, 700)), **who, words=words[0]))
            steps += self._sent(meanwhile=self.step("hear", gap=0.01, **who, words="Please call me"))
        return [*steps, *self._sent(gap=draw.choice((1, 601)))]

    def _letter(self) -> list[Step]:
        """A rejection is told by letter, and comes back; or it is told otherwise while the letter is on its way."""
        draw, who = self.chance, self._who()
        steps = [self._engage(draw.choice((-3, -30)), person=who["person"]), self.step("letter", gap=60, **who)]
        meanwhile = self._ends_it(who) if draw.random() < 0.4 else None
        steps += self._sent(*self._maybe(), gap=draw.choice((0.01, 1, 12 * HOUR)), meanwhile=meanwhile)
        if draw.random() < 0.5:
            kind = draw.choice(("Bounce Permanent", "Bounce Permanent", "Complaint"))
            steps.append(self.step("comes_back", gap=draw.choice((0.01, 60)), **who, kind=kind))
            steps.append(self.step("letter", gap=draw.choice((1, 60)), **who))
        return [*steps, *self._sent(*self._maybe(0.2), gap=61)]


class ConversationActions:
    """What candidates ask for, and what the team answers."""

    employer: Callable[[int], Any]
    _application: Callable[[int, int], str | None]
    _colleague: Callable[[str, str], str | None]

    def engage(
        self,
        now: Callable[[], datetime],
        person: int,
        job: int,
        ends: float,
        word_by: float | None,
        reach: str,
        owner: str,
        decider: str,
    ) -> Any:
        """An interview is booked, with who owns the application and who decides."""
        from tests.simulation.actors import JOBS, PERSONS, email_of, phone_of

        employer, end_at = self.employer(job), now() + timedelta(hours=ends)
        who = CandidateInput(
            PERSONS[person],
            email_of(person) if reach in ("email", "both") else None,
            phone_of(person) if reach in ("sms", "both") else None,
            sms_consent=CONSENT if reach in ("sms", "both") else None,
            external_ids=({"system": "ats", "id": f"p{person}"},),
        )
        application = ApplicationInput(
            JOBS[job],
            candidate=who,
            owner_id=self._colleague(employer.id, owner),
            decider_id=self._colleague(employer.id, decider),
        )
        booking = Booking("interview", end_at - timedelta(hours=1), end_at, None, application=application)
        return interviews.book(employer, booking, now())

    def ask_why(self, now: Callable[[], datetime], person: int, job: int) -> Any:
        application = self._application(person, job)
        return feedback.ask(self.employer(job), application, now()) if application else None

    def give_feedback(self, now: Callable[[], datetime], person: int, job: int, reason: LetterReason) -> Any:
        application = self._application(person, job)
        if application is None:
            return None
        return feedback.answer(self.employer(job), application, [reason], None, now(), lambda _: None)


@dataclass
class ConversationChecks:
    """The checks of one history."""

    table: Table
    wrong: Callable[[str], None]
    now: Callable[[], float]
    told: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By application and ten minutes: the mails that told its owner of texts."""
    quoting: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The words of each mail to an owner, as they were handed over."""

    def committed(self, write: Write, process: Process | None) -> None:
        if write.key[1] == "FBMAIL" and write.after is not None:
            self._feedback_moved_on(write)
        elif write.key[1] == "APP" and write.before is not None and write.after is not None:
            self._is_due(write)
            if process is not None and process.kind == "deliver":
                self._is_noted(write.before, write.after, write.key[0])

    def _is_due(self, write: Write) -> None:
        """Checks that the first answer makes the mail about it due."""
        given, before = _answered_at(write.after), _answered_at(write.before)
        if given and not before and (write.key[0], "FBMAIL") not in self.table.items:
            self.wrong("feedback was given, and no mail about it is due")

    def _feedback_moved_on(self, write: Write) -> None:
        """Checks that the mail about feedback leaves the due index with its message, or because nobody is to get it."""
        left = "due_at" in (write.before or {}) and "due_at" not in (write.after or {})
        application = self.table.items.get((write.key[0], "APP"))
        if left and application and wants_feedback(application) and not self._has_message(write.key[0]):
            self.wrong("feedback was given, and the mail about it was dropped")

    def _has_message(self, pk: str) -> bool:
        return any(key[1].startswith("MSG#") and text(item, "step") == TOLD for key, item in self.table.partitions[pk].items())

    def _is_noted(self, before: Item, after: Item, pk: str) -> None:
        """Checks that a wait whose candidate was told what happens next says so, when its step is over."""
        same = all(text(before, name) == text(after, name) for name in ("w", "w_id", "w_since", "w_due"))
        if not same or text(before, "step") != next_step.WHAT_NEXT or text(after, "step") == next_step.WHAT_NEXT:
            return
        wait = open_wait_of(truth.model(after))
        is_told = any(
            key[1].startswith("MSG#") and text(item, "step") == next_step.WHAT_NEXT and wait and truth.model(item).is_about(wait)
            for key, item in self.table.partitions[pk].items()
        )
        if wait and is_told and truth.wants_what_next(self.table, after) and text(after, "wn") != next_step.told_key(wait):
            self.wrong("what happens next was told, and the application does not say so")

    def called(self, request: Call, key: Key, item: Item) -> None:
        """Checks a mail to the team at its provider call."""
        step = text(item, "step") or ""
        if step not in TO_TEAM:
            return
        if any(text(person, "name") == INVITED and text(person, "email") == request.to for person in self._team(key)):
            self.wrong(f"a mail ({step}) went to somebody who has not accepted")
        if step == "decision":
            self._check_hour(item, key)
        if step == "reply" and (text(item, "cause") or "").startswith("texts:"):
            created = truth.instant(item["at"]).timestamp()
            mails = self.told[text(item, "app") or "", int(created // TOGETHER)]
            mails.add(key[1])
            if request.taken:  # what was refused may be of no use later: somebody has seen the texts
                self.quoting[key].append(request.text)
            if len(mails) > 2:
                self.wrong("an owner got more than two mails about the texts of ten minutes")

    def _team(self, key: Key) -> Iterable[Item]:
        return self.table.partitions.get(f"EMP#{key[0].split('#')[1]}#PEOPLE", {}).values()

    def _check_hour(self, item: Item, key: Key) -> None:
        """Checks that a decider is asked in office hours, when it is time. A refused mail may be tried again for an hour."""
        employer = employer_of(truth.model(self.table.items[f"EMP#{key[0].split('#')[1]}", "EMP"]))
        window = Window(BUSINESS_DAYS, decider_mail.START, decider_mail.END)
        created, now = truth.instant(item["at"]), datetime.fromtimestamp(self.now(), UTC)
        if not send_windows.in_window(created, window, employer.timezone, send_windows.no_holidays):
            self.wrong("a decider was asked outside office hours")
        if now - created > RETRY_WITHIN + timedelta(seconds=SLACK):
            self.wrong("a decider was asked long after the question was written")

    def left(self) -> None:
        """Checks at the end that each text of a candidate was told to the owner of the application, if that person accepted."""
        people = [item for key, item in self.table.items.items() if key[1].startswith("PERSON#")]
        accepted = {text(person, "id") for person in people if text(person, "name") != INVITED}
        for (pk, sk), item in list(self.table.items.items()):
            application = self.table.items.get((pk, "APP"))
            if not sk.startswith("REPLY#") or application is None or text(application, "own") not in accepted:
                continue
            mails = self._mails_since(pk, application, truth.instant(item["received_at"]))
            if not mails:
                self.wrong("a candidate wrote, and the owner was not told")
            elif all(key in self.quoting for key in mails) and not self._is_quoted(text(item, "body") or "", mails):
                self.wrong("a candidate wrote, and no mail to the owner says what")

    def _mails_since(self, pk: str, application: Item, at: datetime) -> list[Key]:
        """The mails to the owner that were settled after a text: sent, or ended for a reason of their own."""
        mails = self.table.partitions.get(f"{pk.partition('#CASE#')[0]}#DIGEST", {})
        return [
            key
            for key, mail in mails.items()
            if text(mail, "step") == "reply"
            and text(mail, "app") == text(application, "id")
            and "settled" in mail
            and truth.instant(mail["settled"]) >= at - timedelta(seconds=SLACK)
        ]

    def _is_quoted(self, words: str, mails: Iterable[Key]) -> bool:
        return any(words in said for key in mails for said in self.quoting[key])


def _answered_at(application: Item | None) -> str | None:
    asked = truth.model(application).feedback_request if application else None
    return asked.get("answered_at") if asked else None


def wants_feedback(application: Item) -> bool:
    """Whether feedback was given to a candidate who has an address and did not withdraw."""
    is_active = text(application, "st") != "withdrawn"
    return bool(_answered_at(application)) and is_active and text(application, "email") is not None
