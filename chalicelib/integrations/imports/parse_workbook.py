"""Reads one sheet of a workbook. A script, run in a process of its own with limits on memory and time.

It imports none of our modules, so that it starts quickly. It takes a line of JSON (what to read, and the limits) and then
the file from standard input, and writes JSON to standard output: {"sheet", "sheets", "hidden", "rows"}, {"error"}, or
{"unreadable"}.
A cell is a string, or {"at": ISO date and time}, {"on": ISO date}, {"time": ISO time}.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree import ElementTree

_CELL = re.compile(rb'<c\b[^>]{0,200}?\bt="e"[^>]{0,200}>')
_NO_RESULT = re.compile(rb"(<c\b[^>]{0,200}>)\s*<f\b[^>]{0,400}(?:/>|>[^<]{0,8000}</f>)\s*(?:<v>\s*</v>|<v\s*/>)?\s*</c>")
_HIDDEN_ROW = re.compile(rb'<row\b[^>]{0,300}?\bhidden="(?:1|true)"[^>]{0,300}>')
_ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PART_MOST = 1024 * 1024
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_FAILED = re.compile(r"#[A-Z][A-Z/0-9]*[!?A]|Err:\d{3}")
_OF_ODS = re.compile(rb'value-type="error"|table:visibility="(?:filter|collapse)"|>(?:#[A-Z]|Err:)')
_LAST_SECTOR, _SMALL_STREAM = 0xFFFFFFFA, 4096
DIGITS_KEPT = 15
"""Digits that a spreadsheet keeps of a number."""
YEARS_FROM = 1905
"""Spreadsheets count days from 1900 or 1904: a time with a day before is a time of day alone."""
ERROR_CELL = "#ERROR!"
"""What a cell reads as whose formula failed: python-calamine alone shows such cells as empty."""
NO_RESULT_CELL = "=(a formula without its result)"
"""What a cell reads as whose formula no spreadsheet program has computed, as in files that scripts write."""


def limit(memory: int, seconds: int) -> None:
    """Limit what this process may use, and let others run first."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)


