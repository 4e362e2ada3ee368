"""Send windows on the recipient's own clock: nobody is woken, and every clock gives one instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.rules.employer import Window
from chalicelib.rules.model import WEEKDAYS
from chalicelib.rules.reminders.send_windows import in_window, next_open

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
NEW_YORK = "America/New_York"
EVERY_DAY = Window(WEEKDAYS, "08:00", "21:00")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def no_holidays(_day: date) -> bool:
    return False


def some_holidays(day: date) -> bool:
    """Every eleventh day, so no weekday is always closed, and three days a month."""
    return day.toordinal() % 11 == 3 or day.day in (24, 25, 26)


hours = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
windows = st.builds(Window, days=st.sets(st.sampled_from(WEEKDAYS)).map(tuple), start=hours, end=hours)
instants = st.integers(1_450_000_000, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@st.composite
def around_a_change_of_clock(draw):
    """An instant within two days of a change of the zone's clock, where date arithmetic goes wrong."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    year = draw(st.integers(2017, 2036))
    days = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    changes = [day for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after]
    assume(changes)
    near = draw(st.sampled_from(changes)) + timedelta(seconds=draw(st.integers(-2 * 86400, 2 * 86400)))
    return near, zone.key


places = st.one_of(st.tuples(instants, st.sampled_from(ZONES)), around_a_change_of_clock())
calendars = st.sampled_from((no_holidays, some_holidays))


@given(places, windows, calendars)
def test_the_next_opening_is_inside_the_window_and_never_before_the_instant(place, window, is_holiday):
    """A message comes in their own daytime or waits for it."""
    instant, zone = place
    opening = next_open(instant, window, zone, is_holiday)
    assert opening >= instant
    assert opening.tzinfo is UTC
    assert in_window(opening, window, zone, is_holiday)
    wall = opening.astimezone(ZoneInfo(zone))
    assert time(8) <= wall.time() < time(21)
    assert not is_holiday(wall.date())


@given(places, windows, calendars)
def test_an_opening_stays_where_it_is(place, window, is_holiday):
    """Asking twice must not push a reminder further on."""
    instant, zone = place
    opening = next_open(instant, window, zone, is_holiday)
    assert next_open(opening, window, zone, is_holiday) == opening


@given(places, st.integers(0, 4 * 86400), windows, calendars)
def test_a_later_instant_never_opens_earlier(place, seconds, window, is_holiday):
    """Reminders keep the order of their deadlines."""
    instant, zone = place
    later = instant + timedelta(seconds=seconds)
    assert next_open(instant, window, zone, is_holiday) <= next_open(later, window, zone, is_holiday)


@given(around_a_change_of_clock(), windows, st.floats(0, 1))
def test_nothing_before_the_opening_was_open(place, window, share):
    """A reminder comes at the first moment that it may, across changes of the clock too."""
    instant, zone = place
    opening = next_open(instant, window, zone, no_holidays)
    between = instant + (opening - instant) * share
    assert between >= opening or not in_window(between, window, zone, no_holidays)


def test_a_friday_evening_waits_for_monday_at_ten():
    """Nobody is written to on a weekend by default."""
    assert next_open(utc(2026, 11, 27, 23), Window(), NEW_YORK, no_holidays) == utc(2026, 11, 30, 15)


def test_the_end_of_a_window_is_outside_it():
    """At 18:00:00 it is evening, and at 17:59:59 it is not."""
    assert not in_window(utc(2026, 11, 23, 23), Window(), NEW_YORK, no_holidays)
    assert in_window(utc(2026, 11, 23, 22, 59, 59), Window(), NEW_YORK, no_holidays)


def test_a_holiday_is_skipped():
    """On Thanksgiving nobody answers the number that we would send."""
    thanksgiving = date(2026, 11, 26)
    assert next_open(utc(2026, 11, 26, 16), Window(), NEW_YORK, thanksgiving.__eq__) == utc(2026, 11, 27, 15)


def test_an_opening_that_the_clock_skips_is_the_first_instant_after_the_gap():
    """Samoa, which had no 30 December 2011 at all, opens on the 31st: one instant, and a documented one."""
    assert next_open(utc(2011, 12, 30, 9, 59), EVERY_DAY, "Pacific/Apia", no_holidays) == utc(2011, 12, 30, 18)


def test_a_start_inside_a_gap_opens_when_the_gap_ends():
    """Khartoum went from 12:00 to 13:00 at noon of 15 January 2000: a window from 12:30 opened at 13:00, not at 13:30."""
    window = Window(WEEKDAYS, "12:30", "18:00")
    assert next_open(utc(2000, 1, 15, 6), window, "Africa/Khartoum", no_holidays) == utc(2000, 1, 15, 10)


@pytest.mark.parametrize("window", [Window(()), Window(start="12:00", end="12:00"), Window(start="22:00", end="23:00")])
def test_a_window_that_never_opens_gives_way_to_the_default(window):
    """A slip in the settings must not silence every reminder for ever."""
    assert next_open(utc(2026, 11, 27, 23), window, NEW_YORK, no_holidays) == utc(2026, 11, 30, 15)


def test_no_policy_opens_before_eight_or_after_nine_in_the_evening():
    """No setting widens the legal hours."""
    all_day = Window(WEEKDAYS, "00:00", "24:00")
    assert next_open(utc(2026, 11, 23, 5), all_day, NEW_YORK, no_holidays) == utc(2026, 11, 23, 13)
    assert next_open(utc(2026, 11, 24, 2), all_day, NEW_YORK, no_holidays) == utc(2026, 11, 24, 13)
    assert in_window(utc(2026, 11, 24, 1, 59), all_day, NEW_YORK, no_holidays)
    assert in_window(utc(2026, 11, 23, 13), all_day, NEW_YORK, no_holidays)
    assert not in_window(utc(2026, 11, 23, 12, 59), all_day, NEW_YORK, no_holidays)


def test_a_calendar_that_closes_every_day_closes_none():
    """A broken calendar must not hang the sender."""
    assert next_open(utc(2026, 11, 27, 23), Window(), NEW_YORK, lambda _day: True) == utc(2026, 11, 30, 15)


def test_a_calendar_is_searched_for_366_days():
    """One that opens on day 367 is still found; one that opens on day 368 counts as closed for ever."""
    instant = utc(2026, 11, 23, 10)
    every_day = Window(WEEKDAYS, "10:00", "18:00")
    for days, opening in ((367, instant + timedelta(days=367)), (368, instant)):
        closed_until = instant.date() + timedelta(days=days)
        assert next_open(instant, every_day, "UTC", lambda day, until=closed_until: day < until) == opening
