"""The page that imports a spreadsheet: the check tells what would happen, and nothing is imported without it."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest

from chalicelib.integrations.imports import workbook
from chalicelib.integrations.imports.file_quota import MOST
from chalicelib.integrations.imports.profiles import FIELDS
from chalicelib.web import import_columns

FILE = b"Name,Email,Job,Start\nSam Sample,sam@example.com,Welder,2026-06-09T14:00\nKim Sample,nowhere,Fitter,2026-06-10T14:00\n"
STRANGE = b"Who;Write to;For;Day;Hour;Note\nSam Sample;sam@example.com;Welder;03/04/2026;14:00;tall\n"
GOOD = FILE.replace(b"nowhere", b"kim@example.com")
HIDDEN = ("form_token", "kept", "kept_name", "columns", "former", "order_shown")
BOUNDARY = "----WebKitFormBoundaryA1b2C3"


def previews(browser: Any, shown: str) -> bool:
    """Whether a cell of the first rows shows "field: value", as a telephone reads it."""
    label, _, value = shown.partition(": ")
    cell = f'data-label="{label.capitalize()}:"><bdi>'
    return any(html.unescape(part).startswith(value) for part in browser.html.split(cell)[1:])


def multipart(fields: dict[str, str], raw: bytes | None, name: str = "people.csv") -> tuple[bytes, str]:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    if raw is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        parts.append(head.encode() + raw + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


def selected(html: str) -> dict[str, str]:
    """What the page says that each column is used as, by the name of its field."""
    shown = re.findall(r'<select id="(use_\d+)".*?</select>', html)
    options = re.findall(r'<select id="use_\d+"(.*?)</select>', html)
    chosen = [re.search(r'value="(\w*)" selected', one) for one in options]
    return {name: found[1] if found else "" for name, found in zip(shown, chosen, strict=True)}


@pytest.fixture
def upload(signed_in: Any) -> Any:
    """upload(file, do="check", ...) -> the browser with the response. Hidden fields of the page are sent, as a browser does."""
    browser = signed_in()

    def send(raw: bytes | None, *, name: str = "people.csv", **fields: str) -> Any:
        if "/people/import" not in browser.path:
            browser.open("/people/import")
        hidden = {
            key: browser.html.partition(f'name="{key}" value="')[2].partition('"')[0]
            for key in HIDDEN
            if f'name="{key}" value="' in browser.html
        }
        body, kind = multipart({**hidden, **selected(browser.html), "do": "check", **fields}, raw, name)
        browser.post("/people/import", body, Content_Type=kind)
        return browser

    send.browser = browser
    return send


def test_a_file_is_checked_before_it_is_imported(upload: Any, employer: Any, run_ticks: Any) -> None:
    """The check says how many people and reminders; the same file is then imported without choosing it again."""
    browser = upload(GOOD)
    assert (
        browser.page.status == 200
        and "2 rows can be imported (layout “scheduling”)" in browser.text
        and "2 people" in browser.text
    )
    assert previews(browser, "interview start: June 9, 2026 at 2:00 PM"), "as people write it, in the company's time zone"
    assert employer.get("/v1/interviews").json["data"] == [], "a check writes nothing"
    browser = upload(None, do="import")
    assert browser.page.status == 200 and "of 2 rows" in browser.text
    run_ticks()
    browser.open(browser.path)
    assert "Finished: 2 of 2 rows. 2 new" in browser.text
    starts = sorted(one["start_at"] for one in employer.get("/v1/interviews").json["data"])
    assert starts == ["2026-06-09T18:00:00.000Z", "2026-06-10T18:00:00.000Z"], "times of the employer's zone"


def test_what_is_wrong_is_told_and_the_choice_decides(upload: Any, employer: Any, run_ticks: Any) -> None:
    """By default a wrong row stops the import; it can be left out."""
    browser = upload(FILE)
    assert "1 row has something wrong" in browser.text and "nowhere" in browser.text
    assert upload(None, do="import").page.status == 422
    assert employer.get("/v1/interviews").json["data"] == []
    browser = upload(FILE, do="import", on_fault="skip_row")
    assert browser.page.status == 200 and "1 row was left out" in browser.text
    run_ticks()
    assert len(employer.get("/v1/interviews").json["data"]) == 1
    page = browser.path
    browser.open(page)
    assert 'value="1"' in browser.html and f"{page}/faults" in browser.html
    found = browser.open(f"{page}/faults")
    assert found.status == 200 and found.headers["Content-Disposition"].endswith('.xlsx"')
    assert "3,Email," in str(browser.open(f"{page}/faults?format=csv").json)
    browser.open(page, **{"Hx-Request": "true"})
    assert "<html" not in browser.html and "every 2s" not in browser.html


@pytest.mark.parametrize(
    ("raw", "fields", "said"),
    [
        (None, {}, "choose a file"),
        (b"\x00\x01\x02" * 100, {}, "Nothing was imported"),
        (b"Name\n", {}, "holds a header and no rows"),
        (GOOD, {"timezone": "Mars/Olympus"}, "Nothing was imported"),
        (GOOD, {"default_time": "25:00"}, "Time for dates without one"),
        (GOOD, {"profile": "no_such"}, "Nothing was imported"),
        (None, {"kept": "!!!", "kept_name": "x"}, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(upload: Any, employer: Any, raw: Any, fields: Any, said: str) -> None:
    """In a sentence, with the form still there."""
    browser = upload(raw, **fields)
    assert 400 <= browser.page.status < 500 and said in browser.text
    assert employer.get("/v1/imports").json["data"] == []


def test_a_double_click_imports_once(upload: Any, employer: Any) -> None:
    """Two presses of one page are one import."""
    browser = upload(GOOD)
    page = browser.html
    first = upload(None, do="import").path
    hidden = {key: page.partition(f'name="{key}" value="')[2].partition('"')[0] for key in HIDDEN}
    body, kind = multipart({**hidden, **selected(page), "do": "import"}, None)
    browser.post("/people/import", body, Content_Type=kind)
    assert browser.path == first
    assert len(employer.get("/v1/imports").json["data"]) == 1


def test_strangers_import_nothing(upload: Any, api: Any, employer: Any) -> None:
    """No token, another site, another employer's import."""
    browser = upload(GOOD)
    body, kind = multipart({"do": "import", "form_token": "x"}, GOOD)
    assert browser.post("/people/import", body, Content_Type=kind).status == 403
    body, kind = multipart({"do": "import"}, GOOD)
    assert browser.post("/people/import", body, Content_Type=kind, Origin="https://evil.example").status == 403
    theirs = api.new_employer(name="Blue Fern").post("/v1/imports", GOOD, headers={"Content-Type": "text/csv"}).json["id"]
    assert browser.open(f"/people/import/{theirs}").status == 404
    assert browser.open(f"/people/import/{theirs}/faults").status == 404
    assert employer.get("/v1/imports").json["data"] == []


