"""Computes when the weekly report goes: with the first digest of a week, Monday to Sunday on the employer's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.rules.employer import Employer
from chalicelib.rules.reminders.next_step import next_digest
from chalicelib.rules.reminders.send_windows import IsHoliday


def week_of(employer: Employer, at: datetime) -> str:
    """Returns the ISO week of an instant on the employer's clock: "2026-W23"."""
    year, week, _ = at.astimezone(ZoneInfo(employer.timezone)).isocalendar()
    return f"{year}-W{week:02}"


def first_digest_of_week(employer: Employer, at: datetime, is_holiday: IsHoliday) -> datetime:
    """Returns the first digest of the week of `at`: Monday's, unless Monday is a holiday or no day of the digest. In UTC."""
    zone = ZoneInfo(employer.timezone)
    day = at.astimezone(zone).date()
    monday = datetime.combine(day - timedelta(days=day.weekday()), time(), zone).astimezone(UTC)
    return next_digest(employer, monday - timedelta(seconds=1), is_holiday)