def read(raw: bytes, how: dict[str, Any]) -> dict[str, Any]:
    """Read the named sheet, else the first visible one that holds anything."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    except PasswordError:
        return {"error": "is protected by a password: save it without one"}
    except CalamineError:
        return {"unreadable": True}
    tables = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    visible = [one.name for one in tables if one.visible == SheetVisibleEnum.Visible]
    hidden = [one.name for one in tables if one.name not in visible]
    wanted = [how["sheet"]] if how.get("sheet") else visible
    all_names = ", ".join((visible + hidden)[:20]) or "none"
    if how.get("sheet") and how["sheet"] not in visible + hidden:
        return {"error": f"has no sheet {how['sheet']!r}; it has {all_names}: say one of them, like ?sheet=People"}
    for name in wanted:
        try:
            sheet = book.get_sheet_by_name(name)
            marks = _marks(raw, name)
            rows, too_much = _rows(sheet, marks.cells, how)
        except CalamineError as failed:
            advice = "save the file again, or name another sheet, like ?sheet=People"
            return {"error": f"has a sheet {name!r} that cannot be read ({failed}): {advice}"}
        if too_much:
            return {"error": too_much}
        if rows or how.get("sheet"):
            shown = {number for number, _ in rows}
            hidden_rows = sorted(marks.hidden_rows & shown)
            return {"sheet": name, "sheets": visible, "hidden": hidden, "rows": rows, "hidden_rows": hidden_rows}
    advice = "put the table on a visible sheet, with a header like Name, Email, Job, Interview"
    return {"error": f"holds no visible sheet with anything in it; its sheets: {all_names}. Please {advice}"}


def _rows(sheet: Any, marked: dict[int, dict[int, str]], how: dict[str, Any]) -> tuple[list[Any], str | None]:
    """Return (number, cells) of rows that hold anything, and what is too much of it."""
    first_column = sheet.start[1] if sheet.start else 0
    found: list[Any] = []
    cells = characters = 0
    for number, values in enumerate(sheet.iter_rows(), 1):
        row = [*[""] * first_column, *map(_cell, values)]
        for at, mark in marked.get(number, {}).items():
            row += [""] * (at + 1 - len(row))
            row[at] = row[at] or mark
        while row and row[-1] == "":
            row.pop()
        if not row:
            continue
        cells += len(row)
        characters += sum(len(cell) for cell in row if isinstance(cell, str))
        if len(found) > how["rows"] or cells > how["cells"] or characters > how["characters"]:
            most = f"{how['rows']} rows, {how['cells']} cells and {how['characters']} characters"
            return [], f"holds more than is read at once by line {number} (at most {most}): split the file"
        found.append((number, row))
    return found, None


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if abs(value) >= 10**DIGITS_KEPT:
            return f"{value:.{DIGITS_KEPT - 1}E}"  # of an id or a number that was longer, the last digits are lost
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() != time() and value.year < YEARS_FROM:
            return {"time": value.time().isoformat()}  # a time that was entered as 14:30 of the spreadsheet's first days
        case datetime() if value.time() != time():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()[:10]}
        case time():
            return {"time": value.isoformat()}
        case timedelta() if timedelta() <= value < timedelta(days=1):
            return {"time": (datetime(1, 1, 1) + value).time().isoformat()}  # noqa: DTZ001 - a clock time has no zone
    return str(value).strip()


@dataclass
class _Marks:
    """What python-calamine does not tell of a sheet: cells without a result, by line and column, and hidden rows."""

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)


def _marks(raw: bytes, name: str) -> _Marks:
    marks = _Marks()
    try:
        if not raw.startswith(b"PK"):
            _find_in_xls(raw, name, marks)
            return marks
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if "content.xml" in archive.namelist():
                _find_in_ods(archive, name, marks)
            elif part := _part_of(archive, name):
                _find_marks(archive, part, marks)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError, struct.error, IndexError, ValueError):
        pass
    return marks


def _find_in_ods(archive: zipfile.ZipFile, name: str, marks: _Marks) -> None:
    """Find the failed formulas and the hidden rows of a sheet of OpenDocument, whose cells and rows may stand for many."""
    with archive.open("content.xml") as stream:
        if not _may_hold_marks(stream):
            return
    number = at = 0
    is_wanted = False
    with archive.open("content.xml") as stream:
        for event, element in ElementTree.iterparse(stream, ("start", "end")):  # noqa: S314 - without entities
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                if tag == "table":
                    is_wanted = element.get(_TABLE + "name") == name
                    number = 0
                elif tag == "table-row":
                    at = 0
            elif tag == "table-row":
                if is_wanted and element.get(_TABLE + "visibility", "visible") != "visible":
                    marks.hidden_rows.add(number + 1)
                number += int(element.get(_TABLE + "number-rows-repeated", 1))
                element.clear()
            elif is_wanted and tag in ("table-cell", "covered-table-cell"):
                text = "".join(element.itertext())
                if element.get(_VALUE_TYPE) == "error" or (element.get(_TABLE + "formula") and _FAILED.fullmatch(text)):
                    marks.cells.setdefault(number + 1, {})[at] = ERROR_CELL
                at += int(element.get(_TABLE + "number-columns-repeated", 1))


def _may_hold_marks(stream: IO[bytes]) -> bool:
    """Whether a sheet of OpenDocument is worth parsing for marks. One with entities is not: they can grow without end."""
    rest, found = b"", False
    while chunk := stream.read(1 << 20):
        text = rest + chunk
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            return False
        found = found or _OF_ODS.search(text) is not None
        rest = text[-100:]
    return found


def _find_in_xls(raw: bytes, name: str, marks: _Marks) -> None:
    """Find the failed formulas and the hidden rows of a sheet of an old workbook (BIFF8)."""
    book = _stream(raw, ("Workbook",))
    begins = next(
        (struct.unpack_from("<I", data)[0] for kind, data in _records(book, 0) if kind == 0x85 and _sheet_name(data) == name),
        None,
    )
    if begins is None:
        return
    for kind, data in _records(book, begins):
        is_error = (kind == 0x205 and data[7] == 1) or (kind == 0x06 and data[12:14] == b"\xff\xff" and data[6] == 2)
        if is_error:
            row, column = struct.unpack_from("<HH", data)
            marks.cells.setdefault(row + 1, {})[column] = ERROR_CELL
        elif kind == 0x208 and data[12] & 0x20:
            marks.hidden_rows.add(struct.unpack_from("<H", data)[0] + 1)


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of a workbook, up to the one that ends it."""
    kind = 0
    while kind != 0x0A:
        kind, size = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def _sheet_name(data: bytes) -> str:
    return data[8 : 8 + data[6] * 2].decode("utf-16-le") if data[7] & 1 else data[8 : 8 + data[6]].decode("latin-1")


