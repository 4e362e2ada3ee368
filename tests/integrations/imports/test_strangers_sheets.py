"""Sheets as strangers have them: every cell is read as its writer meant it, or named in a fault."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time
from typing import Any

import openpyxl
import pytest

from chalicelib.errors import Unprocessable
from chalicelib.integrations.imports.check_file import Checked, check
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.report import report
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.rules.employer import Employer
from tests.integrations.imports.conftest import csv_of

NOW = datetime(2026, 11, 29, 14, tzinfo=UTC)
EMPLOYER = Employer("emp_1", "Blue Fern", "America/New_York")
COLUMNS: dict[str, Any] = {
    "name": ["Name"],
    "email": ["Email"],
    "phone": ["Phone"],
    "job_title": ["Job"],
    "interview_start": ["Interview"],
    "interview_end": ["End"],
    "decided": ["Decision"],
    "candidate_ref": ["ID"],
    "status": ["Status"],
    "timezone": ["Time zone"],
}


pytestmark = pytest.mark.usefixtures("read_on_this_machine")


def read(raw: bytes | str, columns: Any = None, **settings: Any) -> Checked:
    known = {"date_format": "iso", "timezone": "America/New_York", "minutes": 30, "country": "US", **settings}
    profile = known.pop("given", None) or Profile("mine", {**COLUMNS, **(columns or {})}, **known)
    return check(raw.encode() if isinstance(raw, str) else raw, profile, NOW, on_fault="skip_row", how={})


def one(column: str, cell: Any, **settings: Any) -> Checked:
    """Read a sheet of one row, in which one cell is untidy."""
    given = {"Name": "Ann Sample", "Email": "ann@example.com", "Job": "Welder", "Interview": "2026-11-20 10:00", column: cell}
    return read(csv_of(given, given.values()), **settings)


def row(checked: Checked) -> dict[str, Any]:
    assert checked.faults == [], checked.faults
    (found,) = checked.rows
    return found


def start(checked: Checked) -> str:
    return str(row(checked)["interview_start"])[:16]


def fault(checked: Checked) -> str:
    assert checked.rows == []
    return checked.faults[0].message


def notes(checked: Checked) -> list[str]:
    return [note.message for note in checked.mapped.notes]


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-11-20 14:00 ET", "19:00"),
        ("2026-11-20 14:00 Eastern", "19:00"),
        ("2026-11-20 14:00 PT", "22:00"),
        ("2026-11-20 14:00 Eastern Standard Time", "19:00"),
        ("2026-11-20 14:00 America/Chicago", "20:00"),
        ("2026-11-20 14:00 (GMT+1)", "13:00"),
        ("2026-11-20 14:00 UTC+05:30", "08:30"),
        ("2026-11-20T14:00:00-05:00[America/New_York]", "19:00"),
        ("2026-11-20 2:30 p.m.", "19:30"),
        ("2026-11-20 2.30 pm", "19:30"),
        ("2026-11-20 2 pm", "19:00"),
        ("2026-11-20 12 noon", "17:00"),
        ("2026-11-20 12:00 a.m.", "05:00"),
        ("2026/11/20 14h30", "19:30"),
        ("2026.11.20 14:30 Uhr", "19:30"),
        ("2026-11-20T22:00-03:00", "01:00"),
        ("2026-11-20 08:00-05:00", "13:00"),
        ("2026-11-20 at 2pm", "19:00"),
        ("2026-11-20 from 2pm to 3pm", "19:00"),
        ("2026-11-20 von 14 bis 15 Uhr", "19:00"),
        ("2026-11-20 de 14h à 15h", "19:00"),
        ("2026-11-20 14:00 hrs", "19:00"),
        ("2026-11-20 2:30 p. m.", "19:30"),
        ("2026-11-20 2:30 nachm.", "19:30"),
        ("2026-11-20 오후 2:30", "19:30"),
        ("2026-11-20 下午2:30-3:30", "19:30"),
        ("2026-11-20 午前10:30", "15:30"),
        ("2026-11-20 2:30 μ.μ.", "19:30"),
        ("2026-11-20 2:30 م", "19:30"),
        ("2026-11-20 14:00 [Europe/Berlin]", "13:00"),
        ("2026-11-20 14:00 UTC\u22125", "19:00"),
        ("Fri 2026-11-20 14:00", "19:00"),
        ("2026-11-20 (Fri) 14:00", "19:00"),
        ("2026年11月20日(金) 14:00", "19:00"),
        ("2026. 11. 20. 오후 2:00", "19:00"),
        ("２０２６-１１-２０ １４:００", "19:00"),
        ("2026\u201111\u201120 14:00", "19:00"),
        ("2026–11–20 14:00", "19:00"),
        ("'2026-11-20 14:00", "19:00"),
        ("“2026-11-20 14:00”", "19:00"),
    ],
)
def test_times_and_zones_in_a_cell_are_read(cell, utc):
    assert start(one("Interview", cell))[11:] == utc


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("2026-11-20 14:00 CST", '"CST", which stands for several'),
        ("2026-11-20 14:00 Nowhere/Land", '"Nowhere/Land", which is not known'),
        ("2026-11-20 midnight", "like 2026-11-23 14:30"),
        ("2026-11-20 TBD", "has a date and no time"),
        ("Thu 2026-11-20 14:00", "which is a Friday"),
        ("2026-11-20 (Thu) 14:00", "which is a Friday"),
        ("2026-11-20 14:00 or 15:00", "like 2026-11-23 14:30"),
        ("2026-11-20 0:30 pm", "like 2026-11-23 14:30"),
        ("14:00", "is a time without a date"),
        ("11/20/26 2pm", "this one is ?date_format=iso|%m/%d/%y"),
        ("20/11/2026 at half past two", "like 2026-11-23 14:30"),
        ("2026-11-20 14:30 PM", "like 2026-11-23 14:30"),
        ("2026-11-20 24:00", "like 2026-11-23 14:30"),
        ("2026-11-20 09:00-10:00", "may be from and to, or a time and its offset"),
        ("20/11/2026 10:00", "this one is ?date_format=%d/%m/%Y %H:%M"),
        ("11/20/26 2:00 PM", "this one is ?date_format=%m/%d/%y %I:%M %p"),
        ("03/04/2026", "say which comes first: ?date_format=%m/%d/%Y (month) or %d/%m/%Y (day)"),
        ("46346.4166666667", "a spreadsheet's number of a day"),
        ("#¡REF!", "an error of the spreadsheet"),
        ("=TODAY()", "a formula and no value"),
    ],
)
def test_what_may_mean_several_times_or_none_is_a_fault_that_says_what_to_write(cell, says):
    assert says in fault(one("Interview", cell))


@pytest.mark.parametrize(
    "cell",
    [
        "20. November 2026, 10 Uhr",
        "Fr., 20. Nov. 2026 10:00",
        "vendredi 20 novembre 2026 à 10h00",
        "20 de noviembre de 2026 10:00 a. m.",
        "venerdì 20 novembre 2026 alle 10:00",
        "piątek, 20 listopada 2026, godz. 10:00",
        "sexta-feira, 20 de novembro de 2026 às 10h",
        "vrijdag 20 november 2026 om 10:00 uur",
        "Friday, November 20th, 2026 at 10:00 AM",
        "Nov 20 2026 10-11 am",
        "20-NOV-2026 10:00",
    ],
)
def test_a_date_that_names_its_month_is_read_however_it_is_written(cell):
    """By any format that has the month as a word: there is only one order."""
    assert start(one("Interview", cell, date_format=["iso", "%d %b %Y"])) == "2026-11-20T15:00"


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ("20.11.2026 10 Uhr", {"date_format": ["iso", "%d.%m.%Y"]}),
        ("Fr 20.11.26, 10-11 Uhr", {"date_format": ["iso", "%d.%m.%y"]}),
        ("11/20/2026 10am EST", {"date_format": ["iso", "%m/%d/%Y"]}),
        ("1er novembre 2026 10:00", {"date_format": "%d %B %Y %H:%M"}),
        ("20 NOVEMBRE 2026 10:00", {"date_format": "%d %B %Y %H:%M"}),
        ("4 de\u0301cembre 2026 10:00", {"date_format": "%d %B %Y %H:%M"}),
        ("3 wrzes\u0301nia 2026 10:00", {"date_format": "%d %B %Y %H:%M"}),
    ],
)
def test_after_a_day_of_any_format_any_usual_time_may_stand(cell, settings):
    assert row(one("Interview", cell, **settings))["interview_start"][11:16] in ("15:00", "14:00")


def test_a_day_of_a_format_with_a_wrong_weekday_or_more_than_a_time_is_a_fault():
    settings = {"date_format": ["iso", "%d.%m.%Y"]}
    assert "which is a Friday" in fault(one("Interview", "Do 20.11.2026 10:00", **settings))
    assert "must be a date" in fault(one("Interview", "20.11.2026 10:00 or 11:00", **settings))
    assert "must be a date" in fault(one("Interview", "20.11.20261 10:00", **settings))


@pytest.mark.parametrize("cell", ["TBD", "none", "N/A", "to be scheduled", "NaT", "?"])
def test_a_word_for_nothing_is_no_interview_and_is_named(cell):
    checked = one("Interview", cell)
    assert "interview_start" not in row(checked)
    assert cell == "N/A" or notes(checked) == [f'"{cell}" is read as nothing']


def test_a_weekday_that_is_not_that_of_the_date_is_a_fault():
    settings = {"date_format": "%a, %d %b %Y %H:%M"}
    assert start(one("Interview", "Fri, 20 Nov 2026 10:00", **settings)) == "2026-11-20T15:00"
    assert "which is a Friday" in fault(one("Interview", "Thu, 20 Nov 2026 10:00", **settings))


def test_of_a_time_that_clocks_show_twice_the_first_is_taken_and_named():
    assert "which clocks show twice" in notes(one("Interview", "2026-11-01 01:30"))[0]
    assert notes(one("Interview", "2026-11-01 01:30 EST")) == []
    assert start(one("Interview", "2026-11-01 01:30 EST"))[11:] == "06:30"
    assert "clocks skipped" in fault(one("Interview", "2026-03-08 02:30"))


@pytest.mark.parametrize(
    ("cell", "times"),
    [
        ("9:00-10:00", ("14:00", "15:00")),
        ("9-10 am", ("14:00", "15:00")),
        ("2:00 PM – 3:00 PM", ("19:00", "20:00")),
        ("11:30-1:00 pm", ("16:30", "18:00")),
        ("23:30-00:30", ("04:30", "05:30")),
        ("14:30 ET", ("19:30", "20:00")),
        ("noon", ("17:00", "17:30")),
    ],
)
@pytest.mark.parametrize("columns", [["Date", "Time"], [["Date", "Time"]]])
def test_a_time_column_may_hold_a_range(cell, times, columns):
    raw = csv_of(["Name", "Job", "Date", "Time"], ["Ann", "Welder", "2026-11-20", cell])
    found = row(read(raw, columns={"interview_start": columns}))
    assert (found["interview_start"][11:16], found["interview_end"][11:16]) == times


@pytest.mark.parametrize("columns", [["Date", "Time", "Zone"], [["Date", "Time", "Zone"]]])
@pytest.mark.parametrize(("zone", "utc"), [("Europe/Berlin", "13:00"), ("PST", "22:00"), ("", "19:00"), ("+02:00", "12:00")])
def test_a_column_may_hold_the_zone(columns, zone, utc):
    raw = csv_of(["Name", "Job", "Date", "Time", "Zone"], ["Ann", "Welder", "2026-11-20", "14:00", zone])
    assert start(read(raw, columns={"interview_start": columns}))[11:] == utc


def test_of_joined_columns_each_must_be_understood():
    raw = csv_of(["Name", "Job", "Date", "Time", "Zone"], ["Ann", "Welder", "2026-11-20", "14:00", "Mars"])
    checked = read(raw, columns={"interview_start": [["Date", "Time", "Zone"]]})
    assert checked.faults[0].column == "Zone" and '"Mars"' in fault(checked)


def dated(day: Any, at: Any, columns: Any) -> Checked:
    """Read a workbook whose date and time have columns of their own."""
    book = openpyxl.Workbook()
    for some in (["Name", "Job", "Date", "Time"], ["Ann", "Welder", day, at]):
        book.active.append(some)
    raw = io.BytesIO()
    book.save(raw)
    return read(raw.getvalue(), columns={"interview_start": columns})


@pytest.mark.parametrize("columns", [["Date", "Time"], [["Date", "Time"]]])
@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("2026-11-20 09:00", "14:30"),
        ("2026-11-20 09:00", time(14, 30)),
        (datetime.fromisoformat("2026-11-20T09:00"), time(14, 30)),
        (datetime.fromisoformat("2026-11-20"), datetime.fromisoformat("2026-11-21T14:30")),
        ("2026-11-20 14:30 EST", "14:30 PST"),
    ],
)
def test_of_two_times_that_differ_none_is_taken(day, at, columns):
    """The cell of the second is named, whatever the order of the columns."""
    checked = dated(day, at, columns)
    assert checked.faults[0].column == "Time" and '"' in fault(checked)


@pytest.mark.parametrize("columns", [["Date", "Time"], [["Date", "Time"]]])
@pytest.mark.parametrize(
    ("day", "at", "times"),
    [
        ("2026-11-20 00:00:00", "14:30", ("19:30", "20:00")),
        ("2026-11-20 14:30", "14:30-15:30", ("19:30", "20:30")),
        ("2026-11-20 14:30", "14:30 PST", ("22:30", "23:00")),
        (datetime.fromisoformat("2026-11-20"), datetime.fromisoformat("1900-01-01T14:30"), ("19:30", "20:00")),
    ],
)
def test_a_time_column_completes_what_the_date_says(day, at, times, columns):
    """Programs write a day as its midnight, and a time as one of 1900."""
    found = row(dated(day, at, columns))
    assert (found["interview_start"][11:16], found["interview_end"][11:16]) == times


@pytest.mark.parametrize(
    ("at", "half", "utc"),
    [("2:30", "PM", "19:30"), ("2:30", "a.m.", "07:30"), ("12:15", "pm", "17:15"), ("14:30", "PM", "19:30")],
)
@pytest.mark.parametrize("columns", [["Date", "Time", "AM/PM"], [["Date", "Time", "AM/PM"]]])
def test_a_half_of_the_day_may_have_a_column_of_its_own(at, half, utc, columns):
    raw = csv_of(["Name", "Job", "Date", "Time", "AM/PM"], ["Ann", "Welder", "2026-11-20", at, half])
    assert start(read(raw, columns={"interview_start": columns}))[11:] == utc


@pytest.mark.parametrize(("at", "half"), [("14:30", "AM"), ("2:30", "evening")])
@pytest.mark.parametrize("columns", [["Date", "Time", "AM/PM"], [["Date", "Time", "AM/PM"]]])
def test_a_half_that_does_not_fit_its_time_is_a_fault(at, half, columns):
    raw = csv_of(["Name", "Job", "Date", "Time", "AM/PM"], ["Ann", "Welder", "2026-11-20", at, half])
    checked = read(raw, columns={"interview_start": columns})
    assert f'"{half}" is n' in fault(checked) and checked.faults[0].column == "AM/PM"


LENGTH = {"duration_minutes": ["Length"]}


def test_of_two_ends_that_differ_the_stated_one_is_taken_and_named():
    """By a range beside the start, by a column, and by a length."""
    given = {"Name": "Ann", "Job": "Welder", "Interview": "2026-11-20 10:00-11:00 am", "End": "12:00"}
    checked = read(csv_of(given, given.values()))
    assert (
        row(checked)["interview_end"][11:16] == "17:00" and "and not the 2026-11-20 11:00 beside the start" in notes(checked)[0]
    )
    given = {"Name": "Ann", "Job": "Welder", "Interview": "2026-11-20 10:00", "End": "12:00", "Length": "45"}
    checked = read(csv_of(given, given.values()), columns=LENGTH)
    assert row(checked)["interview_end"][11:16] == "17:00" and "and not the 45 minutes of the length" in notes(checked)[0]
    given |= {"Length": "120"}
    assert notes(read(csv_of(given, given.values()), columns=LENGTH)) == []


def test_an_interview_of_more_than_a_day_is_named():
    assert "is longer than a day" in notes(one("End", "2026-11-30 11:00"))[0]


def test_a_start_in_the_night_is_named():
    """Who writes "1:30" may mean the afternoon. A time that names its zone is meant so."""
    assert "01:30 in the night: write 13:30" in notes(one("Interview", "2026-11-20 1:30"))[0]
    assert notes(one("Interview", "2026-11-20 06:00")) == notes(one("Interview", "2026-11-20 01:30 EST")) == []


def test_a_zone_that_is_not_known_is_named_at_its_column():
    raw = csv_of(["Name", "Job", "Date", "Time"], ["Ann", "Welder", "2026-11-20", "2:30 PM (your time)"])
    assert read(raw, columns={"interview_start": ["Date", "Time"]}).faults[0].column == "Time"


@pytest.mark.parametrize(
    ("end", "right"), [("00:30", "05:30"), ("2026-11-21 00:30", "05:30"), ("13:30", None), ("2026-11-20 22:00", None)]
)
def test_an_end_past_midnight_is_on_the_next_day_and_another_one_before_the_start_a_fault(end, right):
    given = {"Name": "Ann", "Job": "Welder", "Interview": "2026-11-20 23:30", "End": end}
    checked = read(csv_of(given, given.values()))
    if right:
        assert row(checked)["interview_end"][11:16] == right
    else:
        assert "the end must be later than the start" in fault(checked)


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("america/new_york", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("Eastern Time - US & Canada", "America/New_York"),
        ("(GMT-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("Central European Time", "Europe/Berlin"),
        ("ET", "America/New_York"),
    ],
)
def test_time_zones_of_people_are_read_as_tools_name_them(cell, zone):
    assert row(one("Time zone", cell))["timezone"] == zone


def test_eastern_time_is_that_of_america_only_in_a_file_from_there():
    assert '"ET" must be an IANA time zone' in fault(one("Time zone", "ET", timezone="Australia/Sydney"))


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "1.2025550123E+10",
        "12025550123.0",
        "'+12025550123",
        "’+12025550123",
        "+0012025550123",
        "0012025550123",
        "tel:+12025550123",
        "(202) 555-0123 (cell)",
        "202-555-0123/202-555-0124",
        "\u202a+12025550123\u202c",
        "202-555-0123 and 202-555-0124",
        "+1 202-555-0123 ::: +1 202-555-0124",
    ],
)
def test_numbers_are_read_as_programs_spoil_them(cell):
    assert row(one("Phone", cell))["phone"] == "+12025550123"


@pytest.mark.parametrize(
    ("cell", "country", "number"),
    [
        ("202-555-0123 x45", "US", "+12025550123"),
        ("030 901820 Durchwahl 45", "DE", "+4930901820"),
        ("030/901820, DW 45", "DE", "+4930901820"),
        ("01 42 34 56 78 poste 45", "FR", "+33142345678"),
        ("22 601 23 45 wew. 45", "PL", "+48226012345"),
    ],
)
def test_extensions_are_read_in_the_words_of_their_country(cell, country, number):
    found = row(one("Phone", cell, country=country))
    assert (found["phone"], found["phone_extension"]) == (number, "45")


@pytest.mark.parametrize(
    ("cell", "country", "says"),
    [
        ("1.20256E+10", "US", "whose last digits the spreadsheet did not keep"),
        ("49 170 1234567", "DE", "may be +491701234567 or +49491701234567"),
        ("491701234567", "DE", "may be +491701234567 or +49491701234567"),
    ],
)
def test_a_number_that_is_not_certain_is_a_warning_and_is_not_used(cell, country, says):
    checked = one("Phone", cell, country=country)
    assert "phone" not in row(checked)
    assert says in notes(checked)[0]


@pytest.mark.parametrize(
    "cell",
    [
        "ann@example.com (work)",
        "ann@example.com>",
        "ann@example.com.",
        "[ann@example.com](mailto:ann@example.com)",
        "mailto:ann@example.com?subject=Hi",
        "email: ann@example.com",
        "Sample, Ann [ann@example.com]",
        "'ann@example.com",
        "ann\u200b@example.com",
        "ann@example.com/other@example.com",
        '"Sample, Ann" <ann@example.com>',
        "ann@example.com ::: other@example.com",
        "ann@example.com & other@example.com",
    ],
)
def test_an_address_is_found_among_what_stands_around_it(cell):
    assert row(one("Email", cell))["email"] == "ann@example.com"


@pytest.mark.parametrize("cell", ["ann @example.com", "ann@@example.com", "ann at example.com", "ann@example,com", "ann@example"])
def test_an_address_is_not_mended(cell):
    assert f'"{cell}" must be an email address' in fault(one("Email", cell))


def test_signs_within_an_address_do_not_part_it():
    assert row(one("Email", "r&d/nw@example.com"))["email"] == "r&d/nw@example.com"


def test_the_mark_that_ended_a_text_of_dos_is_no_row():
    raw = csv_of(["Name", "Email"], ["Ann", "ann@example.com"]) + b"\x1a"
    assert row(read(raw))["name"] == "Ann"


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("canceled by candidate", "cancelled"),
        ("Interview cancelled", "cancelled"),
        ("cancelada", "cancelled"),
        ("geannuleerd", "cancelled"),
        ("キャンセル", "cancelled"),
        ("Done.", "held"),
        ("realizada", "held"),
        ("Confirmed ✓", "scheduled"),
        ("no asistió", "no_show"),
        ("did not show up", "no_show"),
        ("Cancelled (sick)", "cancelled"),
        ("Cancelled - candidate sick", "cancelled"),
        ("Invitee canceled", "cancelled"),
        ("Candidate no-show", "no_show"),
        ("Anulowane", "cancelled"),
        ("nie stawił się", "no_show"),
        ("Zakończone", "held"),
        ("Desistiu", "withdrawn"),
    ],
)
def test_statuses_are_read_in_other_words_and_languages(cell, status):
    assert row(one("Status", cell))["status"] == status


@pytest.mark.parametrize(
    "cell", ["not cancelled", "perhaps cancelled", "Pending", "x", "Cancelled (rescheduled)", "Completed / no-show", "Postponed"]
)
def test_a_status_that_is_not_clear_is_a_fault(cell):
    assert f'"{cell}" must be one of scheduled' in fault(one("Status", cell))


def test_a_status_that_is_not_known_yet_is_nothing_and_named():
    checked = one("Status", "TBD")
    assert "status" not in row(checked) and notes(checked) == ['"TBD" is read as nothing']


@pytest.mark.parametrize(
    ("cell", "decided"), [("x", "rejected"), ("Yes", "rejected"), ("✓", "rejected"), ("no", None), ("", None)]
)
def test_a_column_named_after_a_decision_is_read_by_yes_and_no(cell, decided):
    assert row(one("Rejected", cell, columns={"decided": ["Rejected", "Offer"]})).get("decided") == decided


@pytest.mark.parametrize("cell", ["12345", "?", "=CONCAT(A1)", "#BEZUG!"])
def test_what_is_no_name_makes_no_person(cell):
    assert cell in fault(one("Name", cell))


@pytest.mark.parametrize(
    ("cell", "name"), [("\u202enosneB\u202c Sam", "nosneB Sam"), ("דנה לוי", "דנה לוי"), ("سارة علي", "سارة علي")]
)
def test_a_name_in_a_file_loses_what_turns_its_direction_and_is_kept_in_any_script(cell, name):
    assert row(one("Name", cell))["name"] == name


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("ann@example.com", '"ann@example.com" is an address and no name'),
        ("https://people.example/ann", "is an address and no name"),
        ("Ann\x07 Sample", '"Ann� Sample" holds a character that cannot be seen (U+0007)'),
        ("A" * 300, "has 300 characters: it must be at most 200, like Dana Reyes"),
    ],
)
def test_a_name_that_cannot_be_used_is_shown_with_what_to_write(cell, says):
    assert says in fault(one("Name", cell))


@pytest.mark.parametrize(
    ("cell", "says"), [("J\ufffdrg", "has lost a letter"), ("J?rg", "a letter"), ("JÃ¶rg Ã…", 'may be "Jörg Å"')]
)
def test_a_name_with_letters_of_a_wrong_encoding_is_imported_and_named(cell, says):
    checked = one("Name", cell)
    assert row(checked)["name"] == cell and says in notes(checked)[0]


@pytest.mark.parametrize("cell", ["Zoë Ångström", "Łukasz Żółć", "Ann?", "Nguyễn Văn Ân", "Ã Ann"])
def test_names_with_accents_are_not_warned_of(cell):
    assert notes(one("Name", cell)) == []


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Ann Sample\nBob Test", "ann@example.com\nbob@example.com"),
        ("Ann Sample / Bob Test", "ann@example.com; bob@example.com"),
        ("Ann & Bob", "Ann <ann@example.com>, Bob <bob@example.com>"),
        ("Ann and Bob", "ann@example.com bob@example.com"),
    ],
)
def test_a_row_of_several_people_makes_none(name, email):
    """One would have the name of both, and the other would be lost."""
    assert "are 2 people with an address each: give each a row" in fault(read(csv_of(["Name", "Email"], [name, email])))


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Ann Sample", "a@example.com; b@example.com"),
        ("Ann and Bob", "us@example.com"),
        ("Ann Sample\n(night shift)", "a@example.com"),
    ],
)
def test_one_person_may_have_two_addresses_and_two_people_one(name, email):
    assert len(read(csv_of(["Name", "Email"], [name, email])).rows) == 1


def test_a_name_that_differs_from_first_and_last_is_named():
    columns = {"first_name": ["First"], "last_name": ["Last"]}
    given = {"Name": "Dana Reyes", "First": "Ann", "Last": "Sample"}
    assert 'not "Ann Sample" beside it' in notes(read(csv_of(given, given.values()), columns=columns))[0]
    given |= {"Name": "Sample, Ann"}
    assert notes(read(csv_of(given, given.values()), columns=columns)) == []


def test_ids_whose_digits_are_lost_are_faults():
    """Two people would be one."""
    header = ["ID", "Name", "Email"]
    checked = read(csv_of(header, ["1.23457E+17", "Ann", "ann@example.com"], ["1.23457E+17", "Bob", "bob@example.com"]))
    assert checked.rows == [] and all('"1.23457E+17" is a number whose last digits' in one.message for one in checked.faults)
    book = openpyxl.Workbook()
    for some in (header, [123456789012345678, "Ann", "ann@example.com"], [12345678901234, "Bob", "bob@example.com"]):
        book.active.append(some)
    raw = io.BytesIO()
    book.save(raw)
    checked = read(raw.getvalue())
    assert [one.line for one in checked.faults] == [2] and [one["candidate_ref"] for one in checked.rows] == ["12345678901234"]


def test_signs_of_web_pages_are_read():
    assert row(one("Name", "Ann O&#39;Sample"))["name"] == "Ann O'Sample"
    assert row(one("Job", "R&amp;D &eacute;lectricien"))["job_title"] == "R&D électricien"


def test_a_line_break_in_a_name_is_a_space():
    assert row(one("Name", "Ann\n  Sample"))["name"] == "Ann Sample"


# --- rows, headers, files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        ["Name", "Email", "Job", "Interview"],
        ["Total", "", "", "2"],
        ["", "", "Summe:", "2"],
        ["Total: 2", "", "", ""],
        ["Exported on 2026-11-28", "", "", ""],
        ["Page 1 of 1", "", "", ""],
        ["Total: 12 candidates", "", "", ""],
        ["Grand total: 12 candidates", "", "", ""],
        ["Total number of interviews: 4", "", "", ""],
        ["Total (12)", "12", "9", ""],
        ["Total", "", "Welder", "2026-11-20 10:00"],
        ["Subtotal Berlin", "", "Welder", ""],
        ["Berlin Total", "", "", "7"],
        ["Welder Count", "3", "", ""],
        ["12 candidates", "", "", ""],
        ["Zwischensumme", "", "Welder", "3"],
        ["Gesamt: 12 Bewerber", "", "", ""],
        ["Sous-total : 3", "", "", ""],
        ["Total general: 3 candidatos", "", "", ""],
        ["Razem: 5 osób", "", "", ""],
        ["Итого: 12", "", "", ""],
        ["合計3名", "", "", ""],
        ["סה״כ", "12", "", ""],
        ["----", "---", "===", "____"],
    ],
)
def test_a_line_that_is_about_nobody_is_passed_over_and_named(line):
    checked = read(csv_of(["Name", "Email", "Job", "Interview"], ["Ann", "ann@example.com", "Welder", "2026-11-20 10:00"], line))
    assert (len(checked.rows), checked.faults, checked.mapped.blank) == (1, [], 1)
    assert "passed over" in notes(checked)[0]


@pytest.mark.parametrize(
    "line",
    [
        ["Total", "total@example.com", "", ""],
        ["Sum", "", "Welder", ""],
        ["Page", "", "", ""],
        ["Reporta Ann", "", "", ""],
        ["Total Kumar", "total.kumar@example.com", "", ""],
        ["Total Kumar", "", "Welder", ""],
        ["Sum Li", "", "", "", "+12025550123"],
        ["Total Kumar", "", "", "", "(202) 555-0123"],
        ["Sub Total", "", "", "", "202 555 0123"],
        ["Total Kumar", "", "", "", "", "17"],
        ["Anna Total", "", "", ""],
        ["Ann Sample", "", "Total", ""],
    ],
)
def test_people_with_such_names_are_people(line):
    header = ["Name", "Email", "Job", "Interview", "Phone", "ID"]
    assert len(read(csv_of(header, [*line, *[""] * (len(header) - len(line))])).rows) == 1


def test_a_first_name_like_a_total_is_a_name():
    """Not so where nothing else is in the row."""
    header, columns = ["First", "Last", "Email", "Job"], {"first_name": ["First"], "last_name": ["Last"]}
    checked = read(csv_of(header, ["Total", "Kumar", "", "Welder"], ["Total", "", "", "Welder"]), columns=columns)
    assert [one["name"] for one in checked.rows] == ["Total Kumar"] and "is a total and no person" in notes(checked)[0]


ON_ITS_SIDE = (["Name", "Ann", "Bob"], ["Email", "ann@example.com", "bob@example.com"], ["Job:", "Welder", "Fitter"])


@pytest.mark.parametrize("lines", [ON_ITS_SIDE, ON_ITS_SIDE[::-1], [["My list", "", ""], *ON_ITS_SIDE], ON_ITS_SIDE[:2]])
def test_a_table_that_lies_on_its_side_is_refused(lines):
    """Its headings would be people."""
    with pytest.raises(Unprocessable) as refused:
        read(csv_of(*lines))
    [error] = refused.value.errors
    assert "has its headings in the first column (" in error.message and "Transpose" in error.message


def test_a_table_whose_people_are_called_like_one_heading_is_read():
    assert [one["name"] for one in read(csv_of(["Name", "Notes"], ["Job", "tall"], ["Ann", "short"])).rows] == ["Job", "Ann"]


@pytest.mark.parametrize("note", ["Confidential – do not forward", "Welders in Berlin", "Ann Sample"])
def test_a_name_alone_in_its_row_is_imported_and_named(note):
    """It may be a heading or a note: nobody but the sender knows."""
    header = ["Name", "Email", "Job", "Interview"]
    checked = read(csv_of(header, [note, "", "", ""], ["Bob", "bob@example.com", "", ""]))
    assert [one["name"] for one in checked.rows] == [note, "Bob"]
    assert notes(checked) == [f'"{note}" stands alone in its row and is imported as a person: delete the line if it is none']
    assert checked.mapped.notes[0].line == 2


def test_a_list_of_names_alone_is_not_warned_of_by_line():
    assert notes(read(csv_of(["Name", "Notes"], ["Ann Sample", "tall"]))) == []


@pytest.mark.parametrize("column", ["Told", "Consent"])
def test_what_was_done_says_when(column):
    """No is nothing, and yes too little: a consent to texts counts from its instant."""
    columns = {"told_at": ["Told"], "sms_consent_at": ["Consent"]}
    for no in ("no", "Nein", "0", "FALSE", "nie"):
        checked = one(column, no, columns=columns)
        assert not row(checked).keys() & columns.keys() and notes(checked) == []
    for yes in ("yes", "ja", "x", "1", "TRUE"):
        assert f'"{yes}" says yes and not when' in fault(one(column, yes, columns=columns))


def test_marks_that_nobody_sees_are_left_out_of_headers():
    raw = "\ufeff\ufeffName,\u200bEmail,Job\u00a0,Interview:\nAnn,ann@example.com,Welder,2026-11-20 10:00\n"
    assert start(read(raw)) == "2026-11-20T15:00"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"%PDF-1.4\n%\xe2\xe3", "is a PDF"),
        (b"<html><table><tr><td>Name", "is a web page (HTML)"),
        (b'[{"Name": "Ann"}]', "is data (JSON)"),
        (b'<?xml version="1.0"?><Workbook/>', "is data (XML)"),
        (b"BEGIN:VCARD\r\nFN:Ann\r\n", "an address card"),
        (b"[]", "is data (JSON)"),
        ("<html><table><tr><td>Name".encode("utf-16"), "is a web page (HTML)"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "a web archive (MHTML)"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "is a compressed file"),
        (bytes(range(256)), "neither text nor a workbook"),
        ("Name\nAnn\n".encode("utf-32"), "is text in UTF-32"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le"), "is a Word document (.doc)"),
        (b"Name|Email\nAnn|ann@example.com\n", "perhaps ?delimiter=pipe"),
        (b'Name,Email\n"Ann Sample,ann@example.com\nBob,b@example.com\n', "a quotation mark that is not closed in '\"Ann Sample"),
        (b'Name,Email\n"Ann" Sample,ann@example.com\n', 'a quotation mark within a cell in \'"Ann" Sample'),
    ],
)
def test_a_file_of_another_kind_or_with_a_wrong_mark_is_named(raw, says):
    with pytest.raises(Unprocessable) as refused:
        read(raw)
    assert says in refused.value.errors[0].message


def _book(rows: list[list[Any]], change: Any) -> bytes:
    book = openpyxl.Workbook()
    for line in rows:
        book.active.append(line)
    change(book.active)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


AT = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001 - as spreadsheets hold it
SHEET = [
    ["Name", "Email", "Job", "Interview"],
    ["Ann", "ann@example.com", "Welder", AT],
    ["Bob", "bob@example.com", "Welder", AT],
]


def test_a_cover_without_a_table_names_the_other_sheets():
    book = openpyxl.Workbook()
    book.active.append(["Report of interviews"])
    book.create_sheet("People").append(["Name", "Email"])
    raw = io.BytesIO()
    book.save(raw)
    with pytest.raises(Unprocessable) as refused:
        read(raw.getvalue())
    assert "the workbook has People too" in refused.value.errors[-1].message


def test_a_long_cell_matters_only_where_it_is_read():
    header, long = ["Name", "Email", "Job", "Notes"], "x" * 200_000
    assert row(read(csv_of(header, ["Ann", "ann@example.com", "Welder", long])))["name"] == "Ann"
    assert "has 200000 characters" in fault(read(csv_of(header, ["Ann", "ann@example.com", long, ""])))


def test_a_formula_that_nobody_computed_is_a_fault_and_not_an_empty_cell():
    checked = read(_book(SHEET, lambda sheet: sheet.__setitem__("D2", "=DATE(2026,11,20)")))
    assert [(one.line, one.column) for one in checked.faults] == [(2, "Interview")]
    assert "is a formula and no value" in checked.faults[0].message


def test_hidden_rows_are_read_and_named():
    checked = read(_book(SHEET, lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True)))
    assert len(checked.rows) == 2
    assert any(
        "1 hidden row is read too, like the others: line 3." in one.message for one in report(checked, EMPLOYER, NOW).warnings
    )


# --- calendars --------------------------------------------------------------------------------------------------------

GUEST = ["ORGANIZER:mailto:dana@bluefern.example", "ATTENDEE;CN=Sam Sample:mailto:sam@example.com", "SUMMARY:Welder"]


def calendar(*events: list[str], head: str = "VERSION:2.0") -> str:
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", head, *lines, "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        (";TZID=Eastern Standard Time", "15:00"),
        (";TZID=America/Chicago", "16:00"),
        (';TZID="(UTC-06:00) Central Time (US & Canada)"', "16:00"),
        ("", "18:00"),
    ],
)
def test_times_of_a_calendar_are_in_the_zone_that_it_names(zone, utc):
    """A time without any zone is in that of the calendar, which Google's exports name."""
    event = ["UID:1", f"DTSTART{zone}:20261120T100000", f"DTEND{zone}:20261120T103000", *GUEST]
    assert start(read(calendar(event, head="X-WR-TIMEZONE:America/Los_Angeles"), timezone="Europe/Berlin"))[11:] == utc


