"""Which reminder is due next, and when: reckoned on the recipient's own clock, returned in UTC.

A clock that daylight saving moves is handled by one rule: a window is open while the wall clock *reads* a time inside it.
So an opening that the change skips is the first instant after the gap, and one that comes twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from chalicelib.rules.records import (
    BUSINESS_DAYS,
    LAPSE_AFTER,
    WEEKDAYS,
    CallBack,
    Candidate,
    Employer,
    Wait,
    Weekday,
    Window,
)

IsHoliday = Callable[[date], bool]

EARLIEST_MINUTE = 8 * 60
LATEST_MINUTE = 21 * 60
"""08:00 to 21:00, whatever the policy says: the widest hours of the US federal telemarketing rule (47 CFR 64.1200)."""
STALE_AFTER = timedelta(hours=72)
"""After an outage nothing older than this is sent: it would read as if nobody had looked."""
NUDGES_APART = timedelta(hours=12)
"""A late nudge gives way to the next one rather than arrive together with it."""
DAYS_SEARCHED = 366
"""A calendar that closes every day of a year closes none."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to do about a wait: `nudge_1` … `nudge_n`, or `lapse`. Both instants in UTC.

    `planned_at` depends on the wait and the policy only, so it may lie in the past: then the step is due now, and the
    sender looks at the window once more (`in_window`). From `not_after` on it is stale. A `lapse` never goes stale.
    """

    name: str
    planned_at: datetime
    not_after: datetime | None

    @property
    def nudge_number(self) -> int | None:
        """1 for `nudge_1`; None for `lapse`. Once claimed, this is the wait's new `nudges_sent`."""
        return int(self.name.removeprefix("nudge_")) if self.name.startswith("nudge_") else None


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
    return _is_day(wall.date(), hours.weekdays, is_holiday) and hours.start <= _minute(wall) < hours.end


def next_open(instant: datetime, window: Window, zone: str, is_holiday: IsHoliday) -> datetime:
    """The first instant not before `instant` at which the wall clock in `zone` reads a time inside the window, in UTC.

    The window is clamped to 08:00–21:00; one that then never opens (no days, no hours) gives way to the default window.
    """
    clock, last = ZoneInfo(zone), instant + timedelta(days=DAYS_SEARCHED)
    here = instant.astimezone(UTC)
    while not in_window(here, window, zone, is_holiday):
        if here > last:
            return next_open(instant, window, zone, _never)
        here = _onwards(here, clock, _hours(window).start)
    return here


def channel(candidate: Candidate) -> Literal["sms", "email"] | None:
    """A text where there is a number that takes texts and recorded consent, else email, else nothing."""
    if candidate.phone and candidate.phone_takes_texts and candidate.sms_consent_at:
        return "sms"
    return "email" if candidate.email else None


def next_step(
    wait: Wait | None,
    nudges_sent: int,
    employer: Employer,
    candidate: Candidate,
    call_back: CallBack,
    now: datetime,
    is_holiday: IsHoliday,
) -> Step | None:
    """What to do next about `wait`, or None where nothing is left to do.

    `nudges_sent` is the number of the last nudge claimed (a stale `nudge_1` that is passed over makes `nudge_2` the first
    one sent, and `nudges_sent` 2). `call_back` is the interview's, else the employer's (`CallBack.else_`).
    """
    if wait is None or wait.state != "open":
        return None
    if _may_nudge(employer, candidate, call_back):
        for number in range(nudges_sent + 1, employer.policy.max_nudges + 1):
            step = _nudge_step(number, wait, employer, candidate, is_holiday)
            if step.not_after is not None and now < step.not_after:
                return step
    return Step("lapse", wait.word_due_at + LAPSE_AFTER, None)


