"""Reads dates, times and time zones as people and systems write them. Nothing is guessed: what is not said is an error.

A format is "iso", or made of %Y %y %m %d %b %B %a %A %H %I %p %M %S %z %Z, literal words, and %* for any text. Where a directive
comes a second time, a second instant begins: "start: %Y-%m-%d %H:%M end: %H:%M" reads two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.api.validators import YEARS_FROM_NOW, read_zone
from chalicelib.integrations.imports.workbook import Cell

FORMAT_MOST, FORMATS_MOST, DATE_MOST = 100, 10, 200
DATE_FORMAT = r"^(iso|(?=.*%-?[Yy])(?=.*%-?[mbB])(?=.*%-?d)([^%]|%-?[YymdbBaAHIpMSzZ*%])+)$"
_FORMAT = re.compile(DATE_FORMAT, re.ASCII)
_SERIAL = re.compile(r"[1-9][0-9]{4}([.,][0-9]+)?", re.ASCII)
_ZONE = r"z|[+-]\d\d(?::?\d\d)?|(?:utc|gmt)[+-]\d{1,2}(?::?\d\d)?|[a-z]{2,5}|[a-z]+(?:/[a-z_+-]+){1,2}"
_HALF = r"[ap]\.?\s?m\.?"
_ISO = re.compile(
    r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"(?:(?:[t,]|\s)\s*(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d+)?)?(?:\s*(?P<p>" + _HALF + r"))?"
    r"(?:\s*\(?(?P<Z>" + _ZONE + r")\)?)?)?",
    re.IGNORECASE | re.ASCII,
)
_TIME = re.compile(
    r"(?P<H>\d{1,2})(?:[:.h](?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d+)?)?|(?=\s*[aph]|\s*uhr))(?:\s*(?:uhr|h))?"
    r"(?:\s*(?P<p>" + _HALF + r"))?(?:\s*\(?(?P<Z>" + _ZONE + r")\)?)?",
    re.IGNORECASE | re.ASCII,
)
_MONTHS = (
    "jan january januar janvier janv enero ene gennaio gen januari janeiro jän jänner",
    "feb february februar février fevrier févr fév febrero febbraio februari fevereiro fev",
    "mar march märz mrz maerz mär mars marzo maart mrt março marco",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august août aout agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_OFFSETS = {
    "z": 0,
    "utc": 0,
    "gmt": 0,
    "ut": 0,
    "wet": 0,
    "west": 1,
    "cet": 1,
    "cest": 2,
    "mez": 1,
    "mesz": 2,
    "eet": 2,
    "eest": 3,
}
_OFFSETS |= {"edt": -4, "cdt": -5, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10}
"""Hours from UTC of abbreviations that name one offset. EST, CST, BST and IST name several: the profile's zone decides."""
_GROUPS = {
    "Y": r"\d{4}",
    "y": r"\d\d",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}",
    "b": r"[^\W\d_]+",
    "a": r"[^\W\d_]+",
    "H": r"\d{1,2}",
    "I": r"\d{1,2}",
    "p": _HALF,
    "M": r"\d\d",
    "S": r"\d\d",
    "Z": _ZONE,
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
    found = {one: moments for one in formats if (moments := _by_format(cell, one))}
    if not found:
        raise ValueError(f'"{cell[:60]}" must be a date like {" or ".join(_example(one) for one in formats)}')
    first, *others = found.values()
    if any(other != first for other in others):
        names = " and ".join(f"{moments[0].day:%-d %B %Y} by {one}" for one, moments in found.items())
        raise ValueError(f'"{cell[:60]}" can be read in more than one way ({names}): keep one of these formats')
    return first


def read_time(cell: Cell) -> tuple[time, str | None]:
    """Read a cell that holds a time of day, with the time zone that it names. Raises ValueError."""
    match cell:
        case datetime():
            return cell.time(), None
        case time():
            return cell, None
        case str() if len(cell) <= DATE_MOST and (match := _TIME.fullmatch(cell.strip())):
            moment = _moment({**dict.fromkeys("Ymd", "1"), **match.groupdict()}, None)
            if moment and moment.at:
                return moment.at, moment.zone
    raise ValueError(f'"{str(cell)[:60]}" must be a time like 16:00 or 4:00 pm')


