"""Holidays by code: the right days for the right place, and a wrong code refused before it is stored."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from chalicelib.holidays import holiday_check, is_calendar


@pytest.mark.parametrize("code", ["US", "CA", "CA-ON", "DE-BY", "IL", "KR", "GB-ENG"])
def test_a_country_or_a_region_is_a_calendar(code):
    """An employer sets it by code."""
    assert is_calendar(code)


@pytest.mark.parametrize("code", ["", "us", "USA", "XX", "CA-XX", "CA-", "-ON", "US\n", "Canada", "CA_ON", "CA-ON-1"])
def test_any_other_code_is_refused(code):
    """A wrong code is refused, not ignored."""
    assert not is_calendar(code)
    with pytest.raises(ValueError, match="names no holiday calendar"):
        holiday_check(code)


def test_a_region_has_its_own_days():
    """Family Day is one there and none in Quebec."""
    family_day = date(2026, 2, 16)
    assert holiday_check("CA-ON")(family_day)
    assert not holiday_check("CA-QC")(family_day)


def test_a_holiday_on_a_weekend_is_observed_on_its_weekday():
    """4 July 2026 is a Saturday, and the office is closed on the Friday."""
    assert holiday_check("US")(date(2026, 7, 3))


def test_years_need_not_be_named():
    """A deadline next year uses the same calendar."""
    assert all(holiday_check("US")(date(year, 12, 25)) for year in range(2020, 2037))


def test_without_a_code_no_day_is_a_holiday():
    """The default policy has no holidays."""
    assert not holiday_check(None)(date(2026, 12, 25))


def test_the_calendars_are_loaded_only_when_asked_for():
    """The package costs a cold start more than all the rules together."""
    program = "import sys; from chalicelib import holidays; holidays.holiday_check(None); assert 'holidays' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
