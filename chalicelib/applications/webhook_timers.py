"""What a case tells those who listen: contacts as they are written, and what time alone brings, by an item in the due index."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem, WatchItem
from chalicelib.applications.webhook_timer_store import moved
from chalicelib.errors import ConditionFailed
from chalicelib.rules.model import OVERDUE_AFTER, truncated_to_hour
from chalicelib.storage import ids, table
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import Item, Transaction, stored_instant

if TYPE_CHECKING:
    from chalicelib.applications.aggregate import Case

Json = dict[str, Any]


def tell(case: Case, transaction: Transaction, now: datetime) -> None:
    """Puts the events of this write into its transaction, and sets the watch for those to come."""
    application = case.application
    for contact in case.contacts.values():
        before = case.before(contact)
        about = {
            **subject(application),
            "contact_id": contact.id,
            "channel": contact.channel,
            "outcome": contact.outcome,
            "decision": contact.decision,
        }
        if before is None:
            emit(transaction, application.employer_id, "contact.recorded", about, now)
        if contact.disputed and not (before or {}).get("disputed"):
            emit(transaction, application.employer_id, "contact.disputed", about, now)
    _set(case)


def _set(case: Case) -> None:
    application, item = case.application, case.watch
    is_open = application.wait_state == "open"
    if item is None:
        if not is_open:
            return
        item = case.watch = WatchItem(application.PK, "WATCH", application_id=application.id, employer_id=application.employer_id)
    now_watched = (application.wait_cause, application.word_due_at) if is_open else (None, None)
    if (item.cause, item.word_due_at) != now_watched:
        item.told = "waiting" if item.told and item.cause == application.wait_cause else None
        item.cause, item.word_due_at = now_watched
    at = _next(item, application)
    item.due_at, item.due_shard = (stored_instant(at), ids.due_shard(application.id)) if at else (None, None)


def _next(item: WatchItem, application: ApplicationItem) -> datetime | None:
    """When there is something to tell: the interview's end, then an hour past the deadline."""
    if item.cause is None or item.told == "overdue":
        return None
    return overdue_at(application) if item.told else application.wait_since


def overdue_at(application: ApplicationItem) -> datetime:
    """The instant from which everybody calls it overdue."""
    return truncated_to_hour(application.word_due_at) + OVERDUE_AFTER


def subject(application: ApplicationItem) -> Json:
    return {"application_id": application.id, "candidate_id": application.candidate_id}


def work(item: Item, now: datetime) -> None:
    """Tells what has come due of one application, for the queue. Losing to a write is normal: it has set the watch anew."""
    found = table.get_many([item.key, (item.PK, "APP")])
    watch, application = found.get(item.key), found.get((item.PK, "APP"))
    if not isinstance(watch, WatchItem) or watch.due_at is None or watch.due_at > stored_instant(now):
        return
    transaction = Transaction()
    told = watch.told
    if isinstance(application, ApplicationItem) and application.wait_state == "open" and application.wait_cause == watch.cause:
        about = {
            **subject(application),
            "stage": application.wait_stage,
            "waiting_since": instant(application.wait_since),
            "word_due_at": instant(application.word_due_at),
        }
        overdue = overdue_at(application) <= now
        if told is None:
            emit(transaction, watch.employer_id, "interview.waiting", about, now)
        if overdue:
            emit(transaction, watch.employer_id, "application.overdue", about, now)
        told = "overdue" if overdue else "waiting"
        moved(transaction, watch, told, None if overdue else overdue_at(application))
    else:
        moved(transaction, watch, told, None)
    try:
        transaction.commit()
    except ConditionFailed:
        return
