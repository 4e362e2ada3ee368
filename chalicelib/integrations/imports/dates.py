"""Reads dates by the formats of a profile. Nothing is guessed: what is not said is an error.

A format is "iso", or made of %Y %y %m %d %b %B %a %A %H %I %p %M %S %z %Z, literal words, and %* for any text. Where a directive
comes a second time, a second instant begins: "start: %Y-%m-%d %H:%M end: %H:%M" reads two. "iso" reads year, month and day in
this order, with any usual time of day after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from chalicelib.integrations.imports.cells import says_nothing
from chalicelib.integrations.imports.date_words import month_of, split_weekday, tidy, weekday_of, word_date
from chalicelib.integrations.imports.times import HALF, At, hour_of, minutes_after, times_of
from chalicelib.integrations.imports.workbook import Cell
from chalicelib.integrations.imports.zones import ZONE

FORMAT_MOST, FORMATS_MOST, DATE_MOST, EXAMPLES_MOST = 100, 10, 200, 3
DATE_FORMAT = r"^(iso|(?=.*%-?[Yy])(?=.*%-?[mbB])(?=.*%-?d)([^%]|%-?[YymdbBaAHIpMSzZ*%])+)$"
_ONE_OF_MANY = r"(iso|(?=[^|]*%-?[Yy])(?=[^|]*%-?[mbB])(?=[^|]*%-?d)([^%|]|%-?[YymdbBaAHIpMSzZ*%])+)"
DATE_FORMATS = rf"^{_ONE_OF_MANY}(\|{_ONE_OF_MANY})*$"
"""Patterns for the OpenAPI document: of one format, and of several with | between them."""
_FORMAT = re.compile(DATE_FORMAT, re.ASCII)
_SERIAL = re.compile(r"[1-9][0-9]{4}([.,][0-9]+)?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(\s*(?:T(?=\s*\d)|,)\s*|\s+)(?=\S)(.+))?", re.IGNORECASE)
_OFFSET = re.compile(r"(\d{1,2}:\d\d)(:\d\d(?:[.,]\d+)?)?([+-]\d\d(:?)(?:\d\d)?)", re.ASCII)
"""A time with an offset, as systems write it without a space. Without seconds it may be a range of two times as well."""
_SLASHES = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?:,?\s+(?:(\d{1,2}:\d\d)(?::\d\d)?(\s*[ap]m)?|(.+)))?", re.IGNORECASE | re.ASCII
)
_GROUPS = {
    "Y": r"\d{4}",
    "y": r"\d\d",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}(?:st|nd|rd|th|er|[ºo](?!\w))?",
    "b": r"[^\W\d_]+",
    "a": r"[^\W\d_]+(?:-feira)?",
    "H": r"\d{1,2}",
    "I": r"\d{1,2}",
    "p": HALF,
    "M": r"\d\d",
    "S": r"\d\d",
    "Z": ZONE,
}
_SAMPLE = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a cell says: a date, and a time and a time zone where it names them."""

    day: date
    at: time | None = None
    zone: str | None = None


def read_date_format(value: str) -> str:
    """Read one date format. Raises ValueError."""
    if len(value) > FORMAT_MOST or not _FORMAT.fullmatch(value) or value.count("%*") > 2:
        raise ValueError(
            "must be iso, or made of %Y %y %m %d %b %B %a %A %H %I %p %M %S %z %Z, words and %* (any text), "
            "with a year, a month and a day, like %d.%m.%Y %H:%M"
        )
    return value


def read_date_formats(value: str) -> tuple[str, ...]:
    """Read a query's date formats, with | between them. Raises ValueError."""
    formats = tuple(dict.fromkeys(read_date_format(one.strip()) for one in value.split("|")))
    if len(formats) > FORMATS_MOST:
        raise ValueError(f"must be at most {FORMATS_MOST} formats")
    return formats


def read_time_of_day(value: str) -> str:
    """Read an hour like "09:00". Raises ValueError."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("must be a time like 09:00, from 00:00 to 23:59")
    return value


def read_length(value: str) -> int:
    """Read the minutes of an interview. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= 1440:
        raise ValueError("must be a whole number from 1 to 1440")
    return int(value)


def has_hours(formats: Sequence[str]) -> bool:
    """Whether any of the formats can tell a time of day."""
    return any(one == "iso" or re.search(r"%-?[HI]", one) for one in formats)


