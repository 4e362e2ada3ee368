"""Histories of a job seeker whose interview is linked with an employer's record of it; and what must hold.

* a word on one side ends the wait on the other, and one that is taken back opens it again; nothing that was not said crosses
* what crosses is an instant and a day: no decision, no feedback, no id, and nothing comes back to the side that said it
* while linked the employer's record reminds nobody; the seeker's list sends no reminder that the employer's had sent
* an erasure leaves no reference in the other record; where the policy is off, no link is left
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.candidates import links
from chalicelib.applications.items import ContactItem, InterviewItem, StatementItem
from chalicelib.applications.linking import service
from chalicelib.auth.employers import employer_of
from tests.simulation import truth
from tests.simulation.history import DAY, HOUR, History, Step
from tests.simulation.ledger import text
from tests.simulation.processes import Process
from tests.simulation.seekers import SeekersAlone
from tests.simulation.world.service import World
from tests.simulation.world.table import Item, Table, Write

_CROSSES = frozenset(
    {"PK", "SK", "id", "heard", "at", "recorded_at", "voided", "own", "external_ref", "promised_by", "lnk", "by"}
)
"""Attributes of a statement that came by a link. `by` is the candidate, or the system, without an id or a name."""


class LinkedPairs(SeekersAlone):
    """Draws such a history: the candidate's number is the one that the seeker confirmed."""

    def write(self) -> History:
        draw = self.chance
        self.skewed = False
        self.faults = self.faults if draw.random() < 0.4 else []
        world = {
            "employer": "linking",
            "index_lag": 0,
            "read_lag": draw.choice((0, 0, 0.1)),
            "duplicates": draw.choice((0, 0.3)),
            "vague": 0,
            "cold": False,
        }
        ends = draw.choice((-48.02, -47.99, -24))
        steps = [*self._joins(), self._of("own_phone", number=0), self._of("own_confirm", gap=1, right=True)]
        steps.append(self.step("book", gap=1, person=0, job=0, ends=ends, reach=draw.choice(("sms", "sms", "both"))))
        if draw.random() < 0.4:  # the employer's reminder comes first, and its link leads to the list
            steps += self._pump()
        steps += [self._of("own_book", gap=1, company=0, ends=ends), self._of("own_link", gap=draw.choice((0.01, 1)))]
        for _ in range(draw.randint(2, 6)):
            steps += self._event()
        return History(self.seed, world, tuple(steps))

    def _event(self) -> list[Step]:
        draw = self.chance
        kinds = ("pump", "pump", "contact", "contact", "outcome", "outcome", "void", "policy", "unlink", "link", "erase", "state")
        match draw.choice(kinds):
            case "contact":
                told = {"outcome": draw.choice(("reached", "reached", "voicemail")), "promise": draw.choice((None, 24, 72))}
                told |= {"decision": draw.choice((None, "pending", "rejected", "offer")), "ago": 0}
                return [self._theirs("contact", gap=gap, **told) for gap in draw.choice(((1,), (1, 0.03)))] + self._pump()
            case "outcome":
                what = draw.choice(("called", "heard", "no_answer", "closed"))
                tap = {"what": what, "promise": draw.choice((None, 24, 72)), "tap": draw.getrandbits(16)}
                return [self._of("own_outcome", gap=draw.choice((0.03, 1)), **tap), *self._pump()]
            case "void":
                return [*self._pump(), self._theirs("void", gap=1), *self._pump()]
            case "state":
                return [self._theirs("state", gap=1, heard=draw.random() < 0.5, ago=0), *self._pump()]
            case "policy":
                given = {"policy": {"link_seekers": draw.choice((False, False, True))}}
                return [self.step("policy", gap=draw.choice((0.03, 1)), given=given), *self._pump()]
            case "unlink":
                return [self._of("own_unlink", gap=draw.choice((0.03, 1))), *self._pump()]
            case "link":
                return [self._of("own_link", gap=draw.choice((0.03, 1))), *self._pump()]
            case "erase":
                kind = draw.choice(("own_erase", "erase"))
                return [self._of(kind, gap=600) if kind == "own_erase" else self._theirs(kind, gap=600), *self._pump()]
        return self._pump()

    def _pump(self) -> list[Step]:
        draw = self.chance
        tick = self.step("tick", gap=draw.choice((0.05, 60, 60, HOUR, DAY, 2 * DAY, 5 * DAY)))
        return [tick, self.step("deliver", gap=draw.choice((0.05, 0.1, 1)), most=100)]

    def _theirs(self, kind: str, gap: float, **details: Any) -> Step:
        return self.step(kind, gap=gap, person=0, job=0, **details)


class LinkActions:
    """What a job seeker does about a link."""

    world: World
    employer_id: str
    _tenant: Callable[[int], Any]
    _latest_own: Callable[[str], Any]
    _application: Callable[[int, int], str | None]

    def own_link(self, now: Callable[[], datetime], seeker: int) -> Any:
        """They open the link of a message about their application, and link their latest interview."""
        found, application = self._tenant(seeker), self._application(0, 0)
        interview = self._latest_own(found[0].id) if found else None
        if found is None or interview is None or application is None:
            return None
        token = links.token(self.employer_id, application, now())
        return service.link(found[0], interview[1], token, now(), lambda *_: None)[1].id

    def own_unlink(self, now: Callable[[], datetime], seeker: int) -> Any:
        found = self._tenant(seeker)
        interview = self._latest_own(found[0].id) if found else None
        if found is None or interview is None:
            return None
        return service.unlink(employer_of(found[0]), interview[1], now(), lambda *_: None)


