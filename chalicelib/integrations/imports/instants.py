"""Reads the cells of an instant: a date, a time, a time zone, in one column or several."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from typing import TypeVar

from chalicelib.integrations.imports import dates, zones
from chalicelib.integrations.imports.cells import text_of
from chalicelib.integrations.imports.dates import Moment, end_on_day
from chalicelib.integrations.imports.faults import ColumnError
from chalicelib.integrations.imports.profiles import Profile
from chalicelib.integrations.imports.times import TIME_MOST, in_half, read_times, times_of
from chalicelib.integrations.imports.workbook import Cell

DAY_BEGINS = 6
"""A time before this hour is named: "1:30" without am and pm may be meant as 13:30. A time with its zone is not."""
Place = tuple[str, Cell]
"""A cell, by the name of its column."""
T = TypeVar("T")
_ZONE_HEADING = re.compile(r"\b(time ?zone|tz)\b", re.IGNORECASE)
"""A column of which each value must be a time zone: one that is not understood would be passed over."""
_HALF_HEADING = re.compile(r"\bam ?/ ?pm\b", re.IGNORECASE)
"""So it is with a column of halves of the day."""


@dataclass(frozen=True, slots=True)
class Instants:
    """What the cells of an instant say: one, or two where they hold a start and an end."""

    first: Moment
    instants: list[datetime]
    notes: list[str]
    is_default_time: bool = False


class InstantReader:
    """Reads instants by the formats, the zone and the default time of a profile."""

    def __init__(self, profile: Profile, now: datetime) -> None:
        self._formats, self._zone, self._now = profile.formats, profile.timezone, now
        self._default_time = time.fromisoformat(profile.default_time) if profile.default_time else None

    @property
    def has_default_time(self) -> bool:
        return self._default_time is not None

    def read(self, cells: Sequence[Place], start: Moment | None, *, is_end: bool, joined: int = 1) -> Instants:
        """Read the cells of an instant; the first `joined` of them belong together, so that each of these must count.

        An end that is only a time is on the day of `start`. Raises ColumnError.
        """
        (column, cell), *others = cells
        moments, others = self._first(column, cell, others, start if is_end else None)
        notes: list[str] = []
        is_default = False
        zoned = column
        for at, (other, text) in enumerate(others, 2):
            if isinstance(text, str) and moments[0].at and (half := in_half(moments[0].at, text)):
                moments = [replace(moments[0], at=half)]
                continue
            if isinstance(text, str) and zones.is_zone(text, self._zone):
                moments, zoned = [replace(one, zone=one.zone or text) for one in moments], other
                continue
            known = moments[0]
            told = self._times_told(known, text)
            if told and (known.at in (None, time()) or told[0].at == known.at) and known.zone in (None, told[0].zone):
                moments = told if len(told) >= len(moments) else moments
                zoned = zoned if known.zone == told[0].zone else other
            elif known.at is None:
                moments = _at_column(other, partial(self._with_times, known, text))
            elif at <= joined:
                shown = f'"{text_of(text)[:60]}"'
                raise ColumnError(other, f"{shown} is neither {known.at:%H:%M}, as before it, nor a time zone like Europe/Berlin")
            elif is_time_alone(text):
                raise ColumnError(other, f'"{text_of(text)[:60]}" is another time than {known.at:%H:%M} of {column}: keep one')
            elif _HALF_HEADING.search(other):
                raise ColumnError(other, f'"{text_of(text)[:60]}" is no AM or PM that fits {known.at:%H:%M}')
            elif _ZONE_HEADING.search(other):
                raise ColumnError(other, f'"{text_of(text)[:60]}" is not a time zone like Europe/Berlin')
        if moments[0].at is None:
            if self._default_time is None or is_end:
                example = "give it a time, like 2026-11-23 14:30, a column with the time, or ?default_time=17:00"
                raise ColumnError(column, f'"{text_of(cell)[:60]}" has a date and no time: {example}')
            moments, is_default = [replace(moments[0], at=self._default_time)], True
            notes.append(f"has a date and no time: {self._default_time:%H:%M} is taken (default_time)")
        instants = [_at_column(zoned, partial(self._instant, one)) for one in moments]
        if any(zones.comes_twice(_local(one), one.zone, self._zone) for one in moments):
            notes.append(f"is {_local(moments[0]):%Y-%m-%d %H:%M}, which clocks show twice that night: the first is taken")
        elif not is_end and moments[0].zone is None and moments[0].at and moments[0].at.hour < DAY_BEGINS:
            night = moments[0].at
            day = night.replace(hour=night.hour + 12)
            notes.append(f"is read as {night:%H:%M} in the night: write {day:%H:%M} for the afternoon")
        return Instants(moments[0], instants, notes, is_default)

    def _first(self, column: str, cell: Cell, others: list[Place], start: Moment | None) -> tuple[list[Moment], list[Place]]:
        """Read the first cell, alone or with the others; return what is left of them."""
        if start and (end := _end_of(start, cell)):
            return [end], others
        try:
            text_of(cell)
            return dates.read_moments(cell, self._formats), others
        except ValueError as error:
            if not others:
                raise ColumnError(column, str(error)) from None
            try:
                joined = " ".join(text_of(one) for one in (cell, *(text for _, text in others)))
                return dates.read_moments(joined, self._formats), []
            except ValueError:
                raise ColumnError(column, str(error)) from None

    def _with_times(self, moment: Moment, cell: Cell) -> list[Moment]:
        """Return a date with the time of day, or the two of a range, that another column tells. Raises ValueError."""
        if isinstance(cell, datetime) and cell.date() != moment.day:
            raise ValueError(f'"{cell:%Y-%m-%d %H:%M}" is on another day than {moment.day:%Y-%m-%d}: keep one of the two')
        try:
            found = [replace(moment, at=at, zone=zone or moment.zone) for at, zone in read_times(cell)]
        except ValueError:
            try:
                other = dates.read_moments(cell, self._formats)
            except ValueError:
                other = []
            if not other or other[0].day != moment.day or other[0].at is None:
                raise
            found = other
        return [found[0], end_on_day(found[0], found[1])] if len(found) == 2 else found

    def _times_told(self, moment: Moment, cell: Cell) -> list[Moment]:
        """Return what `_with_times` returns; nothing where the cell tells no time of this day."""
        try:
            return self._with_times(moment, cell)
        except ValueError:
            return []

    def _instant(self, moment: Moment) -> datetime:
        return zones.to_instant(_local(moment), moment.zone, self._zone, self._now)


def _local(moment: Moment) -> datetime:
    return datetime.combine(moment.day, moment.at or time())


def is_time_alone(cell: Cell) -> bool:
    """Whether a cell is a time of day, without a date."""
    return isinstance(cell, time) or (isinstance(cell, str) and len(cell) <= TIME_MOST and bool(times_of(cell)))


def _end_of(start: Moment, cell: Cell) -> Moment | None:
    """Return the end that a time alone means: on the day of the start, in its time zone, or past the midnight after it."""
    if isinstance(cell, datetime):
        return None
    try:
        at, zone = read_times(cell)[-1]
    except ValueError:
        return None
    return end_on_day(start, replace(start, at=at, zone=zone or start.zone))


def _at_column(column: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise ColumnError(column, str(error)) from None