def test_get_started_ticks_itself_and_goes_away(signed_in: Any, employer: Any, booked: Any, clock: Any) -> None:
    """A new employer sees what to do; one with candidates who wait sees the list."""
    browser = signed_in()
    assert "Get started" in browser.text and "/people/add" in browser.html and "/people/import" in browser.html
    assert "Set the contact for candidates (done)" in browser.text and "Invite your team (done)" not in browser.text
    signed_in("recruiter", "Kim Hale", "kim@example.com")
    browser.open("/")
    assert "Invite your team (done)" in browser.text and "test text (done)" not in browser.text
    browser.open("/settings/test-text")
    browser.submit("/settings/test-reminder")
    assert browser.path == "/settings/test-text?test=sent" and "Test reminder sent to robin@example.com" in browser.text
    browser.open("/")
    assert "Send yourself a test text (done)" in browser.text
    booked()
    clock.advance(hours=72)
    browser.open("/")
    assert "Get started" not in browser.text


def test_a_workbook_that_cannot_be_read_is_read_once_and_counted(upload: Any) -> None:
    """Not once for every layout: a file that is made to do harm would hold the reader for minutes."""
    read: list[int] = []

    def find(raw: bytes, sheet: str | None) -> Any:
        read.append(len(raw))
        return workbook.find_rows(raw, sheet)

    former = workbook.find_rows_by(find)
    try:
        statuses = [upload(b"PK\x03\x04 no workbook", name="people.xlsx").page.status for _ in range(MOST + 1)]
    finally:
        workbook.find_rows_by(former)
    assert statuses == [422] * MOST + [429] and len(read) == MOST


