"""The order of dates on the import page: shown where the file's cells leave only one, asked for where they do not."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from tests.web.import_form import fields_of, send_form
from tests.web.test_import_page import previews

USES = {"use_0": "name", "use_1": "email", "use_2": "job_title", "use_3": "interview_start"}
ANSWERS = {**USES, "minutes": "45"}
ASKED = "Choose the order in which the dates of this file are written"


def sheet_of(*dates: str) -> bytes:
    """A sheet that no layout knows."""
    rows = [f"Person {chr(65 + at)},p{at}@example.com,Welder,{one}" for at, one in enumerate(dates)]
    return "\n".join(["Who,Write to,For,When", *rows, ""]).encode()


@pytest.fixture
def browser(signed_in: Any) -> Any:
    return signed_in()


def starts(employer: Any) -> list[str]:
    return sorted(one["start_at"] for one in employer.get("/v1/interviews").json["data"])


@pytest.mark.parametrize(
    ("dates", "said", "option"),
    [
        (["2026-11-20 09:30", "2026/11/21 14:00"], "as year, month, day: 2026-11-20 is Friday, November 20, 2026", "year first"),
        (["03/04/2026 14:00", "25/04/2026 14:00"], "as day, month, year: 25/04/2026 is Saturday, April 25, 2026", "day first"),
        (["03/04/2026 2:00 PM", "04/25/2026 2:00 PM"], "as month, day, year: 04/25/2026 is Saturday, April 25", "month first"),
        (['"Nov 20, 2026 2:00 PM"'], "with the month as a word: Nov 20, 2026 is Friday, November 20", "month as a word"),
    ],
)
def test_an_order_that_the_dates_leave_alone_is_not_asked_for(browser: Any, dates: list[str], said: str, option: str) -> None:
    """The page says which one it is, by a date of the file, and where to change it."""
    send_form(browser, sheet_of(*dates))
    send_form(browser, **ANSWERS)
    assert browser.page.status == 200 and ASKED not in browser.text
    assert f"Dates are read {said}" in browser.text and 'href="#date_order"' in browser.html
    assert f"As this file shows: {option}" in browser.text and fields_of(browser.html)["date_order"] == ""


@pytest.mark.parametrize("dates", [["03/04/2026 14:00"], ["25/04/2026 14:00", "04/25/2026 14:00"], ["soon"]])
def test_an_order_that_is_not_sure_is_asked_for(browser: Any, employer: Any, dates: list[str]) -> None:
    """Also if Import is pressed: 03/04 may be March or April."""
    send_form(browser, sheet_of(*dates))
    for do in ("check", "import"):
        send_form(browser, **ANSWERS, do=do)
        assert browser.page.status == 422 and ASKED in browser.text and "Dates are read" not in browser.text
    assert employer.get("/v1/imports").json["data"] == []


def test_the_order_that_was_found_can_be_changed(browser: Any, employer: Any, run_ticks: Any) -> None:
    """What somebody chooses counts: the cells that are written otherwise are faults then."""
    send_form(browser, sheet_of("03/04/2026 14:00", "25/04/2026 14:00"))
    send_form(browser, **ANSWERS)
    send_form(browser, date_order="month")
    assert previews(browser, "interview start: March 4, 2026 at 2:00 PM") and "1 row has something wrong" in browser.text
    assert "Dates are read" not in browser.text and "As this file shows" not in browser.text
    send_form(browser, date_order="")
    assert previews(browser, "interview start: April 3, 2026 at 2:00 PM") and "2 rows can be imported" in browser.text
    send_form(browser, do="import")
    run_ticks()
    assert starts(employer) == ["2026-04-03T18:00:00.000Z", "2026-04-25T18:00:00.000Z"]


def test_nothing_is_imported_by_an_order_that_was_not_shown(browser: Any, employer: Any) -> None:
    """A corrected file, or another column, may show another order than the page said: it is shown first."""
    send_form(browser, sheet_of("25/04/2026 14:00"))
    send_form(browser, **ANSWERS, do="import")
    assert browser.page.status == 200 and "as day, month, year: 25/04/2026" in browser.text
    send_form(browser, sheet_of("04/25/2026 14:00"), do="import")
    assert browser.page.status == 200 and "as month, day, year: 04/25/2026" in browser.text
    assert employer.get("/v1/imports").json["data"] == []
    send_form(browser, do="import")
    assert len(employer.get("/v1/imports").json["data"]) == 1


def test_dates_of_a_workbook_are_not_asked_for(browser: Any) -> None:
    """They are stored as dates, in no order."""
    book = openpyxl.Workbook()
    for row in (
        ["Who", "Write to", "For", "When"],
        ["Sam Sample", "sam@example.com", "Welder", datetime.fromisoformat("2026-11-20T09:30")],
    ):
        book.active.append(row)
    raw = io.BytesIO()
    book.save(raw)
    send_form(browser, raw.getvalue(), name="people.xlsx")
    send_form(browser, **ANSWERS)
    assert browser.page.status == 200 and previews(browser, "interview start: November 20, 2026 at 9:30 AM")
    assert "Dates are read as the spreadsheet stores them: the first is Friday, November 20, 2026." in browser.text


def test_all_columns_of_dates_show_one_order(browser: Any) -> None:
    """A date that tells the order may stand in another column than the interview's; time and zone have columns of their own."""
    raw = b"Who;Write to;For;Day;Hour;Zone;Heard\nSam Sample;s@example.com;Welder;03/04/2026;14:00;Europe/Berlin;25/04/2025\n"
    send_form(browser, raw)
    day = {"use_4": "interview_start", "use_5": "interview_start"}
    send_form(browser, **ANSWERS, **day)
    assert browser.page.status == 422 and ASKED in browser.text
    send_form(browser, **day, use_6="told_at", default_time="09:00")
    assert browser.page.status == 200 and "as day, month, year: 25/04/2025" in browser.text
    assert previews(browser, "interview start: April 3, 2026 at 8:00 AM")


