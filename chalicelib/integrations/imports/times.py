"""Reads times of day, ranges of them, and lengths, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time

from chalicelib.integrations.imports.workbook import Cell
from chalicelib.integrations.imports.zones import ZONE

TIME_MOST = 100
HALF = r"(?:[ap]\.?\s?m\b\.?|(?:vorm|nachm)(?:ittags)?\b\.?|(?:dop|odp)\b\.?|[πμ]\.?μ\.?|[صم]\.?|오전|오후|[上下]午|午[前後])"
"""A half of the day, as people and spreadsheets write it in their languages."""
_AFTERNOON = ("p", "nachm", "odp", "μ", "م", "오후", "下", "午後")
_CLOCK = (
    r"(?:(?P<q{n}>오전|오후|[上下]午|午[前後]|[ap]m)\s?)?(?P<H{n}>\d{{1,2}})"
    r"(?:(?:[:.]|\s?[hu]\s?)(?P<M{n}>\d\d)(?::(?P<S{n}>\d\d)(?:[.,]\d+)?)?(?:\s?hrs?\b\.?)?)?"
    rf"(?P<u{{n}}>\s?(?:h|uhr|uur|o.clock)\b)?(?:\s*(?P<p{{n}}>{HALF}))?"
)
_BEFORE = re.compile(
    r"(?:@|(?:at|um|kl\.?|à|a las|alle(?: ore)?|om|[àa]s|godz\.?|o(?: godz\.?)?|from|von|van|de|od|das|dalle)\s)\s*",
    re.IGNORECASE,
)
"""A word before a time."""
_ZONED = r"(?:\s*[(\[]?(?P<Z>" + ZONE + r")[)\]]?(?:\s*\[[\w/]+\]|(?<=\d)\s*\([a-z ]+\))?)?"
_TIME = re.compile(_CLOCK.format(n="") + _ZONED, re.IGNORECASE | re.ASCII)
_RANGE = re.compile(
    _CLOCK.format(n="")
    + r"\s*(?:-|–|—|\bto\b|\buntil\b|\bbis\b|\btot\b|\bdo\b|\ba(?:lle|s)?\b|às|à)\s*"
    + _CLOCK.format(n="2")
    + _ZONED,
    re.IGNORECASE,
)
_NOON = re.compile(r"\b(?:12\s+)?(?:noon|midday)\b", re.IGNORECASE)
_NIGHT_MOST = 6 * 60
"""Minutes up to which an end before its start is on the next day. Beyond, one of them is wrong."""
At = tuple[time, str | None]
"""A time of day, and the time zone that it names."""


def read_times(cell: Cell) -> list[At]:
    """Read a cell that holds a time of day, or a range of two. Raises ValueError."""
    match cell:
        case datetime():
            return [(cell.time(), None)]
        case time():
            return [(cell, None)]
        case str() if len(cell) <= TIME_MOST and (found := times_of(cell)):
            return found
        case str() if re.fullmatch(r"0?[.,]\d+", cell):
            raise ValueError(
                f'"{cell}" is a spreadsheet\'s number of a time: give the column the format of a time, and save it again'
            )
    raise ValueError(f'"{str(cell)[:60]}" must be a time like 16:00 or 4:00 pm')


def times_of(text: str) -> list[At]:
    """Return the time, or the two of a range, that a text is; nothing where it is none."""
    text = _NOON.sub("12:00", text.strip())
    if match := _BEFORE.match(text):
        text = text[match.end() :]
    if (match := _RANGE.fullmatch(text)) and (found := _range(match)):
        return found
    if (match := _TIME.fullmatch(text)) and (match["M"] or match["u"] or match["p"] or match["q"]):
        at = _at(match["H"], match["M"], match["S"], match["p"] or match["q"])
        return [(at, match["Z"])] if at else []
    return []


def in_half(at: time, text: str) -> time | None:
    """Return a time in the half of the day that a text alone is ("PM"); None where it is none, or the time is in the other."""
    half = text.strip()
    if not re.fullmatch(HALF, half, re.IGNORECASE):
        return None
    if at.hour > 12:
        return at if is_afternoon(half) else None
    return at.replace(hour=hour_of(at.hour, half)) if at.hour else None


def minutes_after(start: time, end: time) -> int | None:
    """Return the minutes from start to end, which may be on the next day; None where that would be too long."""
    minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
    if minutes > 0:
        return minutes
    return minutes + 1440 if minutes + 1440 <= _NIGHT_MOST else None


def _range(match: re.Match[str]) -> list[At] | None:
    """Return both times of a range. "9-10 am" is from 9 in the morning, "11:30-1:00 pm" from before noon."""
    first, second = match["p"] or match["q"], match["p2"] or match["q2"]
    if not any((match["M"], match["u"], match["M2"], match["u2"], first, second)):
        return None
    if match["q"] and second is None:
        second = first  # a half that stands before a range is that of both
    guesses = [second, "am" if is_afternoon(second) else "pm"] if second else [None]
    end = _at(match["H2"], match["M2"], match["S2"], second)
    for half in [first] if first else guesses:
        start = _at(match["H"], match["M"], match["S"], half)
        if start and end and minutes_after(start, end) is not None:
            return [(start, match["Z"]), (end, match["Z"])]
    return None


def _at(hour: str, minute: str | None, second: str | None, half: str | None) -> time | None:
    try:
        return time(hour_of(int(hour), half), int(minute or 0), int(second or 0))
    except ValueError:
        return None


def hour_of(hour: int, half: str | None, *, of_twelve: bool = False) -> int:
    """Return the hour of the day. Raises ValueError for 13 pm and 0 am."""
    if (half or of_twelve) and not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if is_afternoon(half) else 0) if half else hour


def is_afternoon(half: str) -> bool:
    """Whether a half of the day is the second one."""
    return half.strip().casefold().startswith(_AFTERNOON)


def lengths(text: str) -> Iterator[int]:
    """Yield the minutes that a text like "45", "45 min", "1:30" or "1 h 30 min" means; nothing where it means none."""
    folded = text.casefold().strip()
    if match := re.fullmatch(r"(\d{1,4})(?:[.,]0+)?\s*(m|min|mins|minutes?|minuten|minuti|minutos)?\.?", folded):
        yield int(match[1])
    elif match := re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::00)?", folded):
        yield int(match[1]) * 60 + int(match[2])
    elif match := re.fullmatch(
        r"(\d{1,2})(?:[.,](\d))?\s*(?:h|hrs?|hours?|std|stunden?|heures?)\.?\s*(?:(\d{1,2})\s*(?:m|min|mins|minutes?|minuten)?)?",
        folded,
    ):
        yield int(match[1]) * 60 + int(match[2] or 0) * 6 + int(match[3] or 0)


def read_minutes(text: str) -> int:
    """Read a length. Raises ValueError."""
    minutes = next(lengths(text), 0)
    if not 1 <= minutes <= 1440:
        raise ValueError(f'"{text[:60]}" must be a length of 1 to 1440 minutes, like 45 or 1:30')
    return minutes
