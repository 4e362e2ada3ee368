"""Choices on the import page stay when the same file is read in another way: another encoding, another sheet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.import_form import fields_of, send_form, uses_of
from tests.web.test_import_page import previews, workbook_of

CHOSEN = {"use_0": "name", "use_1": "email", "use_2": "job_title", "use_3": "interview_start"}
ANSWERS = {"minutes": "45", "date_order": "day", "country": "US", "job_title": "Cook", "default_time": "09:00"}
ROWS = [["Who", "Write to", "Poste occupé", "Jour", "Note"], ["Zoë Sample", "sam@example.com", "Welder", "03/04/2026 14:00", "x"]]
HEAD = ["Who", "Write to", "For", "When", "Note"]
SAM = ["Sam Sample", "sam@example.com", "Welder", "03/04/2026 14:00", "x"]


def text_of(encoding: str) -> bytes:
    return "".join(";".join(row) + "\n" for row in ROWS).encode(encoding)


@pytest.fixture
def browser(signed_in: Any) -> Any:
    return signed_in()


def shown_answers(browser: Any) -> dict[str, str]:
    fields = fields_of(browser.html)
    return {name: fields[name] for name in ANSWERS}


def test_another_encoding_keeps_the_columns_and_the_answers(browser: Any, employer: Any, run_ticks: Any) -> None:
    """Also of the column whose heading reads otherwise: it stands where it stood."""
    send_form(browser, text_of("windows-1252"))
    send_form(browser, encoding="ibm850")
    send_form(browser, **CHOSEN, **ANSWERS, on_fault="skip_row", timezone="America/Denver")
    send_form(browser, encoding="windows-1252")
    assert browser.page.status == 200 and previews(browser, "name: Zoë Sample") and "Poste occupé" in browser.text
    assert uses_of(browser) == {**CHOSEN, "use_4": ""} and shown_answers(browser) == ANSWERS
    assert (fields_of(browser.html)["on_fault"], fields_of(browser.html)["timezone"]) == ("skip_row", "America/Denver")
    send_form(browser, do="import")
    run_ticks()
    assert [one["name"] for one in employer.get("/v1/candidates").json["data"]] == ["Zoë Sample"]


def test_another_encoding_may_show_a_layout_that_fits(browser: Any) -> None:
    """Columns that nobody has touched are used as they are detected now; "Not used" stays where it was chosen."""
    raw = "Name;E-Mail;Gespräch;Stelle\nZoë Sample;sam@example.com;03.04.2026 14:00;Welder\n".encode("windows-1252")
    send_form(browser, raw)
    send_form(browser, encoding="ibm852")
    assert uses_of(browser) == {"use_0": "name", "use_1": "email", "use_2": "", "use_3": "job_title"}
    send_form(browser, use_1="")
    send_form(browser, encoding="windows-1252")
    assert uses_of(browser) == {"use_0": "name", "use_1": "", "use_2": "interview_start", "use_3": "job_title"}
    send_form(browser, use_2="")
    send_form(browser, encoding="ibm852")
    send_form(browser)
    send_form(browser, encoding="windows-1252")
    assert uses_of(browser) == {"use_0": "name", "use_1": "", "use_2": "", "use_3": "job_title"}, "and there and back"


def test_an_encoding_that_does_not_read_the_file_keeps_what_was_chosen(browser: Any) -> None:
    """The page says what is wrong above the columns as they were."""
    send_form(browser, text_of("windows-1252"))
    send_form(browser, encoding="windows-1252")
    send_form(browser, **CHOSEN, **ANSWERS)
    send_form(browser, encoding="")
    assert browser.page.status == 422 and "choose the one in which names look right" in browser.text
    assert uses_of(browser) == {**CHOSEN, "use_4": ""} and shown_answers(browser) == ANSWERS
    send_form(browser, encoding="windows-1252")
    assert browser.page.status == 200 and previews(browser, "name: Zoë Sample")


def test_another_sheet_keeps_the_columns_that_it_has(browser: Any, employer: Any) -> None:
    """By their headings, where they stand elsewhere too; nothing is imported before it was shown."""
    june = [["When", "Who", "Write to", "Place"], ["05/06/2026 14:00", "Kim Sample", "kim@example.com", "Boston"]]
    send_form(browser, workbook_of(May=[HEAD, SAM], June=june), name="people.xlsx")
    send_form(browser, **CHOSEN, **ANSWERS)
    send_form(browser, sheet="June", do="import")
    assert employer.get("/v1/imports").json["data"] == []
    assert uses_of(browser) == {"use_0": "interview_start", "use_1": "name", "use_2": "email", "use_3": ""}
    assert browser.page.status == 200 and previews(browser, "name: Kim Sample") and previews(browser, "job title: Cook")
    assert shown_answers(browser) == ANSWERS and previews(browser, "interview start: June 5, 2026")


def test_another_sheet_uses_no_heading_that_stands_twice_elsewhere(browser: Any) -> None:
    """Which of both is meant is not guessed. A field that one column may hold stays with the column that was chosen."""
    twice = [["Note", "Name", "Who", "Write to", "Write to"], ["x", "Boss", "Kim Sample", "kim@example.com", "k@example.com"]]
    send_form(browser, workbook_of(May=[HEAD, SAM], June=twice), name="people.xlsx")
    send_form(browser, **CHOSEN, **ANSWERS)
    send_form(browser, sheet="June")
    assert uses_of(browser) == {"use_0": "", "use_1": "", "use_2": "name", "use_3": "", "use_4": ""}
    assert previews(browser, "name: Kim Sample") and "Boss" not in browser.text.partition("Columns of the file")[0]


def test_a_sheet_that_cannot_be_read_keeps_what_was_chosen(browser: Any) -> None:
    """The error stands at the field, and the sheet that was shown is still there."""
    send_form(browser, workbook_of(May=[HEAD, SAM], Empty=[]), name="people.xlsx")
    send_form(browser, **CHOSEN, **ANSWERS)
    send_form(browser, sheet="Empty")
    assert browser.page.status == 422 and "Sheet “Empty” cannot be used" in browser.text and 'id="sheet-problem"' in browser.html
    assert uses_of(browser) == {**CHOSEN, "use_4": ""} and shown_answers(browser) == ANSWERS
    assert fields_of(browser.html)["sheet"] == "May"
    send_form(browser)
    assert browser.page.status == 200 and previews(browser, "name: Sam Sample")


def test_another_layout_is_used_as_it_is(browser: Any) -> None:
    """Who chooses a layout wants its columns."""
    send_form(browser, b"Name,Email,Job,Start\nSam Sample,sam@example.com,Welder,2026-06-09T14:00\n")
    send_form(browser, use_1="", use_2="stage")
    send_form(browser, profile="heardback", minutes="45")
    assert uses_of(browser) == {"use_0": "name", "use_1": "email", "use_2": "", "use_3": ""}


@pytest.mark.parametrize("former", ["", "+", ",,,,", "x" * 5_000, "+," * 500, "⛔+,1+"])
def test_a_changed_form_breaks_nothing(browser: Any, former: str) -> None:
    """It comes from a stranger: the file is read as detected."""
    june = [["When", "Who"], ["05/06/2026 14:00", "Kim Sample"]]
    send_form(browser, workbook_of(May=[HEAD, SAM], June=june), name="people.xlsx")
    send_form(browser, sheet="June", former=former, use_0="__class__")
    assert browser.page.status in (200, 422) and "Kim Sample" in browser.text


def test_another_file_is_read_as_detected(browser: Any) -> None:
    """Choices are about the columns of one file: a file with other headings is another one."""
    send_form(browser, b"Name,Email,Job,Start\nSam Sample,sam@example.com,Welder,2026-06-09T14:00\n")
    send_form(browser, use_1="", minutes="45")
    send_form(browser, b"Email,Name,Job,Start\nkim@example.com,Kim Sample,Welder,2026-06-09T14:00\n")
    assert uses_of(browser) == {"use_0": "email", "use_1": "name", "use_2": "job_title", "use_3": "interview_start"}
    assert fields_of(browser.html)["minutes"] == "45"