# --- columns ----------------------------------------------------------------------------------------------------------
USES = {"use_0": "name", "use_1": "email", "use_2": "job_title", "use_3": "interview_start", "use_4": "interview_start"}


def starts(employer: Any) -> list[str]:
    return sorted(one["start_at"] for one in employer.get("/v1/interviews").json["data"])


def test_every_field_of_a_profile_can_be_chosen() -> None:
    """And nothing else."""
    assert sorted(import_columns.USES) == sorted(FIELDS)


def test_columns_are_shown_as_they_were_detected(upload: Any) -> None:
    """Heading, first values, and what the column is used as."""
    browser = upload(GOOD)
    assert selected(browser.html) == {"use_0": "name", "use_1": "email", "use_2": "job_title", "use_3": "interview_start"}
    assert "Line 1 is read as the headings" in browser.text and "sam@example.com ; kim@example.com" in browser.text


def test_an_unknown_layout_leads_to_its_columns(upload: Any, employer: Any, run_ticks: Any) -> None:
    """What is not known is asked for at its field: the name, the order of dates, the length. Then it is imported."""
    browser = upload(STRANGE)
    assert browser.page.status == 422 and selected(browser.html) == dict.fromkeys([f"use_{at}" for at in range(6)], "")
    assert 'id="use-problem"' in browser.html and "No column is used as a name" in browser.text
    assert 'value="import"' not in browser.html, "nothing to import yet"
    browser = upload(None, **USES)
    assert browser.page.status == 422 and 'id="date_order-problem"' in browser.html and 'id="minutes-problem"' in browser.html
    assert selected(browser.html) == {**USES, "use_5": ""}, "the choice is still there"
    browser = upload(None, date_order="day", minutes="45")
    assert browser.page.status == 200 and previews(browser, "interview start: April 3, 2026 at 2:00 PM")
    browser = upload(None, date_order="month", minutes="45")
    assert previews(browser, "interview start: March 4, 2026 at 2:00 PM") and "Not used: Note" in browser.text
    assert employer.get("/v1/imports").json["data"] == []
    upload(None, date_order="month", minutes="45", do="import")
    run_ticks()
    assert starts(employer) == ["2026-03-04T19:00:00.000Z"]
    [made] = employer.get("/v1/imports").json["data"]
    assert made["profile"] == "chosen columns" and employer.get("/v1/import_profiles").json["data"][0]["built_in"]


def test_a_detected_column_can_be_used_as_something_else(upload: Any, employer: Any, run_ticks: Any) -> None:
    """The rest of the detected layout stays."""
    upload(GOOD.replace(b"Welder", b"sam@work.example").replace(b"Fitter", b"kim@work.example"))
    browser = upload(None, use_1="", use_2="email", job_title="Fitter")
    assert previews(browser, "job title: Fitter") and "sam@work.example" in browser.text and "Not used: Email" in browser.text
    upload(None, job_title="Fitter", do="import")
    run_ticks()
    people = employer.get("/v1/candidates").json["data"]
    assert {"sam@work.example"} <= {one["email"] for one in people} and len(starts(employer)) == 2


