"""Maps a line of cells to values by field, or to its errors by column, as a profile says. Reads no table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api.validators import YEARS_FROM_NOW, instant_near, read_email, read_locale, read_name, read_phone, read_zone
from chalicelib.applications.interviews.service import out_of_order
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports.header import find_columns
from chalicelib.integrations.imports.profiles import FIELDS, INSTANTS, Profile
from chalicelib.integrations.imports.read_file import CELL_MOST, Cell, Sheet
from chalicelib.rules.model import DECIDED, STAGES
from chalicelib.storage.table import stored_instant

DATE_FORMAT = r"^(iso|(%[YymdbHIpMS]|[ /.\-:,T])+)$"
_DIRECTIVES = re.compile(DATE_FORMAT, re.ASCII)
_SERIAL = re.compile(r"[1-9][0-9]{4}([.,][0-9]+)?", re.ASCII)
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
Json = dict[str, Any]
Faults = list[tuple[str, str]]
"""(column, message)"""


class Mapper:
    """Reads the lines of one file by a profile. Raises Unprocessable where the profile does not fit the file."""

    def __init__(self, profile: Profile, header: Sequence[str], now: datetime) -> None:
        self._profile = profile
        self._now = now
        self._width = len(header)
        self._columns = find_columns(profile, header)
        self._check_date_settings()
        text: Callable[[str, Cell], Any] = _named
        self._readers: dict[str, Callable[[str, Cell], Any]] = dict.fromkeys(FIELDS, text) | {
            "email": lambda _, cell: read_email(_text(cell)),
            "phone": lambda _, cell: self._phone(_text(cell)),
            "timezone": lambda _, cell: read_zone(_text(cell)),
            "locale": lambda _, cell: read_locale(_text(cell)),
            "stage": partial(_one_of, STAGES),
            "decided": partial(_one_of, DECIDED),
            **{name: lambda _, cell: self._instant(cell) for name in INSTANTS},
        }

    @property
    def mapped(self) -> dict[str, list[str]]:
        """The columns that were found, by field."""
        return {name: [column for _, column in places] for name, places in self._columns.items()}

    def _check_date_settings(self) -> None:
        profile, wanted = self._profile, [name for name in INSTANTS if name in self._columns]
        faults: list[FieldError] = []
        if wanted and profile.date_format is None:
            faults.append(FieldError("?date_format", f"is needed to read {', '.join(wanted)}: iso, or like %d.%m.%Y %H:%M"))
        if wanted and profile.timezone is None and profile.date_format != "iso":
            faults.append(
                FieldError("?timezone", f"is needed to read {', '.join(wanted)}: an IANA time zone, like Europe/Berlin")
            )
        if "interview_start" in wanted and profile.date_format not in (None, "iso") and not _has_hours(profile.date_format):
            faults.append(FieldError("?date_format", "must hold a time of day: an interview has one"))
        if "interview_start" in self._columns and "interview_end" not in self._columns and profile.minutes is None:
            faults.append(FieldError("?minutes", "is needed: the file says when interviews begin, and not when they end"))
        if faults:
            raise Unprocessable("How to read the file is not fully told, and is not guessed.", errors=faults)

    def row(self, cells: Sequence[Cell]) -> tuple[Json, Faults]:
        """Return a line's values by field, with instants in stored form, and its errors."""
        values: Json = {}
        faults: Faults = []
        if any(cells[self._width :]):
            faults.append((str(self._width + 1), "has more cells than the header: a comma inside a cell wants quotes"))
        for name, places in self._columns.items():
            column, cell = next(((column, cells[at]) for at, column in places if at < len(cells) and cells[at] != ""), ("", ""))
            cell = cell or self._profile.fixed.get(name, "")
            if cell == "":
                continue
            try:
                values[name] = self._readers[name](name, self._translate(name, cell))
            except ValueError as error:
                faults.append((column or name, str(error)))
        return self._check_row(values, faults)

    def _translate(self, name: str, cell: Cell) -> Cell:
        words = self._profile.words.get(name)
        if not words or not isinstance(cell, str):
            return cell
        return next((value for word, value in words.items() if word.casefold() == cell.casefold()), cell)

    def _check_row(self, values: Json, faults: Faults) -> tuple[Json, Faults]:
        """Check what one cell alone does not show."""
        bad = {column for column, _ in faults}
        if "name" not in values:
            joined = " ".join(values[part] for part in ("first_name", "last_name") if part in values)
            if joined:
                values["name"] = joined[:200]
            elif not bad.intersection(self._names_of("name", "first_name", "last_name")):
                faults.append((self._first_name_of("name", "last_name"), "has no name"))
        for part in ("first_name", "last_name"):
            values.pop(part, None)
        return values, [*faults, *self._check_fields_together(values, bad)]

    def _check_fields_together(self, values: Json, bad: set[str]) -> Iterator[tuple[str, str]]:
        """Yield errors of a row's instants, and put them into stored form. `bad` columns have an error already."""
        start, end = (values.get(name) for name in ("interview_start", "interview_end"))
        if start and not end and self._profile.minutes and not bad.intersection(self._names_of("interview_end")):
            end = start + timedelta(minutes=self._profile.minutes)
            values["interview_end"] = end
        if start and not end and not bad.intersection(self._names_of("interview_end")):
            yield self._first_name_of("interview_end", "interview_start"), "has a beginning and no end: give it, or ?minutes="
        if end and not start and not bad.intersection(self._names_of("interview_start")):
            yield self._first_name_of("interview_start"), "has an end and no beginning"
        for _, message in out_of_order(start, end, None):
            yield self._first_name_of("interview_end"), message
        if start and "job_title" not in values and not bad.intersection(self._names_of("job_title")):
            yield self._first_name_of("job_title"), "is needed with an interview"
        if values.get("told_at") and values["told_at"] > self._now:
            yield self._first_name_of("told_at"), "must not be in the future"
        if values.get("sms_consent_at") and values["sms_consent_at"] > self._now:
            yield self._first_name_of("sms_consent_at"), "must not be in the future"
        for name in INSTANTS:
            if name in values:
                values[name] = stored_instant(values[name])

    def _names_of(self, *names: str) -> set[str]:
        return {column for name in names for _, column in self._columns.get(name, ())} | set(names)

    def _first_name_of(self, *names: str) -> str:
        """Return the column at which an error of a field is shown: its first in this file."""
        return next((places[0][1] for name in names if (places := self._columns.get(name)) and places[0][1]), names[0])

    def _phone(self, text: str) -> str:
        if text.startswith("+") or self._profile.country is None:
            return read_phone(text)
        import phonenumbers

        try:
            number = phonenumbers.parse(text, self._profile.country)
        except phonenumbers.NumberParseException:
            raise ValueError(f"is not a phone number of {self._profile.country}") from None
        return read_phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def _instant(self, cell: Cell) -> datetime:
        if isinstance(cell, datetime):
            return self._in_zone(cell)
        if _SERIAL.fullmatch(cell):
            raise ValueError("is a spreadsheet's number of a day: give the column the format of a date, and save it again")
        if self._profile.date_format == "iso":
            if re.search(r"([Zz]|[+-]\d\d:\d\d)$", cell) and "T" in cell.upper():
                return instant_near(cell, self._now)
            try:
                local = datetime.fromisoformat(cell)
            except ValueError:
                raise ValueError("must be an ISO 8601 instant, like 2026-11-23T17:00:00+01:00") from None
            return self._in_zone(local)
        try:
            local = datetime.strptime(cell, self._profile.date_format or "")  # noqa: DTZ007 - its zone follows
        except ValueError:
            raise ValueError(f"must be a date like {self._profile.date_format}") from None
        return self._in_zone(local)

    def _in_zone(self, local: datetime) -> datetime:
        """Read local time. Of two instants with the same local time the first counts; a skipped time is an error."""
        if local.tzinfo is None:
            if self._profile.timezone is None:
                raise ValueError("has no offset: say ?timezone=")
            zoned = local.replace(tzinfo=ZoneInfo(self._profile.timezone))
            if zoned.astimezone(UTC).astimezone(zoned.tzinfo).replace(tzinfo=None) != local:
                raise ValueError(f"is a time that clocks skipped in {self._profile.timezone}")
            local = zoned
        moment = local.astimezone(UTC)
        if abs(moment - self._now) > YEARS_FROM_NOW:
            raise ValueError("must be within 10 years of now")
        return moment


