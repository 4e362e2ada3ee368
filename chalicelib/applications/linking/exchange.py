"""Passes words on to the other side of a link, and ends the links of an employer that offers them no more: jobs of the queue.

A job looks at both sides as they are: whatever it passes on twice, late or out of order ends as the words stand. It is due until
what it read has been passed on in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import LinkItem, UnlinkItem
from chalicelib.applications.linking import pairs, service
from chalicelib.applications.linking.words import words_of
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction, stored_instant

PAGE = 50


def work(item: Item, now: datetime) -> None:
    """Passes on the words of one application, for the queue. Idempotent."""
    link = table.get(*item.key)
    if not isinstance(link, LinkItem) or link.due_at is None or link.due_at > stored_instant(now):
        return
    owner = table.get(keys.employer_pk(link.employer_id), "EMP")
    if isinstance(owner, EmployerItem):
        employer = employer_of(owner)
        retry_on_conflict(lambda: _pass_on(employer, link.application_id, now))


def _pass_on(employer: Employer, application_id: str, now: datetime) -> None:
    case = ApplicationCase.read(employer.id, application_id)
    link = case.link if case is not None else None
    if case is None or link is None or link.due_at is None:
        return
    side, other = pairs.side_of(employer, case, now), pairs.other_side(link, now)
    if other is None or not pairs.is_allowed(side, other):
        service.end(side, now)
        return
    is_all = pairs.take_in(other, link.link_id, words_of(case, link.since, now))
    if other.case.is_touched:
        other.unit.save(other.case)
    if is_all:
        read = LinkItem.revision == link.revision
        other.unit.transaction.update(LinkItem(*link.key), [LinkItem.due_at.remove(), LinkItem.due_shard.remove()], read)
    other.unit.commit()


def end_all(item: Item, now: datetime) -> None:
    """Ends the links of an employer whose policy no longer offers them, some at a time, for the queue. Idempotent."""
    job = table.get(*item.key)
    if not isinstance(job, UnlinkItem) or job.due_at is None or job.due_at > stored_instant(now):
        return
    owner = table.get(keys.employer_pk(job.employer_id), "EMP")
    linked = _page(job.employer_id) if isinstance(owner, EmployerItem) else []
    if isinstance(owner, EmployerItem) and linked and not employer_of(owner).policy.link_seekers:
        for application_id in linked:
            retry_on_conflict(lambda one=application_id: _end(employer_of(owner), one, now))  # type: ignore[misc]
        return
    transaction = Transaction()
    transaction.delete(UnlinkItem(*job.key))
    transaction.commit()


def _page(employer_id: str) -> list[str]:
    rows, _ = table.query_index("listing", keys.list_key(employer_id, LinkItem.kind), None, limit=PAGE)
    return [str(row["list_at"]["S"]) for row in rows]


def _end(employer: Employer, application_id: str, now: datetime) -> None:
    case = ApplicationCase.read(employer.id, application_id)
    if case is not None:
        service.end(pairs.side_of(employer, case, now), now)


def unlink_key(employer_id: str) -> Key:
    """Returns the key of the job that ends all links of an employer."""
    return keys.employer_pk(employer_id), UnlinkItem.kind
