"""Computes what must be true of the records from the table's items, by the rules alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem, WaitItem
from chalicelib.applications.mappers import candidate_of, contact_of, interview_of, statement_of, wait_of
from chalicelib.applications.tally_items import by_item
from chalicelib.auth.employers import employer_of
from chalicelib.rules import tally
from chalicelib.rules.reminders import next_step
from chalicelib.rules.waits import Folded, fold
from chalicelib.storage import table as tables
from tests.simulation.world.table import Item, Table, Value


def stored(seconds: float) -> str:
    return tables.stored_instant(datetime.fromtimestamp(seconds, UTC))


def instant(value: Value) -> datetime:
    return tables.read_instant(value["S"])


LINKED_ONCE: set[str] = set()
"""Partitions of applications that were linked: counts of nudges are carried over, so that some have no message of their own."""
_MODELS: dict[int, tuple[Item, Any]] = {}


def forget() -> None:
    """Clears the cache: a new history has other items."""
    _MODELS.clear()
    LINKED_ONCE.clear()


def model(raw: Item) -> Any:
    """Returns the model of a raw item, computed once. A write makes a new raw item."""
    known = _MODELS.get(id(raw))
    if known is None or known[0] is not raw:
        known = _MODELS[id(raw)] = (raw, tables.from_raw(raw))
    return known[1]


@dataclass
class Case:
    """One partition as it is in the table now."""

    application: ApplicationItem
    items: list[Any]

    @classmethod
    def read(cls, table: Table, pk: str) -> Case:
        items: list[Any] = [model(item) for key, item in table.partitions[pk].items() if key[1][:4] != "MSG#"]
        return cls(next(item for item in items if isinstance(item, ApplicationItem)), items)

    def folded(self, now: float) -> Folded:
        return fold(
            [interview_of(i) for i in self.items if isinstance(i, InterviewItem)],
            [contact_of(c) for c in self.items if isinstance(c, ContactItem)],
            [statement_of(s) for s in self.items if isinstance(s, StatementItem)],
            status=self.application.status,
            as_of=datetime.fromtimestamp(now, UTC),
        )

    def candidate(self, table: Table) -> Item | None:
        """None while an erasure is under way: the record is deleted first."""
        pk = f"EMP#{self.application.employer_id}#CAND#{self.application.candidate_id}"
        return table.items.get((pk, "CAND"))

    @property
    def waits(self) -> list[WaitItem]:
        return [item for item in self.items if isinstance(item, WaitItem)]


def wants_nudge(table: Table, application: Item, number: int) -> bool:
    """Whether the rules, with the employer and the person as they are now, still plan that nudge."""
    item: Any = model(application)
    employer_item: Any = model(table.items[f"EMP#{item.employer_id}", "EMP"])
    policy = employer_of(employer_item).policy
    if item.linked == "seeker":  # a list of the candidate's own reminds them
        return False
    return number <= policy.max_nudges and policy.candidate_nudge != "off" and next_step.channel(candidate_of(item)) is not None


def was_sent_elsewhere(pk: str, application: Item) -> bool:
    """Whether the nudge that is due counts as sent already, because the linked record had sent it."""
    item: Any = model(application)
    if pk not in LINKED_ONCE or not (item.step or "").startswith("nudge_"):
        return False
    return number_of_nudge(item.step) <= int(item.nudges.get(item.wait_cause, 0))


def wants_what_next(table: Table, application: Item) -> bool:
    """Whether the employer still tells what happens next, and the person still has an address."""
    item: Any = model(application)
    employer_item: Any = model(table.items[f"EMP#{item.employer_id}", "EMP"])
    return bool(employer_of(employer_item).policy.tell_next_step and item.email)


def number_of_nudge(step: str) -> int:
    """The number in a nudge's step, also of a mail in place of a text that failed."""
    return int(step.removeprefix("nudge_").removesuffix("_by_mail"))


def faults_of_case(table: Table, pk: str, now: float) -> Iterable[str]:
    """Yields what is wrong with one case: its waits, its copies, its place in the due index."""
    if (pk, "APP") not in table.items:
        return  # erased
    case = Case.read(table, pk)
    application, folded = case.application, case.folded(now)
    kept = {item.cause: wait_of(item) for item in case.waits}
    wanted = {wait.cause: wait for wait in folded.waits}
    if {cause: wait for cause, wait in kept.items() if wait.state != "lapsed"} != {
        cause: wait for cause, wait in wanted.items() if wait.state != "lapsed" and kept.get(cause, wait).state != "lapsed"
    } and not any(wait.state == "lapsed" for wait in wanted.values()):
        yield f"the waits of a case are not the fold of its facts: {kept} {wanted}"
    last = folded.waits[-1] if folded.waits else None
    if (
        last
        and last.state != "lapsed"
        and (application.wait_cause, application.wait_state, application.word_due_at)
        != (last.cause, last.state, last.word_due_at)
    ):
        yield "an application's copy of its wait is not its wait"
    if application.wait_state == "open" and application.due_at is None:
        yield "an open wait is not in the due index"
    claimed, listed = _nudges(table, pk, application)
    counted = application.nudges.get(application.wait_cause, 0)
    if application.wait_state == "open" and not (claimed <= counted and (counted <= listed or pk in LINKED_ONCE)):
        yield f"an application counts {application.nudges} nudges, and of this wait {claimed} were claimed, {listed} listed"
    candidate = case.candidate(table)
    for name in ("name", "email", "phone"):
        if candidate and getattr(application, name) != (candidate[name]["S"] if name in candidate else None):
            yield f"an application's copy of its candidate's {name} is old"


def _nudges(table: Table, pk: str, application: ApplicationItem) -> tuple[int, int]:
    """Returns the numbers of the last nudge claimed, and of the last one listed, for the latest wait."""
    wait = {"cause": application.wait_cause, "since": application.wait_since and tables.stored_instant(application.wait_since)}
    found = [
        (number_of_nudge(item["step"]["S"]), "claim" in item)
        for key, item in table.partitions[pk].items()
        if key[1].startswith("MSG#")
        and item["step"]["S"].startswith("nudge_")
        and all(item[name]["S"] == value for name, value in wait.items())
    ]
    return max((number for number, claimed in found if claimed), default=0), max((number for number, _ in found), default=0)


def tally_faults(table: Table, employer_id: str) -> Iterable[str]:
    """Compares the tally, written with every change, with a count of all waits."""
    waits = [
        item
        for item in (
            model(raw)
            for key, raw in table.items.items()
            if key[1].startswith("WAIT#") and key[0].startswith(f"EMP#{employer_id}#")
        )
        if isinstance(item, WaitItem)
    ]
    counted = by_item(tally.tally((wait_of(item), bool(item.reachable)) for item in waits))
    kept = {}
    for (_, sk), item in table.partitions.get(f"EMP#{employer_id}#TALLY", {}).items():
        counts = {name: int(value["N"]) for name, value in item.items() if name not in ("PK", "SK", "rev") and value["N"] != "0"}
        if counts:
            kept[sk] = counts
    if kept != counted:
        yield f"the tally is {kept} and its waits count {counted}"
