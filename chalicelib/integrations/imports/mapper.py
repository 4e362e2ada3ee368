"""Maps the lines of a file to values by field, as a profile says. Reads no table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from chalicelib.api.validators import read_locale
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports import addresses, dates
from chalicelib.integrations.imports import cells as cell_readers
from chalicelib.integrations.imports.cells import fold, is_blank
from chalicelib.integrations.imports.faults import Fault, Mapped
from chalicelib.integrations.imports.header import Header
from chalicelib.integrations.imports.instants import InstantReader
from chalicelib.integrations.imports.map_row import NAMES, RowReader, Rules
from chalicelib.integrations.imports.not_people import passed_over
from chalicelib.integrations.imports.profiles import INSTANTS, REFERENCES, Profile
from chalicelib.integrations.imports.read_file import Line
from chalicelib.integrations.imports.times import read_minutes
from chalicelib.integrations.imports.zones import read_time_zone
from chalicelib.rules.model import DECIDED, STAGES

OnFault = Literal["refuse", "skip_cell", "skip_row"]
ON_FAULT: tuple[OnFault, ...] = ("refuse", "skip_cell", "skip_row")


class Mapper:
    """Reads the lines of one file by a profile. Raises Unprocessable where the profile does not say all that is needed."""

    def __init__(self, profile: Profile, header: Header, now: datetime, *, drop_cells: bool = False) -> None:
        self._profile, self._header = profile, header
        instants = InstantReader(profile, now)
        words = {name: {fold(word): value for word, value in words.items()} for name, words in profile.translations().items()}
        self._rules = Rules(
            profile, header.columns, header.names, frozenset(header.used), words, self._read_text, instants, now, drop_cells
        )
        self._check_date_settings(has_default_time=instants.has_default_time)
        self._readers: dict[str, Callable[[str, str], Any]] = {
            "timezone": lambda text, _: read_time_zone(text, profile.timezone),
            "locale": lambda text, _: read_locale(text),
            "stage": lambda text, _: cell_readers.read_option(STAGES, text),
            "decided": lambda text, column: cell_readers.read_option(DECIDED, text, column),
            "status": cell_readers.read_status,
            "duration_minutes": lambda text, _: read_minutes(text),
            **{name: lambda text, _: cell_readers.read_person_name(text) for name in NAMES},
            **{name: lambda text, _: cell_readers.read_reference(text) for name in REFERENCES},
        }

    @property
    def mapped(self) -> dict[str, list[str]]:
        """The columns that were found, by field."""
        return {
            name: list(dict.fromkeys(column for places in alternatives for _, column in places))
            for name, alternatives in self._header.columns.items()
        }

    def _check_date_settings(self, *, has_default_time: bool) -> None:
        profile, columns = self._profile, self._header.columns
        wanted = [name for name in INSTANTS if name in columns]
        formats = profile.formats
        faults: list[FieldError] = []
        if wanted and not formats:
            faults.append(FieldError("?date_format", f"is needed to read {', '.join(wanted)}: iso, or like %d.%m.%Y %H:%M"))
        says_zone = "iso" in formats or any(re.search(r"%-?[zZ]", one) for one in formats)
        if wanted and profile.timezone is None and not says_zone:
            faults.append(
                FieldError("?timezone", f"is needed to read {', '.join(wanted)}: an IANA time zone, like Europe/Berlin")
            )
        one_column = sum(len(places) for places in columns.get("interview_start", ())) == 1
        if one_column and formats and not dates.has_hours(formats) and not has_default_time:
            example = "like %d.%m.%Y %H:%M; or state the hour of all with ?default_time=, like 17:00"
            faults.append(FieldError("?date_format", f"must hold a time of day: an interview has one, {example}"))
        ends = {"interview_end", "duration_minutes"} & columns.keys()
        two = any(len(dates.instants_of(one)) > 1 for one in formats)
        if "interview_start" in columns and not ends and profile.minutes is None and not two:
            faults.append(
                FieldError("?minutes", "is needed: the file says when interviews begin, and not when they end, like ?minutes=45")
            )
        if faults:
            raise Unprocessable("How to read the file is not fully told, and is not guessed.", errors=faults)

    def map_lines(self, lines: Sequence[Line]) -> Mapped:
        """Map all lines."""
        mapped = Mapped()
        kinds = {
            name: {at for field in fields for places in self._header.columns.get(field, ()) for at, _ in places}
            for name, fields in (("names", NAMES), ("addresses", ("email", "phone")), ("ids", REFERENCES))
        }
        for line, cells in lines:
            if all(is_blank(cell) for cell in cells):
                mapped.blank += 1
            elif reason := passed_over(cells, self._header.names, **kinds):
                mapped.blank += 1
                mapped.notes.append(Fault(line, self._rules.column_of(*NAMES, *REFERENCES), reason, is_note=True))
            else:
                row = RowReader(self._rules, line, cells)
                values = row.read()
                mapped.faults += row.faults
                mapped.notes += row.notes
                if values is None:
                    mapped.faulty += 1
                else:
                    mapped.rows.append({"line": line, **values})
        return mapped

    def _read_text(self, name: str, text: str, column: str) -> tuple[Any, list[str]]:
        """Read a field that is no instant: its value, and what should be known. Raises ValueError."""
        if name == "email":
            return addresses.read_emails(text)
        if name == "phone":
            number, notes = addresses.read_phones(text, self._profile.country)
            return (
                {"phone": number.e164} | ({"phone_extension": number.extension} if number.extension else {}) if number else None
            ), notes
        reader = self._readers.get(name)
        value = reader(text, column) if reader else cell_readers.read_text(text)
        lost = cell_readers.letters_lost(value) if name in (*NAMES, "job_title") else None
        return value, [lost] if lost else []
