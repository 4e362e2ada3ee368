"""Two short lists of an employer, for what Today and the digest show first: whose contact is disputed, and who is rejected and
does not know it. Each is an item of its own, since the waiting index would have to be read whole to find the few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.applications.items import DisputeItem, UntoldItem
from chalicelib.storage import keys
from chalicelib.storage.table import Transaction

if TYPE_CHECKING:
    from chalicelib.applications.aggregate import Case


def list_dispute(case: Case, transaction: Transaction) -> None:
    """Lists the application among the disputed while a contact is disputed and its wait is open again."""
    application, before = case.application, (case.before(case.application) or {}).get("disputed")
    disputed = [c for c in case.contacts.values() if c.disputed and c.voided_at is None]
    latest = max(disputed, key=lambda c: (c.occurred_at, c.id)).id if disputed and application.wait_state == "open" else None
    application.disputed = latest
    item = DisputeItem(keys.disputes_pk(application.employer_id), f"DISP#{application.id}", application_id=application.id)
    if latest and latest != before:
        item.contact_id = latest
        transaction.put(item)
    elif before and not latest:
        transaction.delete(item)


def list_untold(case: Case, transaction: Transaction) -> None:
    """Lists the application among those whose rejection has not been told."""
    application, before = case.application, [wait for wait in case.waits_before() if _is_untold(wait)]
    wait = next((wait for wait in case.waits.values() if _is_untold(wait.attribute_values)), None)
    item = UntoldItem(keys.untold_pk(application.employer_id), f"UNTOLD#{application.id}")
    if wait and [b["word_due_at"] for b in before] != [wait.word_due_at]:
        item.application_id, item.stage, item.word_due_at = application.id, wait.stage, wait.word_due_at
        transaction.put(item)
    elif before and not wait:
        transaction.delete(item)


def _is_untold(wait: dict[str, Any]) -> bool:
    return wait.get("state") == "open" and wait.get("decided") == "rejected"
