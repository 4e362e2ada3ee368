"""One unit of work: the records that a request, an import or an ATS event changes together, in one transaction.

A caller that needs one transaction opens the unit, hands it to the services, and commits:

    def write_once() -> str:
        unit = UnitOfWork(employer, now)
        case = find_or_create(unit, application_input, table.get_many(application_input.keys(employer.id)))
        interview = interviews.add_interview(unit, case, Booking(...))      # interviews/service.py
        interviews.set_fields(unit, interview, {"start_at": ...})           # moves, corrects, reinstates
        interviews.set_status(unit, interview, "cancelled")
        contacts.add_contact(unit, case, {...})                             # contacts/service.py
        contacts.void(unit, contact)                                        # contacts.restore(contact)
        contacts.add_statement(unit, case, {"heard": True, ...})
        applications.decide(case, "rejected", decided_at)                   # service.py
        applications.set_status(case, "closed")
        unit.save(case)                                                     # once, after all changes of the case
        unit.transaction.update(...)                                        # items of the caller's own
        unit.commit()
        return case.application.id

    retry_on_conflict(write_once)

These functions change the case in memory and check nothing that depends on who asks. The functions that take an
employer and an id (`book`, `change_interview`, `log_contact`, ...) check what a client may do, and run a whole
unit of work each: read, change, save, commit, again where another write came first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from chalicelib.applications import change_feed, effects, recorded, tally_items
from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.candidates import copies
from chalicelib.auth.actors import Actor
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, Conflict, NotFound, Unavailable, WriteUnknown
from chalicelib.rules import tally
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.recipients import Arrival
from chalicelib.storage.table import TRANSACTION_MOST, Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

T = TypeVar("T")
_TRIES = 8


@dataclass(slots=True)
class UnitOfWork:
    """One transaction under construction. The tally differences of its cases are summed before they are added."""

    employer: Employer
    now: datetime
    committer: Committer = AT_ONCE
    transaction: Transaction = field(default_factory=Transaction)
    difference: tally.Tally = field(default_factory=dict)
    group_differences: dict[str, tally.Tally] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    by: Actor | None = None
    """Who makes the change: noted on what is recorded (`recorded.py`)."""
    read_case: Callable[[str, str], ApplicationCase | None] = ApplicationCase.read
    """Reads a case by the employer's id and any id of the case. Imports read many cases ahead."""
    wakes_digest: bool = False
    """Whether the employer's digest gets its first reader: the item is written once, whatever number of cases say so."""
    is_prepared: bool = False

    def save(self, case: ApplicationCase) -> None:
        """Folds a changed case, applies the effects, and puts what differs into the transaction. Once a case."""
        change = case.recompute(self.now)
        if copies.bring_back_if_waiting(self.transaction, case.application):
            change = case.recompute(self.now)  # with the person's present addresses
        recorded.update(change, self.by)
        effects.apply(change, self.transaction, self.employer, self.now)
        if case.application.owner_id:
            from chalicelib.applications import digest_schedule  # late: most have no owner

            self.wakes_digest |= digest_schedule.is_owed(change, self.employer)
        case.write(self.transaction, self.now)
        change_feed.tell(change, self.transaction, self.now)
        self._count(case.tally_difference(), case.group_differences())
        self.arrivals += case.arrivals()

    def end(self, case: ApplicationCase) -> CaseChange:
        """Closes the waits of an application that is about to be erased. The caller deletes the other items."""
        case.application.status = "closed"
        change = case.recompute(self.now)
        effects.apply_erasure(change, self.transaction, self.employer, self.now)
        case.write_waits(self.transaction)
        self._count(case.tally_difference(), case.group_differences())
        return change

    def _count(self, difference: tally.Tally, of_groups: Mapping[str, tally.Tally]) -> None:
        if difference:
            self.difference = tally.add(self.difference, difference)
        for group, one in of_groups.items():
            self.group_differences[group] = tally.add(self.group_differences.get(group, {}), one)

    @property
    def size(self) -> int:
        """Operations that it will take, of the hundred that a transaction may hold."""
        days = sum([len(tally_items.by_item(one)) for one in (self.difference, *self.group_differences.values()) if one])
        return len(self.transaction) + days + len({arrival.address for arrival in self.arrivals}) + self.wakes_digest

    def size_with(self, other: UnitOfWork) -> int:
        """Operations of both together: they share the item of the change feed, and days of the tally."""
        shared = len(tally_items.by_item(self.difference).keys() & tally_items.by_item(other.difference).keys())
        shared += int(self.transaction.tells_changes and other.transaction.tells_changes)
        shared += int(self.wakes_digest and other.wakes_digest)
        return self.size + other.size - shared

    def check_size(self, most: int = TRANSACTION_MOST) -> None:
        """Raises Conflict where a candidate has more records than one transaction may write."""
        if self.size > most:
            raise Conflict(
                "This changes more records than can be written together: close some of the candidate's applications first.",
                code="too_much_at_once",
            )

    def merge(self, other: UnitOfWork) -> None:
        """Adds another unit of the same employer to this one. No item may stand in both."""
        self.transaction.absorb(other.transaction)
        self._count(other.difference, other.group_differences)
        self.arrivals += other.arrivals
        self.wakes_digest |= other.wakes_digest

    def prepare(self) -> None:
        """Does all of `commit` but sending. Nothing may be added afterwards. Raises Conflict."""
        self.check_size()
        self._complete()
        self.transaction.prepare()
        self.is_prepared = True

    def commit(self) -> None:
        """Raises ConditionFailed where another write came first, Conflict where it is too much for one transaction."""
        if not self.is_prepared:
            self.check_size()
            self._complete()
        self.committer.commit(self.transaction)

    def commit_with(self, other: UnitOfWork) -> None:
        """Commits this unit and one of another employer in one transaction. Raises what `commit` raises."""
        self.check_size(TRANSACTION_MOST - other.size)
        self._complete()
        other._complete()
        self.transaction.absorb(other.transaction)
        self.committer.commit(self.transaction)

    def _complete(self) -> None:
        """Adds to the transaction what is summed over its cases."""
        tally_items.add(self.transaction, self.employer.id, self.difference)
        for group, difference in self.group_differences.items():
            tally_items.add(self.transaction, self.employer.id, difference, group)
        recipients.note(self.transaction, self.arrivals)
        if self.wakes_digest:
            from chalicelib.applications import digest_schedule

            digest_schedule.wake(self.transaction, self.employer, self.now)


