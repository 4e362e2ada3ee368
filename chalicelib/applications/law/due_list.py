"""An employer's statutory deadlines, read from the listing: those that are not met, and those that come near."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.responses import Duty
from chalicelib.applications.law.serializers import serialize_duties
from chalicelib.rules.statutes import deadlines
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, read_instant, stored_instant

UNMET_MOST = 500
"""Applications that are read for the report page."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unmet:
    """Deadlines that are not met: (application, duty), soonest first.

    `whole` is False where more applications have some than were read.
    """

    rows: tuple[tuple[ApplicationItem, Duty], ...] = ()
    whole: bool = True


def unmet(employer_id: str, now: datetime) -> Unmet:
    """Lists every deadline of an employer that is not met, past ones included."""
    found, more = table.query_index("listing", keys.list_key(employer_id, "DUTY"), limit=UNMET_MOST)
    items = table.get_many([(row["PK"]["S"], "APP") for row in found], consistent=False).values()
    rows = [
        (item, duty)
        for item in items
        if isinstance(item, ApplicationItem)
        for duty in serialize_duties(item, now)
        if duty.met_at is None
    ]
    return Unmet(tuple(sorted(rows, key=lambda row: (row[1].due_at, row[0].id))), more is None)


def falling_due(employer_id: str, after: datetime, now: datetime) -> list[tuple[int, ApplicationItem]]:
    """Lists applications whose deadline came within 30, 10 or 2 days since `after`: (days left, application), soonest first.

    One range query.
    """
    horizon = stored_instant(datetime.fromtimestamp(now.timestamp() + max(deadlines.WARN_DAYS) * 86400, now.tzinfo))
    between = Item.list_at.between(stored_instant(now), horizon + "~")
    rows = table.all_of_index("listing", keys.list_key(employer_id, "DUTY"), between)
    marks = [(deadlines.crossed_warning(read_instant(row["list_at"]["S"].partition("#")[0]), after, now), row) for row in rows]
    wanted = [(mark, (row["PK"]["S"], "APP")) for mark, row in marks if mark is not None]
    items = table.get_many(key for _, key in wanted)
    return [(mark, item) for mark, key in wanted if isinstance(item := items.get(key), ApplicationItem)]