@dataclass
class LinkChecks:
    """The checks of one history."""

    table: Table
    wrong: Callable[[str], None]
    _floors: dict[tuple[str, str], int] = field(default_factory=dict)
    """(partition of a seeker's application, cause of its wait) -> nudges that the employer's record had sent for that wait."""

    def committed(self, write: Write) -> None:
        kind = write.key[1].partition("#")[0]
        if kind == "LINKED" and write.after is not None:
            truth.LINKED_ONCE.add(write.key[0])
            if write.before is None and text(write.after, "list_key") is None:
                self._note_floor(write.key[0], write.after)
        elif kind == "STA" and write.after is not None and "lnk" in write.after:
            self._check_statement(write.after)
        elif kind == "MSG" and write.before is None and text(write.after, "st") == "sending":
            self._check_nudge(write.key[0], write.after or {})

    def _note_floor(self, pk: str, link: Item) -> None:
        there = f"EMP#{text(link, 'other_employer_id')}#CASE#{(text(link, 'other_application_id') or '')[-16:]}"
        mine, theirs = (truth.model(self.table.items[one, "APP"]) for one in (pk, there))
        if mine.wait_state == theirs.wait_state == "open":
            self._floors[pk, mine.wait_cause] = int(theirs.nudges.get(theirs.wait_cause, 0))

    def _check_statement(self, item: Item) -> None:
        told = {name for name, value in item.items() if value != {"NULL": True}}
        if more := told - _CROSSES:
            self.wrong(f"{', '.join(sorted(more))} crossed by a link")

    def _check_nudge(self, pk: str, item: Item) -> None:
        step = text(item, "step") or ""
        if not step.startswith("nudge_"):
            return
        if text(self.table.items[pk, "APP"], "lnk") == "seeker":
            self.wrong("an employer's record reminds somebody whose own list does")
        if truth.number_of_nudge(step) <= self._floors.get((pk, text(item, "cause") or ""), 0):
            self.wrong("a list sends a reminder that the employer's record had sent for the same wait")

    def ended(self, process: Process) -> None:
        """Checks after an erasure that the other record names nothing that was erased."""
        erases, outcome = process.kind in ("erase", "own_erase"), process.outcome
        if erases and outcome is not None and not isinstance(outcome, BaseException):
            self._check_references("an erasure left")

    def _check_references(self, wrong: str) -> None:
        for (pk, sk), item in self.table.items.items():
            tail = (text(item, "other_application_id") or "")[-16:]
            if sk != "LINKED" or not tail or (pk, "APP") not in self.table.items:
                continue  # what is being erased itself goes in a moment
            if (f"EMP#{text(item, 'other_employer_id')}#CASE#{tail}", "APP") not in self.table.items:
                self.wrong(f"{wrong} a reference to what was erased")

    def left(self) -> None:
        """Checks at the end, when nothing is due, that linked records say the same."""
        self._check_references("at the end there is")
        for (pk, sk), item in list(self.table.items.items()):
            if sk != "LINKED":
                continue
            there = f"EMP#{text(item, 'other_employer_id')}#CASE#{(text(item, 'other_application_id') or '')[-16:]}"
            other = self.table.items.get((there, "LINKED"))
            if (pk, "APP") not in self.table.items:
                self.wrong("a link outlived its record")
            elif other is None or text(other, "link_id") != text(item, "link_id"):
                self.wrong("a link has one side")
            else:
                self._check_pair(pk, there, item)

    def _check_pair(self, pk: str, there: str, link: Item) -> None:
        """Checks that each word of one side is on the other, that no more is, and that it ended the wait there."""
        for one in (pk, there):
            owner: Any = truth.model(self.table.items[one.partition("#CASE#")[0], "EMP"])
            if owner.seeker is None and not employer_of(owner).policy.link_seekers:
                self.wrong("a link goes on though the employer offers none")
        mine, other = truth.Case.read(self.table, pk), truth.Case.read(self.table, there)
        contradicted = any(isinstance(one, StatementItem) and not one.heard for one in (*mine.items, *other.items))
        since, said = truth.instant(link["since"]), _said(mine)
        came = {one.at for one in other.items if isinstance(one, StatementItem) and one.link and not one.voided}
        invited = {one.booked_at for one in mine.items if isinstance(one, InterviewItem)}
        if came - said - invited:
            self.wrong("a record has a word by its link that nobody said there")
        if contradicted:  # what "not heard" takes back is the fold's to tell
            return
        if missing := {at for at in said if at >= since} - came:
            self.wrong(f"{len(missing)} words did not cross a link")
        latest = max((at for at in said if at >= since), default=None)
        application = other.application
        if latest and application.wait_state == "open" and application.wait_since < latest:
            self.wrong("a word on one side of a link left the wait on the other open")


def _said(case: truth.Case) -> set[datetime]:
    """The instants at which somebody was told, as it was recorded on this side."""
    contacts = [one for one in case.items if isinstance(one, ContactItem) and one.outcome in ("reached", "sent")]
    statements = [one for one in case.items if isinstance(one, StatementItem) and one.heard and not one.link and not one.voided]
    return {one.occurred_at for one in contacts if not one.voided_at and not one.disputed} | {one.at for one in statements}
