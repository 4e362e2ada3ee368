"""One application's case: what one query reads, amended in memory, folded anew, and written as the difference.

Every write adds or amends a fact and calls `Case.write`, which refolds the whole (it is small) and puts into the transaction:
the facts, the application (conditional on its version), its waits. It returns the tally's difference for the caller to add,
because one transaction may write several cases and an item may stand in it once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.applications import attention_lists, webhook_timers
from chalicelib.applications.candidates import keep_in_mind
from chalicelib.applications.items import (
    ApplicationItem,
    ContactItem,
    InterviewItem,
    KeepItem,
    StatementItem,
    WaitItem,
    WatchItem,
)
from chalicelib.applications.law import duties, evidence
from chalicelib.applications.law.items import DutyItem
from chalicelib.applications.mappers import candidate_of, contact_of, interview_of, open_wait_of, statement_of, wait_of
from chalicelib.holidays import holiday_check
from chalicelib.rules import tally
from chalicelib.rules.model import Decided, Employer, Wait
from chalicelib.rules.reminders import next_step
from chalicelib.rules.waits import Folded, fold
from chalicelib.storage import ids, keys, table
from chalicelib.storage.recipients import Arrival, addresses_of
from chalicelib.storage.table import Item, Transaction, stored_instant

SENDING = frozenset(
    {
        "version",
        "revision",
        "updated_at",
        "nudges",
        "step",
        "not_after",
        "due_at",
        "due_shard",
        "evidence_count",
        "evidence_hash",
        "evidence_owed",
    }
)
"""What moves without a client seeing it: a change of these alone leaves the ETag as it is."""
_PLANNED_FROM = (
    "wait_state",
    "wait_cause",
    "word_due_at",
    "email",
    "phone",
    "phone_takes_texts",
    "sms_consent_at",
    "timezone",
    "call_back_phone",
    "call_back_email",
)


class Case:
    """An application with its facts and waits. `application`, `interviews`, `contacts`, `statements` hold items by id."""

    def __init__(self, application: ApplicationItem, items: Iterable[Item] = (), *, is_new: bool = False) -> None:
        self.application = application
        self.is_new = is_new
        self.interviews: dict[str, InterviewItem] = {}
        self.contacts: dict[str, ContactItem] = {}
        self.statements: dict[str, StatementItem] = {}
        self.waits: dict[str, WaitItem] = {}
        self.duty: DutyItem | None = None
        self.keep: KeepItem | None = None
        self.watch: WatchItem | None = None
        for item in items:
            self._shelf(item)
        self._before: dict[table.Key, dict[str, Any]] = {
            item.key: table.snapshot(item) for item in ([] if is_new else [application, *self._kept()])
        }
        self._tally_before = self._tally()

    @classmethod
    def read(cls, employer_id: str, any_case_id: str) -> Case | None:
        """The case that an id of any of its records leads to, read consistently in one query; None where there is none."""
        items = table.query(keys.case_pk(employer_id, any_case_id))
        application = next((item for item in items if isinstance(item, ApplicationItem)), None)
        return cls(application, items) if application else None

    def add(self, fact: InterviewItem | ContactItem | StatementItem) -> None:
        """Adds a new fact; it is written with the rest."""
        self._shelf(fact)

    def new_id(self, prefix: str, now: datetime) -> str:
        """A fresh id for a fact of this case."""
        return ids.case_id(prefix, self.application.id, now, {*self.interviews, *self.contacts, *self.statements})

    def interview_at(self, start_at: datetime) -> InterviewItem | None:
        """The same application and start is the same interview, unless that one was cancelled."""
        return next((i for i in self.interviews.values() if i.start_at == start_at and i.status != "cancelled"), None)

    @property
    def finished(self) -> bool:
        """Closed, withdrawn, or told no or an offer: the same candidate and job title then begin a new application."""
        answer = self._latest_answer()
        return self.application.status != "active" or answer in ("rejected", "offer")

    def _latest_answer(self) -> str | None:
        if self.application.wait_state != "answered":
            return None
        return self.waits[self.application.wait_cause].answer

    def write(self, transaction: Transaction, employer: Employer, now: datetime) -> tally.Tally:
        """Refolds and puts what changed into the transaction, which may be nothing. Returns the tally's difference."""
        folded = self._fold(now)
        for contact in self.contacts.values():
            contact.disputed = contact.id in folded.disputed
        gone = self._shelve_waits(folded)
        self._summarise(folded)
        attention_lists.list_dispute(self, transaction)
        attention_lists.list_untold(self, transaction)
        if self._step_is_stale() and not self._step_stays_due(now):
            plan_step(self.application, employer, now)
        self.keep = keep_in_mind.brought_into_line(self.keep, keep_in_mind.promised(self))
        if employer.policy.jurisdiction:
            self._watch_law(transaction, employer, folded, now)
        if employer.webhooks:
            webhook_timers.tell(self, transaction, now)
        self._emit(transaction, gone, now)
        return tally.difference(self._tally_before, self._tally())

    def before(self, item: Item) -> dict[str, Any] | None:
        """The attributes of an item of the case before this write; None where it is new."""
        return self._before.get(item.key)

    def waits_before(self) -> list[dict[str, Any]]:
        """The attributes of its waits before this write."""
        return [before for key, before in self._before.items() if key[1].startswith("WAIT#")]

    def end(self, transaction: Transaction, employer: Employer, now: datetime) -> tally.Tally:
        """For an application that is about to be erased: puts its waits, the open one dropped, and what the law's evidence lacks.

        The application and its facts are the caller's to take away. Returns the tally's difference.
        """
        self.application.status = "closed"
        folded = self._fold(now)
        for wait in self._shelve_waits(folded):
            if wait.key in self._before:
                transaction.delete(wait)
        self._summarise(folded)
        attention_lists.list_dispute(self, transaction)
        attention_lists.list_untold(self, transaction)
        for wait in self.waits.values():
            self._put_or_update(transaction, wait)
        if employer.policy.jurisdiction:
            evidence.record(self, [], transaction, employer, now)
        return tally.difference(self._tally_before, self._tally())

    def arrivals(self) -> list[Arrival]:
        """Addresses that this application did not carry when it was read."""
        application = self.application
        before = self._before.get(application.key, {})
        had = addresses_of(before.get("email"), before.get("phone"))
        now = addresses_of(application.email, application.phone)
        return [Arrival(address, application.PK, not self.is_new) for address in now if address not in had]

    def _fold(self, now: datetime) -> Folded:
        return fold(
            [interview_of(i) for i in self.interviews.values()],
            [contact_of(c) for c in self.contacts.values()],
            [statement_of(s) for s in self.statements.values()],
            status=self.application.status,
            as_of=now,
        )

    def _tally(self) -> tally.Tally:
        return tally.tally((wait_of(item), bool(item.reachable)) for item in self.waits.values())

    def _shelve_waits(self, folded: Folded) -> list[WaitItem]:
        """Brings the wait items in line with the fold; returns those that are no more (superseded, cancelled, no-show)."""
        gone = [self.waits.pop(cause) for cause in self.waits.keys() - {wait.cause for wait in folded.waits}]
        for wait in folded.waits:
            item = self.waits.get(wait.cause) or WaitItem(
                self.application.PK, f"WAIT#{wait.cause}", cause=wait.cause, application_id=self.application.id
            )
            self.waits[wait.cause] = item
            self._describe(item, wait, folded)
        return gone

    def _describe(self, item: WaitItem, wait: Wait, folded: Folded) -> None:
        """Writes a wait into its item. Only an open one is in the waiting index and cares about reachability."""
        application, is_open = self.application, wait.state == "open"
        for name in ("stage", "since", "word_due_at", "state", "answered_at", "answered_by", "answer"):
            setattr(item, name, getattr(wait, name))
        if is_open or item.reachable is None:
            item.reachable = candidate_of(application).reachable
        item.decided = self._decided_for(folded) if is_open else None
        item.waiting_key = f"{application.employer_id}#{wait.stage}#{'r' if item.reachable else 'u'}" if is_open else None
        item.waiting_at = f"{stored_instant(wait.word_due_at)[:13]}#{application.id}" if is_open else None

    def _decided_for(self, folded: Folded) -> Decided | None:
        """What was decided and not told: a decision from before the latest interview says nothing about this wait."""
        application, origin = self.application, self.interviews.get(folded.origin or "")
        if not application.decided or (origin and application.decided_at < origin.start_at):
            return None
        return application.decided

    def _summarise(self, folded: Folded) -> None:
        """Copies the latest wait and its interview's call-back to the application, where one read finds them."""
        application, wait = self.application, folded.waits[-1] if folded.waits else None
        application.wait_state = wait.state if wait else None
        application.wait_cause = wait.cause if wait else None
        application.wait_stage = wait.stage if wait else None
        application.wait_since = wait.since if wait else None
        application.word_due_at = wait.word_due_at if wait else None
        application.answered_at = wait.answered_at if wait else None
        application.answered_by = wait.answered_by if wait else None
        origin = self.interviews.get(folded.origin or "")
        application.call_back_name = origin.call_back_name if origin else None
        application.call_back_phone = origin.call_back_phone if origin else None
        application.call_back_email = origin.call_back_email if origin else None

    def _watch_law(self, transaction: Transaction, employer: Employer, folded: Folded, now: datetime) -> None:
        """Reckons the statutory deadlines, lists the next one, and appends what changed to the evidence."""
        duties.compute(self, employer, folded.reached)
        listing = duties.listing(self.application)
        if self.duty:
            self.duty.statute, self.duty.list_key, self.duty.list_at = listing.statute, listing.list_key, listing.list_at
        elif listing.list_key:
            self.duty = listing
        changed = [fact for fact in self.facts() if table.changes(fact, self._before.get(fact.key, {}))]
        if self._documents_changed():
            changed.append(self.application)
        evidence.record(self, changed, transaction, employer, now)

    def _documents_changed(self) -> bool:
        application, before = self.application, self._before.get(self.application.key, {})
        return any(getattr(application, name) != before.get(name) for name in ("documents_asked_on", "documents_returned_on"))

    def _step_is_stale(self) -> bool:
        """Whether anything that the next step is reckoned from has changed: an attempt leaves a deferred step where it is."""
        before = self._before.get(self.application.key, {})
        return self.is_new or any(getattr(self.application, name) != before.get(name) for name in _PLANNED_FROM)

    def _step_stays_due(self, now: datetime) -> bool:
        """A step that is due for the very same wait is left to the sender: planned anew after an outage, it would be passed
        over without a word, where the sender lists it as expired."""
        application, before = self.application, self._before.get(self.application.key, {})
        same = all(getattr(application, name) == before.get(name) for name in ("wait_state", "wait_cause", "word_due_at"))
        return same and application.due_at is not None and application.due_at <= stored_instant(now)

    def _emit(self, transaction: Transaction, gone: list[WaitItem], now: datetime) -> None:
        operations = len(transaction)
        for wait in gone:
            if wait.key in self._before:
                transaction.delete(wait)
        for item in self._kept():
            self._put_or_update(transaction, item)
        application = self.application
        before = self._before.get(application.key, {})
        seen = {
            name
            for name in application.attribute_values.keys() | before.keys()
            if application.attribute_values.get(name) != before.get(name)
        } - SENDING
        if self.is_new:
            transaction.create(application)
        elif seen or len(transaction) > operations:
            application.revision = int(application.revision) + 1
            application.updated_at = now
        self._write_application(transaction, before)

    def _write_application(self, transaction: Transaction, before: dict[str, Any]) -> None:
        application = self.application
        if self.is_new or not (actions := table.changes(application, before)):
            return
        application.version = int(application.version) + 1
        actions.append(ApplicationItem.version.set(application.version))
        transaction.update(application, actions, ApplicationItem.version == before["version"])

    def _put_or_update(self, transaction: Transaction, item: Item) -> None:
        before = self._before.get(item.key)
        if before is None:
            transaction.create(item)
        elif actions := table.changes(item, before):
            transaction.update(item, actions)

    def facts(self) -> list[Item]:
        return [*self.interviews.values(), *self.contacts.values(), *self.statements.values()]

    def _kept(self) -> list[Item]:
        """Everything of the case but the application."""
        others = (self.duty, self.keep, self.watch)
        return [*self.facts(), *self.waits.values(), *(item for item in others if item is not None)]

    def _shelf(self, item: Item) -> None:
        match item:
            case InterviewItem():
                self.interviews[item.id] = item
            case ContactItem():
                self.contacts[item.id] = item
            case StatementItem():
                self.statements[item.id] = item
            case WaitItem():
                self.waits[item.cause] = item
            case DutyItem():
                self.duty = item
            case KeepItem():
                self.keep = item
            case WatchItem():
                self.watch = item


def plan_step(application: ApplicationItem, employer: Employer, now: datetime) -> None:
    """Sets the application's next step (`step`, `due_at`, `due_shard`, `not_after`) by the rules, or clears it."""
    wait = open_wait_of(application)
    sent = application.nudges.get(wait.cause, 0) if wait else 0
    step = next_step.next_step(wait, sent, employer, candidate_of(application), now, holiday_check(employer.policy.holidays))
    application.step = step.name if step else None
    application.due_at = stored_instant(step.planned_at) if step else None
    application.due_shard = ids.due_shard(application.id) if step else None
    application.not_after = step.not_after if step else None
