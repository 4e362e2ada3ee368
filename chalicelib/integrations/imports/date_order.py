"""Finds the order in which the dates of a file are written, where its cells leave only one. Nothing is guessed.

The page asks for the order of dates only where no order is found here. The API always asks: a program sends many files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from chalicelib.integrations.imports.cells import is_blank, says_nothing
from chalicelib.integrations.imports.date_words import split_weekday, tidy, word_date
from chalicelib.integrations.imports.dates import DATE_MOST, read_date_formats, read_moments
from chalicelib.integrations.imports.times import TIME_MOST, times_of
from chalicelib.integrations.imports.workbook import Cell

_DAYS = {
    "year": (),
    "day": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y"),
    "month": ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%y", "%m.%d.%y", "%m-%d-%y"),
    "word": ("%d %b %Y", "%b %d, %Y"),
}
"""The orders, each with its formats of a day, after which any usual time may stand. All of them read dates that begin with
the year too."""
EXAMPLE = date(2026, 12, 31)
_YEAR_FIRST = re.compile(r"(?P<Y>\d{4})(?:([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})|(?P<m2>\d\d)(?P<d2>\d\d))(?!\d)", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?![\d/.-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateOrder:
    """An order of dates, with the first date of the file that shows it. `day` is None where the file holds no date at all."""

    name: str
    shown: str = ""
    """The date as it is written; "" for a date cell of a workbook, which is written in no order."""
    day: date | None = None


def formats_of(order: str) -> tuple[str, ...]:
    """Return the date formats of an order. Raises ValueError."""
    if order not in _DAYS:
        raise ValueError("must be one of those offered")
    return ("iso", *_DAYS[order])


def read_example(value: str) -> tuple[str, ...]:
    """Return the date formats of an order, shown by one date: December 31, 2026 or another whose order is plain.

    The API's own date formats are read as they are. Raises ValueError.
    """
    if "%" in value or value.strip() == "iso":
        return read_date_formats(value)
    days = _read(value)[1]
    names = [name for name, day in days.items() if day == EXAMPLE] or list(days)
    try:
        [name] = names
        read_moments(value, formats_of(name))
    except ValueError:
        raise ValueError("must be written like 31.12.2026, 12/31/2026, 2026-12-31 or Dec 31, 2026") from None
    return formats_of(name)


def find_order(cells: Iterable[Cell]) -> DateOrder | None:
    """Return the only order in which the dates among the cells can be read; None where there are two or none.

    Day or month first is settled by a date like 25/04/2026, unless another one is written the other way. Cells that are
    a date in no order do not count: they are faults of their rows.
    """
    found: dict[str, DateOrder] = {}
    is_open = has_others = False
    for cell in dict.fromkeys(cells):
        shown, days = _read(cell)
        if len(days) == 1:
            [(name, day)] = days.items()
            found.setdefault(name, DateOrder(name, shown, day))
        is_open = is_open or len(days) > 1
        has_others = has_others or not (days or is_blank(cell) or (isinstance(cell, str) and says_nothing(cell)))
    settled = [found[name] for name in ("day", "month") if name in found]
    if settled or is_open:
        return settled[0] if len(settled) == 1 else None
    return found.get("word") or found.get("year") or (None if has_others else DateOrder("year"))


def holds_dates(cells: Iterable[Cell]) -> bool:
    """Whether any of the cells is a date in one of the orders."""
    return any(_read(cell)[1] for cell in cells)


def _read(cell: Cell) -> tuple[str, dict[str, date]]:
    """Return the date with which a cell begins, as it is written, and the days that it can be, by order."""
    match cell:
        case datetime():
            return "", {"year": cell.date()}
        case date():
            return "", {"year": cell}
        case time():
            return "", {}
    if len(cell) > DATE_MOST:
        return "", {}
    text, _ = split_weekday(tidy(cell))
    if match := _YEAR_FIRST.match(text):
        month, day = match["m"] or match["m2"], match["d"] or match["d2"]
        return match[0], _days(year=(match["Y"], month, day))
    if (match := _NUMBERS.match(text)) and _is_time(text[match.end() :]):
        first, mark, second, year = match.groups()
        if len(year) == 4:
            return match[0], _days(day=(year, second, first), month=(year, first, second))
        others = {"year": (f"20{first:0>2}", second, year)} if mark == "-" else {}  # 26-12-04
        return match[0], _days(day=(f"20{year}", second, first), month=(f"20{year}", first, second), **others)
    if (found := word_date(text)) and _is_time(found[1]):
        return text.removesuffix(found[1]), {"word": found[0]}
    return "", {}


def _is_time(rest: str) -> bool:
    """Whether nothing but a time of day stands after a date: "25/04/2026 or 03/05/2026" settles nothing."""
    rest = split_weekday(rest, after_date=True)[0].lstrip(" ,")
    return not rest or (len(rest) <= TIME_MOST and bool(times_of(rest)))


def _days(**parts: tuple[str | int, ...]) -> dict[str, date]:
    """Return the days that exist, by order, of (year, month, day)."""
    found = {}
    for name, (year, month, day) in parts.items():
        try:
            found[name] = date(int(year), int(month), int(day))
        except ValueError:
            continue
    return found