@pytest.mark.parametrize(
    ("raw", "fields", "field", "said"),
    [
        (GOOD, {"use_1": "name"}, "use_1", "“Name” is used as this already"),
        (GOOD, {"use_0": ""}, "use", "No column is used as a name"),
        (GOOD, {"use_2": ""}, "job_title", "No column is used as the job title"),
        (GOOD, {"use_1": "__class__"}, "use_1", "Choose one of the uses offered"),
        (GOOD.replace(b"Email", b""), {"use_1": "email"}, "use_1", "This column has no heading"),
        (GOOD.replace(b"Email", b"Job"), {"use_2": "job_title"}, "use_2", "This heading stands twice"),
        (GOOD.replace(b"Email", b"E" * 201), {"use_1": "email"}, "use_1", "longer than 200 characters"),
        (GOOD, {"date_order": "backwards"}, "date_order", "must be one of those offered"),
        (GOOD, {"date_format": "03/04/2026"}, "date_format", "Example of a date must be written like 31.12.2026, 12/31/2026"),
        (GOOD, {"date_format": "26-12-31"}, "date_format", "Example of a date must be written like 31.12.2026, 12/31/2026"),
        (GOOD, {"minutes": "0"}, "minutes", "must be a whole number from 1 to 1440"),
        (GOOD, {"remember": "***"}, "remember", "letters from a to z"),
        (GOOD, {"remember": "Job search"}, "remember", "A layout is called “job search” already"),
    ],
)
def test_a_wrong_choice_is_told_at_its_field(upload: Any, employer: Any, raw: Any, fields: Any, field: str, said: str) -> None:
    """In plain words, and in the summary above with a link to the field; nothing is imported."""
    upload(raw)
    browser = upload(None, do="import", **fields)
    at = browser.html.partition(f'id="{field}-problem"')[2].partition("</span>")[0]
    assert browser.page.status == 422 and said in at and f'href="#{field}"' in browser.html
    assert employer.get("/v1/imports").json["data"] == []


def test_a_column_that_two_fields_read_stays_with_both(upload: Any, employer: Any) -> None:
    """A profile of the API may do so; another choice about another column does not change it."""
    sheet = {"columns": {"name": ["Who"], "job_title": ["Team"], "group": ["Team"]}}
    assert employer("PUT", "/v1/import_profiles/two_fields", sheet).status == 200
    upload(b"Who,Team,Mail\nSam Sample,Welding,sam@example.com\n", profile="two_fields")
    browser = upload(None, profile="two_fields", use_2="email")
    assert (
        previews(browser, "job title: Welding")
        and previews(browser, "group: Welding")
        and previews(browser, "email: sam@example.com")
    )


def test_several_phones_are_one_field(upload: Any) -> None:
    """The first that is not empty counts."""
    browser = upload(b"Name,Mobile,Other,Email\nSam Sample,,+12025550123,\n")
    browser = upload(None, use_2="phone")
    assert browser.page.status == 200 and previews(browser, "phone: +12025550123")


def test_what_a_cell_lacks_is_asked_for_in_the_words_of_the_page(upload: Any) -> None:
    """No parameters of the API."""
    raw = b"Name,Phone,Job,Start\nSam Sample,202 555 0123,Welder,03/04/2026 14:00\nKim Sample,,Welder,2026-06-10 14:00\n"
    browser = upload(raw)
    assert "or enter the country below" in browser.text and "which comes first, the day or the month" in browser.text
    assert "?country" not in browser.text and "?date_format" not in browser.text
    browser = upload(None, country="us", date_order="month")
    assert previews(browser, "phone: +12025550123") and "March 4, 2026 at 2:00 PM" in browser.text