@pytest.mark.parametrize("dates", ["RRULE:FREQ=WEEKLY;COUNT=4", "RDATE:20261127T150000Z"])
def test_more_dates_of_an_event_are_not_lost(dates):
    """Each date is an interview of its own: the file has to say so."""
    assert "an event that repeats" in fault(read(calendar(["UID:1", "DTSTART:20261120T150000Z", dates, *GUEST])))


def test_an_event_without_a_start_is_a_fault_unless_it_is_cancelled():
    assert "an event without a start" in fault(read(calendar(["UID:1", *GUEST])))
    assert row(read(calendar(["UID:1", "STATUS:CANCELLED", *GUEST])))["status"] == "cancelled"


DECLINED = "ATTENDEE;CN=Sam Sample;PARTSTAT=DECLINED:mailto:sam@example.com"
HOST = "ORGANIZER:mailto:dana@bluefern.example"


@pytest.mark.parametrize(
    ("lines", "head", "reason"),
    [
        (["STATUS:CANCELLED", *GUEST], "VERSION:2.0", "the event is cancelled"),
        (GUEST, "METHOD:CANCEL", "the event is cancelled"),
        ([HOST, DECLINED], "VERSION:2.0", "the candidate declined this invitation"),
        ([HOST, DECLINED], "METHOD:REPLY", "the candidate declined this invitation"),
        ([*GUEST, "ATTENDEE;PARTSTAT=declined:MAILTO:Dana@bluefern.example"], "VERSION:2.0", "the organizer declined"),
    ],
)
def test_an_invitation_that_was_declined_or_called_off_is_a_cancelled_interview_and_named(lines, head, reason):
    checked = read(calendar(["UID:1", "DTSTART:20261220T150000Z", "SUMMARY:Welder", *lines], head=head))
    assert row(checked)["status"] == "cancelled" and row(checked)["email"] == "sam@example.com"
    [note] = checked.mapped.notes
    assert (note.line, note.column) == (3, "status") and note.message.startswith(reason)
    assert "its interview is cancelled too" in note.message


