"""The order of dates on the import page: which can be chosen, and which one the file's own cells show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from chalicelib.integrations.imports.columns import Layout
from chalicelib.integrations.imports.date_order import DateOrder, find_order, formats_of
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
_READ_AS = {
    "year": "as year, month, day",
    "day": "as day, month, year",
    "month": "as month, day, year",
    "word": "with the month as a word",
}


def settle(profile: Profile, layout: Layout) -> tuple[Profile, DateOrder | None]:
    """Return a profile without date formats with those that the cells show, and their order; else the profile as it is."""
    order = None if profile.formats else find_order(_date_cells(profile, layout))
    return (replace(profile, date_format=formats_of(order.name)) if order else profile), order


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