def to_instant(moment: Moment, timezone_name: str | None, now: datetime) -> datetime:
    """Return the instant. Of two with the same local time the first counts; a skipped time is an error."""
    local = datetime.combine(moment.day, moment.at or time())
    if moment.zone:
        instant = _with_zone(local, moment.zone, timezone_name)
    elif timezone_name:
        instant = _in_zone(local, timezone_name)
    else:
        raise ValueError("has no time zone: say ?timezone=, like America/New_York")
    if abs(instant - now) > YEARS_FROM_NOW:
        raise ValueError(f"is {moment.day.isoformat()}: it must be within 10 years of now")
    return instant


def _in_zone(local: datetime, name: str) -> datetime:
    zone = ZoneInfo(name)
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(f"is {local:%Y-%m-%d %H:%M}, a time that clocks skipped in {name}")
    return instant


def _with_zone(local: datetime, text: str, timezone_name: str | None) -> datetime:
    if "/" in text:
        known = {zone.casefold(): zone for zone in _zone_names()}
        return _in_zone(local, read_zone(known.get(text.casefold(), text)))
    folded = text.casefold()
    if match := re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d\d)?", folded):
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError(f'names the offset "{text}", which no clock has')
        offset = timedelta(hours=hours, minutes=minutes) * (1 if match[1] == "+" else -1)
        return local.replace(tzinfo=timezone(offset)).astimezone(UTC)
    if timezone_name:
        ours = local.replace(tzinfo=ZoneInfo(timezone_name))
        for fold in (0, 1):
            if (ours.replace(fold=fold).tzname() or "").casefold() == folded:
                return ours.replace(fold=fold).astimezone(UTC)
    if folded not in _OFFSETS:
        raise ValueError(f'names the time zone "{text}", which stands for several or none: write UTC or an offset like +01:00')
    return local.replace(tzinfo=timezone(timedelta(hours=_OFFSETS[folded]))).astimezone(UTC)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _by_format(cell: str, date_format: str) -> list[Moment]:
    """Return what the cell says by one format; nothing where it is not written so."""
    text = " ".join(cell.split())
    if date_format == "iso":
        if match := _ISO.fullmatch(text):
            moment = _moment(match.groupdict(), None)
            return [moment] if moment else []
        return _other_iso(text)
    pattern, names = _compiled(date_format)
    match = pattern.fullmatch(text)
    moments: list[Moment] = []
    for some in names if match else ():
        parts = {name: match[group] for name, group in some.items()} if match else {}
        moment = _moment(parts, moments[0] if moments else None)
        if moment is None:
            return []
        moments.append(moment)
    return moments


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
    month = int(parts["m"] or 0) if parts.get("m") else _MONTH_OF[(parts["b"] or "").casefold()]
    if parts.get("Y"):
        year = int(parts["Y"] or 0)
    elif parts.get("y"):
        year = 2000 + int(parts["y"] or 0)
    else:
        year = first.day.year if first else 0
    return date(year, month, int(parts["d"] or 0))


def _time_of_day(parts: dict[str, str | None]) -> time | None:
    half = re.sub(r"[^apm]", "", (parts.get("p") or "").casefold())
    hour_text = parts.get("H") or parts.get("I")
    if hour_text is None:
        return None
    hour = int(hour_text)
    if (half or parts.get("I")) and not 1 <= hour <= 12:
        raise ValueError
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(parts.get("M") or 0), int(parts.get("S") or 0))


def _example(date_format: str) -> str:
    """Return the sample date as the format writes it, and the format's name."""
    if date_format == "iso":
        return "2026-11-23 14:30 (iso)"
    text = _SAMPLE.strftime(date_format.replace("%*", "…").replace("%Z", "UTC").replace("%z", "+0000"))
    return f"{text} ({date_format})"


def with_time(moment: Moment, at: time, zone: str | None) -> Moment:
    """Return the moment with the time of day that another cell told."""
    return replace(moment, at=at, zone=zone or moment.zone)


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