def test_a_remembered_layout_keeps_the_order(browser: Any, employer: Any, run_ticks: Any) -> None:
    """It was shown when it was saved. The next file with these headings is read by it."""
    send_form(browser, sheet_of("25/04/2026 14:00"))
    send_form(browser, **ANSWERS, remember="Weekly sheet")
    send_form(browser, do="import")
    run_ticks()
    [saved] = [one for one in employer.get("/v1/import_profiles").json["data"] if not one["built_in"]]
    assert saved["date_format"][:2] == ["iso", "%d/%m/%Y"]
    browser.open("/people/import")
    send_form(browser, sheet_of("03/04/2026 14:00"))
    assert "layout “weekly sheet”" in browser.text and previews(browser, "interview start: April 3, 2026 at 2:00 PM")


def known_sheet(*dates: str) -> bytes:
    """A sheet whose columns a layout knows, which reads dates that begin with the year."""
    rows = [f'Person {chr(65 + at)},p{at}@example.com,Welder,"{one}"' for at, one in enumerate(dates)]
    return "\n".join(["Candidate,Email,Position,Date", *rows, ""]).encode()


def test_a_known_layout_that_reads_no_date_of_a_file_takes_the_order_that_its_cells_show(browser: Any, employer: Any) -> None:
    """And says so, in place of a fault for each row. Nothing is imported before it was shown."""
    raw = known_sheet("04/03/2026 14:00", "04/25/26 2pm", "soon")
    send_form(browser, raw, on_fault="skip_row", do="import")
    assert (
        browser.page.status == 200 and "Dates are read as month, day, year: 04/25/26 is Saturday, April 25, 2026" in browser.text
    )
    assert "April 3, 2026 at 2:00 PM" in browser.text and "1 row has something wrong" in browser.text
    assert employer.get("/v1/imports").json["data"] == []
    send_form(browser, do="import")
    assert len(employer.get("/v1/imports").json["data"]) == 1


@pytest.mark.parametrize("dates", [["03/04/2026 14:00"] * 30, ["25/04/2026 14:00", "04/25/2026 14:00"]])
def test_a_known_layout_asks_once_for_the_order_of_dates_that_it_cannot_read(browser: Any, dates: list[str]) -> None:
    """Not for each row."""
    send_form(browser, known_sheet(*dates))
    assert browser.page.status == 422 and browser.text.count(ASKED) == 2 and "03/04/2026 14:00” must be" not in browser.text
    send_form(browser, date_order="day", on_fault="skip_row")
    assert browser.page.status == 200 and ASKED not in browser.text


def test_a_known_layout_that_reads_some_dates_of_a_file_keeps_its_formats(browser: Any) -> None:
    """The others are faults of their rows: which of both is right is not guessed. So it is with a format that was chosen."""
    send_form(browser, known_sheet("2026-04-03 14:00", "25/04/2026 14:00"))
    assert "1 row has something wrong" in browser.text and "Dates are read" not in browser.text
    browser.open("/people/import")
    send_form(browser, known_sheet("25/04/2026 14:00"), date_format="%Y-%m-%d %H:%M")
    assert "1 row has something wrong" in browser.text and "Dates are read" not in browser.text