def retry_on_conflict(write: Callable[[], T]) -> T:
    """Runs a function that reads, changes and commits; runs it again where another write came first."""
    for _ in range(_TRIES):
        try:
            return write()
        except ConditionFailed:
            continue
        except WriteUnknown as error:
            raise Unavailable("The table did not answer: read the record to learn whether the change was made.") from error
    raise Unavailable


def read_case(employer_id: str, any_case_id: str) -> ApplicationCase:
    """Raises NotFound, also for another tenant's id: it leads to no partition of this one."""
    case = ApplicationCase.read(employer_id, any_case_id)
    if case is None:
        raise NotFound
    return case


def read_application(employer_id: str, application_id: str) -> ApplicationCase:
    """Reads the case whose application has exactly this id. Raises NotFound."""
    case = read_case(employer_id, application_id)
    if case.application.id != application_id:
        raise NotFound
    return case


def update_case(
    employer: Employer,
    read: Callable[[], ApplicationCase],
    now: datetime,
    change: Callable[[UnitOfWork, ApplicationCase], T],
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, T]:
    """Reads a case, changes it and writes the difference, in one unit of work of its own."""

    def write_once() -> tuple[ApplicationCase, T]:
        unit, case = UnitOfWork(employer, now, committer, by=by), read()
        result = change(unit, case)
        unit.save(case)
        unit.commit()
        return case, result

    return retry_on_conflict(write_once)


def update_application(
    employer: Employer,
    application_id: str,
    now: datetime,
    change: Callable[[UnitOfWork, ApplicationCase], T],
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, T]:
    """`update_case` by the application's id. Raises NotFound."""
    return update_case(employer, lambda: read_application(employer.id, application_id), now, change, committer=committer, by=by)


def recompute(employer_id: str, application_id: str, now: datetime) -> None:
    """Folds an application at `now`, for what only time changes: a wait that lapses."""
    employer = table.get(keys.employer_pk(employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        update_application(employer_of(employer), application_id, now, lambda _unit, _case: None)
