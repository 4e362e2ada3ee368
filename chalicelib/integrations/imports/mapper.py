"""Maps a line of cells to values by field, or to its errors by column, as a profile says. Reads no table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Literal, TypeVar

from chalicelib.api.validators import read_locale, read_zone
from chalicelib.applications.interviews.service import out_of_order
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports import cells as cell_readers
from chalicelib.integrations.imports import dates
from chalicelib.integrations.imports.cells import NOTHING, fold, is_blank, text_of
from chalicelib.integrations.imports.header import Header, Place
from chalicelib.integrations.imports.profiles import INSTANTS, PERSONAL, REFERENCES, Profile
from chalicelib.integrations.imports.read_file import Line
from chalicelib.integrations.imports.workbook import Cell
from chalicelib.rules.model import DECIDED, STAGES
from chalicelib.storage.table import stored_instant

OnFault = Literal["refuse", "skip_cell", "skip_row"]
ON_FAULT: tuple[OnFault, ...] = ("refuse", "skip_cell", "skip_row")
INTERVIEW_FIELDS = frozenset({"interview_ref", "interview_start", "interview_end", "duration_minutes", "stage", "status"})
_NAMES = ("name", "first_name", "last_name")
_QUOTED = re.compile(r'"[^"]*" ?|“[^”]*” ?')
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or worth knowing (`is_note`), at a line and column."""

    line: int
    column: str
    message: str
    field: str = ""
    is_note: bool = False

    @property
    def cause(self) -> str:
        """The message without the value that was found, by which faults are summed."""
        return _QUOTED.sub("", self.message)

    @property
    def kept_message(self) -> str:
        """The message as it is stored: without a person's name or address."""
        return self.cause if self.field in PERSONAL else self.message


@dataclass(slots=True)
class Mapped:
    """All lines of a file: the good rows, each with its `line`, and what was found on the way."""

    rows: list[Json] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    faulty: int = 0
    """Rows that are not imported."""
    blank: int = 0


