"""Lists by which the applications of an owner, those of a decider and snoozed ones are found.

Each is an item of the case beside the application, written only for applications that have an owner, a decider or a snooze:
the others pay nothing.
"""

from __future__ import annotations

from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ApplicationItem, DeciderItem, OwnerItem, SnoozeItem
from chalicelib.storage import keys
from chalicelib.storage.table import Item, Transaction, stored_instant

OWNED, DECIDES, SNOOZED = "OWNED", "DECIDES", "SNOOZED"


def owned_list(person_id: str) -> str:
    """Returns the kind under which the applications of an owner are listed."""
    return f"{OWNED}#{person_id}"


def decides_list(person_id: str) -> str:
    """Returns the kind under which the applications of a decider are listed."""
    return f"{DECIDES}#{person_id}"


def waiting_of_owner(employer_id: str, person_id: str) -> str:
    """Returns the key of the waiting index that holds the open waits of an owner."""
    return f"{employer_id}#owner#{person_id}"


def waiting_snoozed(employer_id: str) -> str:
    """Returns the key of the waiting index that holds the open waits that are snoozed."""
    return f"{employer_id}#snoozed"


def update(change: CaseChange, transaction: Transaction) -> None:
    """Brings the lists in line with the application. A snooze ends with the wait that it was set for."""
    application = change.after.application
    if application.wait_state != "open" or application.wait_cause != change.application_before.get("wait_cause"):
        application.snooze_until = None
    if not (change.after.lists or application.owner_id or application.decider_id or application.snooze_until):
        return
    employer_id = application.employer_id
    _owner(change, transaction, application.owner_id)
    _decider(change, transaction, application.decider_id)
    if application.snooze_until is None:
        _remove(change, transaction, "SNOOZE")
    else:
        item = change.after.lists.setdefault("SNOOZE", SnoozeItem(application.PK, "SNOOZE", application_id=application.id))
        _in_waiting_index(item, application, waiting_snoozed(employer_id))
        item.list_key = keys.list_key(employer_id, SNOOZED)
        item.list_at = f"{stored_instant(application.snooze_until)}#{application.id}"


def _owner(change: CaseChange, transaction: Transaction, owner_id: str | None) -> None:
    application = change.after.application
    if owner_id is None:
        _remove(change, transaction, "OWNER")
        return
    item = change.after.lists.setdefault("OWNER", OwnerItem(application.PK, "OWNER", application_id=application.id))
    item.list_key, item.list_at = keys.list_key(application.employer_id, owned_list(owner_id)), application.id
    _in_waiting_index(item, application, waiting_of_owner(application.employer_id, owner_id))


def _decider(change: CaseChange, transaction: Transaction, decider_id: str | None) -> None:
    application = change.after.application
    if decider_id is None:
        _remove(change, transaction, "DECIDER")
        return
    new = DeciderItem(application.PK, "DECIDER", application_id=application.id, employer_id=application.employer_id)
    item = change.after.lists.setdefault("DECIDER", new)
    item.list_key, item.list_at = keys.list_key(application.employer_id, decides_list(decider_id)), application.id


def _remove(change: CaseChange, transaction: Transaction, sk: str) -> None:
    if (item := change.after.lists.pop(sk, None)) is not None:
        transaction.delete(type(item)(*item.key))


def _in_waiting_index(item: Item, application: ApplicationItem, key: str) -> None:
    """Puts an entry of an open wait into the waiting index, or takes it out."""
    if application.wait_state != "open":
        for name in ("waiting_key", "waiting_at", "word_due_at", "since", "decided"):
            setattr(item, name, None)
        return
    for name, value in (
        ("word_due_at", application.word_due_at),
        ("since", application.wait_since),
        ("decided", application.decided),
    ):
        setattr(item, name, value)
    way = "r" if application.phone or application.email else "u"
    item.waiting_key = key
    item.waiting_at = f"{stored_instant(application.word_due_at)[:13]}#{application.id}#{application.wait_stage}#{way}"
