"""The order of dates on the import page: which can be chosen, and which one the file's own cells show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from chalicelib.integrations.imports.columns import Layout
from chalicelib.integrations.imports.date_order import DateOrder, find_order, formats_of, holds_dates
from chalicelib.integrations.imports.dates import read_moments
from chalicelib.integrations.imports.header import find_columns
from chalicelib.integrations.imports.profiles import INSTANTS, Profile
from chalicelib.integrations.imports.workbook import Cell
from chalicelib.rules.copy.clock import full_day

_CHOICES = {
    "": "As the layout says",
    "year": "Year first: 2026-11-23",
    "day": "Day first: 23/11/2026",
    "month": "Month first: 11/23/2026",
    "word": "Month as a word: Nov 23, 2026",
}
ROWS_TRIED = 1_000
"""Of a file: where the formats of a layout read none of their dates, its order is another one."""
_READ_AS = {
    "year": "as year, month, day",
    "day": "as day, month, year",
    "month": "as month, day, year",
    "word": "with the month as a word",
}


def settle(profile: Profile, layout: Layout, *, is_chosen: bool) -> tuple[Profile, DateOrder | None]:
    """Return a profile whose formats read the file's dates, and their order where the cells show it; else as it is.

    A profile without formats has those of the cells' order, and so has a known layout whose formats read none of the dates.
    Where the cells show no order, it has none, which is asked for. What the form chose (`is_chosen`) counts.
    """
    if profile.formats and (is_chosen or not holds_dates(_date_cells(profile, layout)) or _reads_some(profile, layout)):
        return profile, None
    order = find_order(_date_cells(profile, layout))
    return replace(profile, date_format=formats_of(order.name) if order else None), order


def _reads_some(profile: Profile, layout: Layout) -> bool:
    """Whether the profile's formats read any date of the file, in a cell or in several that are joined."""
    found = find_columns(profile, layout.names)
    for _, cells in layout.rows[:ROWS_TRIED]:
        for name in INSTANTS:
            given = [cells[at] for places in found.get(name, ()) for at, _ in places if at < len(cells) and cells[at] != ""]
            if any(_is_read(one, profile) for one in (*given, " ".join(map(str, given)))):
                return True
    return False


def _is_read(cell: Cell, profile: Profile) -> bool:
    try:
        read_moments(cell, profile.formats)
    except ValueError:
        return False
    return True


def _date_cells(profile: Profile, layout: Layout) -> Iterator[Cell]:
    """Yield the cells of all columns that hold dates: one order counts for the whole file."""
    found = find_columns(profile, layout.names)
    used = {at for name in INSTANTS for places in found.get(name, ()) for at, _ in places}
    for _, cells in layout.rows:
        yield from (cells[at] for at in used if at < len(cells))


def choices(order: DateOrder | None) -> dict[str, str]:
    """Return the orders to choose from. The first one says what the cells show."""
    shown = _CHOICES[order.name].partition(":")[0].lower() if order and order.shown else ""
    return {**_CHOICES, "": f"As this file shows: {shown}"} if shown else _CHOICES


def sentence(order: DateOrder | None, zone: str) -> str:
    """Return how dates are read by the order that the cells show, with an example; "" where they show none."""
    if order is None or order.day is None:
        return ""
    day = full_day(datetime.combine(order.day, time(12), ZoneInfo(zone)), zone)
    if not order.shown:
        return f"Dates are read as the spreadsheet stores them: the first is {day}."
    return f"Dates are read {_READ_AS[order.name]}: {order.shown} is {day}."
