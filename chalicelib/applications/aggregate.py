"""One application with its facts and waits: read in one query, changed in memory, written as the difference.

1. A service adds or changes facts (interviews, contacts, statements) or the application.
2. `recompute` folds all facts again, brings waits and summary in line, and returns the `CaseChange`.
3. `effects.apply` does what follows from the change.
4. `write` puts every item that differs into the transaction; the application is conditional on its version.

`unit_of_work.UnitOfWork.save` runs steps 2 to 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.applications import wait_items
from chalicelib.applications.candidates.items import KeepItem
from chalicelib.applications.items import (
    ApplicationItem,
    ContactItem,
    DeciderItem,
    GroupWaitItem,
    InterviewItem,
    LinkItem,
    OwnerItem,
    SnoozeItem,
    StatementItem,
    WaitItem,
    WatchItem,
)
from chalicelib.applications.law.items import DutyItem
from chalicelib.applications.mappers import contact_of, interview_of, statement_of, wait_with
from chalicelib.rules import tally
from chalicelib.rules.waits import Folded, fold
from chalicelib.storage import ids, keys, table
from chalicelib.storage.recipients import Arrival, addresses_of
from chalicelib.storage.table import Item, Transaction

NOT_SHOWN = frozenset(
    {
        "version",
        "revision",
        "updated_at",
        "nudges",
        "step",
        "what_next",
        "experience_at",
        "not_after",
        "due_at",
        "due_shard",
        "evidence_count",
        "evidence_hash",
        "evidence_owed",
        "past",
        "history",
    }
)
"""Fields of the application that no client sees: a change of these alone leaves the ETag as it is."""
COUNTED = ("stage", "word_due_at", "state", "answered_at", "answer", "reachable")
"""Attributes of a wait that decide where the tally counts it."""
Attributes = dict[str, Any]
ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True, slots=True)
class CaseSnapshot:
    """The attributes of every item as they were read, by sort key. Empty for a new application.

    Those of interviews are also found by id, those of waits by cause.
    """

    items: Mapping[str, Attributes]
    interviews: Mapping[str, Attributes]
    waits: Mapping[str, Attributes]

    def attributes_of(self, item: Item) -> Attributes | None:
        """The item's attributes before the change; None where it is new."""
        return self.items.get(item.SK)

    def differing(self, items: Iterable[ItemT]) -> list[ItemT]:
        """Those items that are new or differ from what was read. One that gained a None is among them."""
        known = self.items
        return [item for item in items if known.get(item.SK) != item.attribute_values]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What a write changes. Effects compare `before` and `after`, and set fields on the items of `after`.

    Of facts they set only who changed them, notes, and places in the due index.
    """

    before: CaseSnapshot
    after: ApplicationCase
    folded: Folded
    application_before: Attributes
    """Attributes of the application before the change; empty where it is new."""
    interviews: Sequence[InterviewItem]
    """Those that are new or changed; likewise the other facts. An effect need not look at what nothing touched."""
    contacts: Sequence[ContactItem]
    statements: Sequence[StatementItem]

    @property
    def facts(self) -> list[InterviewItem | ContactItem | StatementItem]:
        """All facts that are new or changed."""
        return [*self.interviews, *self.contacts, *self.statements]

    def has_changed(self, *names: str) -> bool:
        """Whether any of these fields of the application differs."""
        return bool(table.differing(self.application_before, self.after.application.attribute_values, names))


class ApplicationCase:
    """An application with its facts and waits. `interviews`, `contacts` and `statements` hold items by id, `waits` by cause.

    `duty`, `keep`, `watch`, `link` and `lists` belong to effects, and are written with the rest.
    """

    def __init__(self, application: ApplicationItem, items: Iterable[Item] = (), *, is_new: bool = False) -> None:
        self.application = application
        self.is_new = is_new
        self.interviews: dict[str, InterviewItem] = {}
        self.contacts: dict[str, ContactItem] = {}
        self.statements: dict[str, StatementItem] = {}
        self.waits: dict[str, WaitItem] = {}
        self.group_waits: dict[str, GroupWaitItem] = {}
        self.duty: DutyItem | None = None
        self.keep: KeepItem | None = None
        self.watch: WatchItem | None = None
        self.link: LinkItem | None = None
        self.lists: dict[str, Item] = {}
        """Items of `people_lists.py` by their sort key."""
        for item in items:
            self._take(item)
        self._before = CaseSnapshot({}, {}, {}) if is_new else self._snapshot()
        self._group_before = None if is_new else application.group

    @classmethod
    def read(cls, employer_id: str, any_case_id: str) -> ApplicationCase | None:
        """Reads the case by the id of any of its records, consistently, in one query. None where there is none."""
        return cls.of(table.query(keys.case_pk(employer_id, any_case_id)))

    @classmethod
    def of(cls, items: Sequence[Item]) -> ApplicationCase | None:
        """Makes the case of all items of its partition. None where there is no application among them."""
        for item in items:
            if isinstance(item, ApplicationItem):
                return cls(item, items)
        return None

    def _snapshot(self) -> CaseSnapshot:
        items = {item.SK: dict(item.attribute_values) for item in (self.application, *self._facts_and_others(), *self._waits())}
        return CaseSnapshot(
            items,
            {interview_id: items[item.SK] for interview_id, item in self.interviews.items()},
            {cause: items[item.SK] for cause, item in self.waits.items()},
        )

    def add(self, fact: InterviewItem | ContactItem | StatementItem) -> None:
        """Adds a new fact; it is written with the rest."""
        self._take(fact)

    def new_id(self, prefix: str, now: datetime) -> str:
        """Makes an id for a new fact of this case."""
        return ids.case_id(prefix, self.application.id, now, {*self.interviews, *self.contacts, *self.statements})

    def interview_at(self, start_at: datetime) -> InterviewItem | None:
        """Finds the interview with this start. A cancelled one does not count."""
        return next((i for i in self.interviews.values() if i.start_at == start_at and i.status != "cancelled"), None)

    def scheduled_at(self, start_at: datetime) -> InterviewItem | None:
        """Finds the interview that holds this slot. A cancelled one or a no-show leaves it free."""
        return next((i for i in self.interviews.values() if i.start_at == start_at and i.status == "scheduled"), None)

    @property
    def finished(self) -> bool:
        """Closed, withdrawn, rejected or offered: the same candidate and job title then begin a new application."""
        return self.application.status != "active" or self._latest_answer() in ("rejected", "offer")

    def _latest_answer(self) -> str | None:
        if self.application.wait_state != "answered":
            return None
        return self.waits[self.application.wait_cause].answer

    @property
    def facts(self) -> list[InterviewItem | ContactItem | StatementItem]:
        return [*self.interviews.values(), *self.contacts.values(), *self.statements.values()]

    @property
    def is_touched(self) -> bool:
        """Whether anything differs from what was read. Where nothing does, only the clock could change something."""
        if self.is_new:
            return True
        differing = self._before.differing((self.application, *self._facts_and_others(), *self._waits()))
        pairs = ((self._before.attributes_of(item), item.attribute_values) for item in differing)
        return any(before is None or table.differing(before, now) for before, now in pairs)

    def recompute(self, now: datetime) -> CaseChange:
        """Folds the facts and brings waits and summary in line. `effects.apply` and `write` come next."""
        folded = fold(
            [interview_of(i) for i in self.interviews.values()],
            [contact_of(c) for c in self.contacts.values()],
            [statement_of(s) for s in self.statements.values()],
            status=self.application.status,
            as_of=now,
        )
        for contact in self.contacts.values():
            contact.disputed = contact.id in folded.disputed
        self.application.nudges = wait_items.nudges_after_moves(
            self.application.nudges or {}, self.interviews, self._before.interviews
        )
        self.waits = wait_items.updated(self.application, self.interviews, self.waits, folded)
        self.group_waits = wait_items.listed_by_group(self.application, self.waits.values(), self.group_waits)
        wait_items.summarise(self.application, self.interviews, folded)
        self.count_attempts()
        differing = self._before.differing
        return CaseChange(
            self._before,
            self,
            folded,
            self._before.attributes_of(self.application) or {},
            differing(self.interviews.values()),
            differing(self.contacts.values()) if self.contacts else [],
            differing(self.statements.values()) if self.statements else [],
        )

    def count_attempts(self) -> None:
        """Counts the calls that nobody answered, with who made the last one: again once that is known."""
        latest = self.waits.get(self.application.wait_cause or "")
        self.application.attempts = wait_items.attempts_of(latest, self.contacts.values())

    def write(self, transaction: Transaction, now: datetime) -> None:
        """Puts every item that differs from what was read into the transaction, which may be none."""
        operations = len(transaction)
        self.write_waits(transaction)
        for item in self._before.differing(self._facts_and_others()):
            self._put_or_update(transaction, item)
        if self.link is None and LinkItem.kind in self._before.items:
            transaction.delete(LinkItem(self.application.PK, LinkItem.kind))
        application = self.application
        if self.is_new:
            transaction.create(application)
            return
        before = self._before.items[application.SK]
        differing = table.differing(before, application.attribute_values)
        if differing - NOT_SHOWN or len(transaction) > operations:
            application.revision = int(application.revision) + 1
            application.updated_at = now
            differing |= table.differing(before, application.attribute_values, ("revision", "updated_at"))
        if differing:
            self._write_application(transaction, differing, before["version"])

    def write_waits(self, transaction: Transaction) -> None:
        """Puts waits that differ, and deletes those that no longer exist (superseded, cancelled, no-show)."""
        waits = self._waits()
        present = {wait.SK for wait in waits}
        for sk in self._before.items:
            if sk not in present and sk.startswith(("WAIT#", "GWAIT#")):
                transaction.delete(Item(self.application.PK, sk))
        for wait in self._before.differing(waits):
            self._put_or_update(transaction, wait)

    def tally_difference(self) -> tally.Tally:
        """What the waits add to the employer's tally, against what was read.

        The caller sums it over the cases of one transaction: an item may stand in a transaction once.
        """
        before, now = (
            self._before.waits,
            {item.cause: item.attribute_values for item in self._before.differing(self.waits.values())},
        )
        gone = [attributes for cause, attributes in before.items() if cause not in self.waits]
        counted = {cause for cause, one in now.items() if cause not in before or table.differing(before[cause], one, COUNTED)}
        if not gone and not counted:
            return {}
        had = [before[cause] for cause in counted if cause in before]
        return _tally_between([*gone, *had], [now[cause] for cause in counted])

    def group_differences(self) -> dict[str, tally.Tally]:
        """What the waits add to the tallies of groups: of the application's, and of the one that it left."""
        before, after = self._group_before, self.application.group
        if before == after:
            return {after: self.tally_difference()} if after else {}
        left, joined = self._before.waits.values(), [item.attribute_values for item in self.waits.values()]
        differences = {before: _tally_between(left, ()), after: _tally_between((), joined)}
        return {group: difference for group, difference in differences.items() if group}

    def arrivals(self) -> list[Arrival]:
        """Lists addresses that this application did not carry when it was read."""
        application = self.application
        before = self._before.attributes_of(application) or {}
        if not table.differing(before, application.attribute_values, ("email", "phone")):
            return []
        had = addresses_of(before.get("email"), before.get("phone"))
        now = addresses_of(application.email, application.phone)
        return [Arrival(address, application.PK, not self.is_new) for address in now if address not in had]

    def _write_application(self, transaction: Transaction, differing: Iterable[str], version: float) -> None:
        application = self.application
        application.version = int(application.version) + 1
        transaction.write(application, [*sorted(differing), "version"], ("version", version))

    def _put_or_update(self, transaction: Transaction, item: Item) -> None:
        before = self._before.attributes_of(item)
        if before is None:
            transaction.create(item)
        elif names := sorted(table.differing(before, item.attribute_values)):
            if item.due_at is not None and item.due_at != before.get("due_at") and item.due_shard == before.get("due_shard"):
                names.append("due_shard")  # a worker may clear both meanwhile
            transaction.write(item, names)

    def _waits(self) -> list[Item]:
        return [*self.waits.values(), *self.group_waits.values()]

    def _facts_and_others(self) -> list[Item]:
        """Everything of the case but the application and its waits."""
        others = (self.duty, self.keep, self.watch, self.link, *self.lists.values())
        return [*self.facts, *[item for item in others if item is not None]]

    def _take(self, item: Item) -> None:
        """Sorts an item of the partition in; messages and replies are not part of the case."""
        match item:
            case InterviewItem():
                self.interviews[item.id] = item
            case ContactItem():
                self.contacts[item.id] = item
            case StatementItem():
                self.statements[item.id] = item
            case WaitItem():
                self.waits[item.cause] = item
            case GroupWaitItem():
                self.group_waits[item.SK.partition("#")[2]] = item
            case DutyItem():
                self.duty = item
            case KeepItem():
                self.keep = item
            case WatchItem():
                self.watch = item
            case LinkItem():
                self.link = item
            case OwnerItem() | SnoozeItem() | DeciderItem():
                self.lists[item.SK] = item


def _tally_between(before: Iterable[Attributes], after: Iterable[Attributes]) -> tally.Tally:
    """What waits add to a tally, against what they were."""
    return tally.difference(_tally(before), _tally(after))


def _tally(waits: Iterable[Attributes]) -> tally.Tally:
    return tally.tally((wait_with(attributes), bool(attributes.get("reachable"))) for attributes in waits)