@pytest.mark.parametrize(
    "guest",
    ["ATTENDEE;PARTSTAT=DECLINED:mailto:robin@bluefern.example", "ATTENDEE;PARTSTAT=TENTATIVE:mailto:dana@bluefern.example"],
)
def test_a_colleague_who_declines_calls_nothing_off(guest):
    checked = read(calendar(["UID:1", "DTSTART:20261220T150000Z", *GUEST, guest]))
    assert "status" not in row(checked) and notes(checked) == []


def test_all_calendars_of_a_file_are_read():
    """Each in its own zone; what is cut off is refused and not lost."""
    own = [
        calendar([f"UID:{zone}", "DTSTART:20261120T100000", *GUEST], head=f"X-WR-TIMEZONE:{zone}")
        for zone in ("Europe/Berlin", "America/Chicago")
    ]
    assert [one["interview_start"][11:16] for one in read("".join(own)).rows] == ["09:00", "16:00"]
    assert [one["line"] for one in read("".join(own).encode("utf-16")).rows] == [3, 13]
    with pytest.raises(Unprocessable) as refused:
        read("".join(own).removesuffix("END:VCALENDAR\r\n"))
    assert [one.pointer for one in refused.value.errors] == ["/13"] and "of 2 events 1 can be read" in refused.value.errors[
        0
    ].message


