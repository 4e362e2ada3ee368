"""The lists that lead Today: who to call back now, who is rejected and not told, and whose logged contact is disputed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.applications.items import ApplicationItem, DisputeItem, UntoldItem
from chalicelib.applications.people_lists import SNOOZED
from chalicelib.applications.serializers import is_snoozed
from chalicelib.reputation.call_list import Bookmark, Filters
from chalicelib.rules.risk.ranking import rank_key
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, read_instant, stored_instant

NOT_TOLD_SHOWN = 5
NOT_TOLD_READ = 100
DISPUTED_SHOWN = 20
DISPUTED_READ = 100
CALL_BACKS_SHOWN = 10
CALL_BACKS_READ = 50
CALL_BACK_STANDS = timedelta(days=7)
"""So long a call-back that is due stands above the list, over a weekend and a holiday; then the rank alone says who is first."""


@dataclass(frozen=True, slots=True)
class NotTold:
    """Candidates who are rejected and have not been told; `more` where there are more than `count`."""

    shown: list[ApplicationItem] = field(default_factory=list)
    count: int = 0
    more: bool = False


def untold(employer_id: str) -> list[UntoldItem]:
    read = table.query_first(keys.untold_pk(employer_id), "UNTOLD#", NOT_TOLD_READ)
    return [item for item in read if isinstance(item, UntoldItem)]


def not_told_of(employer_id: str, listed: list[UntoldItem], at: Bookmark) -> NotTold:
    """Return the candidates who are rejected and not told: the first ones by rank, and their count."""
    listed.sort(key=lambda item: rank_key(item.stage, item.word_due_at, at.as_of, at.ahead, item.application_id))
    wanted = [(keys.case_pk(employer_id, item.application_id), "APP") for item in listed[:NOT_TOLD_SHOWN]]
    found = table.get_many(wanted) if wanted else {}
    items = [item for key in wanted if isinstance(item := found.get(key), ApplicationItem)]
    shown = [item for item in items if item.wait_state == "open" and not is_snoozed(item, at.as_of)]
    return NotTold(shown, len(listed), len(listed) == NOT_TOLD_READ)


def disputed(employer_id: str) -> list[ApplicationItem]:
    """Return the applications whose candidate disputes a logged contact: their wait is open again."""
    read = table.query_first(keys.disputes_pk(employer_id), "DISP#", DISPUTED_READ)
    listed = [item for item in read if isinstance(item, DisputeItem)]
    wanted = [(keys.case_pk(employer_id, item.application_id), "APP") for item in listed[:DISPUTED_SHOWN]]
    found = table.get_many(wanted) if wanted else {}
    return [item for key in wanted if isinstance(item := found.get(key), ApplicationItem) and item.disputed]


def call_backs_of(employer_id: str, wanted: Filters, now: datetime) -> list[ApplicationItem]:
    """Return who was put off until a time that has come and was not tried since, the earliest first: at most ten.

    Only for the whole list and for one's own: another filter asks for something else. It costs one query, and one batch
    where that finds any.
    """
    if wanted != Filters(owner=wanted.owner):
        return []
    between = Item.list_at.between(stored_instant(now - CALL_BACK_STANDS), stored_instant(now) + "~")
    # the latest first, so that those who were left for days do not keep out who is due now
    rows, _ = table.query_index("listing", keys.list_key(employer_id, SNOOZED), between, limit=CALL_BACKS_READ, forward=False)
    wanted_keys = [(keys.case_pk(employer_id, row["list_at"]["S"].partition("#")[2]), "APP") for row in rows]
    found = table.get_many(wanted_keys) if wanted_keys else {}
    items = [item for key in wanted_keys if isinstance(item := found.get(key), ApplicationItem)]
    due = [item for item in items if _is_to_be_called_back(item, now) and wanted.owner in (None, item.owner_id)]
    return sorted(due[:CALL_BACKS_SHOWN], key=lambda item: (item.snooze_until or now, item.id))


def _is_to_be_called_back(item: ApplicationItem, now: datetime) -> bool:
    """Return whether a snooze has ended and nobody tried since. The index lags behind the application."""
    if item.wait_state != "open" or item.snooze_until is None or item.snooze_until > now:
        return False
    return not item.attempts or read_instant(item.attempts["at"]) < item.snooze_until
