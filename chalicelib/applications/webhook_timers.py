"""Webhook events about an application: of changes as they are written (`case_events`), and of what only time brings.

Time brings `interview.waiting` at the interview's end and `application.overdue` an hour past the deadline. An item of
the case is in the due index until both were emitted.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.json_text import instant
from chalicelib.applications import case_events
from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.case_events import subject
from chalicelib.applications.items import ApplicationItem, WatchItem
from chalicelib.applications.moments import overdue_at
from chalicelib.errors import ConditionFailed
from chalicelib.storage import ids, table
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import Item, Transaction, stored_instant


def emit_events(change: CaseChange, transaction: Transaction, now: datetime) -> None:
    """Emits the events of a write in its transaction, and sets the timer for those to come."""
    for event in case_events.events_of(change):
        emit(transaction, change.after.application.employer_id, event.type, event.data, now)
    _set_timer(change.after, now)


def _set_timer(case: ApplicationCase, now: datetime) -> None:
    application, item = case.application, case.watch
    is_open = application.wait_state == "open"
    if item is None:
        if not is_open:
            return
        item = case.watch = WatchItem(application.PK, "WATCH", application_id=application.id, employer_id=application.employer_id)
    wait = (application.wait_cause, application.word_due_at) if is_open else (None, None)
    if (item.cause, item.word_due_at) != wait:
        item.told = "waiting" if item.told and item.cause == application.wait_cause else None
        item.cause, item.word_due_at = wait
    if is_open and item.wait_since not in (None, application.wait_since) and application.wait_since > now:
        item.told = None  # moved ahead: it is another wait, and begins again
    item.wait_since = application.wait_since if is_open else None
    at = _next_event_at(item, application)
    item.due_at, item.due_shard = (stored_instant(at), ids.due_shard(application.id)) if at else (None, None)


def _next_event_at(item: WatchItem, application: ApplicationItem) -> datetime | None:
    """The interview's end, then an hour past the deadline; None once both events were emitted."""
    if item.cause is None or item.told == "overdue":
        return None
    return overdue_at(application.word_due_at) if item.told else application.wait_since


def work(item: Item, now: datetime) -> None:
    """Emits what has come due of one application, for the queue.

    Another write may come first: it has set the timer again.
    """
    found = table.get_many([item.key, (item.PK, "APP")])
    timer, application = found.get(item.key), found.get((item.PK, "APP"))
    if not isinstance(timer, WatchItem) or timer.due_at is None or timer.due_at > stored_instant(now):
        return
    transaction = Transaction()
    if isinstance(application, ApplicationItem) and application.wait_state == "open" and application.wait_cause == timer.cause:
        _emit_due(transaction, timer, application, now)
    else:
        _move(transaction, timer, timer.told, None)
    try:
        transaction.commit()
    except ConditionFailed:
        return


def _emit_due(transaction: Transaction, timer: WatchItem, application: ApplicationItem, now: datetime) -> None:
    payload = {
        **subject(application),
        "stage": application.wait_stage,
        "waiting_since": instant(application.wait_since),
        "word_due_at": instant(application.word_due_at),
    }
    overdue = overdue_at(application.word_due_at) <= now
    if timer.told is None:
        emit(transaction, timer.employer_id, "interview.waiting", payload, now)
    if overdue:
        emit(transaction, timer.employer_id, "application.overdue", payload, now)
    _move(transaction, timer, "overdue" if overdue else "waiting", None if overdue else overdue_at(application.word_due_at))


def _move(transaction: Transaction, timer: WatchItem, told: str | None, at: datetime | None) -> None:
    """Notes what was emitted and when the next event is due, if nobody has written the timer since it was read."""
    actions = [WatchItem.told.set(told)] if told else []
    actions += [WatchItem.due_at.set(stored_instant(at))] if at else [WatchItem.due_at.remove(), WatchItem.due_shard.remove()]
    same = WatchItem.told == timer.told if timer.told else WatchItem.told.does_not_exist()
    transaction.update(WatchItem(*timer.key), actions, (WatchItem.due_at == timer.due_at) & same)