def _has_hours(date_format: str | None) -> bool:
    return any(directive in (date_format or "") for directive in ("%H", "%I"))


def _text(cell: Cell) -> str:
    text = cell if isinstance(cell, str) else cell.isoformat(sep=" ")
    if re.match(r"'[=+\-@]", text):
        text = text[1:]  # our own spreadsheets write it before what would run as a formula, and people before a number's +
    if text in _ERRORS:
        raise ValueError("is an error of the spreadsheet and no value")
    if len(text) > CELL_MOST:
        raise ValueError(f"must be at most {CELL_MOST} characters")
    return text


def _named(_: str, cell: Cell) -> str:
    return read_name(_text(cell))


def _one_of(options: Sequence[str], _: str, cell: Cell) -> str:
    if (word := _text(cell).casefold()) not in options:
        raise ValueError(f"must be one of {', '.join(options)}; a profile's `words` translate others")
    return word


def read_date_format(value: str) -> str:
    """Read a query's `date_format`. Raises ValueError."""
    if len(value) > 40 or not _DIRECTIVES.fullmatch(value):
        raise ValueError("must be iso, or made of %Y %y %m %d %b %H %I %p %M %S and separators")
    return value


def map_all(mapper: Mapper, sheet: Sheet) -> tuple[list[Json], list[tuple[int, str, str]]]:
    """Map all lines: the good rows, each with its `line`, and all errors as (line, column, message)."""
    rows: list[Json] = []
    faults: list[tuple[int, str, str]] = []
    for line, cells in sheet.rows:
        values, wrong = mapper.row(cells)
        if wrong:
            faults += [(line, column, message) for column, message in wrong]
        else:
            rows.append({"line": line, **values})
    return rows, faults