def read_moments(cell: Cell, formats: Sequence[str]) -> list[Moment]:
    """Read a cell that holds one instant, or two where its format does. Raises ValueError."""
    match cell:
        case datetime():
            return [Moment(cell.date(), cell.time())]
        case date():
            return [Moment(cell)]
        case time():
            raise ValueError(f'"{cell:%H:%M}" is a time without a date')
    if _SERIAL.fullmatch(cell):
        raise ValueError(f'"{cell}" is a spreadsheet\'s number of a day: give the column the format of a date, and save it again')
    if len(cell) > DATE_MOST:
        raise ValueError(f"is longer than any date: at most {DATE_MOST} characters are read")
    text = tidy(cell)
    found = {one: moments for one in formats if (moments := _by_format(text, one))}
    if not found and any(re.search(r"%-?[bB]", one) for one in formats) and (moments := _by_word(text)):
        return moments
    if not found:
        if times_of(text):
            raise ValueError(f'"{cell[:60]}" is a time without a date, like {_examples(formats)}')
        raise ValueError(f'"{cell[:60]}" must be a date like {_examples(formats)}{_hint(cell)}')
    first, *others = found.values()
    if any(other != first for other in others):
        names = " and ".join(f"{moments[0].day:%-d %B %Y} by {one}" for one, moments in found.items())
        raise ValueError(f'"{cell[:60]}" can be read in more than one way ({names}): keep one of these formats')
    return first


def _by_format(text: str, date_format: str) -> list[Moment]:
    """Return what a text says by one format; nothing where it is not written so."""
    if date_format == "iso":
        rest, weekday = split_weekday(text)
        match = _ISO_DAY.fullmatch(rest)
        return _iso(match, text, weekday) if match else _other_iso(rest)
    pattern, names = _compiled(date_format)
    match = pattern.fullmatch(text)
    if match is None:
        return _before_time(text, date_format)
    moments: list[Moment] = []
    for some in names:
        parts = {name: match[group] for name, group in some.items()}
        moment = _moment(parts, moments[0] if moments else None)
        if moment is None:
            return []
        _check_weekday(text, weekday_of(parts.get("a") or ""), moment.day)
        moments.append(moment)
    return [moments[0], end_on_day(moments[0], moments[1])] if len(moments) == 2 else moments


def _before_time(text: str, date_format: str) -> list[Moment]:
    """Read a text by a format of a day alone, after which any usual time of day may stand."""
    pattern, names = _compiled(date_format)
    if len(names) > 1 or names[0].keys() & {"H", "I", "Z"} or "%*" in date_format:
        return []
    rest, weekday = (text, None) if "a" in names[0] else split_weekday(text)
    match = pattern.match(rest)
    moment = _moment({name: match[group] for name, group in names[0].items()}, None) if match else None
    if match is None or moment is None:
        return []
    _check_weekday(
        text, weekday if weekday is not None else weekday_of(match[names[0]["a"]] if "a" in names[0] else ""), moment.day
    )
    return _then_time(moment.day, rest[match.end() :], text)


def _by_word(text: str) -> list[Moment]:
    """Read a date that names its month, however it is written: no other order is possible."""
    rest, weekday = split_weekday(text)
    if (found := word_date(rest)) is None:
        return []
    _check_weekday(text, weekday, found[0])
    return _then_time(*found, text)


def _then_time(day: date, rest: str, text: str) -> list[Moment]:
    """Return what a day with the rest of its text says; nothing where that is no time of day."""
    rest, weekday = split_weekday(rest, after_date=True)
    _check_weekday(text, weekday, day)
    if rest and not rest[0].isspace() and rest[0] not in ",(@" and weekday is None:
        return []
    rest = rest.strip(" ,")
    if not rest or says_nothing(rest.strip("()")):
        return [Moment(day)]
    return _moments_at(day, _times_or_offset(rest, is_system=False))


def _check_weekday(text: str, weekday: int | None, day: date) -> None:
    """Raise ValueError where the text names another day of the week than its date is."""
    if weekday is not None and weekday != day.weekday():
        raise ValueError(f'"{text[:60]}" names another day of the week than {day:%-d %B %Y}, which is a {day:%A}')


def _iso(match: re.Match[str], text: str, weekday: int | None) -> list[Moment]:
    """Return what a text says that begins with year, month and day. Raises ValueError for what may be a range or a zone."""
    try:
        day = date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return []
    _check_weekday(text, weekday, day)
    if (match[5] or "").strip().upper() == "T":
        return _moments_at(day, _times_or_offset(match[6], is_system=True))
    return _then_time(day, (match[5] or "") + (match[6] or ""), text)


def _times_or_offset(text: str, *, is_system: bool) -> list[At]:
    """Return the times of a text. Raises ValueError for "09:00-10:00", which may be a range, or ten hours behind UTC."""
    found, match = times_of(text), _OFFSET.fullmatch(text)
    if match is None:
        return found
    if is_system or match[2] or not match[4] or len(found) < 2:
        return times_of(f"{match[1]}{match[2] or ''} UTC{match[3]}")
    if int(match[3][1:3]) <= 12 and match[3][-2:] in ("00", "30"):
        raise ValueError(
            f'"{text}" may be from and to, or a time and its offset from UTC: write {text.replace("-", " - ")} for from and to, '
            f"or {match[1]}:00{match[3]} for the offset"
        )
    return found


def _moments_at(day: date, times: list[At]) -> list[Moment]:
    moments = [Moment(day, at, zone) for at, zone in times]
    return [moments[0], end_on_day(moments[0], moments[1])] if len(moments) == 2 else moments