def test_a_table_that_lies_on_its_side_is_named_whatever_its_headings(upload: Any) -> None:
    """Not shown as columns to choose from. Without known headings it is: which way it lies is not guessed."""
    browser = upload(b"Candidate,Sam Sample,Kim Sample\nE-mail,sam@example.com,kim@example.com\nPosition,Welder,Cook\n")
    assert browser.page.status == 422 and "This file has its headings in the first column (Candidate, E-mail" in browser.text
    assert "Columns of the file" not in browser.text
    assert "Columns of the file" in upload(b"Who,Sam,Kim\nWrite to,sam@example.com,kim@example.com\nFor,Welder,Cook\n").text


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_known_headings_are_found_by_whatever_stands_between_them(upload: Any, mark: str) -> None:
    """Layouts are not asked of people because of a semicolon."""
    raw = FILE.replace(b",", mark.encode())
    assert selected(upload(raw).html) == selected(upload(FILE).html)
    german = f"Name{mark}E-Mail{mark}Stelle{mark}Termin\nSam Sample{mark}sam@example.com{mark}Welder{mark}9.6.2026 14 Uhr\n"
    assert "interview start from Termin" in upload(german.replace(mark, ",").encode()).text


def test_a_heading_that_stands_twice_leaves_the_other_columns_detected(upload: Any) -> None:
    """Which of both is meant is not guessed, and said."""
    browser = upload(b"Name,Email,Email,Job\nSam Sample,sam@example.com,s@example.com,Welder\n")
    assert browser.page.status == 422 and "Line 1, Email stands twice in the header" in browser.text
    assert selected(browser.html) == {"use_0": "name", "use_1": "", "use_2": "", "use_3": "job_title"}


def test_an_empty_file_is_called_empty_and_does_not_stand_for_the_former_one(upload: Any) -> None:
    """The page keeps the file that it has checked: another one, though empty, is meant."""
    for _ in range(2):
        browser = upload(b"", name="new.csv")
        assert browser.page.status == 422 and "“new.csv” is empty" in browser.text and "can be imported" not in browser.text
        assert "2 rows can be imported" in upload(GOOD, minutes="45").text


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'[{"a": 1}]', "This file is data (JSON)"),
        (b"Name,Email,Result\nSam Sample,sam@example.com,perhaps\n", '"perhaps" must be one of advancing, offer, rejected'),
    ],
)
def test_messages_are_whole_sentences_without_settings_of_the_api(upload: Any, raw: bytes, says: str) -> None:
    """What only a program can set is not named."""
    browser = upload(raw)
    assert says in browser.text and "`values`" not in browser.text


def test_notes_and_errors_say_where_they_stand_as_people_do(upload: Any) -> None:
    """A heading as it is written, and nothing where the whole file is meant."""
    raw = b"Name,AM/PM,Job,Interview\nSam Sample,,Welder,soon\nConfidential,,,\n"
    browser = upload(raw)
    browser = upload(None, use_1="email", use_3="interview_start", minutes="45", date_order="year")
    assert (
        "Line 2, Interview: " in browser.text
        and "Line 3, Name: " in browser.text
        and " : " not in browser.text.split("Columns of")[0]
    )
    browser = upload(raw.replace(b",,Welder", b",nowhere,Welder"), use_1="email", minutes="45", date_order="year")
    assert "Line 2, AM/PM: " in browser.text and "~1" not in browser.text