def test_a_zone_that_a_calendar_does_not_define_is_a_fault():
    event = ["UID:1", "DTSTART;TZID=Nowhere/Land:20261120T100000", *GUEST]
    assert '"Nowhere/Land", which is not known' in fault(read(calendar(event)))


def test_of_several_versions_of_an_event_the_newest_counts():
    versions = [
        ["UID:1", "SEQUENCE:2", "STATUS:CANCELLED", "DTSTART:20261220T150000Z", *GUEST],
        ["UID:1", "SEQUENCE:0", "DTSTART:20261220T150000Z", *GUEST],
        ["UID:1", "SEQUENCE:1", "DTSTART:20261220T160000Z", *GUEST],
    ]
    checked = read(calendar(*versions))
    assert row(checked)["status"] == "cancelled"
    assert any("2 former versions" in one.message for one in report(checked, EMPLOYER, NOW).warnings)


def test_one_date_of_an_event_that_repeats_is_an_interview_of_its_own():
    series = ["UID:1", "DTSTART:20261120T150000Z", "RRULE:FREQ=WEEKLY;COUNT=4", *GUEST]
    moved = ["UID:1", "RECURRENCE-ID:20261127T150000Z", "DTSTART:20261127T170000Z", *GUEST]
    checked = read(calendar(series, moved))
    assert "an event that repeats" in checked.faults[0].message
    assert [one["interview_ref"] for one in checked.rows] == ["1 20261127T150000Z"]


