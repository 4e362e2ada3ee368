"""Rows of one file that are about the same person are processed one after the other."""

from __future__ import annotations

from typing import Any

from chalicelib.integrations.imports.together import TOGETHER_MOST, rows_together


def test_rows_that_name_the_same_record_stay_together() -> None:
    """Also where a third row ties two others: by its email to the one, by its id to the other."""
    rows = [
        {"line": 2, "email": "ann@example.com"},
        {"line": 3, "candidate_ref": "c2"},
        {"line": 4, "email": "bo@example.com"},
        {"line": 5, "email": "Ann@Example.com", "candidate_ref": "c2"},
        {"line": 6, "application_ref": "a9"},
        {"line": 7, "email": "bo@example.com", "application_ref": "a9"},
    ]
    assert [[row["line"] for row in some] for some in rows_together(rows)] == [[2, 3, 5], [4, 6, 7]]
    assert rows_together([]) == []


def test_an_agencys_mailbox_does_not_make_one_huge_item() -> None:
    """Thousands of rows with one address are cut: an item has at most 400 KB."""
    rows = [{"line": line, "email": "jobs@agency.example"} for line in range(2 * TOGETHER_MOST + 1)]
    assert [len(some) for some in rows_together(rows)] == [TOGETHER_MOST, TOGETHER_MOST, 1]


def test_a_row_by_reference_finds_the_application_that_the_same_file_creates(employer: Any, run_ticks: Any) -> None:
    """Both are written in one transaction's time: the second is not refused for what is just about to be there."""
    lines = ["name,email,job_title,application_ref,decided"]
    lines += [f"Ann Sample {n},ann{n}@example.com,Welder,a{n}," for n in range(30)]
    lines += [f",,,a{n},rejected" for n in range(30)]
    answer = employer.post("/v1/imports", "\n".join(lines).encode(), headers={"Content-Type": "text/csv"})
    run_ticks()
    found = employer.get(answer.headers["Location"]).json
    assert (found["created"], found["matched"] + found["updated"], found["failed"]) == (30, 30, 0), found
    assert {one["decided"] for one in employer.get("/v1/applications?limit=100").json["data"]} == {"rejected"}
