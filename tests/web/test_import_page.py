"""The page that imports a spreadsheet: the check tells what would happen, and nothing is imported without it."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.integrations.imports import workbook
from chalicelib.integrations.imports.file_quota import MOST

FILE = b"Name,Email,Job,Start\nSam Sample,sam@example.com,Welder,2026-06-09T14:00\nKim Sample,nowhere,Fitter,2026-06-10T14:00\n"
GOOD = FILE.replace(b"nowhere", b"kim@example.com")
BOUNDARY = "----WebKitFormBoundaryA1b2C3"


def multipart(fields: dict[str, str], raw: bytes | None, name: str = "people.csv") -> tuple[bytes, str]:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    if raw is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        parts.append(head.encode() + raw + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def upload(signed_in: Any) -> Any:
    """upload(file, do="check", ...) -> the browser with the response. Hidden fields of the page are sent, as a browser does."""
    browser = signed_in()

    def send(raw: bytes | None, *, name: str = "people.csv", **fields: str) -> Any:
        if "/people/import" not in browser.path:
            browser.open("/people/import")
        hidden = {
            key: browser.html.partition(f'name="{key}" value="')[2].partition('"')[0]
            for key in ("form_token", "kept", "kept_name")
            if f'name="{key}" value="' in browser.html
        }
        body, kind = multipart({**hidden, "do": "check", **fields}, raw, name)
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
    assert "interview start: June 9, 2026 at 2:00 PM" in browser.text, "as people write it, in the company's time zone"
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
    token, kept = (page.partition(f'name="{key}" value="')[2].partition('"')[0] for key in ("form_token", "kept"))
    body, kind = multipart({"form_token": token, "kept": kept, "kept_name": "people.csv", "do": "import"}, None)
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
