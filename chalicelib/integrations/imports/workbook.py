"""Reads a workbook (XLSX, XLS, ODS) in a process of its own, so that no file can exhaust a worker.

On AWS that process runs in a function of its own: `workbook_function.py`.

A workbook of 55 KB took openpyxl 96 s and 5.2 GB. python-calamine reads 20,000 rows in 0.2 s (openpyxl: 4.3 s), but a cell far
from the others makes it reserve memory for all cells between. So the parts of the file are measured first, while they are
inflated; then a process with limits on memory and time reads the sheet. At most two such processes run at once.
"""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from chalicelib.errors import FieldError, Unavailable, Unprocessable

PARTS_MOST = 1_000
UNPACKED_MOST = 60 * 1024 * 1024
"""Of all parts of a workbook together."""
RATIO_MOST, RATIO_FROM = 200, 8 * 1024 * 1024
"""A part of over 8 MB that was packed 200 times smaller is made to do harm; sheets of people pack 5 to 30 times smaller."""
ROWS_MOST = 20_000
CELLS_MOST = 600_000
CHARACTERS_MOST = 20_000_000
MEMORY_MOST = 640 * 1024 * 1024
"""Of address space; the function on AWS has 1,024 MB. A million rows of eight columns fit."""
SECONDS_MOST = 8
WAIT_MOST = 15
"""Seconds of waiting for a free process and for its result. API Gateway gives up after 29 s, the function after 20."""
AT_ONCE = 2
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Cell = str | datetime | date | time
Found = dict[str, Any]
"""What the process writes: the sheet's name and rows, the names of the sheets. Or `error`."""
Find = Callable[[bytes, str | None], Found]
UNREADABLE: Final = "unreadable_file"
BUSY = "Other workbooks are being read. Send the file again in a minute."
TOO_MUCH = "needs more memory or time than one file may use: delete empty rows and columns around the table"
_free = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Workbook:
    """One sheet: its lines as (number, cells), and the names of the workbook's sheets."""

    sheet: str
    lines: list[tuple[int, list[Cell]]]
    sheets: tuple[str, ...]
    hidden: tuple[str, ...]
    hidden_rows: tuple[int, ...] = ()


def is_workbook(raw: bytes) -> bool:
    return raw.startswith((ZIP, OLE))


def refused(message: str, line: int | None = None) -> Unprocessable:
    """Return the error for a file that cannot be read at all."""
    pointer = f"/{line}" if line else ""
    return Unprocessable("The file cannot be read.", code=UNREADABLE, errors=[FieldError(pointer, message)])


def read_workbook(raw: bytes, sheet: str | None) -> Workbook:
    """Read the named sheet, else the first visible one that holds anything. Raises Unprocessable, Unavailable."""
    found = _find(raw, sheet)
    lines = [(number, [_cell(cell) for cell in cells]) for number, cells in found["rows"]]
    return Workbook(found["sheet"], lines, tuple(found["sheets"]), tuple(found["hidden"]), tuple(found.get("hidden_rows", ())))


def find_rows(raw: bytes, sheet: str | None) -> Found:
    """Measure the file, and have the process read it. Raises Unprocessable, Unavailable."""
    kind = check_parts(raw) if raw.startswith(ZIP) else "an old Excel workbook (.xls)"
    found = _run(raw, sheet, kind)
    if found.get("unreadable"):
        from chalicelib.integrations.imports.file_kinds import unreadable  # late: jobs load this module, and read no file

        raise refused(unreadable(raw, kind))
    if "error" in found:
        raise refused(f"is {kind}, and {found['error']}")
    return found


_find: Find = find_rows


def find_rows_by(find: Find) -> Find:
    """Set how workbooks are read, and return how they were. `wiring.py` calls it, because it holds the AWS clients."""
    global _find
    former, _find = _find, find
    return former


def check_parts(raw: bytes) -> str:
    """Measure the parts while they are inflated, and return what kind of workbook it is. Raises Unprocessable."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise refused("is neither text nor a workbook that can be read: its end is missing or damaged") from None
    if len(parts) > PARTS_MOST:
        raise refused(f"is a zip file of {len(parts)} parts, and at most {PARTS_MOST} are read")
    room = UNPACKED_MOST
    for part in parts:
        if part.flag_bits & 1:
            raise refused("is protected by a password: save it without one")
        size = _inflated_size(raw, part, room)
        room -= size
        if size > RATIO_FROM and size > RATIO_MOST * max(1, part.compress_size):
            raise refused(f"unpacks to {size // max(1, part.compress_size)} times its size in {part.filename[:80]!r}")
    from chalicelib.integrations.imports.file_kinds import kind_of

    kind, is_book = kind_of(raw, parts)
    if not is_book:
        raise refused(f"is {kind}. Send the sheet as a workbook (.xlsx, .xls, .ods), or as CSV")
    return kind


def _inflated_size(raw: bytes, part: zipfile.ZipInfo, room: int) -> int:
    """Return what a part really inflates to, whatever the directory claims. Stops as soon as it is too much."""
    header = raw[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused("is a damaged workbook, or one packed in a way that is not read here")
    name, extra = struct.unpack("<HH", header[26:30])
    start = part.header_offset + 30 + name + extra
    data = raw[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        size = len(data)
    else:
        size, inflater = 0, zlib.decompressobj(-15)
        try:
            while data and not inflater.eof and size <= room:
                size += len(inflater.decompress(data, 1 << 16))
                data = inflater.unconsumed_tail
        except zlib.error:
            raise refused(f"is a damaged workbook: {part.filename[:80]!r} cannot be unpacked") from None
    if size > room:
        raise refused(f"unpacks to more than {UNPACKED_MOST >> 20} MB, which is more than is read here")
    return size


def _run(raw: bytes, sheet: str | None, kind: str) -> Found:
    how = {
        "sheet": sheet,
        "rows": ROWS_MOST + 40,
        "cells": CELLS_MOST,
        "characters": CHARACTERS_MOST,
        "memory": MEMORY_MOST,
        "seconds": SECONDS_MOST,
    }
    if not _free.acquire(timeout=WAIT_MOST):
        raise Unavailable(BUSY)
    try:
        script = str(Path(__file__).with_name("parse_workbook.py"))
        done = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, script],
            input=json.dumps(how).encode() + b"\n" + raw,
            capture_output=True,
            timeout=WAIT_MOST,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib"},
        )
    except subprocess.TimeoutExpired:
        raise refused(f"is {kind} that takes longer to read than one file may: delete what is not part of the table") from None
    finally:
        _free.release()
    if done.returncode == 0:
        result: Found = json.loads(done.stdout)
        return result
    if b"ModuleNotFoundError" in done.stderr:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    return {"error": TOO_MUCH}


def _cell(value: Any) -> Cell:
    match value:
        case {"at": at}:
            return datetime.fromisoformat(at)
        case {"on": on}:
            return date.fromisoformat(on)
        case {"time": at}:
            return time.fromisoformat(at)
    return str(value)
