"""The call list as a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from chalicelib.rules.canonical import dialled_phone

COLUMNS = (
    "rank",
    "application_id",
    "candidate_id",
    "candidate_name",
    "candidate_phone",
    "candidate_email",
    "job_title",
    "stage",
    "decided",
    "waiting_since",
    "word_due_at",
    "overdue_hours",
    "delay_costs",
    "avoids_low",
    "avoids_central",
    "avoids_high",
    "statutory_due_on",
)


def rows_as_cells(rows: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """Return rows of the call list as cells of `COLUMNS`."""
    return [_flat(row) for row in rows]


def _flat(row: dict[str, Any]) -> list[Any]:
    candidate, avoids = row["candidate"], row["avoids"]
    return [
        row["rank"],
        row["application_id"],
        candidate["id"],
        candidate["name"],
        dialled_phone(candidate["phone"], candidate["phone_extension"]) if candidate["phone"] else None,
        candidate["email"],
        row["job_title"],
        row["stage"],
        row["decided"],
        datetime.fromisoformat(row["waiting_since"]),
        datetime.fromisoformat(row["word_due_at"]),
        row["overdue_hours"],
        row["delay_costs"],
        avoids["low"],
        avoids["central"],
        avoids["high"],
        date.fromisoformat(row["statutory_due_on"]) if row["statutory_due_on"] else None,
    ]
