"""Finds the order in which the dates of a file are written, where its cells leave only one. Nothing is guessed.

The page asks for the order of dates only where no order is found here. The API always asks: a program sends many files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from chalicelib.integrations.imports.cells import is_blank, says_nothing
from chalicelib.integrations.imports.date_words import MONTH_OF
from chalicelib.integrations.imports.dates import DATE_MOST
from chalicelib.integrations.imports.times import TIME_MOST, times_of
from chalicelib.integrations.imports.workbook import Cell

_DAYS = {
    "year": (),
    "day": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    "month": ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y"),
    "word": ("%d %b %Y", "%b %d, %Y", "%d-%b-%Y"),
}
"""The orders, each with its formats of a day. All of them read dates that begin with the year too."""
_TIMES = ("", " %H:%M", " %I:%M %p")
_YEAR_FIRST = re.compile(r"(?P<Y>\d{4})(?:([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})|(?P<m2>\d\d)(?P<d2>\d\d))(?!\d)", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/.-])", re.ASCII)
_DAY_AND_WORD = re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?([ -])(?P<b>[^\W\d_]+)\.?\2(?P<Y>\d{4})(?!\d)", re.IGNORECASE)
_WORD_AND_DAY = re.compile(r"(?P<b>[^\W\d_]+)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?, (?P<Y>\d{4})(?!\d)", re.IGNORECASE)


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
    return ("iso", *(f"{day}{at}" for day in _DAYS[order] for at in _TIMES))


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
    text = " ".join(cell.split())
    if match := _YEAR_FIRST.match(text):
        month, day = match["m"] or match["m2"], match["d"] or match["d2"]
        return match[0], _days(year=(match["Y"], month, day))
    if (match := _NUMBERS.match(text)) and _is_time(text[match.end() :]):
        first, _, second, year = match.groups()
        return match[0], _days(day=(year, second, first), month=(year, first, second))
    if (match := _DAY_AND_WORD.match(text) or _WORD_AND_DAY.match(text)) and _is_time(text[match.end() :]):
        return match[0], _days(word=(match["Y"], MONTH_OF.get(match["b"].casefold(), 0), match["d"]))
    return "", {}


def _is_time(rest: str) -> bool:
    """Whether nothing but a time of day stands after a date: "25/04/2026 or 03/05/2026" settles nothing."""
    rest = rest.lstrip(" ,")
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
