"""A file is taken under every media type that programs send it with; what it is, its first bytes say."""

from __future__ import annotations

import pytest

from tests.integrations.imports.conftest import csv_of, xlsx_of

ROWS = (["name", "email"], ["Zoë Sample", "zoe@example.com"])


@pytest.mark.parametrize(
    "kind",
    [
        "text/csv",
        "text/csv; charset=utf-8",
        'Text/CSV; charset="UTF-8"; header=present',
        "application/vnd.ms-excel",
        "application/octet-stream",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ],
)
@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_csv_and_workbooks_are_told_apart_by_their_bytes(send, kind, make):
    """Windows with Excel sends CSV as application/vnd.ms-excel."""
    answer = send(make(*ROWS), headers={"Content-Type": kind}, dry_run="true")
    assert (answer.status, answer.json["preview"][0]["name"]) == (200, "Zoë Sample")


@pytest.mark.parametrize(
    ("charset", "names"), [("windows-1252", "Zoë Sample"), ("ISO-8859-1", "Zoë Sample"), ("utf-16", "Zoë Sample")]
)
def test_a_charset_that_the_sender_states_is_the_encoding(send, charset, names):
    raw = csv_of(*ROWS).decode().encode(charset)
    answer = send(raw, headers={"Content-Type": f"text/csv; charset={charset}"}, dry_run="true")
    assert (answer.status, answer.json["preview"][0]["name"]) == (200, names)


def test_a_charset_that_nobody_knows_or_that_does_not_fit_is_named(send):
    unknown = send(csv_of(*ROWS), headers={"Content-Type": "text/csv; charset=klingon"}, dry_run="true")
    assert (unknown.status, unknown.json["code"]) == (415, "unsupported_media_type")
    wrong = send(
        csv_of(*ROWS).decode().encode("windows-1252"), headers={"Content-Type": "text/csv; charset=utf-8"}, dry_run="true"
    )
    assert wrong.status == 422 and "windows-1252" in str(wrong.json["errors"])
    stated = send(csv_of(*ROWS), headers={"Content-Type": "text/csv; charset=windows-1252"}, encoding="utf-8", dry_run="true")
    assert stated.json["preview"][0]["name"] == "Zoë Sample", "the query says it by name"


def test_another_media_type_is_refused_with_those_that_there_are(send):
    refused = send(csv_of(*ROWS), headers={"Content-Type": "application/pdf"})
    assert refused.status == 415 and "text/csv" in refused.json["detail"]
