"""Untidy files, one kind a test: read as meant, or refused with what was found, where, and an example."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import zipfile
from datetime import UTC, datetime, time
from typing import Any

import openpyxl
import pytest

from chalicelib.errors import Unprocessable
from chalicelib.integrations.imports import workbook
from chalicelib.integrations.imports.check_file import Checked, check
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.report import report, warnings
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.rules.employer import Employer
from tests.integrations.imports.conftest import csv_of

NOW = datetime(2026, 9, 28, 14, tzinfo=UTC)
EMPLOYER = Employer("emp_1", "Blue Fern", "America/New_York")
COLUMNS: dict[str, Any] = {
    "name": ["Name", "candidate"],
    "email": ["Email"],
    "phone": ["Phone"],
    "job_title": ["Job"],
    "interview_start": ["Interview"],
    "decided": ["Decision"],
    "told_at": ["Told"],
    "application_ref": ["App ID"],
    "candidate_ref": ["ID"],
    "sms_consent_at": ["Consent"],
    "stage": ["Stage"],
}


pytestmark = pytest.mark.usefixtures("read_on_this_machine")


def profile(**other: Any) -> Profile:
    columns = {**COLUMNS, **other.pop("columns", {})}
    known = {"date_format": "iso", "timezone": "America/New_York", "minutes": 30, "country": "US", **other}
    return Profile("mine", columns, **known)


def read(raw: bytes | str, on_fault: Any = "refuse", how: Any = None, **settings: Any) -> Checked:
    given = settings.pop("given", None) or profile(**settings)
    return check(raw.encode() if isinstance(raw, str) else raw, given, NOW, on_fault=on_fault, how=how or {})


def starts(checked: Checked) -> list[str]:
    assert checked.faults == [], checked.faults
    return [row["interview_start"][:16] for row in checked.rows]


def messages(checked: Checked) -> list[str]:
    return [f"{one.line}/{one.column}: {one.message}" for one in checked.faults]


def refusal(raw: bytes, **settings: Any) -> str:
    with pytest.raises(Unprocessable) as refused:
        read(raw, **settings)
    return "\n".join(f"{error.pointer} {error.message}" for error in refused.value.errors)


# --- dates and times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-10-05 12:00:00 UTC", "2026-10-05T12:00"),
        ("2026-10-05T12:00Z", "2026-10-05T12:00"),
        ("2026-10-05 12:00 GMT", "2026-10-05T12:00"),
        ("2026-10-05 12:00+0200", "2026-10-05T10:00"),
        ("2026-10-05 12:00 (CEST)", "2026-10-05T10:00"),
        ("2026-10-05 12:00 EDT", "2026-10-05T16:00"),
        ("2026-10-05 12:00 Europe/Berlin", "2026-10-05T10:00"),
        ("2026-10-05 11:00 am", "2026-10-05T15:00"),
        ("2026-10-05 12:30 PM", "2026-10-05T16:30"),
        ("2026-10-05, 9:05", "2026-10-05T13:05"),
        ("20261005T1400", "2026-10-05T18:00"),
    ],
)
def test_iso_dates_are_read_as_systems_write_them(cell, utc):
    assert starts(read(csv_of(["Name", "Job", "Interview"], ["Sam", "Welder", cell]))) == [utc]


@pytest.mark.parametrize(
    "cell", ["2026-10-05 12:00 IST", "2026-10-05 12:00 CST", "2026-10-05 25:00", "2026-10-05 13:00 pm", "soon"]
)
def test_a_date_that_can_mean_several_instants_or_none_is_an_error_with_an_example(cell):
    (fault,) = read(csv_of(["Name", "Job", "Interview"], ["Sam", "Welder", cell])).faults
    assert (fault.line, fault.column) == (2, "Interview")
    assert "like" in fault.message


def test_the_profiles_own_zone_decides_an_abbreviation_of_several():
    raw = csv_of(["Name", "Job", "Interview"], ["Sam", "Welder", "2026-11-05 12:00 CST"])
    assert starts(read(raw, timezone="America/Chicago")) == ["2026-11-05T18:00"]


@pytest.mark.parametrize("second", ["16:00", "4:00 pm", "4 pm", "16h00", "16:00:00"])
@pytest.mark.parametrize("columns", [["Date", "Time"], [["Date", "Time"]]])
def test_a_date_column_and_a_time_column_are_one_instant(second, columns):
    raw = csv_of(["Name", "Email", "Job", "Date", "Time"], ["Two", "two@example.com", "Welder", "2026-10-05", second])
    assert starts(read(raw, columns={"interview_start": columns})) == ["2026-10-05T20:00"]


def test_a_time_that_cannot_be_read_is_named_at_its_column():
    raw = csv_of(["Name", "Job", "Date", "Time"], ["Two", "Welder", "2026-10-05", "half past four"])
    assert messages(read(raw, columns={"interview_start": ["Date", "Time"]}, default_time="17:00")) == [
        '2/Time: "half past four" must be a time like 16:00 or 4:00 pm'
    ]


@pytest.mark.parametrize("cell", ["2026-10-05", "2026-10-05 "])
def test_a_date_without_a_time_is_an_error_unless_the_sender_states_the_hour(cell):
    raw = csv_of(["Name", "Job", "Interview"], ["Sam", "Welder", cell])
    (fault,) = read(raw).faults
    assert "has a date and no time" in fault.message and "default_time" in fault.message
    stated = read(raw, default_time="17:00")
    assert starts(stated) == ["2026-10-05T21:00"]
    assert "17:00 is taken" in warnings(stated)[0].message


def test_several_formats_with_literal_words_are_tried_and_ambiguous_ones_refused():
    header = ["Name", "Job", "Interview"]
    raw = csv_of(
        header,
        ["A", "Cook", "05.10.2026 10:00"],
        ["B", "Cook", "am 5. Oktober 2026 um 10 Uhr"],
        ["C", "Cook", "2026-10-05 10:00"],
    )
    formats = ("iso", "%d.%m.%Y %H:%M", "am %d. %B %Y um %H Uhr")
    assert starts(read(raw, date_format=formats)) == ["2026-10-05T14:00"] * 3
    both = read(csv_of(header, ["A", "Cook", "03/04/2027 10:00"]), date_format=("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"))
    assert "more than one way" in both.faults[0].message


@pytest.mark.parametrize("end", ["end: %Y-%m-%d %H:%M:%S", "%*"])
def test_start_and_end_are_read_from_one_cell(end):
    raw = "when,candidate,Job\nstart: 2026-10-05 10:00:00 end: 2026-10-05 11:00:00,Sam Sample,Welder\n"
    columns = {"interview_start": ["when"], **({"interview_end": ["when"]} if end != "%*" else {})}
    checked = read(raw, columns=columns, date_format=f"start: %Y-%m-%d %H:%M:%S {end}")
    assert starts(checked) == ["2026-10-05T14:00"]
    assert checked.rows[0]["interview_end"][:16] == ("2026-10-05T15:00" if end != "%*" else "2026-10-05T14:30")


@pytest.mark.parametrize(("cell", "end"), [("45", "14:45"), ("1:30", "15:30"), ("1 h 15 min", "15:15"), ("90 min", "15:30")])
def test_a_duration_makes_the_end(cell, end):
    raw = csv_of(["Name", "Job", "Interview", "Length"], ["Sam", "Welder", "2026-10-05 10:00", cell])
    assert read(raw, columns={"duration_minutes": ["Length"]}).rows[0]["interview_end"][11:16] == end


def test_an_end_that_is_only_a_time_is_on_the_day_of_the_start():
    raw = csv_of(["Name", "Job", "Interview", "End"], ["Sam", "Welder", "2026-10-05 10:00", "11:15"])
    assert read(raw, columns={"interview_end": ["End"]}).rows[0]["interview_end"][:16] == "2026-10-05T15:15"


# --- words and statuses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{"Applied": None}, {"decided": {"applied": None}}, {"Decision": {"APPLIED": None}}])
def test_a_word_can_mean_nothing(values):
    raw = csv_of(
        ["Name", "Email", "Job", "Decision"],
        ["Sam", "s@example.com", "Welder", "Applied"],
        ["Tim", "t@example.com", "Welder", "Rejected"],
    )
    checked = read(raw, values=values)
    assert [row.get("decided") for row in checked.rows] == [None, "rejected"]


@pytest.mark.parametrize("yes", ["true", "Yes", "x", "1", "TRUE"])
def test_a_column_named_after_a_status_is_read_by_yes_and_no(yes):
    header = [
        "Invitee Name",
        "Invitee Email",
        "Event Type Name",
        "Start Date & Time",
        "End Date & Time",
        "Canceled",
        "Marked as No-Show",
    ]
    rows = [
        [
            name,
            f"{name.lower()}@example.com",
            "Technical interview",
            "2026-09-09 11:00 am",
            "2026-09-09 11:30 am",
            cancelled,
            no_show,
        ]
        for name, cancelled, no_show in [("Ann", "false", "No"), ("Bob", yes, "No"), ("Cat", "false", yes)]
    ]
    checked = read(csv_of(header, *rows), given=SHIPPED["scheduling"].overlaid({"timezone": "America/New_York"}))
    assert [row.get("status") for row in checked.rows] == [None, "cancelled", "no_show"]
    assert report(checked, EMPLOYER, NOW).reminders.candidates <= 1


def test_a_no_show_of_an_interview_that_begins_later_is_imported_with_a_warning():
    """Scheduling tools let people mark it early. That it will not take place is all that matters."""
    raw = csv_of(["Name", "Job", "Interview", "State"], ["Sam", "Welder", "2026-10-05 10:00", "no-show"])
    checked = read(raw, columns={"status": ["State"]})
    assert (checked.faults, checked.rows[0]["status"]) == ([], "no_show")
    assert "begins later" in warnings(checked)[0].message
    assert report(checked, EMPLOYER, NOW).reminders.candidates == 0


def test_a_status_that_nobody_knows_is_an_error_that_lists_the_known():
    raw = csv_of(["Name", "Job", "Interview", "State"], ["Sam", "Welder", "2026-10-05 10:00", "Pencilled"])
    (fault,) = read(raw, columns={"status": ["State"]}).faults
    assert '"Pencilled"' in fault.message and "cancelled, no_show" in fault.message


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("a@example.com; b@example.com", "a@example.com"),
        ("none, b@example.com", "b@example.com"),
        ("Sam Sample <sam@example.com>", "sam@example.com"),
        ("mailto:sam@example.com", "sam@example.com"),
        ("a@example.com / b@example.com", "a@example.com"),
    ],
)
def test_of_several_addresses_in_a_cell_the_first_usable_one_is_taken(cell, email):
    checked = read(csv_of(["Name", "Email"], ["Sam", cell]))
    assert (checked.faults, checked.rows[0]["email"]) == ([], email)


@pytest.mark.parametrize("phone", ["555-0123", "030 1234567", "+15550123", "+10301234567"])
def test_a_number_that_cannot_exist_is_a_warning_and_the_email_is_used(phone):
    checked = read(csv_of(["Name", "Email", "Phone"], ["Sam", "s@example.com", phone]))
    assert checked.faults == [] and "phone" not in checked.rows[0]
    assert phone in warnings(checked)[0].message


@pytest.mark.parametrize("cell", ["(202) 555-0123 or 202-555-0124", "555-0123; +12025550123", "202-555-0123"])
def test_of_several_numbers_the_first_that_can_exist_is_taken(cell):
    assert read(csv_of(["Name", "Phone"], ["Sam", cell])).rows[0]["phone"] == "+12025550123"


def test_only_the_first_numbers_of_a_cell_are_tried():
    """A file of 4 MB that held numbers alone took 17 seconds of a processor that serves everybody."""
    impossible = [f"+1202555{number:02}" for number in range(40)]
    checked = read(csv_of(["Name", "Email", "Phone"], ["Sam", "s@example.com", "; ".join([*impossible, "+12025550123"])]))
    assert checked.faults == [] and "phone" not in checked.rows[0]
    many = "; ".join(f"+12025550{number:03}" for number in range(100, 200))
    checked = read(csv_of(["Name", "Phone"], ["Sam", many]))
    assert checked.rows[0]["phone"] == "+12025550100" and "holds 5 numbers" in warnings(checked)[0].message


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["FALSE", "false", "☐", "-", "0", "#N/A", "FALSCH"])
def test_a_row_with_only_an_empty_checkbox_is_blank(cell):
    raw = csv_of(
        ["Name", "Email", "Job", "Done"], ["Sam", "s@example.com", "Welder", "FALSE"], ["", "", "", cell], ["", "", "", cell]
    )
    checked = read(raw)
    assert (len(checked.rows), checked.faults, checked.mapped.blank) == (1, [], 2)


def test_a_row_of_text_in_columns_that_are_not_read_is_no_blank_row():
    (fault,) = read(csv_of(["Name", "Email", "Notes"], ["", "", "Call Ann on Monday"])).faults
    assert fault.message.startswith("has no name")


def test_a_row_may_name_known_records_by_their_ids_alone():
    checked = read(csv_of(["App ID", "Decision"], ["70", "rejected"]))
    assert (checked.faults, checked.rows) == ([], [{"line": 2, "decided": "rejected", "application_ref": "70"}])


def test_skip_cell_leaves_out_wrong_cells_and_skip_row_their_rows():
    header = ["Name", "Email", "Job", "Interview", "Decision"]
    rows = [
        ["A", "bad", "Cook", "2026-10-05 10:00", ""],
        ["B", "b@example.com", "Cook", "soon", "rejected"],
        ["", "c@example.com", "", "", ""],
    ]
    raw = csv_of(header, *rows)
    by_cell = read(raw, on_fault="skip_cell")
    assert [(row["name"], row.get("email"), "interview_start" in row) for row in by_cell.rows] == [
        ("A", None, True),
        ("B", "b@example.com", False),
    ]
    assert len(by_cell.faults) == 3 and by_cell.mapped.faulty == 1
    by_row = read(raw, on_fault="skip_row")
    assert by_row.rows == [] and by_row.mapped.faulty == 3


def test_faults_are_summed_by_cause():
    raw = csv_of(
        ["Name", "Email"], *([f"P{number}", f"bad{number}" if number % 2 else f"p{number}@example.com"] for number in range(600))
    )
    checked = read(raw, on_fault="skip_row")
    (cause,) = checked.causes()
    assert (cause.column, cause.rows, cause.lines) == ("Email", 300, [3, 5, 7, 9, 11])
    assert len(checked.skipped()) == 201


# --- the header, and what a dry run tells -----------------------------------------------------------------------------


def test_banner_rows_before_the_header_are_passed_over():
    raw = "Interviews of October,,,\n,,,\nprinted on 2026-09-28,,,\nName,Email,Job,Interview\nSam,sam@example.com,Welder,2026-10-05 10:00\n"  # noqa: E501 - a table of rows
    checked = read(raw)
    told = report(checked, EMPLOYER, NOW)
    assert (told.header_row, told.banner_rows, starts(checked)) == (4, [1, 3], ["2026-10-05T14:00"])


def test_a_dry_run_names_columns_that_are_not_used_and_says_that_nobody_will_be_reminded():
    raw = csv_of(["Candidate", "Emails", "Jobs", "Date"], ["Sam Sample", "sam@example.com", "Welder", "2026-10-05 10:00"])
    told = report(read(raw, given=SHIPPED["applicants"]), EMPLOYER, NOW)
    assert told.unused_columns == ["Emails", "Jobs", "Date"]
    assert told.reminders.candidates == 0
    assert any("Nobody will be reminded" in one.message for one in told.warnings)
    assert any("Emails, Jobs, Date" in one.message for one in told.warnings)


def test_a_dry_run_counts_people_doubled_rows_and_shared_addresses():
    header = ["Name", "Email", "Job", "Interview"]
    rows = [
        ["Ann Sample", "jobs@agency.example", "Welder", "2026-10-05 10:00"],
        ["Bob Sample", "JOBS@agency.example", "Welder", "2026-10-05 11:00"],
        ["Cat Sample", "jobs@agency.example", "Painter", "2026-10-05 12:00"],
        ["Ann Sample", "jobs@agency.example", "Welder", "2026-10-05 10:00"],
        ["Dan Sample", "", "Painter", "2026-10-05 12:00"],
    ]
    told = report(read(csv_of(header, *rows)), EMPLOYER, NOW)
    assert (told.people.found, told.people.doubled, told.people.sharing_an_address) == (4, 1, 3)
    assert told.reminders.candidates == 3
    assert told.reminders.first_at == datetime(2026, 10, 7, 14, 30, tzinfo=UTC)
    assert [(one.reason, one.rows) for one in told.reminders.not_reminded] == [
        ("no email address, and no number with consent to texts", 1)
    ]


def test_a_reminder_that_is_due_already_is_announced_for_the_hour_in_which_it_goes():
    """Not for now: nobody is written to at night."""
    raw = csv_of(["Name", "Email", "Job", "Interview"], ["Ann Sample", "ann@example.com", "Welder", "2026-09-26 10:00"])
    at_night = datetime(2026, 9, 29, 4, tzinfo=UTC)
    assert report(read(raw), EMPLOYER, at_night).reminders.first_at == datetime(2026, 9, 29, 14, tzinfo=UTC)


# --- encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("windows-1251", ["Анна Петрова", "Иван Смирнов"]),
        ("windows-1252", ["Zoë Müller", "Renée Dubois"]),
        ("windows-1250", ["Łukasz Żółć", "Jiří Dvořák"]),
        ("shift_jis", ["山田太郎", "鈴木花子"]),
        ("windows-1253", ["Γιώργος Παπαδόπουλος", "Μαρία"]),
    ],
)
def test_a_wrong_encoding_is_answered_with_the_likely_ones_and_how_names_read_in_them(encoding, names):
    raw = ("Name,Email\r\n" + "".join(f"{name},a@example.com\r\n" for name in names)).encode(encoding)
    assert f"{encoding} reads “{names[0]}”" in refusal(raw)
    assert encoding not in ("windows-1251", "shift_jis") or f"like ?encoding={encoding}" in refusal(raw), (
        "the likeliest is the example"
    )
    assert [row["name"] for row in read(raw, how={"encoding": encoding}).rows] == names


def test_a_byte_order_mark_says_what_the_text_is():
    text = "Name,Email\r\nZoë,zoe@example.com\r\n"
    for encoding in ("utf-8-sig", "utf-16"):
        assert read(text.encode(encoding)).rows[0]["name"] == "Zoë"
    assert "utf-16-le" in refusal(text.encode("utf-16-le"))


# --- workbooks --------------------------------------------------------------------------------------------------------


def _book(*sheets: tuple[str, str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, state, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def test_hidden_sheets_are_skipped_and_named():
    rows = [["Name", "Email", "Job", "Date", "Time"], ["Sam", "sam@example.com", "Welder", datetime(2026, 10, 5), time(16)]]  # noqa: DTZ001 - as spreadsheets hold it
    raw = _book(
        ("Setup", "hidden", [["x"]]), ("Deep", "veryHidden", [["y"]]), ("People", "visible", rows), ("Old", "visible", [["z"]])
    )
    checked = read(raw, columns={"interview_start": ["Date", "Time"]})
    told = report(checked, EMPLOYER, NOW)
    assert (told.sheet, told.hidden_sheets, told.other_sheets) == ("People", ["Setup", "Deep"], ["Old"])
    assert starts(checked) == ["2026-10-05T20:00"]
    assert "no sheet 'Nope'; it has People, Old" in refusal(raw, how={"sheet": "Nope"})


def test_a_date_cell_without_a_time_is_no_midnight():
    raw = _book(("S", "visible", [["Name", "Job", "Interview"], ["Sam", "Welder", datetime(2026, 10, 5)]]))  # noqa: DTZ001 - as spreadsheets hold it
    assert "has a date and no time" in read(raw).faults[0].message


def test_a_formula_that_failed_is_named_and_not_read_as_empty():
    raw = _book(("S", "visible", [["Name", "Email"], ["Sam", "#N/A"], ["#REF!", "tim@example.com"]]))
    assert [(one.line, one.column) for one in read(raw).faults] == [(2, "Email"), (3, "Name")]


def _ods(*rows: list[str] | str) -> bytes:
    """Make a workbook of rows; a row that is a text is written as it stands."""
    cells = "".join(
        row
        if isinstance(row, str)
        else "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    names += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    body = f'<office:spreadsheet><table:table table:name="People">{cells}</table:table></office:spreadsheet>'
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml", f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>"
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return raw.getvalue()


def test_failed_formulas_and_hidden_rows_of_an_opendocument_sheet_are_named():
    """Where cells and rows stand for many, too."""
    failed = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    empty = (
        '<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="9"/></table:table-row>'
    )
    name = '<table:table-cell office:value-type="string"><text:p>Ann</text:p></table:table-cell>'
    between = '<table:table-cell table:number-columns-repeated="2"/>'
    wrong = f'<table:table-row table:visibility="filter">{name}{between}{failed}</table:table-row>'
    checked = read(_ods(["Name", "Email", "Phone", "Job"], empty, wrong, ["Bob", "bob@example.com"]))
    assert [(one.line, one.column) for one in checked.faults] == [(5, "Job")]
    assert checked.sheet.hidden_rows == (5,) and [one["line"] for one in checked.rows] == [6]


XLS = (
    "H4sIAAAAAAACA+1YTWgTQRT+ZpNtktImaU2FVgyhYNVYBPHipd22UguCIeqhIkLdNHsozU8JOagXqzVHQfCkeCn04qXqxR/0oDcPQkUPgiAkevQkKHho"
    "s755O1tTzaEBLVb2W+bNzPuZeTtv3uzP65Wu6uKDvhp+wTB8qNshtDXwBJWQ24mC5LYtm24dpGJ72FYIBSmQbTqedr4KyBjKeNeg4b7/BVHgI5VzmEOq"
    "WLASW4gx9sEU0ochogJ3iBNGL3vVzXSa6Q6m91jzGdMR5lxnOkS6VXEWK0YqeUTt4jNaP8vCkOM+Ypv3zDmEHryUu/jyDeHo6hgtzZi5f1MQ93dgCRS3"
    "CatglcxcFTEK4BK+2Qngq5upzxMef2v5AsT/vpEfaMK/qfmBedjneYNX6HC1fU6A06uYQrs6U0kpZeYtHRjPmzM5UjlezJBwtFBInDbzczmLsnbSymWt"
    "EnHHihnFpc5Rs6w6EcoXszxiXeDeweliXg7vpH90Q/p3clp0EM0iwu0uTo4oObN698ubE5m0McWceXbPeTDskfcCG1ekBRmHWeJnKm8qyRYHmF7lUXdx"
    "u49pjLY01QPpHtU4tsA611g6QPMcZrw19ja091G78vnk43jlk7Gf2ssTtUux5XfGIvppLbNkL68FDIpBcfuWxBPDrYU6RD4w7f3tQAlqUeW7rZ5+Eaxx"
    "SEDrIeH05OqI9Z6m1kpaiybWgq19vNK72TupH+AHp6MYQFwgTnJHXQ7oVwNqTQbUeEDaGtC1oApWUjiSRltfg21C2frYtk0572PbwHrPtR7WuvFQTkPn"
    "6k+0w4MHDx48ePDgwcN2hOCXVucVXb7t6eojIKD+66xRqXu/Sf5bnEKRrjJ9mI6jQHUJF1vaPzuhC3cssUkb93+hxCTNXsIsMuzHbMv7lz7iROP9bNow"
    "+udSqNX56634+Zfn/wGeiL7eABYAAA=="
)
"""A workbook of Excel 97: Ann with a failed formula as her email, Bob with an error, Cat in a hidden row."""


def test_failed_formulas_and_hidden_rows_of_an_old_workbook_are_named():
    checked = read(gzip.decompress(base64.b64decode(XLS)), "skip_row")
    assert messages(checked) == [
        f'{line}/Email: "#ERROR!" is an error of the spreadsheet and no value: correct its formula' for line in (2, 3)
    ]
    assert checked.sheet.hidden_rows == (4,) and [one["name"] for one in checked.rows] == ["Cat Sample"]


@pytest.mark.parametrize("at", [30, 48, 76, 512, 1024, 2048])
def test_a_damaged_old_workbook_is_read_or_refused(at):
    """What its table of sectors says is not trusted."""
    raw = bytearray(gzip.decompress(base64.b64decode(XLS)))
    for damage in (b"\0" * 64, b"\xff" * 64, b"\x01\0\0\0" * 16):
        raw[at : at + 64] = damage
        try:
            assert read(bytes(raw), "skip_row").sheet.name == "P"
        except Unprocessable as refused:
            assert refused.errors


def test_an_opendocument_sheet_is_read_and_an_empty_one_is_named():
    checked = read(_ods(["Name", "Job", "Interview"], ["Sam", "Welder", "2026-10-05 10:00"]))
    assert starts(checked) == ["2026-10-05T14:00"]
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert "an OpenDocument file (.ods)" in refusal(empty.getvalue())


ODF = "application/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"mimetype": f"{ODF}spreadsheet", "content.xml": "<x/>"}, "begins with “<x/>”. Please open it in a spreadsheet program"),
        ({"mimetype": f"{ODF}spreadsheet", "content.xml": ""}, "its content.xml is empty. Please open it"),
        ({"mimetype": f"{ODF}text", "content.xml": "<x/>"}, "is a text document (.odt). Send the sheet as a workbook"),
        ({"word/document.xml": "<x/>"}, "is a Word document (.docx) and no workbook: it holds word/document.xml"),
        ({"Index/Document.iwa": "x"}, "is a document of Apple Numbers or Pages and no workbook"),
        ({"notes.txt": "x"}, "is a zip file and no workbook: it holds notes.txt"),
        ({"xl/workbook.xml": "<x/>"}, "save it again as .xlsx, or as CSV with a header like Name,Email,Job,Interview"),
    ],
)
def test_a_packed_file_that_cannot_be_read_says_what_it_is_and_what_to_send(parts, says):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    message = refusal(raw.getvalue())
    assert says in message
    assert "detect" not in message and "Error" not in message, "no words of the reader's own"


def _with_part(name: str, data: bytes) -> bytes:
    good, bad = io.BytesIO(_book(("S", "visible", [["Name"], ["Ada"]]))), io.BytesIO()
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, data if part == name else source.read(part))
    return bad.getvalue()


def test_a_part_that_lies_about_its_size_is_measured_while_it_is_inflated():
    """The zip directory may say anything; only inflating tells."""
    raw = bytearray(_with_part("xl/styles.xml", b"<x>" + b" " * (70 << 20) + b"</x>"))
    for at in _places(raw, b"PK\x01\x02"):
        if raw[at + 46 : at + 59] == b"xl/styles.xml":
            raw[at + 24 : at + 28] = struct.pack("<I", 100)
    assert "unpacks to more than 60 MB" in refusal(bytes(raw))


def _places(raw: bytearray, mark: bytes) -> list[int]:
    found, at = [], raw.find(mark)
    while at >= 0:
        found.append(at)
        at = raw.find(mark, at + 1)
    return found


def test_a_part_that_unpacks_to_hundreds_of_times_its_size_is_refused():
    assert "times its size" in refusal(_with_part("xl/styles.xml", b"<x>" + b"<a/>" * (3 << 20) + b"</x>"))


def test_a_workbook_of_very_many_parts_is_refused():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for number in range(1001):
            archive.writestr(f"xl/{number}.xml", "")
    assert "1001 parts, and at most 1000" in refusal(raw.getvalue())


@pytest.mark.parametrize(("limit", "most"), [("CELLS_MOST", 9), ("CHARACTERS_MOST", 40)])
def test_a_table_of_very_many_cells_or_characters_is_refused(monkeypatch, limit, most):
    """Each is small beside the memory that it becomes. One row less is read."""
    rows = [["Name", "Email"], *(["Sam", f"s{number}@x.example"] for number in range(4))]
    monkeypatch.setattr(workbook, limit, most)
    assert "holds more than is read at once by line" in refusal(_book(("S", "visible", rows)))
    assert len(read(_book(("S", "visible", rows[:3]))).rows) == 2


def test_a_cell_far_from_the_table_costs_the_child_and_not_the_worker():
    """One cell in the last column of the last row would reserve 400 GB."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "Name", "Ada", "x"
    raw = io.BytesIO()
    book.save(raw)
    assert "needs more memory or time" in refusal(raw.getvalue())