def _stream(raw: bytes, names: tuple[str, ...]) -> bytes:
    """Return a stream of a compound file by its name. Small ones, of less than 4 KB, are not looked for."""
    size = 1 << struct.unpack_from("<H", raw, 30)[0]
    table: list[int] = []
    for sector in struct.unpack_from("<109I", raw, 76):
        if sector < _LAST_SECTOR:
            table += struct.unpack_from(f"<{size // 4}I", raw, (sector + 1) * size)

    def chain(sector: int) -> bytes:
        found = bytearray()
        while sector < _LAST_SECTOR and len(found) <= len(raw):
            found += raw[(sector + 1) * size : (sector + 2) * size]
            sector = table[sector]
        return bytes(found)

    directory = chain(struct.unpack_from("<I", raw, 48)[0])
    for at in range(0, len(directory), 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        if directory[at : at + max(0, length - 2)].decode("utf-16-le") in names:
            start, stated = struct.unpack_from("<II", directory, at + 116)
            return chain(start)[:stated] if stated >= _SMALL_STREAM else b""
    return b""


def _part_of(archive: zipfile.ZipFile, name: str) -> str | None:
    book = _small_part(archive, "xl/workbook.xml")
    relation = next((one.get(_RELATION) for one in book.iter() if one.tag.endswith("}sheet") and one.get("name") == name), None)
    listed = _small_part(archive, "xl/_rels/workbook.xml.rels")
    target = next((one.get("Target", "") for one in listed if one.get("Id") == relation), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}" if target else None


def _small_part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """Parse a part that says where the sheets are. Entities are refused: they can grow without end."""
    text = archive.open(name).read(_PART_MOST)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise KeyError(name)
    return ElementTree.fromstring(text)  # noqa: S314 - without entities, of at most a megabyte


def _find_marks(archive: zipfile.ZipFile, part: str, marks: _Marks) -> None:
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 20):
            text = rest + chunk
            found = [(tag.group(), ERROR_CELL) for tag in _CELL.finditer(text)]
            found += [(cell[1], NO_RESULT_CELL) for cell in _NO_RESULT.finditer(text)]
            for tag, mark in found:
                if place := _REFERENCE.search(tag):
                    marks.cells.setdefault(int(place[2]), {}).setdefault(_column(place[1]), mark)
            for row in _HIDDEN_ROW.finditer(text):
                if number := _ROW_NUMBER.search(row.group()):
                    marks.hidden_rows.add(int(number[1]))
            rest = text[-9_000:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def main() -> None:
    """Read the request and the file, write the result."""
    how = json.loads(sys.stdin.buffer.readline())
    limit(how["memory"], how["seconds"])
    try:
        result = read(sys.stdin.buffer.read(), how)
    except MemoryError:
        result = {"error": "needs more memory than one file may use: delete empty rows and columns around the table"}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
