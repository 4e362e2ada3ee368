"""When an employer's digest is due: one item, in the due index while the digest has recipients.

It is written in the transaction of the employer, and moved on by the sender of the digest. Every write increments
`version` and is conditional on it, so that neither undoes the other's write.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.holidays import holiday_check
from chalicelib.rules.employer import Employer
from chalicelib.rules.reminders import next_step
from chalicelib.storage import ids, keys
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, stored_instant


class DigestItem(Item):
    """PK EMP#..#DIGEST, SK DIGEST. `due_at` is `planned_at` in the index's form; both are absent without recipients."""

    kind = "DIGEST"
    employer_id = UnicodeAttribute()
    planned_at = InstantAttribute(null=True)
    sent_at = InstantAttribute(null=True)
    """When the last digest was claimed."""
    version = NumberAttribute(default=1)


def digest_key(employer_id: str) -> Key:
    return (keys.digest_pk(employer_id), "DIGEST")


def recipients(employer: Employer) -> tuple[str, ...]:
    """Lists everybody who may get a digest or an escalation."""
    return employer.digest_to + employer.policy.escalate_to


def next_planned(employer: Employer, after: datetime) -> datetime | None:
    """Computes when the first digest after `after` is due, in UTC; None without recipients."""
    if employer.suspended or not recipients(employer):
        return None
    return next_step.next_digest(employer, after, holiday_check(employer.policy.holidays))


def digest_item(employer: Employer, now: datetime) -> DigestItem:
    """Makes the digest item of a new employer."""
    pk, sk = digest_key(employer.id)
    return DigestItem(PK=pk, SK=sk, employer_id=employer.id, **_moved(employer, next_planned(employer, now)), version=1)


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
