"""Computes which reminder is due next, and when, in the recipient's time zone; returns UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.rules.employer import Employer
from chalicelib.rules.model import BUSINESS_DAYS, LAPSE_AFTER, CallBack, Candidate, MessageChannel, Wait
from chalicelib.rules.reminders.send_windows import (
    MAX_DAYS_SEARCHED,
    IsHoliday,
    first_instant_at,
    is_send_day,
    minutes_since_midnight,
    next_open_in_all,
    no_holidays,
    second_close,
    weekday_numbers,
)
from chalicelib.rules.reminders.send_zones import send_zones

STALE_AFTER = timedelta(hours=72)
"""After an outage, reminders that are older than this are not sent: they would look careless.

Where the send window opens seldom, they may go until the end of the second one: the first may have been missed.
"""
WHAT_NEXT = "what_next"
"""The step that tells at an interview's end what happens next, where the policy wants it."""
WHAT_NEXT_WITHIN = timedelta(hours=24)
"""After the window's first open hour: later it would come too close to the word itself."""
MIN_NUDGE_GAP = timedelta(hours=12)
"""A late nudge is skipped this long before the next one, so the two do not arrive together."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of a wait: `what_next`, `nudge_1` … `nudge_n`, or `lapse`. Both instants are in UTC.

    `planned_at` depends on the wait and the policy only. Where it is in the past the step is due now, and the sender checks
    the window again (`in_window`). From `not_after` on the step is stale. A `lapse` never gets stale.
    """

    name: str
    planned_at: datetime
    not_after: datetime | None

    @property
    def nudge_number(self) -> int | None:
        """Returns 1 for `nudge_1`, None for `lapse`. A claim stores it as the wait's `nudges_sent`."""
        return nudge_number(self.name)


def nudge_name(number: int) -> str:
    """Returns the name of a step: `nudge_1`."""
    return f"nudge_{number}"


def nudge_number(name: str) -> int | None:
    """Returns the number in a step's name, or None for any other name."""
    return int(name.removeprefix("nudge_")) if name.startswith("nudge_") else None


def channel(candidate: Candidate) -> MessageChannel | None:
    """Returns "sms" where the number takes texts and consent is recorded, else "email", else None."""
    if candidate.phone and candidate.phone_takes_texts and candidate.sms_consent_at:
        return "sms"
    return "email" if candidate.email else None


def planned_channel(candidate: Candidate, employer: Employer) -> MessageChannel | None:
    """Returns the channel by which a reminder will go: an email where the employer may not text the number's country."""
    wished, country = channel(candidate), candidate.phone_country
    if wished == "sms" and candidate.email and country and country not in employer.policy.sms_countries:
        return "email"
    return wished


def next_step(
    wait: Wait | None,
    nudges_sent: int,
    employer: Employer,
    candidate: Candidate,
    now: datetime,
    is_holiday: IsHoliday,
    *,
    what_next_done: bool = True,
) -> Step | None:
    """Returns the next step of `wait`, or None where nothing is left to do.

    `nudges_sent` is the number of the last nudge claimed. A stale `nudge_1` is skipped: `nudge_2` is then the first one sent,
    and `nudges_sent` is 2. Suspension and the call-back number are checked when the step is due (`block_reason`), so a number
    that an employer adds on the second day still helps those who wait.
    """
    if wait is None or wait.state != "open":
        return None
    if not what_next_done and not nudges_sent:
        first = _what_next(wait, employer, candidate, is_holiday)
        if first is not None and first.not_after is not None and now < first.not_after:
            return first
    if employer.policy.candidate_nudge != "off" and channel(candidate) is not None and not candidate.reminded_elsewhere:
        for number in range(nudges_sent + 1, nudges_most(employer, candidate) + 1):
            step = _nudge_step(number, wait, employer, candidate, is_holiday)
            if step.not_after is not None and now < step.not_after:
                return step
    return Step("lapse", wait.word_due_at + LAPSE_AFTER, None)


def nudges_most(employer: Employer, candidate: Candidate) -> int:
    """Returns the most nudges of one wait: one where nobody confirmed the candidate's own details."""
    return min(1, employer.policy.max_nudges) if candidate.unconfirmed else employer.policy.max_nudges


def told_key(wait: Wait) -> str:
    """Tells a wait from others of its application: the end of an interview that was moved is told again."""
    return f"{wait.cause} {wait.since.isoformat()}"


