"""The applications whose answer is overdue, read from the waiting index: a page costs what it holds, not what exists.

Listed by the hour in which the answer was due, the longest overdue first, then by id. What becomes overdue while somebody
pages is due in a later hour than all before it, so it comes last; what is answered leaves its place. No other moves.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from chalicelib.api import pagination
from chalicelib.api.request import Request
from chalicelib.applications.people_lists import waiting_of_owner
from chalicelib.rules.model import OVERDUE_AFTER, STAGES
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item

_OTHER_ORDER = frozenset(("q", "candidate_id", "external_id", "updated_after"))
"""Filters that read a list of their own, in its order."""
_AFTER_ALL_IDS = "~"
Json = dict[str, Any]


def reads(query: Json) -> bool:
    """Tells whether a list of applications with these filters is read from the waiting index."""
    return query.get("overdue") is True and query.keys().isdisjoint(_OTHER_ORDER)


def paginate(request: Request, query: Json, read: Callable[[Sequence[str]], list[Any]]) -> Json:
    """Makes one page. `read` turns ids into records, consistently, and drops what does not pass the filters.

    Its cursors are bound to this order, so that none of the order by age continues in it. Raises Unprocessable.
    """

    def read_places(some: Sequence[str]) -> list[Any]:
        return read([place.partition("#")[2] for place in some])

    def places(start: str | None) -> Iterator[str]:
        return _places_after(_lists(request.employer_id, query), start, request.now, query["limit"])

    return pagination.paginate(request, {**query, "by": "word_due_at"}, places, read_places)


def _lists(employer_id: str, query: Json) -> list[str]:
    """Returns the keys of the waiting index under which the open waits stand."""
    if "owner" in query:
        return [waiting_of_owner(employer_id, query["owner"])]
    stages = [query["stage"]] if "stage" in query else STAGES
    return [keys.waiting_key(employer_id, stage, reachable) for stage in stages for reachable in (True, False)]


def _places_after(lists: Sequence[str], start: str | None, now: datetime, limit: int) -> Iterator[str]:
    """Yields places ("hour due#application id") after `start`, each once, up to the last hour that is overdue now."""
    until = f"{(now - OVERDUE_AFTER).strftime('%Y-%m-%dT%H')}#{_AFTER_ALL_IDS}"
    last = None
    for place in heapq.merge(*(_of_list(one, start, until, limit + 1) for one in lists)):
        if place != last:
            yield place
        last = place


def _of_list(key: str, start: str | None, until: str, stride: int) -> Iterator[str]:
    after = f"{start}{_AFTER_ALL_IDS}" if start else ""
    if after > until:
        return
    condition = Item.waiting_at.between(after, until) if after else Item.waiting_at <= until
    for row in table.all_of_index("waiting", key, condition, limit=stride):
        yield "#".join(str(row["waiting_at"]["S"]).split("#")[:2])
