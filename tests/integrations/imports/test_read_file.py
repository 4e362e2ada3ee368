"""Files as people have them, and as strangers send them: read as meant, or refused by line and column."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from tests.integrations.imports.conftest import csv_of, xlsx_of

APPLICANTS = {"profile": "applicants", "date_format": "%d.%m.%Y %H:%M", "timezone": "Europe/Berlin", "minutes": 45}


def _preview(answer):
    assert answer.status == 200, answer
    assert answer.json["errors"] == [], answer.json["errors"]
    return answer.json["preview"]


def test_a_dry_run_shows_how_the_file_is_read_and_writes_nothing(send, employer, stack):
    raw = csv_of(["Name", "Email", "Position", "Interview"], ["Ada L", "ada@example.com", "Welder", "01.06.2026 09:30"])
    answer = send(raw, dry_run="true", **APPLICANTS)
    assert _preview(answer) == [
        {
            "line": 2,
            "name": "Ada L",
            "email": "ada@example.com",
            "job_title": "Welder",
            "interview_start": "2026-06-01T07:30:00.000Z",
            "interview_end": "2026-06-01T08:15:00.000Z",
        }
    ]
    assert answer.json["columns"]["interview_start"] == ["Interview"]
    assert employer.get("/v1/imports").json["data"] == employer.get("/v1/candidates").json["data"] == []


def test_all_errors_of_a_file_are_listed_by_line_and_column(send, employer):
    """All at once: nobody fixes ten thousand rows one by one."""
    raw = (
        b"Name,Email,Position,Interview\r\n,bad@,Welder,01.06.2026 09:30\r\nAda,ada@example.com,,01.06.2026 09:30\r\n"
        b'"Eve",e@example.com,"Two\nlines",1 June\r\nBob,bob@example.com,Fitter,31.06.2026 10:00\r\n'
    )
    answer = send(raw, **APPLICANTS)
    assert (answer.status, answer.json["code"]) == (422, "faulty_rows")
    assert [error["pointer"] for error in answer.json["errors"]] == [
        "/2/Email",
        "/2/Name",
        "/3/Position",
        "/4/Interview",
        "/6/Interview",
    ]
    assert employer.get("/v1/imports").json["data"] == []


@pytest.mark.parametrize("missing", ["date_format", "timezone", "minutes"])
def test_a_missing_setting_is_asked_for_and_not_guessed(send, missing):
    """03/04 is in March or in April: a wrong guess would not be noticed."""
    query = {name: value for name, value in APPLICANTS.items() if name != missing}
    answer = send(csv_of(["Name", "Position", "Interview"], ["Ada", "Welder", "01.06.2026 09:30"]), **query)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [f"?{missing}"]


def test_an_interview_needs_a_time_of_day(send):
    answer = send(csv_of(["Name", "Position", "Interview"], ["A", "B", "1.6.2026"]), **{**APPLICANTS, "date_format": "%d.%m.%Y"})
    assert [error["pointer"] for error in answer.json["errors"]] == ["?date_format"]


@pytest.mark.parametrize(("local", "utc"), [("25.10.2026 02:30", "2026-10-25T00:30:00.000Z"), ("29.03.2026 02:30", None)])
def test_local_times_that_occur_twice_or_never(send, local, utc):
    """Of a time that occurs twice the first counts; one that never occurs is an error."""
    answer = send(csv_of(["Name", "Position", "Interview"], ["Ada", "Welder", local]), dry_run="true", **APPLICANTS)
    if utc:
        assert _preview(answer)[0]["interview_start"] == utc
    else:
        assert "skipped" in answer.json["errors"][0]["message"]


def test_an_export_of_opencats_is_read(send):
    """It has three phone columns, of which the first with a value counts, and numbers without a country code."""
    header = ["First Name", "Last Name", "Home Phone", "Cell Phone", "Work Phone", "E-Mail", "Recent Status", "Owner", "Created"]
    raw = csv_of(header, ["Grace", "Hopper", "(202) 555-0101", "", "202-555-0102", "g@example.com", "New", "x", "06-01-26"])
    assert _preview(send(raw, dry_run="true", profile="opencats", country="US")) == [
        {"line": 2, "name": "Grace Hopper", "email": "g@example.com", "phone": "+12025550101"}
    ]


def test_a_workbook_is_read_with_its_numbers_and_dates(send):
    """Spreadsheets store numbers and dates, not texts."""
    raw = xlsx_of(["Name", "Phone", "Position", "Interview"], ["Ada", 12025550101, "Welder", datetime(2026, 6, 1, 9, 30)])  # noqa: DTZ001 - as spreadsheets hold it
    wrong = send(raw, dry_run="true", **APPLICANTS)
    assert [error["pointer"] for error in wrong.json["errors"]] == ["/2/Phone"]
    (row,) = _preview(send(raw, dry_run="true", country="US", **APPLICANTS))
    assert (row["phone"], row["interview_start"]) == ("+12025550101", "2026-06-01T07:30:00.000Z")


def test_other_encodings_and_delimiters_must_be_named(send):
    raw = "Name;Email\nZoë;zoe@example.com\n"
    octets = {"Content-Type": "application/octet-stream"}
    with_mark = ("\ufeff" + raw).encode()
    assert _preview(send(with_mark, dry_run="true", profile="applicants", delimiter="semicolon"))[0]["name"] == "Zoë"
    latin = raw.encode("windows-1252")
    refused = send(latin, headers=octets, profile="applicants", delimiter="semicolon")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/2")
    known = send(latin, headers=octets, dry_run="true", profile="applicants", delimiter="semicolon", encoding="windows-1252")
    assert _preview(known)[0]["name"] == "Zoë"


@pytest.mark.parametrize(
    ("raw", "query", "pointer", "says"),
    [
        (b"Name;Email\nAda;ada@example.com\n", {}, "/1", "?delimiter=semicolon"),
        (b"Name,Email\nLovelace, Ada,ada@example.com\n", {}, "/2/3", "more cells than the header"),
        (xlsx_of(["Name", "Email"], ["#N/A", "ada@example.com"]), {}, "/2/Name", "error of the spreadsheet"),
        (
            xlsx_of(["Name", "Position", "Interview"], ["Ada", "Welder", 46174.39583]),
            APPLICANTS,
            "/2/Interview",
            "number of a day",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {}, "", "neither text nor a workbook"),
    ],
    ids=["semicolons", "an unquoted comma", "an error", "a day's number", "an old workbook"],
)
def test_an_error_message_says_how_to_fix_the_file(send, raw, query, pointer, says):
    """People who export a sheet may not know what a delimiter is."""
    answer = send(raw, dry_run="true", headers={"Content-Type": "application/octet-stream"}, **{"profile": "applicants", **query})
    (fault,) = [one for one in answer.json["errors"] if one["pointer"] == pointer]
    assert says in fault["message"]


def test_merged_cells_quoted_line_breaks_and_a_line_that_names_the_delimiter(send):
    """The lower half of a merged cell is empty, so its row has no name."""
    book = openpyxl.Workbook()
    for row in (["Name", "Email"], ["Ada", "ada@example.com"], ["Eve", "eve@example.com"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    raw = io.BytesIO()
    book.save(raw)
    answer = send(raw.getvalue(), dry_run="true", profile="applicants")
    assert [one["pointer"] for one in answer.json["errors"]] == ["/3/Name"] and answer.json["preview"][0]["name"] == "Ada"
    semicolons = b'sep=;\r\nName;Email;Notes\r\nAda;ada@example.com;"two\r\nlines; and more"\r\nEve;eve@example.com;\r\n'
    preview = _preview(send(semicolons, dry_run="true", profile="applicants", delimiter="semicolon"))
    assert [(one["line"], one["name"]) for one in preview] == [(3, "Ada"), (5, "Eve")]


def test_values_of_our_own_spreadsheets_are_read_back(send):
    """Our spreadsheets write an apostrophe before a number's +."""
    (row,) = _preview(send(b"Name,Phone\nAda,'+12025550123\n", dry_run="true", profile="applicants"))
    assert row["phone"] == "+12025550123"


