"""Fixtures of imports: a file, sent and processed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from chalicelib.integrations.imports import workbook

CSV = {"Content-Type": "text/csv"}
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def csv_of(header: Iterable[str], *rows: Iterable[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def xlsx_of(*rows: Iterable[Any]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


@pytest.fixture(scope="module")
def read_on_this_machine() -> Iterator[None]:
    """Other tests of this process may have set that the settings say where: tests without an app have none."""
    former = workbook.find_rows_by(workbook.find_rows)
    yield
    workbook.find_rows_by(former)


@pytest.fixture
def send(employer: Any) -> Callable[..., Any]:
    """send(raw, dry_run="true", ...) -> the response"""

    def post(raw: bytes, *, tenant: Any = None, headers: dict[str, str] | None = None, **query: Any) -> Any:
        kind = headers or (XLSX if raw[:2] == b"PK" else CSV)
        return (tenant or employer).post("/v1/imports", raw, headers=kind, query=query)

    return post


@pytest.fixture
def imported(send: Any, employer: Any, run_ticks: Any) -> Callable[..., dict[str, Any]]:
    """imported(raw, ...) -> the finished import"""

    def run(raw: bytes, **query: Any) -> dict[str, Any]:
        answer = send(raw, **query)
        assert answer.status == 202, answer
        run_ticks()
        found = employer.get(answer.headers["Location"]).json
        assert found["state"] == "finished", found
        return found

    return run
