"""Histories of people who answer mails by mail: from their own address and others, vouched for or not, and of machines.

What must hold stands in `mail_checks.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib import wiring
from chalicelib.accounts.seekers import invitations
from chalicelib.messaging import delivery_events
from tests.simulation.drawing import Drawing
from tests.simulation.faults import Fault
from tests.simulation.history import BY_MAIL, DAY, HOUR, History, Step
from tests.simulation.mail_checks import STOPS, Mail, MailChecks, Sent
from tests.simulation.world.service import World

WORDS = ("I called twice", "When do I hear?", "Yes", "No", *STOPS)
STRANGER = "kim@example.org"
MACHINE, BOUNCE = "machine", "bounce"
"""An answer that says that a machine wrote it; and one with an empty return path."""


class AnsweredMails(Drawing):
    """Draws such a history: two employers know one person at one address."""

    def write(self) -> History:
        draw = self.chance
        self.skewed, self.shared, self.persons = False, True, 1
        self.faults = self.faults if draw.random() < 0.3 else []
        self.often_faulty = min(self.often_faulty, 0.4)
        world = {
            "employer": draw.choice(("telling", "telling", "plain")),
            "index_lag": 0,
            "read_lag": draw.choice((0, 0, 0.1)),
            "duplicates": draw.choice((0, 0.3)),
            "vague": 0,
            "cold": False,
            "inbox": True,
        }
        jobs = draw.choice(((0, 2), (0, 2), (2, 0), (0, 1), (0, 1, 2), (0, 2, 3)))
        steps = [self._books(job) for job in jobs]
        steps += [*self._pump(60), *self._pump(DAY)]
        for _ in range(draw.randint(4, 8)):
            steps += self._event()
        return History(self.seed, world, tuple(steps))

    def _books(self, job: int) -> Step:
        draw = self.chance
        ends = draw.choice((-48.02, -48.02, -48.001, -47.9, -24))
        return self.step("book", gap=0.5, person=0, job=job, reach=draw.choice(("email", "email", "email", "both")), ends=ends)

    def _event(self) -> list[Step]:
        draw = self.chance
        kinds = ("answer", "answer", "answer", "twice", "late", "killed", "stop", "pump", "pump", "readdress", "link")
        match draw.choice(kinds):
            case "answer":
                return [self._answer() for _ in range(draw.choice((1, 1, 2)))] + self._pump()
            case "twice":  # SNS tells of one mail twice, at about the same moment or much later
                told = self._answer(words=draw.choice(WORDS))
                return [told, self._again(told, draw.choice((0.005, 0.02, 0.05, 60, HOUR))), *self._pump()]
            case "late":  # the first attempt comes to nothing, or half way; then somebody changes their mind
                told = self._answer(*self._breaks(), reference=draw.choice(("genuine", "genuine", "none")), sender="own")
                who = {"person": 0, "job": told.details["job"]}
                changes: Sequence[tuple[str, dict[str, str]]] = (
                    ("erase", {}),
                    ("erase", {}),
                    ("patch", {"given": "other email"}),
                    ("stop", {"which": "email"}),
                )
                kind, details = draw.choice(changes)
                meanwhile = self.step(kind, gap=draw.choice((0.01, 0.05, 1, 30)), **who, **details)
                return [told, meanwhile, self._again(told, draw.choice((20, 600, DAY))), *self._pump()]
            case "killed":
                told = self._answer(*self._breaks(), reference="genuine", sender="own", vouched=True, machine=None)
                return [told, self._answer(gap=draw.choice((1, 200, DAY)), words="I called twice"), *self._pump()]
            case "stop":
                stop = self._answer(reference="genuine", sender=draw.choice(("own", "own", "other")), words=draw.choice(STOPS))
                return [stop, *self._pump(), *self._pump(5 * DAY)]
            case "readdress":
                return [self.step("patch", gap=1, person=0, job=draw.choice((0, 2)), given="other email"), *self._pump()]
            case "link":
                return [self.step("stop", gap=draw.choice((0.01, 1)), person=0, job=0, which="email"), self._answer()]
        return self._pump()

    def _breaks(self) -> tuple[Fault, ...]:
        """What comes in between: the bucket is not read, an answer is lost, the process dies around the acknowledgement."""
        draw = self.chance
        return (
            draw.choice(
                (
                    Fault("lose", 0, 20, "read"),
                    Fault("refuse", 0, 20, "any"),
                    Fault("lose", draw.choice((0, 1, 2)), 1, "write"),
                    Fault("lose", draw.choice((0, 1, 2)), 20, "write"),
                    Fault("crash_after", draw.choice((0, 1, 2, 3)), 1, "write"),
                    Fault("crash_before", draw.choice((1, 2, 3)), 1, "write"),
                    Fault("late", draw.choice((0, 1, 2)), 20, "write", round(draw.random(), 3)),
                    Fault("crash_before", 0, 1, "send"),
                    Fault("crash_after", 0, 1, "send"),
                    Fault("lose", 0, 1, "send"),
                    Fault("freeze", draw.randrange(12), 1, "any", round(draw.random(), 3)),
                )
            ),
        )

    def _answer(self, *faults: Fault, gap: float | None = None, **given: Any) -> Step:
        draw = self.chance
        details = {
            "person": 0,
            "job": draw.choice((0, 0, 0, 2, 2)),
            "sender": draw.choice(("own", "own", "own", "own", "spelled", "other")),
            "to": draw.choice(("theirs",) * 9 + ("forged",)),
            "reference": draw.choice(("genuine", "genuine", "genuine", "none", "none", "elsewhere", "forged")),
            "vouched": draw.random() < 0.75,
            "words": draw.choice((*WORDS[:4], *WORDS)),
            "machine": draw.choice((*[None] * 8, MACHINE, BOUNCE)),
        }
        gap = draw.choice((0.01, 1, 60, 700, 13 * HOUR, DAY)) if gap is None else gap
        return self.step(BY_MAIL, *faults, gap=gap, **{**details, **given})

    def _again(self, told: Step, gap: float) -> Step:
        return replace(told, after=gap, seed=self.chance.getrandbits(32), faults=())

    def _pump(self, gap: float | None = None) -> list[Step]:
        draw = self.chance
        tick = self.step("tick", gap=draw.choice((60, 601, DAY, 5 * DAY)) if gap is None else gap)
        return [tick, self.step("deliver", gap=draw.choice((0.05, 1)), most=100)]


class MailActions:
    """What a mail that arrives does."""

    world: World
    told: dict[int, dict[str, Any]]
    mails: MailChecks
    _offers: Callable[[int], str]

    def mail_in(self, now: Callable[[], datetime], person: int, job: int, number: int, **written: Any) -> Any:
        """Somebody answers the last mail of an employer. SNS tells of it."""
        process = self.world.process
        assert process is not None
        if number not in self.told:
            made = self._written(person, job, number, **written)
            if made is None:
                return None
            mail, raw, self.told[number] = made
            self.world.bucket[f"mail/{number}"] = raw.encode()
        else:
            mail = self.mails.taken[process.request].mail
        self.mails.begin(process, mail)
        return delivery_events.take_inbound_mail(
            [self.told[number]], now(), wiring.channels(), wiring.mail_store(), invitations.take
        )

    def _written(
        self,
        person: int,
        job: int,
        number: int,
        sender: str,
        to: str,
        reference: str,
        vouched: bool,
        words: str,
        machine: str | None,
    ) -> tuple[Mail, str, dict[str, Any]] | None:
        from tests.simulation.actors import ELSEWHERE, email_of

        theirs = {email_of(person), email_of(person + 4)}
        last = self.mails.last_to(theirs, self._offers(job))
        other = self.mails.last_to(theirs, self._offers(0 if job >= ELSEWHERE else ELSEWHERE))
        if last is None or last.call is None:
            return None
        address = {"own": last.to, "spelled": last.to.upper(), "other": STRANGER}[sender]
        reply_to = _changed(last.call.reply_to, "@") if to == "forged" else last.call.reply_to
        mail = Mail(
            address,
            None if to == "forged" else self._offers(job),
            last.key[0] if reference == "genuine" else None,
            vouched,
            machine is not None,
            words,
        )
        headers = [f"From: {address}", f"To: {reply_to}", f"Message-ID: <m{number}@example.com>"]
        if named := _reference(reference, last, other):
            headers.append(f"References: {named}")
        if machine == MACHINE:
            headers.append("Auto-Submitted: auto-replied")
        source = "" if machine == BOUNCE else address
        told = _notice(number, reply_to, source, vouched, datetime.fromtimestamp(self.world.now, UTC))
        return mail, "\r\n".join([*headers, "", words, ""]), told


def _reference(kind: str, last: Sent, other: Sent | None) -> str:
    """What a mail names: the last one to its sender, that of another employer, one with a false signature, or nothing."""
    assert last.call is not None
    match kind:
        case "genuine":
            return last.call.references
        case "forged":
            return _changed(last.call.references, "@")
        case "elsewhere" if other is not None and other.call is not None:
            return other.call.references
    return ""


def _changed(signed: str, before: str) -> str:
    """The same with another last digit of its signature."""
    place = signed.rindex(before) - 1
    return signed[:place] + ("1" if signed[place] == "0" else "0") + signed[place + 1 :]


def _notice(number: int, to: str, source: str, vouched: bool, at: datetime) -> dict[str, Any]:
    """A record of SNS with what SES tells of a mail."""
    verdicts = {"spam": "PASS", "virus": "PASS", "dkim": "PASS", "spf": "PASS", "dmarc": "PASS" if vouched else "FAIL"}
    receipt: dict[str, Any] = {"recipients": [to], "action": {"type": "S3", "objectKey": f"mail/{number}"}}
    receipt |= {f"{name}Verdict": {"status": status} for name, status in verdicts.items()}
    told = {"notificationType": "Received", "receipt": receipt, "mail": {"messageId": f"m{number}", "source": source}}
    return {"Sns": {"Message": json.dumps(told), "Timestamp": at.isoformat()}}