class Mapper:
    """Reads the lines of one file by a profile. Raises Unprocessable where the profile does not say all that is needed."""

    def __init__(self, profile: Profile, header: Header, now: datetime, *, drop_cells: bool = False) -> None:
        self._profile = profile
        self._now = now
        self._drop_cells = drop_cells
        self._width = len(header.names)
        self._columns = header.columns
        self._used = header.used
        self._words = {
            name: {fold(word): value for word, value in words.items()} for name, words in profile.translations().items()
        }
        self._default_time = time.fromisoformat(profile.default_time) if profile.default_time else None
        self._check_date_settings()
        self._readers: dict[str, Callable[[str, str], Any]] = {
            "timezone": lambda text, _: read_zone(text),
            "locale": lambda text, _: read_locale(text),
            "stage": lambda text, _: cell_readers.read_option(STAGES, text),
            "decided": lambda text, _: cell_readers.read_option(DECIDED, text),
            "status": cell_readers.read_status,
            "duration_minutes": lambda text, _: _minutes(text),
        }

    @property
    def mapped(self) -> dict[str, list[str]]:
        """The columns that were found, by field."""
        return {
            name: list(dict.fromkeys(column for places in alternatives for _, column in places))
            for name, alternatives in self._columns.items()
        }

    def _check_date_settings(self) -> None:
        profile, wanted = self._profile, [name for name in INSTANTS if name in self._columns]
        formats = profile.formats
        faults: list[FieldError] = []
        if wanted and not formats:
            faults.append(FieldError("?date_format", f"is needed to read {', '.join(wanted)}: iso, or like %d.%m.%Y %H:%M"))
        says_zone = "iso" in formats or any(re.search(r"%-?[zZ]", one) for one in formats)
        if wanted and profile.timezone is None and not says_zone:
            faults.append(
                FieldError("?timezone", f"is needed to read {', '.join(wanted)}: an IANA time zone, like Europe/Berlin")
            )
        one_column = sum(len(places) for places in self._columns.get("interview_start", ())) == 1
        if one_column and formats and not dates.has_hours(formats) and self._default_time is None:
            example = "like %d.%m.%Y %H:%M; or state the hour of all with ?default_time=, like 17:00"
            faults.append(FieldError("?date_format", f"must hold a time of day: an interview has one, {example}"))
        ends = {"interview_end", "duration_minutes"} & self._columns.keys()
        two = any(len(dates.instants_of(one)) > 1 for one in formats)
        if "interview_start" in self._columns and not ends and profile.minutes is None and not two:
            faults.append(
                FieldError("?minutes", "is needed: the file says when interviews begin, and not when they end, like ?minutes=45")
            )
        if faults:
            raise Unprocessable("How to read the file is not fully told, and is not guessed.", errors=faults)

    def map_lines(self, lines: Sequence[Line]) -> Mapped:
        """Map all lines."""
        mapped = Mapped()
        for line, cells in lines:
            if all(is_blank(cell) for cell in cells):
                mapped.blank += 1
                continue
            row = _Row(self, line, cells)
            values = row.read()
            mapped.faults += row.faults
            mapped.notes += row.notes
            if values is None:
                mapped.faulty += 1
            else:
                mapped.rows.append({"line": line, **values})
        return mapped

    # --- used by _Row ---

    def alternatives(self, name: str) -> list[list[Place]]:
        return self._columns.get(name, [])

    def column_of(self, *names: str) -> str:
        """Return the column at which an error of a field is shown: its first in this file."""
        return next((places[0][0][1] for name in names if (places := self._columns.get(name)) and places[0][0][1]), names[0])

    def translate(self, name: str, column: str, cell: Cell) -> Cell:
        """Return what the profile makes of a cell: by column, by field, or anywhere. Nothing is an empty string."""
        if not isinstance(cell, str):
            return cell
        folded = fold(cell)
        for place in (column, name, ""):
            if (words := self._words.get(place)) and folded in words:
                return words[folded] or ""
        return "" if folded in NOTHING else cell

    def read_text(self, name: str, text: str, column: str) -> tuple[Any, list[str]]:
        """Read a field that is no instant: its value, and what should be known. Raises ValueError."""
        if name == "email":
            return cell_readers.read_emails(text)
        if name == "phone":
            number, notes = cell_readers.read_phones(text, self._profile.country)
            return (
                {"phone": number.e164} | ({"phone_extension": number.extension} if number.extension else {}) if number else None
            ), notes
        reader = self._readers.get(name)
        return (reader(text, column) if reader else cell_readers.read_text(text)), []

    def instants(self, cells: Sequence[tuple[str, Cell]], start: dates.Moment | None, *, is_end: bool) -> _Instants:
        """Read the cells of an instant, given by column. Raises _ColumnError.

        An end that is only a time is on the day of `start`.
        """
        (column, cell), *others = cells
        notes: list[str] = []
        read = partial(_at_column, column)
        try:
            end = _end_on_day(start, cell) if is_end and start else None
            moments = [end] if end else dates.read_moments(cell, self._profile.formats)
        except ValueError as error:
            joined = " ".join(text_of(one) for _, one in cells)
            if not others:
                raise _ColumnError(column, str(error)) from None
            moments = read(partial(_joined, joined, self._profile.formats, str(error)))
            others = []
        if moments[0].at is None:
            for other, text in others:
                at, zone = _at_column(other, partial(_time_for, moments[0], text, self._profile.formats))
                moments = [dates.with_time(moments[0], at, zone)]
                break
        if moments[0].at is None:
            if self._default_time is None or is_end:
                example = "give it a time, like 2026-11-23 14:30, a column with the time, or ?default_time=17:00"
                raise _ColumnError(column, f'"{text_of(cell)[:60]}" has a date and no time: {example}')
            moments = [dates.with_time(moments[0], self._default_time, None)]
            notes.append(f"has a date and no time: {self._default_time:%H:%M} is taken (default_time)")
        zone_name = self._profile.timezone
        instants = [read(partial(dates.to_instant, moment, zone_name, self._now)) for moment in moments]
        return _Instants(moments[0], instants, notes)

    @property
    def profile(self) -> Profile:
        return self._profile

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def width(self) -> int:
        return self._width

    @property
    def used(self) -> set[int]:
        return self._used

    @property
    def drops_cells(self) -> bool:
        return self._drop_cells


