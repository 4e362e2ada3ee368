"""Days and times in the habit of the place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.rules.copy import clock
from chalicelib.rules.copy.clock import time_of_day
from chalicelib.rules.copy.language import catalogue


@pytest.mark.parametrize(
    ("hour", "zone", "shown"),
    [
        (18, "America/New_York", "2:05 PM"),
        (4, "America/New_York", "12:05 AM"),
        (16, "America/New_York", "12:05 PM"),
        (1, "Australia/Sydney", "11:05 am"),
        (12, "Europe/Berlin", "14:05"),
        (0, "Europe/London", "01:05"),
        (7, "UTC", "07:05"),
    ],
)
def test_people_read_the_time_as_they_are_used_to(hour: int, zone: str, shown: str) -> None:
    """Twelve hours in the United States and Australia, twenty-four in Europe."""
    assert time_of_day(datetime(2026, 6, 9, hour, 5, tzinfo=UTC), zone) == shown


@pytest.mark.parametrize(
    "zone",
    [
        *("Australia/Sydney", "Asia/Dhaka", "America/Toronto", "America/Bogota", "Africa/Cairo", "Asia/Kolkata", "Asia/Seoul"),
        *("Asia/Kuala_Lumpur", "Pacific/Auckland", "Asia/Manila", "Asia/Karachi", "America/Puerto_Rico", "Asia/Riyadh"),
    ],
)
def test_these_countries_count_hours_to_twelve(zone: str) -> None:
    """As CLDR has their preferred hours."""
    assert time_of_day(datetime(2026, 6, 9, 12, tzinfo=UTC), zone)[-2:].lower() in ("am", "pm")


AT = datetime(2026, 11, 30, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "full", "long_day", "short"),
    [
        ("America/New_York", "Mon, Nov 30 at 3:30 PM", "November 30, 2026 at 3:30 PM", "November 30", "Sep 14, 2026"),
        ("Pacific/Honolulu", "Mon, Nov 30 at 10:30 AM", "November 30, 2026 at 10:30 AM", "November 30", "Sep 14, 2026"),
        ("Europe/Berlin", "Mon 30 Nov, 21:30", "30 November 2026, 21:30", "30 November", "14 Sep 2026"),
        ("Australia/Sydney", "Tue 1 Dec, 7:30 am", "1 December 2026, 7:30 am", "1 December", "14 Sep 2026"),
        ("UTC", "Mon 30 Nov, 20:30", "30 November 2026, 20:30", "30 November", "14 Sep 2026"),
    ],
)
def test_a_date_is_written_in_the_order_of_the_place(zone: str, moment: str, full: str, long_day: str, short: str) -> None:
    """Month first in the United States, day first elsewhere; Sydney has the next day already."""
    assert (clock.moment(AT, zone), clock.full_moment(AT, zone), clock.long_day(AT, zone)) == (moment, full, long_day)
    assert clock.date_with_year(date(2026, 9, 14), zone) == short


def test_a_day_that_is_far_away_has_its_year() -> None:
    """Without one people take the nearest: the last of December in January is the one that has just passed."""
    january = datetime(2027, 1, 2, 12, tzinfo=UTC)
    assert clock.moment(AT, "UTC", january) == "Mon 30 Nov, 20:30"
    year_later = AT + timedelta(days=365)
    assert clock.moment(AT, "America/New_York", year_later) == "Nov 30, 2026 at 3:30 PM"
    assert clock.day(year_later, "Europe/Berlin", AT) == "30 Nov 2027"
    assert clock.long_day(AT, "America/New_York", year_later) == "November 30, 2026"
    assert catalogue("fr").moment(AT, "Europe/Paris", year_later) == "lun. 30 nov. 2026, 21:30"
    assert catalogue("en").short_day(AT, "UTC", year_later) == "30 Nov 2026"


def test_every_day_and_month_has_its_name() -> None:
    """In English, whatever language the machine speaks."""
    months = [clock.date_without_year(date(2026, month, 1), "UTC").split()[1] for month in range(1, 13)]
    assert " ".join(months) == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    days = [clock.day(datetime(2026, 6, number, tzinfo=UTC), "UTC").split()[0] for number in range(1, 8)]
    assert " ".join(days) == "Mon Tue Wed Thu Fri Sat Sun"
    assert clock.long_weekday(AT, "America/New_York") == "Monday, November 30"
