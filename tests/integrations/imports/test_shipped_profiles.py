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

pytestmark = pytest.mark.usefixtures("read_on_this_machine")


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
    "header",
    [
        ["Date", "Start", "End", "Time zone"],
        ["Date", "Start time", "End time", "Time zone"],
        ["Interview date", "From", "To", "Timezone"],
        ["Day", "Interview start time", "Interview end time", "Time zone"],
    ],
)
def test_a_log_with_the_start_the_end_and_their_zone_in_columns_of_their_own(header: list[str]):
    """As most people write it."""
    raw = csv_of(
        ["Name", "Email", "Job title", *header],
        ["Sam Sample", "sam@example.com", "Welder", "2026-09-21", "10:00", "10:45", "Asia/Kathmandu"],
    )
    [row] = _rows(raw, "interview_log", **NEW_YORK)
    assert (row["interview_start"][:16], row["interview_end"][:16]) == ("2026-09-21T04:15", "2026-09-21T05:00")


def test_a_time_that_no_column_is_read_for_is_asked_about_instead_of_the_usual_hour():
    """17:00 would be a guess beside a column that says 10:00. Where somebody states the hour, it counts."""
    header = ["Name", "Email", "Job title", "Date", "Doors open"]
    row = ["Sam", "sam@example.com", "Welder", "2026-09-21", "10:00"]
    raw = csv_of(header, row)
    [fault] = check(raw, SHIPPED["interview_log"].overlaid(NEW_YORK), NOW, how={}).faults
    assert fault.column == "Date" and '"Doors open" is not used and holds "10:00"' in fault.message
    [stated] = _rows(raw, "interview_log", default_time="17:00", **NEW_YORK)
    assert stated["interview_start"][:16] == "2026-09-21T21:00"
    [without] = _rows(csv_of(header, [*row[:-1], "yes"]), "interview_log", **NEW_YORK)
    assert without["interview_start"][:16] == "2026-09-21T21:00"


def test_a_time_zone_that_nobody_understands_is_a_fault():
    """It would be passed over, and the time read in another zone."""
    raw = csv_of(
        ["Name", "Email", "Job title", "Date", "Start", "Time zone"],
        ["Sam", "sam@example.com", "Welder", "2026-09-21", "10:00", "Nepal"],
    )
    [fault] = check(raw, SHIPPED["interview_log"].overlaid(NEW_YORK), NOW, how={}).faults
    assert (fault.column, fault.message) == ("Time zone", '"Nepal" is not a time zone like Europe/Berlin')


def test_an_end_before_its_start_is_told_in_the_zone_of_the_sheet_and_summed():
    """Whoever wrote 10:00 in Kathmandu does not look for 04:15."""
    raw = csv_of(
        ["Name", "Email", "Job title", "Date", "Start", "End"],
        *(["Sam", "sam@example.com", "Welder", f"2026-09-{day}", "17:00", "10:45"] for day in (21, 22)),
    )
    checked = check(raw, SHIPPED["interview_log"].overlaid({"timezone": "Asia/Kathmandu"}), NOW, how={})
    assert "2026-09-21 17:00 to 2026-09-21 10:45" in checked.faults[0].message
    assert [cause.rows for cause in checked.causes()] == [2]


def test_an_export_of_a_scheduling_tool_with_columns_for_cancelled_and_no_show():
    header = ["Invitee Name", "Invitee Email", "Event Type Name", "Start Date & Time", "End Date & Time"]
    header += ["Canceled", "Marked as No-Show", "Event Price"]
    people = [("Ann", "false", "No"), ("Bob", "true", "No"), ("Cat", "false", "Yes")]
    raw = csv_of(
        header,
        *(
            [
                name,
                f"{name}@example.com",
                "Technical interview",
                "2026-09-21 11:00 am",
                "2026-09-21 11:30 am",
                cancelled,
                missed,
                "0",
            ]
            for name, cancelled, missed in people
        ),
    )
    rows = _rows(raw, "scheduling", **NEW_YORK)
    assert [row.get("status") for row in rows] == [None, "cancelled", "no_show"]
    assert {(row["interview_start"][:16], row["interview_end"][:16]) for row in rows} == {
        ("2026-09-21T15:00", "2026-09-21T15:30")
    }


def test_the_sheets_that_people_have_need_no_more_than_a_profile_and_a_time_zone(send):
    """What each shape above asks of its sender."""
    sheets = {
        "job_search": "Contact name,Email,Position,Interview date\nSam,sam@example.com,Welder,2026-09-21 10:30\n",
        "interview_log": "Candidate,Email,Role,Date\nSam,sam@example.com,Welder,2026-09-21\n",
        "scheduling": "Invitee Name,Invitee Email,Event Name,Start Time\nSam,s@example.com,Welder,2026-09-21 11:00 am\n",
    }
    for profile, text in sheets.items():
        answer = send(text.encode(), profile=profile, timezone="America/New_York", dry_run="true")
        assert (answer.status, answer.json.get("errors")) == (200, []), answer
    for profile, text in {
        "german": "Vorname;Nachname;E-Mail;Stelle;Datum;Uhrzeit\nZoë;Müller;z@example.com;Schweißer;21.09.2026;14:30 Uhr\n",
        "french": "Prénom;Nom;Courriel;Poste;Entretien\nRenée;Dubois;r@example.com;Soudeuse;21/09/2026 à 14h30\n",
        "ats_ids": "Candidate ID,Application ID,Interview ID,Interview start\n7,70,700,2026-09-21T14:30:00Z\n",
    }.items():
        answer = send(text.encode(), profile=profile, dry_run="true")
        assert (answer.status, answer.json.get("errors")) == (200, []), answer


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


def test_a_log_with_am_and_pm_in_a_column():
    raw = csv_of(
        ["Candidate", "Email", "Role", "Date", "Time", "AM/PM"], ["Sam", "s@example.com", "Welder", "2026-09-21", "2:30", "PM"]
    )
    (row,) = _rows(raw, "interview_log", timezone="America/New_York")
    assert row["interview_start"][:16] == "2026-09-21T18:30"


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
