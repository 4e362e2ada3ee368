"""Computes send windows in the recipient's time zone, as instants in UTC.

One rule handles changes of the clock: a window is open while the wall clock shows a time inside it. Where the change skips
the opening, the window opens right after the gap. Where an opening comes twice, the first one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.rules.employer import Window
from chalicelib.rules.model import WEEKDAYS, Weekday

IsHoliday = Callable[[date], bool]

EARLIEST_MINUTE = 8 * 60
LATEST_MINUTE = 21 * 60
"""08:00 to 21:00, whatever the policy says: the widest hours of the US federal telemarketing rule (47 CFR 64.1200)."""
MAX_DAYS_SEARCHED = 366
"""A calendar in which every day of a year is a holiday is ignored."""


@dataclass(frozen=True, slots=True)
class _Hours:
    """A window in minutes of the day, within the legal hours; `weekdays` as in `date.weekday()`."""

    weekdays: frozenset[int]
    start: int
    end: int


def in_window(instant: datetime, window: Window, zone: str, is_holiday: IsHoliday) -> bool:
    """Whether the window is open at `instant`; its end is exclusive."""
    return _is_open(instant, _hours(window), ZoneInfo(zone), is_holiday)


def _is_open(instant: datetime, hours: _Hours, clock: ZoneInfo, is_holiday: IsHoliday) -> bool:
    wall = instant.astimezone(clock)
    return is_send_day(wall.date(), hours.weekdays, is_holiday) and hours.start <= _minute(wall) < hours.end


def next_open(instant: datetime, window: Window, zone: str, is_holiday: IsHoliday) -> datetime:
    """Returns the first instant from `instant` on at which the window is open, in UTC.

    The window is limited to 08:00–21:00. A window that never opens (no days, no hours) is replaced by the default window.
    """
    return _next_open(instant.astimezone(UTC), window, zone, is_holiday)


@lru_cache(maxsize=4096)
def _next_open(instant: datetime, window: Window, zone: str, is_holiday: IsHoliday) -> datetime:
    """The same from an instant in UTC, where equal ones are one: many reminders of an hour ask for the same opening."""
    clock, hours, last = ZoneInfo(zone), _hours(window), instant + timedelta(days=MAX_DAYS_SEARCHED)
    here = instant
    while not _is_open(here, hours, clock, is_holiday):
        if here > last:
            return _next_open(instant, window, zone, no_holidays)
        here = _next_candidate(here, clock, hours.start)
    return here


def next_open_in_all(instant: datetime, window: Window, zones: Sequence[str], is_holiday: IsHoliday) -> datetime:
    """Returns the first instant from `instant` on at which the window is open in every zone, in UTC.

    On days on which the zones share no hour of it, the first zone alone counts.
    """
    if len(zones) == 1:  # nearly everybody's
        return next_open(instant, window, zones[0], is_holiday)
    here, last = instant.astimezone(UTC), instant + timedelta(days=MAX_DAYS_SEARCHED)
    while True:
        ends = _counting(here, window, zones)
        opening = max(next_open(here, window, zone, is_holiday) for zone in ends)
        if opening == here or opening > last:
            return opening
        here = opening


def second_close(instant: datetime, window: Window, zones: Sequence[str], is_holiday: IsHoliday) -> datetime:
    """Returns the end of the second window that opens at or after `instant`, in UTC."""
    return _second_close(instant.astimezone(UTC), window, tuple(zones), is_holiday)


@lru_cache(maxsize=4096)
def _second_close(instant: datetime, window: Window, zones: tuple[str, ...], is_holiday: IsHoliday) -> datetime:
    """The same from an instant in UTC. Most reminders begin as a window opens, so that many share it."""
    here = next_open_in_all(instant, window, zones, is_holiday)
    if next_open_in_all(here - timedelta(microseconds=1), window, zones, is_holiday) < here:
        here = next_open_in_all(_close(here, window, zones), window, zones, is_holiday)  # it was open before
    second = next_open_in_all(_close(here, window, zones), window, zones, is_holiday)
    return _close(second, window, zones)


def _close(instant: datetime, window: Window, zones: Sequence[str]) -> datetime:
    """Returns when the window that is open at `instant` closes: in the first zone that closes it."""
    clocks = (ZoneInfo(zone) for zone in _counting(instant, window, zones))
    return min(first_instant_at(instant.astimezone(clock).date(), _hours(window).end, clock) for clock in clocks)


def _counting(instant: datetime, window: Window, zones: Sequence[str]) -> Sequence[str]:
    """Returns the zones that decide: the first and the last to see the day, or `zones[0]` where these share no open hour.

    Where it is a time inside the window in both, it is one in every zone between them.
    """
    if len(zones) == 1:
        return zones
    offsets = {zone: instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0) for zone in zones}
    east, west = max(zones, key=offsets.__getitem__), min(zones, key=offsets.__getitem__)
    hours = _hours(window)
    return (east, west) if offsets[east] - offsets[west] < timedelta(minutes=hours.end - hours.start) else zones[:1]


def first_instant_at(day: date, minute: int, clock: tzinfo) -> datetime:
    """Returns when the clock first shows `minute` on `day`, in UTC; after the gap where it is skipped."""
    wall = datetime(day.year, day.month, day.day, tzinfo=clock) + timedelta(minutes=minute)
    instant = wall.astimezone(UTC)
    if instant.astimezone(clock).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _clock_change(wall.replace(fold=1).astimezone(UTC), instant, clock)


def minutes_since_midnight(text: str) -> int:
    """Reads "HH:MM" as minutes since midnight; "24:00" is the end of the day."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=256)
def weekday_numbers(days: tuple[Weekday, ...]) -> frozenset[int]:
    """Converts names of weekdays to the numbers of `date.weekday()`."""
    return frozenset(WEEKDAYS.index(day) for day in days)


def is_send_day(day: date, weekdays: frozenset[int], is_holiday: IsHoliday) -> bool:
    """Whether messages go out on that day: an allowed weekday that is no holiday."""
    return day.weekday() in weekdays and not is_holiday(day)


def no_holidays(_day: date) -> bool:
    """The calendar of an employer that chose none."""
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


def _next_candidate(here: datetime, clock: tzinfo, start: int) -> datetime:
    """Returns the next opening hour of any day, or the next change of the clock where that is earlier."""
    wall = here.astimezone(clock)
    opening = wall.replace(hour=start // 60, minute=start % 60, second=0, microsecond=0, tzinfo=None, fold=0)
    ahead = opening - wall.replace(tzinfo=None)
    there = here + (ahead if ahead > timedelta(0) else ahead + timedelta(days=1))
    return there if _offset(there, clock) == _offset(here, clock) else _clock_change(here, there, clock)


def _clock_change(before: datetime, after: datetime, clock: tzinfo) -> datetime:
    """Bisects for the second at which the clock's offset changes between two UTC instants."""
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
