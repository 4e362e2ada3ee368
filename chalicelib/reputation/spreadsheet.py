"""The call list as CSV (RFC 4180), safe against formula injection."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

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
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def csv_text(rows: Iterable[dict[str, Any]]) -> str:
    """Return header and rows, with CRLF line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe_cell(value) for value in _flat(row)] for row in rows)
    return text.getvalue()


def _safe_cell(value: Any) -> str:
    """Return a cell as text. An apostrophe goes before what a spreadsheet would run as a formula, E.164 numbers included."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _flat(row: dict[str, Any]) -> list[Any]:
    candidate, avoids = row["candidate"], row["avoids"]
    return [
        row["rank"],
        row["application_id"],
        candidate["id"],
        candidate["name"],
        candidate["phone"],
        candidate["email"],
        row["job_title"],
        row["stage"],
        row["decided"],
        row["waiting_since"],
        row["word_due_at"],
        row["overdue_hours"],
        row["delay_costs"],
        avoids["low"],
        avoids["central"],
        avoids["high"],
        row["statutory_due_on"],
    ]