def workbook_of(**sheets: list[list[str]]) -> bytes:
    """Returns a workbook; a sheet whose name begins with Hidden is not shown."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("Hidden") else "visible"
        for row in rows:
            sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


HEAD = ["Name", "Email", "Job", "Start"]


def test_the_sheet_of_a_workbook_is_chosen_and_the_preview_follows(upload: Any, employer: Any, run_ticks: Any) -> None:
    """Offered where there are several, hidden ones too. What is imported is what was shown, also if Import is pressed at once."""
    may = [HEAD, ["Sam Sample", "sam@example.com", "Welder", "2026-06-09T14:00"]]
    june = [HEAD, ["Kim Sample", "kim@example.com", "Fitter", "2026-06-10T14:00"]]
    browser = upload(workbook_of(May=may, June=june, Hidden=[["x"]]), name="people.xlsx")
    assert browser.page.status == 200 and "Sam Sample" in browser.text and "Choose one below" in browser.text
    assert '<option value="May" selected>' in browser.html and "Hidden (hidden)" in browser.text and "?sheet" not in browser.text
    browser = upload(None, sheet="June", do="import")
    assert browser.path == "/people/import" and previews(browser, "name: Kim Sample") and "Sam Sample" not in browser.text
    assert employer.get("/v1/imports").json["data"] == [], "it had not been shown"
    upload(None, sheet="June", do="import")
    run_ticks()
    assert [one["name"] for one in employer.get("/v1/candidates").json["data"]] == ["Kim Sample"]
    upload.browser.open("/people/import")
    assert "Sheet" not in upload(workbook_of(May=may), name="people.xlsx").text, "nothing to choose"
    browser = upload(workbook_of(July=may), name="other.xlsx", sheet="June")
    assert browser.page.status == 200, "another file has other sheets"


def test_letters_that_can_be_read_in_several_ways_are_chosen(upload: Any, employer: Any, run_ticks: Any) -> None:
    """The page keeps the file and shows how names read; plain UTF-8 asks nothing. The choice is remembered with the layout."""
    raw = GOOD.replace(b"Sam Sample", "Zoë Sample".encode("windows-1252"))
    browser = upload(raw)
    assert browser.page.status == 422 and "choose the one in which names look right" in browser.text
    assert "Zoë Sample (windows-1252)" in browser.text and "?encoding" not in browser.text
    browser = upload(None, encoding="windows-1252")
    assert browser.page.status == 200 and previews(browser, "name: Zoë Sample")
    upload(None, encoding="windows-1252", remember="Old sheet", do="import")
    run_ticks()
    assert "Zoë Sample" in [one["name"] for one in employer.get("/v1/candidates").json["data"]]
    upload.browser.open("/people/import")
    browser = upload(raw.replace(b"Welder", b"Cook"))
    assert browser.page.status == 200 and "layout “old sheet”" in browser.text and previews(browser, "name: Zoë Sample")
    assert upload(None, encoding="klingon").page.status == 422
    upload.browser.open("/people/import")
    assert 'name="encoding"' not in upload(GOOD).html


def test_a_calendar_has_no_columns_to_choose(upload: Any) -> None:
    """It is checked as before."""
    event = "BEGIN:VEVENT\nUID:1\nDTSTART:20260609T180000Z\nDTEND:20260609T190000Z\nSUMMARY:Welder\n"
    event += "ATTENDEE;CN=Sam Sample:mailto:sam@example.com\nEND:VEVENT\n"
    browser = upload(f"BEGIN:VCALENDAR\nVERSION:2.0\n{event}END:VCALENDAR\n".replace("\n", "\r\n").encode(), name="a.ics")
    assert browser.page.status == 200 and "1 row can be imported" in browser.text and selected(browser.html) == {}


def test_remembered_columns_are_recognised(upload: Any, employer: Any, run_ticks: Any) -> None:
    """In the next file with the same headings, with what was chosen: zone, dates, length. A double click saves one."""
    upload(STRANGE)
    chosen = {"date_order": "month", "minutes": "45", "timezone": "America/Denver", "remember": "Weekly Sheet"}
    browser = upload(None, **USES, **chosen)
    assert browser.page.status == 200 and employer.get("/v1/import_profiles").json["data"][0]["built_in"], "a check saves nothing"
    upload(None, do="import", **chosen)
    run_ticks()
    saved = [one for one in employer.get("/v1/import_profiles").json["data"] if not one["built_in"]]
    assert [(one["name"], one["minutes"], one["delimiter"]) for one in saved] == [("weekly_sheet", 45, "semicolon")]
    assert saved[0]["columns"]["interview_start"] == [["Day", "Hour"]]
    upload.browser.open("/people/import")
    browser = upload(STRANGE.replace(b"03/04", b"03/05"))
    assert browser.page.status == 200 and "layout “weekly sheet”" in browser.text and 'value="America/Denver"' in browser.html
    upload(None, do="import", timezone="America/Denver")
    run_ticks()
    assert starts(employer) == ["2026-03-04T21:00:00.000Z", "2026-03-05T21:00:00.000Z"]
    assert selected(upload(GOOD).html)["use_3"] == "interview_start", "other headings are detected as before"


def test_the_same_headings_count_more_than_many_fields(upload: Any) -> None:
    """A layout of ours would find one field more; what was chosen for these columns is meant."""
    upload(GOOD)
    upload(None, use_1="", remember="No mail", do="import")
    upload.browser.open("/people/import")
    browser = upload(GOOD)
    assert "layout “no mail”" in browser.text and selected(browser.html)["use_1"] == ""


def test_a_recruiter_chooses_and_does_not_save(upload: Any, employer: Any, signed_in: Any) -> None:
    """Saved layouts are the managers'."""
    kim = signed_in("recruiter", "Kim Hale", "kim@example.com")
    kim.open("/people/import")
    token = kim.html.partition('name="form_token" value="')[2].partition('"')[0]
    body, kind = multipart({"form_token": token, "do": "check"}, GOOD)
    kim.post("/people/import", body, Content_Type=kind)
    assert kim.page.status == 200 and 'name="remember"' not in kim.html
    body, kind = multipart({"form_token": token, "do": "import", "remember": "mine"}, GOOD)
    assert kim.post("/people/import", body, Content_Type=kind).status == 403
    assert employer.get("/v1/imports").json["data"] == [] and employer.get("/v1/import_profiles").json["data"][0]["built_in"]