@dataclass(frozen=True, slots=True)
class _Instants:
    """What the cells of an instant say: one, or two where the format holds two."""

    first: dates.Moment
    instants: list[datetime]
    notes: list[str]


class _ColumnError(ValueError):
    """A ValueError of one of several columns."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


class _Row:
    """One line while it is read."""

    def __init__(self, mapper: Mapper, line: int, cells: Sequence[Cell]) -> None:
        self._mapper, self._line, self._cells = mapper, line, cells
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._bad: set[str] = set()
        """Fields that have an error already."""
        self._is_lost = False
        self._start: dates.Moment | None = None

    def read(self) -> Json | None:
        """Return the values by field, with instants in stored form; None where the row is not imported."""
        mapper = self._mapper
        if any(cell != "" for cell in self._cells[mapper.width :]):
            message = "has more cells than the header: a comma inside a cell wants quotes"
            self._fault("", str(mapper.width + 1), message, whole_row=True)
        elif all(is_blank(self._cells[at]) for at in mapper.used if at < len(self._cells)):
            self._fault("", mapper.column_of(*_NAMES, *REFERENCES), "has no name, and nothing in the other columns that are read")
            return None
        values: Json = {}
        for name in [name for name in mapper.mapped if name != "interview_end"]:
            self._read_field(name, values)
        self._read_field("interview_end", values)
        self._check_person(values)
        for names, message in list(self._interview_faults(values)):
            self._fault(names[0], mapper.column_of(*names), message, whole_row=not self._mapper.drops_cells)
            for one in INTERVIEW_FIELDS:
                values.pop(one, None)
        for name in INSTANTS:
            if name in values:
                values[name] = stored_instant(values[name])
        for name in ("first_name", "last_name", "duration_minutes"):
            values.pop(name, None)
        return None if self._is_lost or (self.faults and not mapper.drops_cells) else values

    def _fault(self, name: str, column: str, message: str, *, whole_row: bool = True) -> None:
        self.faults.append(Fault(self._line, column, message, name))
        self._bad.add(name)
        self._is_lost = self._is_lost or whole_row

    def _note(self, name: str, column: str, message: str) -> None:
        self.notes.append(Fault(self._line, column, message, name, is_note=True))

    def _given(self, name: str) -> Iterator[list[tuple[str, Cell]]]:
        """Yield the alternatives of a field that are not empty, each as cells by column."""
        mapper = self._mapper
        for places in mapper.alternatives(name):
            cells = [
                (column, cell)
                for at, column in places
                if at < len(self._cells) and (cell := mapper.translate(name, column, self._cells[at])) != ""
            ]
            if cells:
                yield cells
        if fixed := mapper.profile.fixed.get(name):
            yield [(name, mapper.translate(name, name, fixed))]

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
                value, notes = self._mapper.read_text(name, " ".join(text_of(cell) for _, cell in cells), column)
                for note in notes:
                    self._note(name, column, note)
                if value is not None:
                    values |= value if isinstance(value, dict) else {name: value}
                    return
        except ValueError as error:
            self._fault(name, getattr(error, "column", column), str(error), whole_row=not self._mapper.drops_cells)

    def _read_instant(self, name: str, given: list[list[tuple[str, Cell]]], values: Json) -> None:
        cells = [cell for some in given for cell in some]
        found = self._mapper.instants(cells, self._start, is_end=name == "interview_end")
        for note in found.notes:
            self._note(name, cells[0][0], note)
        if name == "interview_start":
            self._start = found.first
            if len(found.instants) > 1:
                values["interview_end"] = found.instants[1]
        values[name] = found.instants[-1] if name == "interview_end" else found.instants[0]

    def _check_person(self, values: Json) -> None:
        if "name" not in values:
            joined = " ".join(values[part] for part in ("first_name", "last_name") if part in values)
            if joined:
                values["name"] = joined[:200]
            elif self._bad.isdisjoint(_NAMES):
                if not any(name in values for name in REFERENCES):
                    self._fault("name", self._mapper.column_of("name", "last_name", *REFERENCES), "has no name")
            else:
                self._is_lost = True
        for name in ("told_at", "sms_consent_at"):
            if values.get(name) and values[name] > self._mapper.now:
                message = f"is {values[name]:%Y-%m-%d %H:%M} UTC: it must not be in the future"
                self._fault(name, self._mapper.column_of(name), message, whole_row=not self._mapper.drops_cells)
                del values[name]

    def _interview_faults(self, values: Json) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what one cell alone does not show of an interview, as (fields, message)."""
        start, end = values.get("interview_start"), values.get("interview_end")
        minutes = values.get("duration_minutes") or self._mapper.profile.minutes
        bad = self._bad
        if start and not end and minutes and "interview_end" not in bad:
            end = values["interview_end"] = start + timedelta(minutes=minutes)
        if start and not end and "interview_end" not in bad:
            yield ("interview_end", "interview_start"), "has a beginning and no end: give it, a duration, or ?minutes="
        if end and not start and "interview_start" not in bad:
            yield ("interview_start",), "has an end and no beginning"
        for _, message in out_of_order(start, end, None):
            yield ("interview_end", "interview_start"), message
        known = any(name in values for name in ("application_ref", "interview_ref"))
        if start and "job_title" not in values and not known and "job_title" not in bad:
            yield ("job_title",), "is needed with an interview"
        status = values.get("status")
        if status == "no_show" and start and start > self._mapper.now:
            later = f"is a no-show of an interview that begins later ({start:%Y-%m-%d %H:%M} UTC): nobody is reminded of it"
            self._note("status", self._mapper.column_of("status"), later)
        if (
            status in ("cancelled", "no_show", "held")
            and not start
            and "interview_ref" not in values
            and not bad & INTERVIEW_FIELDS
        ):
            yield ("status",), f"says {status}, and the row names no interview: give its start or its id"
        if status in ("withdrawn", "hired") and "job_title" not in values and not known and "job_title" not in bad:
            yield ("status",), f"says {status}, and the row names no job"


