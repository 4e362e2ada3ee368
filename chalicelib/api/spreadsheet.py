"""Tables as files for spreadsheets: CSV, or XLSX (`?format=xlsx`). One table a sheet, and no cell that runs as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from chalicelib.api.json_text import instant
from chalicelib.api.query_params import one_of
from chalicelib.api.response import XLSX, Response

FORMATS = ("csv", "xlsx")
FORMAT = {"format": one_of(*FORMATS)}
"""The query parameter that chooses."""
CSV = "text/csv; charset=utf-8; header=present"
_WIDTH_LEAST, _WIDTH_MOST = 8, 60
_DATE, _LOCAL_TIME, _UTC_TIME = _DATE_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", 'yyyy-mm-dd hh:mm" UTC"')
_BOLD = "bold"
_FIRST_YEAR = 1900
"""Spreadsheets know no earlier dates."""
Format = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns and their rows. `notice` stands below the rows, where the table is not the whole of it.

    An aware datetime becomes a date cell with the clock time of its own zone, since cells have no zone; UTC is written beside it.
    In CSV it is an instant as in JSON.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notice: str = ""

    @property
    def lines(self) -> Iterable[Sequence[Any]]:
        return [*self.rows, [self.notice]] if self.notice else self.rows


def spreadsheet(table: Table, file_format: str, now: datetime) -> Response:
    """Return the response that a browser saves as a file."""
    from chalicelib.api.csv_text import csv_text

    as_xlsx = file_format == "xlsx"
    headers = {
        "Content-Type": XLSX if as_xlsx else CSV,
        "Content-Disposition": f'attachment; filename="{table.name}.{"xlsx" if as_xlsx else "csv"}"',
    }
    return Response(
        body=xlsx_bytes(table, now) if as_xlsx else csv_text(table.columns, map(_as_text, table.lines)), headers=headers
    )


def _as_text(line: Sequence[Any]) -> list[Any]:
    return [instant(one) if isinstance(one, datetime) else one.isoformat() if isinstance(one, date) else one for one in line]


def workbook(name: str, tables: Sequence[Table], now: datetime) -> Response:
    """Return a workbook with a sheet for each table, named as the tables are."""
    headers = {"Content-Type": XLSX, "Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(body=_book_bytes([(table.name, table) for table in tables], now), headers=headers)


def xlsx_bytes(table: Table, now: datetime) -> bytes:
    """Return a workbook of one sheet. Numbers and dates are such, and all else is text: no cell is a formula or a link."""
    return _book_bytes([(None, table)], now)


def _book_bytes(sheets: Iterable[tuple[str | None, Table]], now: datetime) -> bytes:
    import xlsxwriter  # 0.2 s, and few ask for it

    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True})
    book.set_properties({"created": now.replace(tzinfo=None)})
    formats = {one: book.add_format({"num_format": one}) for one in _DATE_FORMATS} | {_BOLD: book.add_format({"bold": True})}
    for name, table in sheets:
        _fill(book.add_worksheet(name), table, formats)
    book.close()
    return raw.getvalue()


def _fill(sheet: Any, table: Table, formats: Mapping[str, Any]) -> None:
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column, formats[_BOLD])
        longest = max((_width(row[at]) for row in table.rows if row[at] is not None), default=0)
        sheet.set_column(at, at, min(max(len(column), longest, _WIDTH_LEAST) + 1, _WIDTH_MOST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for number, line in enumerate(table.lines, 1):
        for at, value in enumerate(line):
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, at, value)
            elif isinstance(value, date) and value.year >= _FIRST_YEAR:
                naive = value.replace(tzinfo=None) if isinstance(value, datetime) else value
                sheet.write_datetime(number, at, naive, formats[_date_format(value)])
            elif value not in (None, ""):
                sheet.write_string(number, at, str(value))


def _date_format(value: date) -> str:
    if not isinstance(value, datetime):
        return _DATE
    return _UTC_TIME if value.tzinfo is UTC else _LOCAL_TIME


def _width(value: Any) -> int:
    """Return how many characters a cell shows."""
    return len(_date_format(value)) if isinstance(value, date) else len(str(value))
