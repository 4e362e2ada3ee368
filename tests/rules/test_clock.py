"""Times of day in the habit of the place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.rules.copy.clock import time_of_day


@pytest.mark.parametrize(
    ("hour", "zone", "shown"),
    [
        (18, "America/New_York", "2:05 pm"),
        (4, "America/New_York", "12:05 am"),
        (16, "America/New_York", "12:05 pm"),
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
    assert time_of_day(datetime(2026, 6, 9, 12, tzinfo=UTC), zone)[-2:] in ("am", "pm")
