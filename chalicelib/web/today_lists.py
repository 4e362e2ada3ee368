"""The lists that lead Today: who is rejected and not told, and whose logged contact is disputed."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.applications.items import ApplicationItem, DisputeItem, UntoldItem
from chalicelib.applications.serializers import is_snoozed
from chalicelib.reputation.call_list import Bookmark
from chalicelib.rules.risk.ranking import rank_key
from chalicelib.storage import keys, table

NOT_TOLD_SHOWN = 5
NOT_TOLD_READ = 100
DISPUTED_SHOWN = 20
DISPUTED_READ = 100


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