# --- calendars --------------------------------------------------------------------------------------------------------


def _calendar(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def test_a_calendar_of_interviews_is_read():
    raw = _calendar(
        "UID:1@example.com",
        "SUMMARY:Sam Sample, Welder",
        "DTSTART:20261005T140000Z",
        "DTEND:20261005T150000Z",
        "ORGANIZER:mailto:dana@bluefern.example",
        "ATTENDEE;CN=Sam Sample:mailto:sam@example.com",
        "ATTENDEE;CN=Robin:mailto:robin@bluefern.example",
        "ATTENDEE;CUTYPE=ROOM:mailto:room@example.org",
    )
    (row,) = read(raw).rows
    assert (row["name"], row["email"], row["job_title"], row["interview_ref"]) == (
        "Sam Sample",
        "sam@example.com",
        "Welder",
        "1@example.com",
    )
    assert (row["interview_start"][:16], row["interview_end"][:16]) == ("2026-10-05T14:00", "2026-10-05T15:00")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["DTSTART;VALUE=DATE:20261005", "ATTENDEE;CN=Sam:mailto:s@example.com"], "has a date and no time"),
        (["DTSTART:20261005T140000Z", "RRULE:FREQ=DAILY", "ATTENDEE;CN=Sam:mailto:s@example.com"], "an event that repeats"),
        (["DTSTART:20261005T140000Z", "ATTENDEE:mailto:s@example.com", "ATTENDEE:mailto:t@example.com"], "2 guests"),
    ],
)
def test_an_event_that_says_too_little_is_an_error_that_names_it(lines, says):
    checked = read(_calendar("UID:1", "SUMMARY:Welder", *lines))
    assert any(says in message for message in messages(checked)), messages(checked)
