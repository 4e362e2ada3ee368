"""Reads one line of a file: its values by field, its faults, and what is worth knowing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.applications.interviews.service import out_of_order
from chalicelib.integrations.imports.cells import NOTHING, fold, is_blank, is_no, is_yes, says_nothing, text_of
from chalicelib.integrations.imports.dates import Moment
from chalicelib.integrations.imports.faults import ColumnError, Fault
from chalicelib.integrations.imports.header import Columns
from chalicelib.integrations.imports.instants import InstantReader, Place, is_time_alone
from chalicelib.integrations.imports.profiles import INSTANTS, REFERENCES, Profile
from chalicelib.integrations.imports.workbook import Cell
from chalicelib.rules.canonical import compatible_names
from chalicelib.storage.table import stored_instant

INTERVIEW_FIELDS = frozenset({"interview_ref", "interview_start", "interview_end", "duration_minutes", "stage", "status"})
NAMES = ("name", "first_name", "last_name")
_MAY_SAY_NOTHING = frozenset(
    {"email", "phone", "timezone", "locale", "decided", "status", "stage", "duration_minutes", *INSTANTS, *REFERENCES}
)
_DONE_AT = ("told_at", "sms_consent_at")
"""Instants of what was done or not: a cell may say no. Yes says too little."""
_AND = re.compile(r"[\r\n;/&+]|\b(?:and|und|et)\b", re.IGNORECASE)
"""Between the names of several people."""
Json = dict[str, Any]
ReadText = Callable[[str, str, str], tuple[Any, list[str]]]
"""(field, text, column) -> the value, and what should be known. Raises ValueError."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the lines of one file have in common."""

    profile: Profile
    columns: Columns
    names: Sequence[str]
    used: frozenset[int]
    words: Mapping[str, Mapping[str, str | None]]
    """Translations by column or field ("" for anywhere), each by folded word."""
    read_text: ReadText
    instants: InstantReader
    now: datetime
    drops_cells: bool

    @property
    def width(self) -> int:
        return len(self.names)

    def column_of(self, *names: str) -> str:
        """Return the column at which an error of a field is shown: its first in this file."""
        return next((places[0][0][1] for name in names if (places := self.columns.get(name)) and places[0][0][1]), names[0])


