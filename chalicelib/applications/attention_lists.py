"""Short lists that Today and the digest show first: disputed contacts, rejections that were not told, feedback asked for.

Each entry is an item of its own: to find these few, the waiting index would have to be read whole.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import DisputeItem, FeedbackItem, FeedbackMailItem, UntoldItem
from chalicelib.storage import ids, keys
from chalicelib.storage.table import Transaction, stored_instant


def update_disputes(change: CaseChange, transaction: Transaction, now: datetime) -> None:
    """Lists the application while a contact is disputed and its wait is open again."""
    case, application, before = change.after, change.after.application, change.application_before.get("disputed")
    disputed = [c for c in case.contacts.values() if c.disputed and c.voided_at is None]
    latest = max(disputed, key=lambda c: (c.occurred_at, c.id)).id if disputed and application.wait_state == "open" else None
    application.disputed = latest
    if latest == before:
        return
    item = DisputeItem(keys.disputes_pk(application.employer_id), f"DISP#{application.id}", application_id=application.id)
    if latest:
        item.contact_id = latest
        if application.owner_id and _is_recorded_by_client(change):
            item.due_shard, item.due_at = ids.due_shard(application.id), stored_instant(now)
        transaction.put(item)
    else:
        transaction.delete(item)


def _is_recorded_by_client(change: CaseChange) -> bool:
    """Whether somebody else than the candidate recorded the statement: what candidates say themselves has a mail of its own."""
    new = [one for one in change.after.statements.values() if change.before.attributes_of(one) is None]
    return any((one.recorded_by or {}).get("type") != "candidate" and not one.own for one in new)


def update_untold_rejections(change: CaseChange, transaction: Transaction) -> None:
    """Lists the application while it is rejected and the candidate was not told."""
    application, before = change.after.application, [one for one in change.before.waits.values() if _is_untold(one)]
    wait = next((one for one in change.after.waits.values() if one.state == "open" and one.decided == "rejected"), None)
    if not wait and not before:
        return
    item = UntoldItem(keys.untold_pk(application.employer_id), f"UNTOLD#{application.id}")
    if wait and [b["word_due_at"] for b in before] != [wait.word_due_at]:
        item.application_id, item.stage, item.word_due_at = application.id, wait.stage, wait.word_due_at
        transaction.put(item)
    elif before and not wait:
        transaction.delete(item)


def _is_untold(wait: dict[str, Any]) -> bool:
    return wait.get("state") == "open" and wait.get("decided") == "rejected"


def update_feedback_requests(change: CaseChange, transaction: Transaction, now: datetime, *, erased: bool = False) -> None:
    """Lists the application while its candidate asked for feedback, has no answer, and did not withdraw.

    With the first answer, the mail that tells the candidate of it is due.
    """
    application, before = change.after.application, change.application_before
    due_on = None if erased else _feedback_due(application.feedback_request, application.status)
    was = _feedback_due(before.get("feedback_request"), before.get("status"))
    if not application.feedback_request and not was:
        return
    item = FeedbackItem(keys.feedback_pk(application.employer_id), f"FEEDBACK#{application.id}")
    if due_on and due_on != was:
        item.application_id, item.due_on = application.id, due_on
        transaction.put(item)
    elif was and not due_on:
        transaction.delete(item)
    if not erased and is_first_answer(application.feedback_request, before.get("feedback_request")):
        mail = FeedbackMailItem(application.PK, FeedbackMailItem.kind, application_id=application.id, answered_at=now)
        mail.due_shard, mail.due_at = ids.due_shard(application.id), stored_instant(now)
        transaction.put(mail)


def is_first_answer(asked: dict[str, Any] | None, before: dict[str, Any] | None) -> bool:
    """Tells whether a request for feedback is answered now, and was not before."""
    return bool(asked and asked.get("answered_at")) and not (before and before.get("answered_at"))


def _feedback_due(asked: dict[str, Any] | None, status: str | None) -> str | None:
    return str(asked["due_on"]) if asked and not asked.get("answered_at") and status != "withdrawn" else None
