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
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

_CELL = re.compile(rb'<c\b[^>]{0,200}?\bt="e"[^>]{0,200}>')
_NO_RESULT = re.compile(rb"(<c\b[^>]{0,200}>)\s*<f\b[^>]{0,400}(?:/>|>[^<]{0,8000}</f>)\s*(?:<v>\s*</v>|<v\s*/>)?\s*</c>")
_HIDDEN_ROW = re.compile(rb'<row\b[^>]{0,300}?\bhidden="(?:1|true)"[^>]{0,300}>')
_ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PART_MOST = 1024 * 1024
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
    """What python-calamine does not tell of an XLSX sheet: cells without a result, by line and column, and hidden rows."""

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)


def _marks(raw: bytes, name: str) -> _Marks:
    marks = _Marks()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if part := _part_of(archive, name):
                _find_marks(archive, part, marks)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError):
        pass
    return marks


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
