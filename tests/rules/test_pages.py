"""Names on one line and days in words, as every message shares them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.rules.copy.clean import one_line
from chalicelib.rules.copy.pages import day_and_time


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Jane Doe", "Jane Doe"),
        ("  Jane \t\n Doe ", "Jane Doe"),
        ("Jane\u2028Doe\u2029x\x00y", "Jane Doe x y"),
        ("Jane\u202eDoe\u200f", "JaneDoe"),
        ("Jane\ud800Doe", "JaneDoe"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        ("x" * 198 + " " + "y" * 10, "x" * 198 + "…"),
    ],
)
def test_a_name_fits_a_subject_line(text: str, line: str) -> None:
    """No line break, no direction mark, no half character, at most 200 characters."""
    assert one_line(text) == line


def test_a_day_is_written_on_the_readers_clock() -> None:
    """14:00 in New York is 19:00 UTC in November."""
    assert day_and_time(datetime(2026, 11, 23, 19, tzinfo=UTC), "America/New_York") == "Mon 23 Nov, 14:00"


def test_every_day_and_month_has_its_short_name() -> None:
    """In English, whatever language the machine speaks."""
    months = [day_and_time(datetime(2026, month, 1, tzinfo=UTC), "UTC").split()[2] for month in range(1, 13)]
    assert " ".join(months) == "Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec,"
    days = [day_and_time(datetime(2026, 6, number, tzinfo=UTC), "UTC").split()[0] for number in range(1, 8)]
    assert " ".join(days) == "Mon Tue Wed Thu Fri Sat Sun"
