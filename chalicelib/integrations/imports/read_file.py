"""Reads a file into lines of cells, with limits on everything that a stranger's file can make large."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from chalicelib.errors import FieldError, TooLarge, Unprocessable

FILE_MOST = 5 * 1024 * 1024
ROWS_MOST = 20_000
COLUMNS_MOST = 200
CELL_MOST = 4_000
UNPACKED_MOST = 60 * 1024 * 1024
"""Of all parts of a workbook together: a zip of five megabytes may claim to hold gigabytes."""
ENCODINGS = ("utf-8", "utf-16", "windows-1252")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_SEPARATOR = re.compile(r"sep=[;,\t]?[;,\t]?", re.IGNORECASE)
"""A first line in which some spreadsheets name the delimiter. It is no header."""
Cell = str | datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are (line, cells). Lines are counted as an editor or a spreadsheet shows them."""

    header: list[str]
    rows: list[tuple[int, list[Cell]]]


def read(raw: bytes, *, encoding: str = "utf-8", delimiter: str = "comma", sheet: str | None = None) -> Sheet:
    """Read a workbook, or CSV where the bytes are none. Raises TooLarge, Unprocessable."""
    if len(raw) > FILE_MOST:
        raise TooLarge("A file to import has at most 5 MB.")
    lines = _workbook(raw, sheet) if raw[:4] == b"PK\x03\x04" else _csv(raw, encoding, DELIMITERS[delimiter])
    found = iter(lines)
    number, first = next(((number, cells) for number, cells in found if any(cells)), (0, []))
    header = [str(cell).strip() for cell in first]
    if not any(header):
        raise _refused("The file holds no header line.")
    rows: list[tuple[int, list[Cell]]] = []
    for number, cells in found:
        if not any(cells):
            continue
        if len(rows) == ROWS_MOST:
            raise _refused(f"has more than {ROWS_MOST} rows: split the file", number)
        if len(cells) > COLUMNS_MOST or len(header) > COLUMNS_MOST:
            raise _refused(f"has more than {COLUMNS_MOST} columns", number)
        rows.append((number, cells))
    if not rows:
        raise _refused("The file holds a header and no rows.")
    return Sheet(header, rows)


def _refused(message: str, line: int | None = None) -> Unprocessable:
    pointer = f"/{line}" if line else ""
    return Unprocessable("The file cannot be read.", code="unreadable_file", errors=[FieldError(pointer, message)])


def _csv(raw: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and encoding != "utf-16":
        raise _refused("is UTF-16: save it as UTF-8, or say ?encoding=utf-16")
    if b"\0" in raw and encoding != "utf-16":
        raise _refused("is neither text nor a workbook (.xlsx)")
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(f"is not {encoding}: save it as UTF-8, or say ?encoding=windows-1252", line) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refused(f"is not CSV: {error}", begins) from None
        if not (begins == 1 and _SEPARATOR.fullmatch(delimiter.join(cells))):
            yield begins, [cell.strip() for cell in cells]
        begins = reader.line_num + 1


def _workbook(raw: bytes, sheet: str | None) -> Iterator[tuple[int, list[Cell]]]:
    import openpyxl  # takes 150 ms, which only a workbook should cost

    _check_unpacked_size(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        if sheet is not None and sheet not in book.sheetnames:
            raise _refused(f"has no sheet of this name; it has {', '.join(book.sheetnames[:20])}")
        chosen = book[sheet] if sheet else book.worksheets[0]
        for number, cells in enumerate(_rows_of(chosen), 1):
            yield number, [_cell(value) for value in cells]
    except Unprocessable:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise: KeyError, ParseError, BadZipFile, ...
        raise _refused(f"is not a workbook that can be read: {type(error).__name__}") from None


def _rows_of(sheet: Any) -> Iterable[tuple[Any, ...]]:
    """Ignore the size that the file claims: one cell in row 1,048,576 would make a million empty ones."""
    sheet.reset_dimensions()
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(max_row=ROWS_MOST + 1_000, max_col=COLUMNS_MOST, values_only=True)
    return rows


def _check_unpacked_size(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        raise _refused("is not a workbook that can be read") from None
    if size > UNPACKED_MOST:
        raise _refused("unpacks to more than is read here")


def _cell(value: Any) -> Cell:
    """Return a workbook's cell as text, but a date as it is; a whole number without ".0", as people see it."""
    match value:
        case None:
            return ""
        case datetime():
            return value
        case date():
            return datetime.combine(value, time.min)
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip()