def test_another_employers_layouts_are_not_recognised(upload: Any, api: Any) -> None:
    """Theirs fits, and is neither used nor named."""
    theirs = api.new_employer(name="Blue Fern")
    sheet = {"columns": {"name": ["Who"]}, "delimiter": "semicolon"}
    assert theirs("PUT", "/v1/import_profiles/secret_sheet", sheet).status == 200
    browser = upload(STRANGE)
    assert browser.page.status == 422 and "secret" not in browser.html
    assert upload(None, profile="secret_sheet").page.status == 422


def test_a_choice_about_other_columns_is_not_taken_over(upload: Any, employer: Any) -> None:
    """Another file whose columns stand elsewhere is shown first, even if Import was pressed."""
    upload(GOOD)
    other = b"Email,Name,Job,Start\nsam@example.com,Sam Sample,Welder,2026-06-09T14:00\n"
    browser = upload(other, do="import")
    assert browser.page.status == 200 and selected(browser.html)["use_0"] == "email"
    assert employer.get("/v1/imports").json["data"] == []
    upload(None, do="import")
    assert len(employer.get("/v1/imports").json["data"]) == 1


def test_cells_are_shown_as_text(upload: Any) -> None:
    """No markup, no formula that runs, nothing that turns the text; long ones are cut, and many columns too."""
    evil = (
        "Name,<b>Bold</b>,=cmd()\nSam Sample,<script>alert(1)</script>,\u2066abc\u202edef\u0007\nKim Sample," + "x" * 200 + ",\n"
    )
    browser = upload(evil.encode())
    assert "<script>alert" not in browser.html and "<b>Bold" not in browser.html and "&lt;script&gt;alert(1)" in browser.html
    assert "=cmd()" in browser.text and not set("\u202e\u2066\u0007") & set(browser.html)
    assert "x" * 79 + "…" in browser.html and "x" * 80 not in browser.html
    wide = ",".join(["Name", *(f"c{at}" for at in range(99))]) + "\n" + ",".join(["Sam Sample", *("1" for _ in range(99))]) + "\n"
    browser = upload(wide.encode())
    assert len(selected(browser.html)) == 60 and "The first 60 of 100 columns" in browser.text


def test_a_form_that_was_open_too_long_says_so(upload: Any, clock: Any, employer: Any) -> None:
    """The file was in the page: it is chosen again."""
    upload(GOOD)
    clock.advance(hours=37)
    browser = upload(None, do="import")
    assert browser.page.status == 403 and "too long" in browser.text
    assert employer.get("/v1/imports").json["data"] == []