def test_an_event_of_a_whole_day_takes_the_stated_hour_and_length():
    event = ["UID:1", "DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261121", *GUEST]
    found = row(read(calendar(event), default_time="10:00"))
    assert (found["interview_start"][:16], found["interview_end"][:16]) == ("2026-11-20T15:00", "2026-11-20T15:30")


@pytest.mark.parametrize("guest", [[], ["ATTENDEE:mailto:sam@example.com"]])
def test_an_event_without_a_guests_name_is_a_fault_before_anything_is_imported(guest):
    event = ["UID:1", "DTSTART:20261120T150000Z", "SUMMARY:Interview with Sam Sample (Welder)", *guest]
    assert "no guest with a name" in fault(read(calendar(event)))


def test_a_scheduling_tools_names_of_zones_are_read_by_its_profile():
    header = ["Invitee Name", "Invitee Email", "Event Type Name", "Start Date & Time", "Invitee Time Zone"]
    raw = csv_of(header, ["Ann", "ann@example.com", "Technical interview", "2026-11-20 11:00 am", "Eastern Time - US & Canada"])
    found = row(read(raw, given=SHIPPED["scheduling"].overlaid({"timezone": "America/New_York"})))
    assert (found["timezone"], found["interview_start"][:16]) == ("America/New_York", "2026-11-20T16:00")