class RowReader:
    """One line while it is read."""

    def __init__(self, rules: Rules, line: int, cells: Sequence[Cell]) -> None:
        self._rules, self._line, self._cells = rules, line, cells
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._bad: set[str] = set()
        """Fields that have an error already."""
        self._is_lost = False
        self._texts: dict[str, str] = {}
        """What is read of each field that is no instant."""
        self._start: Moment | None = None

    def read(self) -> Json | None:
        """Return the values by field, with instants in stored form; None where the row is not imported."""
        rules = self._rules
        if any(cell != "" for cell in self._cells[rules.width :]):
            message = "has more cells than the header: a comma inside a cell wants quotes"
            self._fault("", str(rules.width + 1), message, whole_row=True)
        elif all(is_blank(self._cells[at]) for at in rules.used if at < len(self._cells)):
            self._fault("", rules.column_of(*NAMES, *REFERENCES), "has no name, and nothing in the other columns that are read")
            return None
        values: Json = {}
        for name in [name for name in rules.columns if name != "interview_end"]:
            self._read_field(name, values)
        self._read_field("interview_end", values)
        self._check_person(values)
        if self._is_name_alone(values):
            shown = values["name"][:60]
            message = f'"{shown}" stands alone in its row and is imported as a person: delete the line if it is none'
            self._note("name", rules.column_of(*NAMES), message)
        for names, message in list(self._interview_faults(values)):
            self._fault(names[0], rules.column_of(*names), message, whole_row=not rules.drops_cells)
            for one in INTERVIEW_FIELDS:
                values.pop(one, None)
        for name in INSTANTS:
            if name in values:
                values[name] = stored_instant(values[name])
        for name in ("first_name", "last_name", "duration_minutes"):
            values.pop(name, None)
        return None if self._is_lost or (self.faults and not rules.drops_cells) else values

    def _fault(self, name: str, column: str, message: str, *, whole_row: bool = True) -> None:
        self.faults.append(Fault(self._line, column, message, name))
        self._bad.add(name)
        self._is_lost = self._is_lost or whole_row

    def _note(self, name: str, column: str, message: str) -> None:
        self.notes.append(Fault(self._line, column, message, name, is_note=True))

    def _translate(self, name: str, column: str, cell: Cell) -> Cell:
        """Return what the profile makes of a cell: by column, by field, or anywhere. Nothing is an empty string."""
        if not isinstance(cell, str):
            return cell
        folded = fold(cell)
        for place in (column, name, ""):
            if (words := self._rules.words.get(place)) and folded in words:
                return words[folded] or ""
        if folded and name in _MAY_SAY_NOTHING and says_nothing(cell):
            self._note(name, column, f'"{cell[:60]}" is read as nothing')
            return ""
        return "" if folded in NOTHING or (name in _DONE_AT and is_no(cell)) else cell

    def _given(self, name: str) -> Iterator[list[Place]]:
        """Yield the alternatives of a field that are not empty, each as cells by column."""
        for places in self._rules.columns.get(name, ()):
            cells = [
                (column, cell)
                for at, column in places
                if at < len(self._cells) and (cell := self._translate(name, column, self._cells[at])) != ""
            ]
            if cells:
                yield cells
        if fixed := self._rules.profile.fixed.get(name):
            yield [(name, self._translate(name, name, fixed))]

    def _read_field(self, name: str, values: Json) -> None:
        given = list(self._given(name))
        if not given:
            return
        column = given[0][0][0]
        try:
            if name in INSTANTS:
                self._read_instant(name, given, values)
                return
            for cells in given:
                column = cells[0][0]
                text = " ".join(text_of(cell) for _, cell in cells)
                self._texts.setdefault(name, text)
                value, notes = self._rules.read_text(name, text, column)
                for note in notes:
                    self._note(name, column, note)
                if value is not None:
                    values |= value if isinstance(value, dict) else {name: value}
                    return
        except ValueError as error:
            self._fault(name, getattr(error, "column", column), str(error), whole_row=not self._rules.drops_cells)

    def _read_instant(self, name: str, given: list[list[Place]], values: Json) -> None:
        cells = [cell for some in given for cell in some]
        column, cell = cells[0]
        if name in _DONE_AT and isinstance(cell, str) and is_yes(cell):
            raise ColumnError(column, f'"{cell}" says yes and not when: write the date and time, like 2026-11-23 14:30')
        found = self._rules.instants.read(cells, self._start, is_end=name == "interview_end", joined=len(given[0]))
        if found.is_default_time and self._rules.profile.is_time_assumed:
            self._check_no_other_time(cells[0])
        for note in found.notes:
            self._note(name, column, note)
        if name == "interview_start":
            self._start = found.first
            if len(found.instants) > 1:
                values["interview_end"] = found.instants[1]
        instant = found.instants[-1] if name == "interview_end" else found.instants[0]
        if name == "interview_end" and values.get(name, instant) != instant:
            message = f'"{self._shown(instant)}" is taken as the end, and not the {self._shown(values[name])} beside the start'
            self._note(name, column, message)
        values[name] = instant

    def _check_no_other_time(self, day: Place) -> None:
        """Raise ColumnError where a column that is not used holds a time of day: the profile's own hour would be a guess."""
        for at, (name, cell) in enumerate(zip(self._rules.names, self._cells, strict=False)):
            if name and at not in self._rules.used and is_time_alone(cell):
                shown = f'"{text_of(day[1])[:60]}" has no time, and "{name[:60]}" is not used and holds "{text_of(cell)[:60]}"'
                raise ColumnError(day[0], f"{shown}: use that column too, or state the hour of all by ?default_time=17:00")

    def _check_person(self, values: Json) -> None:
        joined = " ".join(values[part] for part in ("first_name", "last_name") if part in values)
        if "name" in values:
            if joined and not compatible_names(values["name"], joined):
                column = self._rules.column_of("name")
                self._note("name", column, f'"{values["name"][:60]}" is taken as the name, and not "{joined[:60]}" beside it')
            if several := self._several_people():
                self._fault("name", self._rules.column_of("name"), several)
        elif joined:
            values["name"] = joined[:200]
        elif not self._bad.isdisjoint(NAMES):
            self._is_lost = True
        elif not any(name in values for name in REFERENCES):
            column = self._rules.column_of("name", "last_name", *REFERENCES)
            self._fault("name", column, "has no name: write it, or an id of a known record, like Dana Reyes")
        for name in ("told_at", "sms_consent_at"):
            if values.get(name) and values[name] > self._rules.now:
                message = f"is {values[name]:%Y-%m-%d %H:%M} UTC: it must not be in the future"
                self._fault(name, self._rules.column_of(name), message, whole_row=not self._rules.drops_cells)
                del values[name]

    def _is_name_alone(self, values: Json) -> bool:
        """Whether nothing but a name is in the row, of a file that has columns for more."""
        said_for_all = {*NAMES, *self._rules.profile.fixed}
        return "name" in values and values.keys() <= said_for_all and not self._rules.columns.keys() <= said_for_all

    def _several_people(self) -> str | None:
        """Return what is wrong with a row that names several people, each with an address; None of other rows."""
        text = self._texts.get("name", "")
        names = [part for part in _AND.split(text) if any(char.isalpha() for char in part)]
        addresses = set(re.findall(r"[^\s<>,;|/()]+@[^\s<>,;|/()]+", self._texts.get("email", "").casefold()))
        if not 1 < len(names) == len(addresses):
            return None
        return f'"{" ".join(text.split())[:60]}" are {len(names)} people with an address each: give each a row of their own'

    def _interview_faults(self, values: Json) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what one cell alone does not show of an interview, as (fields, message)."""
        start, end = values.get("interview_start"), values.get("interview_end")
        minutes = values.get("duration_minutes") or self._rules.profile.minutes
        bad = self._bad
        if start and not end and minutes and "interview_end" not in bad:
            end = values["interview_end"] = start + timedelta(minutes=minutes)
        if start and not end and "interview_end" not in bad:
            yield ("interview_end", "interview_start"), "has a beginning and no end: give it, a duration, or ?minutes=45"
        if end and not start and "interview_start" not in bad:
            yield ("interview_start",), "has an end and no beginning: give it, like 2026-11-23 14:30"
        if start and end and (stated := values.get("duration_minutes")) and end != start + timedelta(minutes=stated):
            message = f'"{self._shown(end)}" is taken as the end, and not the {stated} minutes of the length'
            self._note("interview_end", self._rules.column_of("interview_end", "interview_start"), message)
        if start and end and end - start > timedelta(days=1):
            message = f'"{self._shown(start)} to {self._shown(end)}" is longer than a day: correct it if it is not meant so'
            self._note("interview_end", self._rules.column_of("interview_end", "interview_start"), message)
        for _ in out_of_order(start, end, None):
            yield (
                ("interview_end", "interview_start"),
                f'"{self._shown(start)} to {self._shown(end)}" ends before it begins: the end must be later than the start',
            )
        known = any(name in values for name in ("application_ref", "interview_ref"))
        if start and "job_title" not in values and not known and "job_title" not in bad:
            yield ("job_title",), "is needed with an interview: fill it in, or say ?job_title= for all rows, like Welder"
        yield from self._status_faults(values, start, known)

    def _shown(self, instant: datetime | None) -> str:
        """Return an instant as the file's writer knows it: in the zone of its times."""
        zone = self._rules.profile.timezone
        if instant is None:
            return ""
        return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if zone else f"{instant:%Y-%m-%d %H:%M} UTC"

    def _status_faults(self, values: Json, start: datetime | None, known: bool) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield where a status says something of an interview or a job that the row does not name."""
        status, bad = values.get("status"), self._bad
        if status == "no_show" and start and start > self._rules.now:
            later = f"is a no-show of an interview that begins later ({start:%Y-%m-%d %H:%M} UTC): nobody is reminded of it"
            self._note("status", self._rules.column_of("status"), later)
        names_interview = start or "interview_ref" in values or bad & INTERVIEW_FIELDS
        if status in ("cancelled", "no_show", "held") and not names_interview:
            yield ("status",), f"says {status}, and the row names no interview: give its start or its id"
        if status in ("withdrawn", "hired") and "job_title" not in values and not known and "job_title" not in bad:
            yield ("status",), f"says {status}, and the row names no job: fill it in, like Welder"
