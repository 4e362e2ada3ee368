"""When an employer's digest is due: one item, in the due index while the digest has recipients or waits have owners.

It is written in the transaction of the employer, and moved on by the sender of the digest. Every write increments
`version` and is conditional on it, so that neither undoes the other's write.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.auth.users import PersonItem, people_pk
from chalicelib.holidays import holiday_check
from chalicelib.rules.employer import Employer
from chalicelib.rules.reminders import next_step
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, stored_instant

if TYPE_CHECKING:
    from chalicelib.applications.aggregate import CaseChange


class DigestItem(Item):
    """PK EMP#..#DIGEST, SK DIGEST. `due_at` is `planned_at` in the index's form; both are absent without recipients."""

    kind = "DIGEST"
    employer_id = UnicodeAttribute()
    planned_at = InstantAttribute(null=True)
    sent_at = InstantAttribute(null=True)
    """When the last digest was claimed."""
    report_week = UnicodeAttribute(null=True)
    """The week of the last weekly report, as "2026-W23" on the employer's clock."""
    version = NumberAttribute(default=1)


def digest_key(employer_id: str) -> Key:
    return (keys.digest_pk(employer_id), "DIGEST")


def recipients(employer: Employer) -> tuple[str, ...]:
    """Lists the addresses of the employer's own lists. Owners of applications get a digest too (`has_owned_waits`)."""
    return employer.digest_to + employer.policy.escalate_to + employer.policy.report_to


def next_planned(employer: Employer, after: datetime) -> datetime | None:
    """Computes when the first digest after `after` is due, in UTC; None where nobody would get one.

    Webhooks get its counts. Reads who owns open waits only where the employer's lists are empty and it has no webhook.
    """
    if employer.suspended or not (recipients(employer) or employer.webhooks or has_owned_waits(employer.id)):
        return None
    return _next(employer, after)


def _next(employer: Employer, after: datetime) -> datetime:
    return next_step.next_digest(employer, after, holiday_check(employer.policy.holidays))


def digest_item(employer: Employer, now: datetime) -> DigestItem:
    """Makes the digest item of a new employer."""
    pk, sk = digest_key(employer.id)
    planned = _next(employer, now) if recipients(employer) and not employer.suspended else None
    return DigestItem(PK=pk, SK=sk, employer_id=employer.id, **_moved(employer, planned), version=1)


def has_owned_waits(employer_id: str) -> bool:
    """Whether somebody on the team owns an application that waits for word."""
    from chalicelib.applications import people_lists  # late: a start needs none of it

    people = (item for item in table.query(people_pk(employer_id), "PERSON#") if isinstance(item, PersonItem))
    waiting = (people_lists.waiting_of_owner(employer_id, person.id) for person in people)
    return any(table.query_index("waiting", key, limit=1)[0] for key in waiting)


def is_owed(change: CaseChange, employer: Employer) -> bool:
    """Whether a change of a case gives an employer without recipients a reader: the owner of an open wait."""
    application = change.after.application
    if employer.suspended or recipients(employer) or not application.owner_id or application.wait_state != "open":
        return False
    return change.has_changed("owner_id", "wait_state", "wait_cause")


def wake(transaction: Transaction, employer: Employer, now: datetime) -> None:
    """Makes the digest due at its next time where it is not due at all. A sender that is about to end it starts again."""
    moved = _moved(employer, _next(employer, now))
    item = DigestItem(*digest_key(employer.id))
    actions = [(column := getattr(DigestItem, name)).set(column | value) for name, value in moved.items()]
    transaction.update(item, [*actions, DigestItem.version.set(DigestItem.version + 1)], DigestItem.PK.exists())


def is_rescheduled(before: Employer, after: Employer, now: datetime) -> bool:
    """Whether a change of an employer may move its digest: when it is due, or whether anybody is on its lists."""
    same_readers = bool(recipients(before)) == bool(recipients(after)) and before.suspended == after.suspended
    return not same_readers or _next(before, now) != _next(after, now)


def schedule(transaction: Transaction, item: DigestItem | None, employer: Employer, now: datetime) -> None:
    """Reschedules the digest of a changed employer.

    One that is due already and still wanted stays due: a change at 09:00:30 must not drop the digest of 09:00.
    """
    if item is None:
        transaction.create(digest_item(employer, now))
        return
    planned = next_planned(employer, now)
    if planned and item.planned_at and item.planned_at <= now:
        transaction.check(item, DigestItem.version == item.version)  # the sender may be moving it by the old policy now
    elif planned != item.planned_at:
        move(transaction, item, employer, planned)


def move(transaction: Transaction, item: DigestItem, employer: Employer, planned: datetime | None, *extra: Any) -> None:
    """Sets when the digest is next due (None: never), on the condition that nobody has moved it since it was read."""
    moved = _moved(employer, planned)
    actions = [getattr(DigestItem, name).set(value) for name, value in moved.items()]
    actions += [getattr(DigestItem, name).remove() for name in ("planned_at", "due_at", "due_shard") if name not in moved]
    transaction.update(item, [*actions, DigestItem.version.set(item.version + 1), *extra], DigestItem.version == item.version)


def _moved(employer: Employer, planned: datetime | None) -> dict[str, Any]:
    if planned is None:
        return {}
    return {"planned_at": planned, "due_at": stored_instant(planned), "due_shard": ids.due_shard(employer.id)}