@pytest.mark.parametrize(
    ("example", "start"),
    [
        ("31.12.2026", "April 3, 2026"),
        ("31/12/26 14:30", "April 3, 2026"),
        ("31-12-26", "April 3, 2026"),
        ("12/31/2026", "March 4, 2026"),
        (" 12-31-26 ", "March 4, 2026"),
        ("%m/%d/%Y %H:%M", "March 4, 2026"),
    ],
)
def test_an_example_says_how_dates_are_written(browser: Any, example: str, start: str) -> None:
    """Before anything was checked, in place of the codes of the API, which are still read. Marks may differ."""
    send_form(browser, known_sheet("03/04/2026 14:00"), date_format=example)
    assert browser.page.status == 200 and previews(browser, f"interview start: {start} at 2:00 PM")
    assert fields_of(browser.html)["date_format"] == example.strip()


@pytest.mark.parametrize("example", ["2026-12-31", "December 31, 2026", "Thu 31 Dec 2026, 9:00"])
def test_an_example_that_fits_no_date_of_the_file_makes_each_a_fault(browser: Any, example: str) -> None:
    """And the page asks for the order in words, not by codes."""
    send_form(browser, known_sheet("25/04/2026 14:00", "04/25/2026 14:00", "03/04/2026 14:00"), date_format=example)
    assert browser.page.status == 200 and "3 rows have something wrong" in browser.text
    assert "the day comes first here: choose the order of dates below" in browser.text
    assert "the month comes first here: choose the order of dates below" in browser.text
    assert not re.search("%[a-zA-Z]|[(]iso", browser.html)


def test_the_page_names_no_codes_of_dates(browser: Any, employer: Any) -> None:
    """Neither as an example nor where two formats read one date differently."""
    columns = {"name": ["Who"], "job_title": ["For"], "interview_start": ["When"]}
    saved = {"columns": columns, "date_format": ["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"], "minutes": 45}
    assert employer("PUT", "/v1/import_profiles/both", saved).status == 200
    browser.open("/people/import")
    assert "31.12.2026, 12/31/2026 or 2026-12-31" in browser.text and not re.search("%[a-zA-Z]", browser.html)
    send_form(browser, b"Who,For,When\nSam Sample,Welder,03/04/2026 14:00\nKim Sample,Welder,25/04/2026 14:00\n", profile="both")
    assert "can be read in more than one way: choose the order of dates below" in browser.text
    assert not re.search("%[a-zA-Z]", browser.html)


def test_formats_that_read_a_date_and_its_time_together_are_kept(browser: Any, employer: Any) -> None:
    """Neither of the two columns alone fits the format."""
    columns = {"name": ["Who"], "job_title": ["For"], "interview_start": [["Day", "Hour"]]}
    saved = {"columns": columns, "date_format": "%m/%d/%Y at %H:%M", "minutes": 45}
    assert employer("PUT", "/v1/import_profiles/joined", saved).status == 200
    send_form(browser, b"Who,For,Day,Hour\nSam Sample,Welder,04/03/2026,at 14:00\nKim Sample,Welder,04/25/2026,at 15:00\n")
    assert "April 3, 2026 at 2:00 PM" in browser.text and "Dates are read" not in browser.text


def test_the_api_still_asks_for_the_format(employer: Any) -> None:
    """A program states it once for all its files."""
    answer = employer.post(
        "/v1/imports",
        b"Name,Email,Position,Interview\nSam Sample,sam@example.com,Welder,2026-11-20 09:30\n",
        headers={"Content-Type": "text/csv"},
        query={"profile": "applicants", "timezone": "America/New_York", "minutes": "45", "dry_run": "true"},
    )
    assert answer.status == 422 and [one["pointer"] for one in answer.json["errors"]] == ["?date_format"]


def test_one_wrong_cell_among_ten_thousand_is_a_fault_of_its_row(browser: Any) -> None:
    """Spaces, empty cells and dates without a time do not make the page ask."""
    dates = ["2026-11-20 09:30", "  2026/11/21   9:30 ", "", "2026-11-22T14:00", "TBD"] * 2_000
    dates[7_777] = "2026-13-45 09:30"
    rows = [f"Person {chr(65 + at % 26)},p{at}@example.com,Welder,{one}" for at, one in enumerate(dates)]
    raw = "\n".join(["Who,Write to,For,When", *rows, ""]).encode()
    send_form(browser, raw)
    send_form(browser, **ANSWERS)
    assert browser.page.status == 200 and ASKED not in browser.text
    assert "9,999 rows can be imported" in browser.text and "1 row has something wrong" in browser.text
    assert "Line 7779, When:" in browser.text and "2026-13-45" in browser.text
    assert "as year, month, day: 2026-11-20 is Friday, November 20, 2026" in browser.text
