"""Reads and maps a file as a whole, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.api.strict_json import capped, pointer
from chalicelib.errors import FieldError, TooLarge, Unprocessable
from chalicelib.integrations.imports import read_file
from chalicelib.integrations.imports.calendar_file import join_split_letters, profile_for_calendar, read_calendar
from chalicelib.integrations.imports.encodings import decode
from chalicelib.integrations.imports.faults import Fault, Mapped
from chalicelib.integrations.imports.header import Header, find_header
from chalicelib.integrations.imports.mapper import Mapper, OnFault
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.read_file import FILE_MOST, ROWS_MOST, Line, Sheet
from chalicelib.integrations.imports.responses import FaultCause, Skipped
from chalicelib.integrations.imports.workbook import refused

EXAMPLES = 5
"""Lines named for each cause of faults."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it was read: its sheet and header, the good rows, and the faults and notes by line and column."""

    profile: Profile
    sheet: Sheet
    header: Header
    mapped: Mapped
    columns: dict[str, list[str]]
    on_fault: OnFault = "refuse"

    @property
    def rows(self) -> list[Json]:
        return self.mapped.rows

    @property
    def faults(self) -> list[Fault]:
        return self.mapped.faults

    def fault_list(self) -> list[FieldError]:
        return list(capped(FieldError(pointer(pointer("", one.line), one.column), one.message) for one in self.faults))

    def skipped(self) -> list[Skipped]:
        return [Skipped(fault.pointer, fault.message) for fault in self.fault_list()]

    def causes(self) -> list[FaultCause]:
        """Sum the faults by column and cause, the most frequent first."""
        counted = Counter((one.column, one.cause) for one in self.faults)
        lines: dict[tuple[str, str], list[int]] = {}
        for one in self.faults:
            lines.setdefault((one.column, one.cause), []).append(one.line)
        return [
            FaultCause(column=column, message=cause, rows=number, lines=lines[column, cause][:EXAMPLES])
            for (column, cause), number in counted.most_common(100)
        ]


def check(
    raw: bytes,
    profile: Profile,
    now: datetime,
    *,
    on_fault: OnFault = "refuse",
    how: Mapping[str, Any],
    sheet: Sheet | None = None,
) -> Checked:
    """Read a file by a profile; `sheet` is what was read of it already.

    Raises TooLarge, Unprocessable for a file that cannot be read at all.
    """
    if len(raw) > FILE_MOST:
        raise TooLarge("A file to import has at most 4 MB.")
    settings = {name: getattr(profile, name) for name in ("delimiter", "encoding") if getattr(profile, name)}
    settings |= how
    if read_file.is_calendar(raw):
        profile = profile_for_calendar(profile)
        sheet = read_calendar(decode(join_split_letters(raw), settings.get("encoding")))
    sheet = sheet or read_file.read(raw, **settings)
    header, lines = _header(profile, sheet)
    mapper = Mapper(profile, header, now, drop_cells=on_fault == "skip_cell")
    if len(lines) > ROWS_MOST:
        raise refused(f"has more than {ROWS_MOST} rows: split the file", lines[ROWS_MOST][0])
    mapped = mapper.map_lines(lines)
    for line, reason in sheet.called_off:
        mapped.notes.append(
            Fault(line, "status", f"{reason}: its interview is cancelled too, and nobody is reminded of it", is_note=True)
        )
    if not (mapped.rows or mapped.faults):
        raise refused("The file holds a header and no rows.")
    return Checked(profile, replace(sheet, lines=[]), header, mapped, mapper.mapped, on_fault)


def _header(profile: Profile, sheet: Sheet) -> tuple[Header, list[Line]]:
    """Find the header. Raises Unprocessable, which names the other sheets of a workbook: the first may be a cover."""
    try:
        return find_header(profile, sheet.lines)
    except Unprocessable as error:
        if others := [*sheet.others, *sheet.hidden]:
            shown = ", ".join(others)[:300]
            error.errors.append(
                FieldError("?sheet", f"“{sheet.name}” was read, and the workbook has {shown} too. Choose one with ?sheet=")
            )
        raise
