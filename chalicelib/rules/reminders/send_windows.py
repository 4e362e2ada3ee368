"""When a recipient may be written to: windows on the recipient's own clock, as instants in UTC.

A clock that daylight saving moves is handled by one rule: a window is open while the wall clock *reads* a time inside it.
So an opening that the change skips is the first instant after the gap, and one that comes twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.rules.model import WEEKDAYS, Weekday, Window

IsHoliday = Callable[[date], bool]

EARLIEST_MINUTE = 8 * 60
LATEST_MINUTE = 21 * 60
"""08:00 to 21:00, whatever the policy says: the widest hours of the US federal telemarketing rule (47 CFR 64.1200)."""
MAX_DAYS_SEARCHED = 366
"""A calendar that closes every day of a year closes none."""


@dataclass(frozen=True, slots=True)
class _Hours:
    """A window as minutes of the day, clamped; `weekdays` as `date.weekday()` counts them."""

    weekdays: frozenset[int]
    start: int
    end: int


def in_window(instant: datetime, window: Window, zone: str, is_holiday: IsHoliday) -> bool:
    """Whether the recipient may be written to at `instant`; the window's end is exclusive."""
    wall = instant.astimezone(ZoneInfo(zone))
    hours = _hours(window)
    return is_send_day(wall.date(), hours.weekdays, is_holiday) and hours.start <= _minute(wall) < hours.end


def next_open(instant: datetime, window: Window, zone: str, is_holiday: IsHoliday) -> datetime:
    """The first instant not before `instant` at which the wall clock in `zone` reads a time inside the window, in UTC.

    The window is clamped to 08:00–21:00; one that then never opens (no days, no hours) gives way to the default window.
    """
    clock, last = ZoneInfo(zone), instant + timedelta(days=MAX_DAYS_SEARCHED)
    here = instant.astimezone(UTC)
    while not in_window(here, window, zone, is_holiday):
        if here > last:
            return next_open(instant, window, zone, no_holidays)
        here = _onwards(here, clock, _hours(window).start)
    return here


def first_instant_at(day: date, minute: int, clock: tzinfo) -> datetime:
    """When the clock first reads `minute` on `day`, in UTC; where the change skips it, the first instant after the gap."""
    wall = datetime(day.year, day.month, day.day, tzinfo=clock) + timedelta(minutes=minute)
    instant = wall.astimezone(UTC)
    if instant.astimezone(clock).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _change_of_clock(wall.replace(fold=1).astimezone(UTC), instant, clock)


def minutes_since_midnight(text: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is the day's end."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=256)
def weekday_numbers(days: tuple[Weekday, ...]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(day) for day in days)


def is_send_day(day: date, weekdays: frozenset[int], is_holiday: IsHoliday) -> bool:
    return day.weekday() in weekdays and not is_holiday(day)


def no_holidays(_day: date) -> bool:
    return False


@lru_cache(maxsize=256)
def _hours(window: Window) -> _Hours:
    start, end = (
        max(minutes_since_midnight(window.start), EARLIEST_MINUTE),
        min(minutes_since_midnight(window.end), LATEST_MINUTE),
    )
    return _Hours(weekday_numbers(window.days), start, end) if window.days and start < end else _hours(Window())


def _minute(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute


def _onwards(here: datetime, clock: tzinfo, start: int) -> datetime:
    """From a closed instant to the next opening hour of any day, or to the change of clock, whichever comes first."""
    wall = here.astimezone(clock)
    opening = wall.replace(hour=start // 60, minute=start % 60, second=0, microsecond=0, tzinfo=None, fold=0)
    ahead = opening - wall.replace(tzinfo=None)
    there = here + (ahead if ahead > timedelta(0) else ahead + timedelta(days=1))
    return there if _offset(there, clock) == _offset(here, clock) else _change_of_clock(here, there, clock)


def _change_of_clock(before: datetime, after: datetime, clock: tzinfo) -> datetime:
    """The second between two UTC instants from which the clock runs at its new offset."""
    offset, seconds = _offset(before, clock), int((after - before).total_seconds()) + 1
    before = before.replace(microsecond=0)
    same, changed = 0, seconds
    while changed - same > 1:
        middle = (same + changed) // 2
        if _offset(before + timedelta(seconds=middle), clock) == offset:
            same = middle
        else:
            changed = middle
    return before + timedelta(seconds=changed)


def _offset(instant: datetime, clock: tzinfo) -> timedelta | None:
    return instant.astimezone(clock).utcoffset()
