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
from typing import Any

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
from chalicelib.applications.mappers import contact_of, interview_of, statement_of, wait_of
from chalicelib.rules import tally
from chalicelib.rules.waits import Folded, fold
from chalicelib.storage import ids, keys, table
from chalicelib.storage.recipients import Arrival, addresses_of
from chalicelib.storage.table import Item, Key, Transaction

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
Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseSnapshot:
    """The attributes of every item as they were read. Empty for a new application."""

    items: Mapping[Key, Attributes]

    def attributes_of(self, item: Item) -> Attributes | None:
        """The item's attributes before the change; None where it is new."""
        return self.items.get(item.key)

    @property
    def waits(self) -> list[Attributes]:
        return [attributes for (_, sk), attributes in self.items.items() if sk.startswith("WAIT#")]

    @property
    def ends_of_interviews(self) -> dict[str, datetime]:
        """When each interview ended, by id."""
        return {attributes["id"]: attributes["end_at"] for (_, sk), attributes in self.items.items() if sk.startswith("INT#")}


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What a write changes. Effects compare `before` and `after`, and set fields on the items of `after`."""

    before: CaseSnapshot
    after: ApplicationCase
    folded: Folded

    @property
    def application_before(self) -> Attributes:
        """Attributes of the application before the change; empty where it is new."""
        return self.before.attributes_of(self.after.application) or {}

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
        read = [] if is_new else [application, *self._items()]
        self._before = CaseSnapshot({item.key: table.snapshot(item) for item in read})
        self._tally_before = self._tally()
        self._group_before = None if is_new else application.group

    @classmethod
    def read(cls, employer_id: str, any_case_id: str) -> ApplicationCase | None:
        """Reads the case by the id of any of its records, consistently, in one query. None where there is none."""
        return cls.of(table.query(keys.case_pk(employer_id, any_case_id)))

    @classmethod
    def of(cls, items: Sequence[Item]) -> ApplicationCase | None:
        """Makes the case of all items of its partition. None where there is no application among them."""
        application = next((item for item in items if isinstance(item, ApplicationItem)), None)
        return cls(application, items) if application else None

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
        pairs = ((self._before.attributes_of(one), one.attribute_values) for one in (self.application, *self._items()))
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
            self.application.nudges or {}, self.interviews, self._before.ends_of_interviews
        )
        self.waits = wait_items.updated(self.application, self.interviews, self.waits, folded)
        self.group_waits = wait_items.listed_by_group(self.application, self.waits.values(), self.group_waits)
        wait_items.summarise(self.application, self.interviews, folded)
        self.count_attempts()
        return CaseChange(self._before, self, folded)

    def count_attempts(self) -> None:
        """Counts the calls that nobody answered, with who made the last one: again once that is known."""
        latest = self.waits.get(self.application.wait_cause or "")
        self.application.attempts = wait_items.attempts_of(latest, self.contacts.values())

    def write(self, transaction: Transaction, now: datetime) -> None:
        """Puts every item that differs from what was read into the transaction, which may be none."""
        operations = len(transaction)
        self.write_waits(transaction)
        for item in self._items():
            if not isinstance(item, WaitItem | GroupWaitItem):
                self._put_or_update(transaction, item)
        if self.link is None and (former := LinkItem(self.application.PK, LinkItem.kind)).key in self._before.items:
            transaction.delete(former)
        application, before = self.application, self._before.attributes_of(self.application) or {}
        shown = table.differing(before, application.attribute_values) - NOT_SHOWN
        if self.is_new:
            transaction.create(application)
        elif shown or len(transaction) > operations:
            application.revision = int(application.revision) + 1
            application.updated_at = now
        self._write_application(transaction, before)

    def write_waits(self, transaction: Transaction) -> None:
        """Puts waits that differ, and deletes those that no longer exist (superseded, cancelled, no-show)."""
        waits: list[Item] = [*self.waits.values(), *self.group_waits.values()]
        present = {wait.key for wait in waits}
        for key in self._before.items:
            if key[1].startswith(("WAIT#", "GWAIT#")) and key not in present:
                transaction.delete(Item(*key))
        for wait in waits:
            self._put_or_update(transaction, wait)

    def tally_difference(self) -> tally.Tally:
        """What the waits add to the employer's tally, against what was read.

        The caller sums it over the cases of one transaction: an item may stand in a transaction once.
        """
        return tally.difference(self._tally_before, self._tally())

    def group_differences(self) -> dict[str, tally.Tally]:
        """What the waits add to the tallies of groups: of the application's, and of the one that it left."""
        before, after = self._group_before, self.application.group
        groups = {group for group in (before, after) if group}
        return {
            group: tally.difference(self._tally_before if group == before else {}, self._tally() if group == after else {})
            for group in groups
        }

    def arrivals(self) -> list[Arrival]:
        """Lists addresses that this application did not carry when it was read."""
        application = self.application
        before = self._before.attributes_of(application) or {}
        had = addresses_of(before.get("email"), before.get("phone"))
        now = addresses_of(application.email, application.phone)
        return [Arrival(address, application.PK, not self.is_new) for address in now if address not in had]

    def _tally(self) -> tally.Tally:
        counted = ((wait_of(item), bool(item.reachable)) for item in self.waits.values())
        return tally.tally(counted)

    def _write_application(self, transaction: Transaction, before: Attributes) -> None:
        application = self.application
        if self.is_new or not (actions := table.changes(application, before)):
            return
        application.version = int(application.version) + 1
        actions.append(ApplicationItem.version.set(application.version))
        transaction.update(application, actions, ApplicationItem.version == before["version"])

    def _put_or_update(self, transaction: Transaction, item: Item) -> None:
        before = self._before.attributes_of(item)
        if before is None:
            transaction.create(item)
        elif actions := table.changes(item, before):
            if item.due_at is not None and item.due_at != before.get("due_at") and item.due_shard == before.get("due_shard"):
                actions.append(type(item).due_shard.set(item.due_shard))  # a worker may clear both meanwhile
            transaction.update(item, actions)

    def _items(self) -> list[Item]:
        """Everything of the case but the application."""
        others = (self.duty, self.keep, self.watch, self.link, *self.lists.values())
        return [*self.facts, *self.waits.values(), *self.group_waits.values(), *(item for item in others if item is not None)]

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