def next_digest(employer: Employer, after: datetime, is_holiday: IsHoliday) -> datetime:
    """The next `digest_time` on one of the employer's `digest_days` strictly after `after`; its zone, returned in UTC."""
    clock = ZoneInfo(employer.timezone)
    weekdays = _weekdays(employer.policy.digest_days or BUSINESS_DAYS)
    first = after.astimezone(clock).date()
    for calendar in (is_holiday, _never):
        for offset in range(DAYS_SEARCHED):
            day = first + timedelta(days=offset)
            instant = _reads(day, _minutes(employer.policy.digest_time), clock)
            if instant > after and _is_day(day, weekdays, calendar):
                return instant
    raise AssertionError("a week without any weekday")


def business_days_between(start: datetime, end: datetime, zone: str, is_holiday: IsHoliday) -> int:
    """How many business days have begun in `zone` after `start`'s own day, `end`'s day included; 0 where `end` is earlier."""
    clock = ZoneInfo(zone)
    first, last = start.astimezone(clock).date(), end.astimezone(clock).date()
    days = (first + timedelta(days=offset) for offset in range(1, (last - first).days + 1))
    return sum(_is_day(day, _weekdays(BUSINESS_DAYS), is_holiday) for day in days)


def _may_nudge(employer: Employer, candidate: Candidate, call_back: CallBack) -> bool:
    wanted = employer.policy.candidate_nudge != "off" and not employer.suspended
    return wanted and channel(candidate) is not None and bool(call_back.phone or call_back.email)


def _nudge_step(number: int, wait: Wait, employer: Employer, candidate: Candidate, is_holiday: IsHoliday) -> Step:
    planned_at = _nudge_at(number, wait, employer, candidate, is_holiday)
    not_after = planned_at + STALE_AFTER
    if number < employer.policy.max_nudges:
        not_after = min(not_after, _nudge_at(number + 1, wait, employer, candidate, is_holiday) - NUDGES_APART)
    return Step(f"nudge_{number}", planned_at, not_after)


def _nudge_at(number: int, wait: Wait, employer: Employer, candidate: Candidate, is_holiday: IsHoliday) -> datetime:
    target = wait.word_due_at + timedelta(days=employer.policy.second_nudge_days * (number - 1))
    return next_open(target, employer.policy.candidate_window, candidate.timezone or employer.timezone, is_holiday)


def _never(_day: date) -> bool:
    return False


def _minutes(text: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is the day's end."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _minute(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute


@lru_cache(maxsize=256)
def _hours(window: Window) -> _Hours:
    start, end = max(_minutes(window.start), EARLIEST_MINUTE), min(_minutes(window.end), LATEST_MINUTE)
    return _Hours(_weekdays(window.days), start, end) if window.days and start < end else _hours(Window())


@lru_cache(maxsize=256)
def _weekdays(days: tuple[Weekday, ...]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(day) for day in days)


def _is_day(day: date, weekdays: frozenset[int], is_holiday: IsHoliday) -> bool:
    return day.weekday() in weekdays and not is_holiday(day)


def _onwards(here: datetime, clock: tzinfo, start: int) -> datetime:
    """From a closed instant to the next opening hour of any day, or to the change of clock, whichever comes first."""
    wall = here.astimezone(clock)
    opening = wall.replace(hour=start // 60, minute=start % 60, second=0, microsecond=0, tzinfo=None, fold=0)
    ahead = opening - wall.replace(tzinfo=None)
    there = here + (ahead if ahead > timedelta(0) else ahead + timedelta(days=1))
    return there if _offset(there, clock) == _offset(here, clock) else _change_of_clock(here, there, clock)


def _reads(day: date, minute: int, clock: tzinfo) -> datetime:
    """When the clock first reads `minute` on `day`, in UTC; where the change skips it, the first instant after the gap."""
    wall = datetime(day.year, day.month, day.day, tzinfo=clock) + timedelta(minutes=minute)
    instant = wall.astimezone(UTC)
    if instant.astimezone(clock).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _change_of_clock(wall.replace(fold=1).astimezone(UTC), instant, clock)


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
