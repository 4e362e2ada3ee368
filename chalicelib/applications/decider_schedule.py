"""When the person who decides is due to be asked: on the item that lists the application under them. Once for each wait."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ApplicationItem, DeciderItem
from chalicelib.applications.mappers import open_wait_of
from chalicelib.holidays import holiday_check
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Wait
from chalicelib.rules.reminders import decider_mail
from chalicelib.storage import ids
from chalicelib.storage.table import stored_instant


def update(change: CaseChange, employer: Employer, now: datetime) -> None:
    """Sets or clears when the decider is asked, after `people_lists.update` made the item."""
    item = change.after.lists.get("DECIDER")
    if not isinstance(item, DeciderItem):
        return
    at = _planned(change.after.application, item, employer, now)
    item.due_at = stored_instant(at) if at else None
    item.due_shard = ids.due_shard(change.after.application.id) if at else None


def wait_key(wait: Wait) -> str:
    """Tells a wait from all others of its application."""
    return f"{wait.cause} {stored_instant(wait.since)} {stored_instant(wait.word_due_at)}"


def _planned(application: ApplicationItem, item: DeciderItem, employer: Employer, now: datetime) -> datetime | None:
    wait = open_wait_of(application)
    if wait is None or application.decided is not None or item.asked_about == wait_key(wait):
        return None
    at = decider_mail.asks_at(wait, employer, holiday_check(employer.policy.holidays))
    return at if now < decider_mail.not_after(wait, at) else None