def end_on_day(start: Moment, end: Moment) -> Moment:
    """Return an end that names no day of its own: on the day of the start, or the next where it is a little past midnight."""
    if start.at and end.at and start.day == end.day and end.at <= start.at and minutes_after(start.at, end.at) is not None:
        return replace(end, day=end.day + timedelta(days=1))
    return end


def _other_iso(text: str) -> list[Moment]:
    """Read the rarer forms of ISO 8601: 20261005T1400, 2026-W41-1."""
    try:
        if "T" not in text.upper() and ":" not in text:
            return [Moment(date.fromisoformat(text))]
        local = datetime.fromisoformat(text)
    except ValueError:
        return []
    return [Moment(local.date(), local.time(), f"{local:%z}"[:5] or None)]


def instants_of(date_format: str) -> list[dict[str, str]]:
    """Return the instants that a format holds."""
    return [{}] if date_format == "iso" else _compiled(date_format)[1]


@lru_cache(maxsize=64)
def _compiled(date_format: str) -> tuple[re.Pattern[str], list[dict[str, str]]]:
    """Return a pattern, and for each instant its groups by directive."""
    pattern, at = "", 0
    instants: list[dict[str, str]] = [{}]
    tokens = re.findall(r"%-?.|\s+|[^%\s]+", " ".join(date_format.split()))
    for piece in tokens:
        directive = piece[-1] if piece.startswith("%") else ""
        if piece == "%%" or not directive:
            pattern += r"\s+" if piece.isspace() else re.escape("%" if piece == "%%" else piece)
        elif directive == "*":
            pattern += ".*?"
        else:
            name = {"B": "b", "A": "a", "z": "Z"}.get(directive, directive)
            if name in instants[-1]:
                instants.append({})
            at += 1
            instants[-1][name] = f"g{at}"
            pattern += rf"(?P<g{at}>{_GROUPS[name]})" + (r"\.?" if name in "ab" else "")
    return re.compile(pattern, re.IGNORECASE), instants


def _moment(parts: dict[str, str | None], first: Moment | None) -> Moment | None:
    """Make a moment of the parts of a text; of a second instant the day of the first, where it names none."""
    try:
        day = _day(parts, first)
        at = _time_of_day(parts)
    except (ValueError, KeyError):
        return None
    zone = parts.get("Z")
    return Moment(day, at, zone or (first.zone if first else None)) if day else None


def _day(parts: dict[str, str | None], first: Moment | None) -> date | None:
    if not (parts.get("d") or parts.get("m") or parts.get("b")):
        return first.day if first else None
    month = int(parts["m"] or 0) if parts.get("m") else month_of(parts["b"] or "") or 0
    if parts.get("Y"):
        year = int(parts["Y"] or 0)
    elif parts.get("y"):
        year = 2000 + int(parts["y"] or 0)
    else:
        year = first.day.year if first else 0
    return date(year, month, int(re.sub(r"\D", "", parts["d"] or "0")))


def _time_of_day(parts: dict[str, str | None]) -> time | None:
    hour_text = parts.get("H") or parts.get("I")
    if hour_text is None:
        return None
    hour = hour_of(int(hour_text), parts.get("p"), of_twelve=bool(parts.get("I")))
    return time(hour, int(parts.get("M") or 0), int(parts.get("S") or 0))


def _examples(formats: Sequence[str]) -> str:
    shown = " or ".join(_example(one) for one in formats[:EXAMPLES_MOST])
    return shown if len(formats) <= EXAMPLES_MOST else f"{shown}, or in {len(formats) - EXAMPLES_MOST} other formats"


def _hint(cell: str) -> str:
    """Name the format of a date like 11/20/2026, whose order of day and month no profile of ours guesses."""
    match = _SLASHES.fullmatch(split_weekday(tidy(cell))[0])
    if match is None or (match[7] and not times_of(match[7])):
        return ""
    mark, year = match[2], "%Y" if len(match[4]) == 4 else "%y"
    begin = "iso|" if match[7] else ""  # a format of a day alone: any usual time may follow it
    at = "" if not match[5] else " %I:%M %p" if match[6] else " %H:%M"
    month_first, day_first = (f"{begin}{first}{mark}{second}{mark}{year}{at}" for first, second in (("%m", "%d"), ("%d", "%m")))
    if int(match[1]) > 12 or int(match[3]) > 12:
        return f"; this one is ?date_format={day_first if int(match[1]) > 12 else month_first}"
    return f"; say which comes first: ?date_format={month_first} (month) or {day_first} (day)"


def _example(date_format: str) -> str:
    """Return the sample date as the format writes it, and the format's name."""
    if date_format == "iso":
        return "2026-11-23 14:30 (iso)"
    text = _SAMPLE.strftime(date_format.replace("%*", "…").replace("%Z", "UTC").replace("%z", "+0000"))
    return f"{text} ({date_format})"