def _bomb() -> bytes:
    """Return seventy megabytes of zeros in a few kilobytes."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(70):
            part.write(bytes(1024 * 1024))
    return raw.getvalue()


def _entities() -> bytes:
    """Return a workbook whose sheet is a "billion laughs" attack."""
    good, bad = io.BytesIO(xlsx_of(["Name"], ["Ada"])), io.BytesIO()
    laughs = (
        '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
        + "]><sst>&j;</sst>"
    )
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, laughs if part == "xl/worksheets/sheet1.xml" else source.read(part))
    return bad.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"Name\n",
        b"\0\x01\x02,3\n",
        b"PK\x03\x04 not a zip",
        _bomb(),
        _entities(),
        b'Name\n"never closed\n',
        b"Email\na@example.com\n",
        b"Name,name\nA,B\n",
        b"Name" + b",x" * 300 + b"\nAda" + b",1" * 300 + b"\n",
        b"Name\n" + b"Ada\n" * 20_001,
        b"Name\n" + b"x" * 200_000 + b"\n",
    ],
    ids=[
        "empty",
        "blank",
        "header only",
        "binary",
        "no zip",
        "zip bomb",
        "entities",
        "open quote",
        "no name",
        "twice",
        "wide",
        "long",
        "huge cell",
    ],
)
def test_an_unreadable_file_is_refused_with_a_reason(send, raw):
    """Files like these exhaust a server's memory or cause a 500 elsewhere."""
    answer = send(raw, profile="applicants", headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 422, answer
    assert answer.json["detail"]


def test_a_file_over_five_megabytes_is_too_large(send):
    assert send(b"Name\n" + b"Ada,,,,\n" * 700_000).status == 413
    assert send(b"{}", headers={"Content-Type": "application/json"}).status == 415


def test_a_profile_is_saved_once_and_used_by_name(employer, send):
    body = {
        "columns": {"name": ["Bewerber"], "job_title": ["Stelle"], "interview_start": ["Gespräch"], "stage": ["Runde"]},
        "date_format": "%d.%m.%Y %H:%M",
        "timezone": "Europe/Berlin",
        "minutes": 30,
        "words": {"stage": {"Erstgespräch": "screen"}},
    }
    assert employer("PUT", "/v1/import_profiles/friday", body, headers={"Content-Type": "application/json"}).status == 200
    raw = csv_of(["Bewerber", "Stelle", "Gespräch", "Runde"], ["Ada", "Schweißer", "01.06.2026 09:30", "erstgespräch"])
    assert _preview(send(raw, dry_run="true", profile="friday"))[0]["stage"] == "screen"
    listed = [one["name"] for one in employer.get("/v1/import_profiles").json["data"]]
    assert listed[:4] == ["friday", "heardback", "opencats", "applicants"]
    assert employer.delete("/v1/import_profiles/friday").status == 204
    assert send(raw, dry_run="true", profile="friday").json["errors"][0]["pointer"] == "?profile"
