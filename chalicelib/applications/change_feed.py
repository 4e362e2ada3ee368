"""Tells the change feed what a write changes of an application and its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications import case_events, moments
from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ContactItem, InterviewItem, StatementItem
from chalicelib.rules.model import ChangeType, RecordType
from chalicelib.storage.feed import Change
from chalicelib.storage.table import Transaction, differing

_NOT_SHOWN = frozenset({"due_at", "due_shard"})
_TYPES: Mapping[type, RecordType] = {InterviewItem: "interview", ContactItem: "contact", StatementItem: "statement"}


def tell(change: CaseChange, transaction: Transaction, now: datetime) -> None:
    """Adds the changes of a case to the transaction that writes them. Call it after the case was written there."""
    case, application = change.after, change.after.application
    if not case.is_new and application.revision == change.application_before["revision"]:
        return
    events: dict[tuple[RecordType, str], list[ChangeType]] = {}
    for event in case_events.events_of(change):
        events.setdefault((event.record, event.id), []).append(event.type)

    def add(kind: RecordType, record_id: str, *more: ChangeType, to_come: tuple[int, ...] = ()) -> None:
        told = (*events.get((kind, record_id), ()), *more)
        transaction.tell(Change(application.employer_id, kind, record_id, application.id, now, told, moments=to_come))

    for fact in change.facts:
        if _is_changed(change.before.attributes_of(fact), fact.attribute_values):
            add(_TYPES[type(fact)], fact.id)
    for said in case.statements.values():
        is_changed = change.has_changed("disputed") or change.before.attributes_of(said) != said.attribute_values
        if case_events.is_reply(said) and is_changed:
            add("reply", said.id)
    clock = case_events.clock_events_of(change, now)
    add("application", application.id, *clock, to_come=moments.to_come(case, now))


def _is_changed(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    return before is None or bool(differing(before, after) - _NOT_SHOWN)


def tell_erased(change: CaseChange, transaction: Transaction, replies: list[str], now: datetime) -> None:
    """Adds the tombstones of an application, its facts and the replies about it. Its messages stay, without the person."""
    application = change.after.application

    def add(kind: RecordType, record_id: str) -> None:
        transaction.tell(Change(application.employer_id, kind, record_id, application.id, now, deleted=True))

    for fact in change.after.facts:
        add(_TYPES[type(fact)], fact.id)
    said = [one.id for one in change.after.statements.values() if case_events.is_reply(one)]
    for reply_id in (*replies, *said):
        add("reply", reply_id)
    add("application", application.id)
