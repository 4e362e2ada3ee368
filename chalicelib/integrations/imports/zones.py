"""Reads time zones as people and systems write them, and makes instants of local times. A zone that means several is an error."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.api.validators import YEARS_FROM_NOW, read_zone

ZONE = r"z|[+-]\d\d(?::?\d\d)?|(?:utc|gmt|ut)\s?[+-]\d{1,2}(?::?\d\d)?|[a-z]+(?:/[a-z_+-]+){1,2}|[a-z][a-z .&-]{0,40}"
"""A zone at the end of a time, without brackets."""
_OFFSET = re.compile(r"(?:utc|gmt|ut)?\s?([+-])(\d{1,2}):?(\d\d)?", re.ASCII)
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
_AMERICAN = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
}
_LETTERS = {"et": "eastern", "ct": "central", "mt": "mountain", "pt": "pacific"}
_TOOLS = {
    "alaska": "America/Anchorage",
    "arizona, yukon": "America/Phoenix",
    "hawaii": "Pacific/Honolulu",
    "newfoundland": "America/St_Johns",
    "uk, ireland, lisbon": "Europe/London",
    "central european": "Europe/Berlin",
    "eastern european": "Europe/Athens",
    "western european": "Europe/Lisbon",
    "india, sri lanka": "Asia/Kolkata",
    "japan, korea": "Asia/Tokyo",
    "brasilia": "America/Sao_Paulo",
}
"""Zones as scheduling tools name them, without "time"."""


def to_instant(local: datetime, zone: str | None, timezone_name: str | None, now: datetime) -> datetime:
    """Return the instant of a local time in the zone that its cell names, else in `timezone_name`.

    Of two instants with the same local time the first counts. Raises ValueError for a skipped time, an unknown zone, or none.
    """
    if zone:
        instant = _with_zone(local, zone, timezone_name)
    elif timezone_name:
        instant = _in_zone(local, timezone_name)
    else:
        raise ValueError("has no time zone: say ?timezone=, like America/New_York")
    if abs(instant - now) > YEARS_FROM_NOW:
        raise ValueError(f"is {local:%Y-%m-%d}: it must be within 10 years of now")
    return instant


def comes_twice(local: datetime, zone: str | None, timezone_name: str | None) -> bool:
    """Whether clocks show this local time twice, and the cell does not say which it means."""
    if zone is not None or timezone_name is None:
        return False
    ours = local.replace(tzinfo=ZoneInfo(timezone_name))
    return ours.utcoffset() > ours.replace(fold=1).utcoffset()  # type: ignore[operator]  # a zone has an offset


def is_zone(text: str, timezone_name: str | None) -> bool:
    """Whether a text alone is a time zone that can be used."""
    try:
        _with_zone(datetime.combine(date(2026, 1, 15), datetime.min.time()), text.strip(), timezone_name)
    except ValueError:
        return False
    return True


def read_time_zone(text: str, near: str | None) -> str:
    """Return the IANA name of a zone, by its name in any case, or as Windows and scheduling tools call it. Raises ValueError.

    `near` is the zone of the file: only there "Eastern Time" is that of America.
    """
    found = _iana(text) or _windows(text) or _plain(text, near)
    try:
        return read_zone(found or text)
    except ValueError:
        raise ValueError(f'"{text[:60]}" must be an IANA time zone, like Europe/Berlin') from None


def named_zone(text: str) -> str | None:
    """Return the IANA name of a zone that a calendar names, as Windows does for instance; None for an unknown one."""
    return _iana(text) or _windows(text) or _plain(text, "America/New_York")


def _iana(text: str) -> str | None:
    return _zone_names().get(re.sub(r"\s", "_", text.strip()).casefold())


def _windows(text: str) -> str | None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    wanted = " ".join(text.split()).casefold()
    return next((zone for name, zone in WINDOWS_TO_OLSON.items() if name.casefold() == wanted), None)


def _plain(text: str, near: str | None) -> str | None:
    """Read "(GMT-05:00) Eastern Time (US & Canada)", "Pacific Time - US & Canada", and "ET" in a file of America."""
    folded, has_offset = re.subn(r"^\((?:utc|gmt)[^)]*\)\s*", "", " ".join(text.split()).casefold())
    folded, is_us = re.subn(r"\s*[(-]?\s*us(?:a)?\s*(?:&|and)\s*canada\)?$", "", folded)
    folded = re.sub(r"\s+time$", "", folded)
    folded = _LETTERS.get(folded, folded)
    if folded in _AMERICAN and (is_us or (near or "").startswith(("America/", "US/", "Canada/"))):
        return _AMERICAN[folded]
    return _TOOLS.get(folded) or (_of_city(folded.partition(",")[0]) if has_offset else None)


def _of_city(city: str) -> str | None:
    """Return the zone that is named after a city, which Windows shows after its offset: "(UTC+02:00) Jerusalem"."""
    wanted = "/" + re.sub(r"\s", "_", city.strip())
    return min((zone for name, zone in _zone_names().items() if name.endswith(wanted)), default=None)


def _in_zone(local: datetime, name: str) -> datetime:
    zone = ZoneInfo(name)
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(f"is {local:%Y-%m-%d %H:%M}, a time that clocks skipped in {name}")
    return instant


def _with_zone(local: datetime, text: str, timezone_name: str | None) -> datetime:
    if "/" in text:
        if named := _iana(text):
            return _in_zone(local, named)
        raise ValueError(f'names the time zone "{text}", which is not known: write one like Europe/Berlin')
    folded = " ".join(text.casefold().replace(".", "").split())
    if match := _OFFSET.fullmatch(folded):
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError(f'names the offset "{text}", which no clock has')
        offset = timedelta(hours=hours, minutes=minutes) * (1 if match[1] == "+" else -1)
        return local.replace(tzinfo=timezone(offset)).astimezone(UTC)
    if match := re.fullmatch(r"([a-z])[a-z]+ (standard|daylight|summer) time", folded):
        folded = match[1] + match[2][0] + "t"
    if timezone_name:
        ours = local.replace(tzinfo=ZoneInfo(timezone_name))
        for fold in (0, 1):
            if (ours.replace(fold=fold).tzname() or "").casefold() == folded:
                return ours.replace(fold=fold).astimezone(UTC)
    if named := _plain(folded, timezone_name):
        return _in_zone(local, named)
    if folded not in _OFFSETS:
        raise ValueError(
            f'names the time zone "{text}", which stands for several or is not known: write UTC or an offset like +01:00'
        )
    return local.replace(tzinfo=timezone(timedelta(hours=_OFFSETS[folded]))).astimezone(UTC)


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    from zoneinfo import available_timezones

    return {name.casefold(): name for name in available_timezones()}
