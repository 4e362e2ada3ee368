"""Computes when the person who decides is asked, before word is due, in the employer's time zone; returns UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.rules.employer import Employer, Window
from chalicelib.rules.model import BUSINESS_DAYS, Wait
from chalicelib.rules.reminders.send_windows import IsHoliday, in_window, next_open

LEAD = timedelta(hours=24)
START, END = "08:00", "18:00"
"""Office hours of the days on which the digest comes."""
STILL_USEFUL = timedelta(hours=4)
"""Where the office opens only after word was due, the mail may still go for so long."""
_STEP = timedelta(hours=1)


def asks_at(wait: Wait, employer: Employer, is_holiday: IsHoliday) -> datetime:
    """Returns when the decider is asked: 24 hours before word is due, or when the office is next open.

    Where it opens only after word is due, the last open hour before counts, if the wait had begun.
    """
    window = _office(employer)
    target = max(wait.word_due_at - LEAD, wait.since)
    opening = next_open(target, window, employer.timezone, is_holiday)
    here = target
    while opening >= wait.word_due_at and here - _STEP >= wait.since:
        here -= _STEP
        if in_window(here, window, employer.timezone, is_holiday):
            return here
    return opening


def next_hour(now: datetime, employer: Employer, is_holiday: IsHoliday) -> datetime:
    """Returns the first office hour from now on: after an outage, nobody is asked in the night."""
    return next_open(now, _office(employer), employer.timezone, is_holiday)


def _office(employer: Employer) -> Window:
    return Window(employer.policy.digest_days or BUSINESS_DAYS, START, END)


def not_after(wait: Wait, asked_at: datetime) -> datetime:
    """Returns from when on nobody is asked about a wait any more."""
    return max(wait.word_due_at, asked_at + STILL_USEFUL)
