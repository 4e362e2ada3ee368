"""Tables as files for spreadsheets: CSV, or XLSX (`?format=xlsx`). One table a file, and no cell that runs as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from chalicelib.api.query_params import one_of
from chalicelib.api.response import Response

FORMATS = ("csv", "xlsx")
FORMAT = {"format": one_of(*FORMATS)}
"""The query parameter that chooses."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8; header=present"
_WIDTH_LEAST, _WIDTH_MOST = 8, 60
Format = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns and their rows. `notice` stands below the rows, where the table is not the whole of it."""

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
    return Response(body=xlsx_bytes(table, now) if as_xlsx else csv_text(table.columns, table.lines), headers=headers)


def xlsx_bytes(table: Table, now: datetime) -> bytes:
    """Return a workbook of one sheet. Numbers are numbers, and all else is text: no cell is a formula or a link."""
    import xlsxwriter  # 0.2 s, and few ask for it

    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True})
    book.set_properties({"created": now.replace(tzinfo=None)})
    sheet = book.add_worksheet()
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column, book.add_format({"bold": True}))
        longest = max((len(str(row[at])) for row in table.rows if row[at] is not None), default=0)
        sheet.set_column(at, at, min(max(len(column), longest, _WIDTH_LEAST) + 1, _WIDTH_MOST))
    sheet.freeze_panes(1, 0)
    for number, line in enumerate(table.lines, 1):
        for at, value in enumerate(line):
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, at, value)
            elif value not in (None, ""):
                sheet.write_string(number, at, str(value))
    book.close()
    return raw.getvalue()
