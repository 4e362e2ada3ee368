"""Checks the weekly report: once a week to an address, to those on the list alone, and to no address that nobody verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.simulation.ledger import text
from tests.simulation.world.table import Item, Key, Table

STEP = "weekly_report"


class WeeklyReports:
    """What is known of the reports of one history: the message of each week and address."""

    def __init__(self, table: Table, wrong: Callable[[str], None]) -> None:
        self._table, self._wrong = table, wrong
        self._of_week: dict[tuple[str, str, str], Key] = {}

    def claimed(self, key: Key, item: Item, now: float) -> None:
        """Checks a report that is about to be sent, by the employer as it is stored at that moment."""
        employer_pk, to = key[0].removesuffix("#DIGEST"), text(item, "to") or ""
        employer = self._table.items[employer_pk, "EMP"]
        local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(text(employer, "timezone") or "UTC"))
        week = "-".join(str(part) for part in local.isocalendar()[:2])
        if self._of_week.setdefault((employer_pk, to, week), key) != key:
            self._wrong("an address gets a second weekly report in one week")
        if to not in json.loads(text(employer, "policy") or "{}").get("report_to", ()):
            self._wrong("a weekly report goes to somebody who is not on the list")
        if to in json.loads(text(employer, "digest_unverified") or "[]"):
            self._wrong("a weekly report goes to an address that nobody verified")