def _what_next(wait: Wait, employer: Employer, candidate: Candidate, is_holiday: IsHoliday) -> Step | None:
    """Returns the mail at an interview's end, a promise's wait has none; None where the window opens too late for it."""
    if not employer.policy.tell_next_step or wait.promised or not candidate.email or candidate.unconfirmed:
        return None
    zones = send_zones(candidate, employer, "email", wait.since)
    planned_at = next_open_in_all(wait.since, employer.policy.candidate_window, zones, is_holiday)
    not_after = min(planned_at + WHAT_NEXT_WITHIN, wait.word_due_at - MIN_NUDGE_GAP)
    return Step(WHAT_NEXT, planned_at, not_after) if planned_at < not_after else None


def block_reason(employer: Employer, call_back: CallBack) -> str | None:
    """Returns why a due nudge must not be sent, or None."""
    if employer.suspended:
        return "the employer is suspended"
    if employer.seeker:  # who keeps their own list knows who interviewed them
        return None
    return None if call_back.phone or call_back.email else "nobody to call back"


def expected_at(planned_at: datetime, employer: Employer, candidate: Candidate, now: datetime, is_holiday: IsHoliday) -> datetime:
    """Returns when a nudge of that plan will go, in UTC: one that is due already, in the next hour in which it may."""
    if planned_at >= now:
        return planned_at
    zones = send_zones(candidate, employer, planned_channel(candidate, employer), now)
    return next_open_in_all(now, employer.policy.candidate_window, zones, is_holiday)


def next_digest(employer: Employer, after: datetime, is_holiday: IsHoliday) -> datetime:
    """Returns the first `digest_time` after `after` on one of the employer's `digest_days`, in UTC."""
    clock = ZoneInfo(employer.timezone)
    weekdays = weekday_numbers(employer.policy.digest_days or BUSINESS_DAYS)
    first = after.astimezone(clock).date()
    for calendar in (is_holiday, no_holidays):
        for offset in range(MAX_DAYS_SEARCHED):
            day = first + timedelta(days=offset)
            instant = first_instant_at(day, minutes_since_midnight(employer.policy.digest_time), clock)
            if instant > after and is_send_day(day, weekdays, calendar):
                return instant
    raise AssertionError("a week without any weekday")


def business_days_between(start: datetime, end: datetime, zone: str, is_holiday: IsHoliday) -> int:
    """Counts the business days in `zone` after the day of `start`, up to and including the day of `end`."""
    clock = ZoneInfo(zone)
    first, last = start.astimezone(clock).date(), end.astimezone(clock).date()
    days = (first + timedelta(days=offset) for offset in range(1, (last - first).days + 1))
    return sum(is_send_day(day, weekday_numbers(BUSINESS_DAYS), is_holiday) for day in days)


def business_day_after(start: datetime, days: int, zone: str, is_holiday: IsHoliday) -> date:
    """Returns the last of so many business days after the day of `start` in `zone`."""
    day = start.astimezone(ZoneInfo(zone)).date()
    weekdays = weekday_numbers(BUSINESS_DAYS)
    for _ in range(days * MAX_DAYS_SEARCHED):
        day += timedelta(days=1)
        days -= is_send_day(day, weekdays, is_holiday)
        if not days:
            return day
    raise AssertionError("a calendar without business days")


def _nudge_step(number: int, wait: Wait, employer: Employer, candidate: Candidate, is_holiday: IsHoliday) -> Step:
    planned_at = _nudge_at(number, wait, employer, candidate, is_holiday)
    zones = send_zones(candidate, employer, planned_channel(candidate, employer), planned_at)
    not_after = max(planned_at + STALE_AFTER, second_close(planned_at, employer.policy.candidate_window, zones, is_holiday))
    if number < nudges_most(employer, candidate):
        not_after = min(not_after, _nudge_at(number + 1, wait, employer, candidate, is_holiday) - MIN_NUDGE_GAP)
    return Step(nudge_name(number), planned_at, not_after)


def _nudge_at(number: int, wait: Wait, employer: Employer, candidate: Candidate, is_holiday: IsHoliday) -> datetime:
    """The first when word is due; each of the others so many days after the one before it: all in an open hour."""
    target, way = wait.word_due_at, planned_channel(candidate, employer)
    if number > 1:
        before = _nudge_at(number - 1, wait, employer, candidate, is_holiday)
        target = before + timedelta(days=employer.policy.second_nudge_days)
    zones = send_zones(candidate, employer, way, target)
    return next_open_in_all(target, employer.policy.candidate_window, zones, is_holiday)
