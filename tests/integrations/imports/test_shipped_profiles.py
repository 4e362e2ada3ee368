"""Sheets of public shapes go in through the profiles that we ship, without editing the file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.integrations.imports.check_file import check
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from tests.integrations.imports.conftest import csv_of, xlsx_of

NOW = datetime(2026, 9, 28, 14, tzinfo=UTC)
NEW_YORK = {"timezone": "America/New_York"}


def _rows(raw: bytes, profile: str, **settings: Any) -> list[dict[str, Any]]:
    checked = check(raw, SHIPPED[profile].overlaid(settings), NOW, how={})
    assert checked.faults == []
    return checked.rows


def test_a_list_with_date_cells():
    at = datetime(2026, 9, 21, 10, 30)  # noqa: DTZ001 - as spreadsheets hold it
    raw = xlsx_of(
        ["Contact name", "Email", "Position", "Interview date", "Status", "Notes"],
        ["Sam Sample", "sam@example.com", "Welder", at, "Interview scheduled", "x"],
        ["Tim Sample", "tim@example.com", "Welder", None, "Declined", ""],
    )
    first, second = _rows(raw, "job_search", **NEW_YORK)
    assert (first["interview_start"][:16], "decided" in first) == ("2026-09-21T14:30", False)
    assert ("interview_start" in second, second["decided"]) == (False, "rejected")


def test_a_log_with_days_and_statuses():
    raw = xlsx_of(
        ["Candidate", "Email", "Role", "Round", "Date", "Status", "Outcome"],
        ["Sam Sample", "sam@example.com", "Welder", "Phone screen", date(2026, 9, 21), "Completed", "Pending"],
        ["Tim Sample", "tim@example.com", "Welder", "Final round", date(2026, 9, 22), "Cancelled", ""],
    )
    first, second = _rows(raw, "interview_log", **NEW_YORK)
    assert (first["stage"], first["status"], first["interview_start"][:16]) == ("screen", "held", "2026-09-21T21:00")
    assert (second["stage"], second["status"]) == ("final", "cancelled")


@pytest.mark.parametrize(
    ("profile", "text", "start", "decided"),
    [
        (
            "german",
            "Vorname;Nachname;E-Mail;Telefon;Stelle;Datum;Uhrzeit;Entscheidung\n"
            "Zoë;Müller;z@example.com;030 12345678;Schweißer;21.09.2026;14:30 Uhr;Absage\n",
            "2026-09-21T12:30",
            "rejected",
        ),
        (
            "french",
            "Prénom;Nom;Courriel;Poste;Entretien;Décision\nRenée;Dubois;r@example.com;Soudeuse;21/09/2026 à 14h30;En attente\n",
            "2026-09-21T12:30",
            None,
        ),
    ],
)
def test_sheets_with_semicolons(profile, text, start, decided):
    (row,) = _rows(text.encode(), profile)
    assert (row["interview_start"][:16], row.get("decided")) == (start, decided)


def test_an_export_by_ids():
    header = ["Candidate ID", "Application ID", "Interview ID", "Interview start", "Interview status"]
    raw = csv_of(header, ["7", "70", "700", "2026-09-21T14:30:00Z", "awaiting_feedback"])
    assert _rows(raw, "ats_ids") == [
        {
            "line": 2,
            "candidate_ref": "7",
            "application_ref": "70",
            "interview_ref": "700",
            "interview_start": "2026-09-21T14:30:00.000000Z",
            "interview_end": "2026-09-21T15:15:00.000000Z",
            "status": "held",
        }
    ]