def _at_column(column: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise _ColumnError(column, str(error)) from None


def _end_on_day(start: dates.Moment, cell: Cell) -> dates.Moment | None:
    """Return the end that a time alone means: on the day of the start, in its time zone."""
    try:
        at, zone = dates.read_time(cell) if not isinstance(cell, datetime) else (None, None)
    except ValueError:
        return None
    return dates.with_time(start, at, zone) if at else None


def _joined(text: str, formats: Sequence[str], reason: str) -> list[dates.Moment]:
    """Read an instant that several columns hold together. Raises ValueError as the first column did."""
    try:
        return dates.read_moments(text, formats)
    except ValueError:
        raise ValueError(reason) from None


def _time_for(moment: dates.Moment, cell: Cell, formats: Sequence[str]) -> tuple[time, str | None]:
    """Return the time of day that a second column tells for a date. Raises ValueError."""
    try:
        return dates.read_time(cell)
    except ValueError:
        try:
            other = dates.read_moments(cell, formats)[0]
        except ValueError:
            other = None
        if other and other.day == moment.day and other.at:
            return other.at, other.zone
        raise


def _minutes(text: str) -> int:
    minutes = next(dates.lengths(text), 0)
    if not 1 <= minutes <= 1440:
        raise ValueError(f'"{text[:60]}" must be a length of 1 to 1440 minutes, like 45 or 1:30')
    return minutes
