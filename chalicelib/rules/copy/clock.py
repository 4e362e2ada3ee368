"""Days and times in the habit of a place: "Mon, Nov 30 at 3:30 PM" in the United States, "Mon 30 Nov, 15:30" in Germany.

The one place where an instant becomes English words: pages, emails, the digest and the report all call it. The habit is that
of the zone's country, or what the employer chose (`Zone`). Not by strftime, which follows the machine's locale.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from chalicelib.rules.employer import Zone
from chalicelib.rules.reminders.country_zones import ZONES

TWELVE_HOURS = frozenset({"AU", "BD", "CA", "CO", "EG", "IN", "KR", "MY", "NZ", "PH", "PK", "PR", "SA", "US"})
"""Countries (ISO 3166) whose preferred hours are 1 to 12: CLDR 46, `supplemental/timeData`, `preferred="h"`; the larger ones."""
MONTH_FIRST = frozenset({"CA", "PH", "PR", "US"})
"""Countries whose English dates begin with the month: CLDR 46, `availableFormats/MMMEd` of en, en-CA, en-PH and en-PR."""
_NEAR = timedelta(days=180)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(instant: datetime, zone: str, now: datetime | None = None) -> str:
    """Return "Mon, Nov 30" or "Mon 30 Nov"; with its year where that day is far from `now`."""
    wall = instant.astimezone(ZoneInfo(zone))
    if now is not None and is_far(instant, now):
        return date_with_year(wall, zone)
    comma = "," if is_month_first(zone) else ""
    return f"{DAYS[wall.weekday()]}{comma} {date_without_year(wall, zone)}"


def long_day(instant: datetime, zone: str, now: datetime | None = None) -> str:
    """Return "November 30" or "30 November"; with its year where that day is far from `now`."""
    wall = instant.astimezone(ZoneInfo(zone))
    year = f"{',' if is_month_first(zone) else ''} {wall.year}" if now is not None and is_far(instant, now) else ""
    return _in_order(wall, zone, LONG_MONTHS) + year


def long_weekday(instant: datetime, zone: str) -> str:
    """Return "Monday, November 30" or "Monday 30 November"."""
    wall = instant.astimezone(ZoneInfo(zone))
    return f"{LONG_DAYS[wall.weekday()]}{',' if is_month_first(zone) else ''} {_in_order(wall, zone, LONG_MONTHS)}"


def full_day(instant: datetime, zone: str) -> str:
    """Return "Monday, November 30, 2026" or "Monday 30 November 2026"."""
    comma = "," if is_month_first(zone) else ""
    return f"{long_weekday(instant, zone)}{comma} {instant.astimezone(ZoneInfo(zone)).year}"


def date_without_year(at: date, zone: str) -> str:
    """Return a date as "Sep 14" or "14 Sep"."""
    return _in_order(at, zone, MONTHS)


def date_with_year(at: date, zone: str) -> str:
    """Return a date as "Sep 14, 2026" or "14 Sep 2026"."""
    return f"{date_without_year(at, zone)}{',' if is_month_first(zone) else ''} {at.year}"


def is_far(instant: datetime, now: datetime) -> bool:
    """Whether a date needs its year: people take one without a year as the nearest such day."""
    return not -_NEAR < instant - now < _NEAR


def moment(instant: datetime, zone: str, now: datetime | None = None) -> str:
    """Return "Mon, Nov 30 at 3:30 PM" or "Mon 30 Nov, 15:30"; with its year where that day is far from `now`."""
    return f"{day(instant, zone, now)}{' at' if is_month_first(zone) else ','} {time_of_day(instant, zone)}"


def full_moment(instant: datetime, zone: str) -> str:
    """Return "November 30, 2026 at 3:30 PM" or "30 November 2026, 15:30"."""
    wall, first = instant.astimezone(ZoneInfo(zone)), is_month_first(zone)
    year = f"{_in_order(wall, zone, LONG_MONTHS)}{',' if first else ''} {wall.year}"
    return f"{year}{' at' if first else ','} {time_of_day(instant, zone)}"


def time_of_day(instant: datetime, zone: str) -> str:
    """Return the time in `zone`, in the habit of its country: "3:30 PM", "3:30 pm" or "15:30"."""
    return _time(instant.astimezone(ZoneInfo(zone)), zone)


def city(zone: str) -> str:
    """Return "New York" for America/New_York."""
    return zone.rpartition("/")[2].replace("_", " ")


def wall_time(text: str, zone: str) -> str:
    """Return a time of a setting, "09:00", in the habit of the zone's country: "9:00 AM"."""
    return _time(time.fromisoformat(text), zone)


def _time(wall: datetime | time, zone: str) -> str:
    if not is_twelve_hours(zone):
        return f"{wall:%H:%M}"
    half = "am" if wall.hour < 12 else "pm"
    return f"{(wall.hour - 1) % 12 + 1}:{wall.minute:02} {half.upper() if is_month_first(zone) else half}"


def is_twelve_hours(zone: str) -> bool:
    """Whether hours there are counted to twelve: by the employer's choice, else by the country's."""
    if isinstance(zone, Zone) and zone.hours:
        return zone.hours == "12"
    return zone in _zones_of(TWELVE_HOURS)


def is_month_first(zone: str) -> bool:
    """Whether the month is written before the day: by the employer's choice, else by the country's."""
    if isinstance(zone, Zone) and zone.order:
        return zone.order == "month_first"
    return zone in _zones_of(MONTH_FIRST)


def _in_order(at: date, zone: str, months: tuple[str, ...]) -> str:
    name = months[at.month - 1]
    return f"{name} {at.day}" if is_month_first(zone) else f"{at.day} {name}"


@cache
def _zones_of(countries: frozenset[str]) -> frozenset[str]:
    rows = (row.split() for row in ZONES.split(";"))
    return frozenset(zone for country, *zones in rows if country in countries for zone in zones)
