"""The next reminder: two at most, never stale, never where it could not help."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.employer import Employer, Policy, Window
from chalicelib.rules.model import LAPSE_AFTER, WEEKDAYS, CallBack, Candidate, Wait
from chalicelib.rules.reminders.next_step import (
    block_reason,
    business_days_between,
    channel,
    expected_at,
    next_digest,
    next_step,
    planned_channel,
)
from chalicelib.rules.reminders.send_windows import next_open, second_close
from tests.rules.test_send_windows import ZONES, instants, no_holidays, places, some_holidays, utc, windows

NOON = utc(2026, 11, 24, 17)  # a Tuesday, noon in New York
DANA = CallBack("Dana Reyes", "+12025550101")
ACME = Employer("emp_1", "Acme Robotics", "America/New_York", DANA)
JANE = Candidate("cand_1", "Jane Doe", "jane@example.com", "+12025550123", True, sms_consent_at=utc(2026, 11, 1))
WAIT = Wait("int_1", "interview", NOON - timedelta(hours=48), NOON)


def step(sent=0, now=NOON, wait=WAIT, employer=ACME, candidate=JANE, is_holiday=no_holidays):
    return next_step(wait, sent, employer, candidate, now, is_holiday)


def with_policy(**changes) -> Employer:
    return replace(ACME, policy=Policy(**changes))


def test_the_first_nudge_is_due_with_the_word():
    """48 hours are promised, and 48 hours it is."""
    assert step() == step(now=NOON - timedelta(days=30))
    assert (step().name, step().planned_at, step().not_after) == ("nudge_1", NOON, NOON + timedelta(hours=72))


def test_the_second_nudge_comes_five_days_later_in_the_window():
    """On a working day: Sunday moves to Monday."""
    second = step(sent=1)
    assert (second.name, second.planned_at) == ("nudge_2", utc(2026, 11, 30, 15))


def test_a_nudge_that_is_due_already_is_expected_in_the_next_open_hour():
    """By the clock of the one who gets it; one that is still to come, when it is planned."""
    late = NOON + timedelta(hours=15)  # three in the morning in New York
    there = replace(JANE, timezone="Asia/Kathmandu")
    assert expected_at(NOON, ACME, JANE, late, no_holidays) == utc(2026, 11, 25, 15)
    assert expected_at(NOON, ACME, there, late, no_holidays) == late  # a quarter to two in the afternoon
    assert expected_at(late, ACME, JANE, NOON, no_holidays) == late


def test_the_second_nudge_counts_from_the_hour_of_the_first():
    """Word was due on Saturday: the first goes on Monday, and five days later is a Saturday again."""
    saturday = replace(WAIT, word_due_at=utc(2026, 11, 28, 17))
    assert step(wait=saturday).planned_at == utc(2026, 11, 30, 15)
    assert step(sent=1, wait=saturday).planned_at == utc(2026, 12, 7, 15)


def test_after_two_nudges_only_the_lapse_is_left():
    """A third message would be nagging."""
    assert step(sent=2) == step(sent=7)
    assert (step(sent=2).name, step(sent=2).planned_at, step(sent=2).not_after) == ("lapse", NOON + LAPSE_AFTER, None)


@pytest.mark.parametrize("state", ["answered", "dropped", "lapsed"])
def test_a_wait_that_is_over_needs_nothing(state):
    """Answered, dropped and lapsed waits get no reminder."""
    assert step(wait=replace(WAIT, state=state)) is None
    assert step(wait=None) is None


def test_a_nudge_that_is_72_hours_late_gives_way_to_the_next():
    """After an outage a stale message would read as if nobody had looked."""
    assert step(now=NOON + timedelta(hours=72, seconds=-1)).name == "nudge_1"
    assert step(now=NOON + timedelta(hours=72)).name == "nudge_2"
    assert step(now=NOON + timedelta(days=40)).name == "lapse"


@pytest.mark.parametrize(
    "changed",
    [
        {"employer": with_policy(candidate_nudge="off")},
        {"employer": with_policy(max_nudges=0)},
        {"candidate": replace(JANE, email=None, phone=None)},
        {"candidate": replace(JANE, email=None, sms_consent_at=None)},
        {"candidate": replace(JANE, email=None, phone_takes_texts=False)},
    ],
    ids=lambda changed: "-".join(changed),
)
def test_a_nudge_that_could_not_help_is_not_sent(changed):
    """Reminders are off, or there is no way to reach the candidate."""
    assert step(**changed).name == "lapse"


def test_an_address_to_write_to_is_enough_and_a_name_alone_is_not():
    """Not every employer gives a number, and nobody can call a name."""
    assert block_reason(ACME, CallBack(email="dana@example.com")) is None
    assert block_reason(ACME, CallBack("Dana Reyes")) == "nobody to call back"


def test_a_suspended_employer_sends_nothing():
    """Until the operator lifts the suspension."""
    assert block_reason(replace(ACME, suspended=True), DANA) == "the employer is suspended"


def test_the_window_is_the_candidates_own():
    """Noon in New York is six in the morning there."""
    abroad = step(candidate=replace(JANE, timezone="Pacific/Auckland"))
    assert abroad.planned_at == utc(2026, 11, 24, 21)


def test_a_text_needs_consent_and_a_number_that_takes_texts():
    """Without consent there is email."""
    assert channel(JANE) == "sms"
    assert channel(replace(JANE, sms_consent_at=None)) == "email"
    assert channel(replace(JANE, phone_takes_texts=False)) == "email"
    assert channel(replace(JANE, email=None, phone=None)) is None


policies = st.builds(
    Policy,
    candidate_window=windows,
    max_nudges=st.integers(0, 5),
    second_nudge_days=st.integers(1, 14),
)


@given(policies, places, st.integers(0, 5), st.integers(-10, 90 * 24), st.sampled_from((no_holidays, some_holidays)))
def test_a_step_is_never_stale_and_never_outside_the_window(policy, place, sent, hours, is_holiday):
    """Whatever the policy, zone and outage."""
    due, zone = place
    now = due + timedelta(hours=hours)
    employer = replace(ACME, timezone=zone, policy=policy)
    found = step(sent, now, replace(WAIT, word_due_at=due), employer, is_holiday=is_holiday)
    if found.name == "lapse":
        assert found.not_after is None and found.nudge_number is None
        return
    assert sent < found.nudge_number <= policy.max_nudges
    latest = second_close(found.planned_at, policy.candidate_window, (zone,), is_holiday)
    assert now < found.not_after <= max(found.planned_at + timedelta(hours=72), latest)
    assert found.planned_at == next_open(found.planned_at, policy.candidate_window, zone, is_holiday) >= due


@given(policies, places, st.integers(-24, 40 * 24), st.integers(0, 48))
def test_two_nudges_are_hours_apart_even_when_the_first_is_late(policy, place, hours, held_up):
    """Two messages in one minute look like a machine gone wrong."""
    due, zone = place
    wait, employer = replace(WAIT, word_due_at=due), replace(ACME, timezone=zone, policy=policy)
    first = step(0, due + timedelta(hours=hours), wait, employer)
    if first.name == "lapse":
        return
    sent_at = min(first.not_after - timedelta(seconds=1), max(first.planned_at, due + timedelta(hours=hours + held_up)))
    second = step(first.nudge_number, sent_at, wait, employer)
    assert second.name == "lapse" or second.planned_at >= sent_at + timedelta(hours=12)
    assert second.name != first.name


@given(policies, places, st.sampled_from((no_holidays, some_holidays)))
def test_two_nudges_are_planned_as_many_days_apart_as_the_policy_says(policy, place, is_holiday):
    """Whatever weekends, holidays and windows lie between."""
    due, zone = place
    wait, employer = replace(WAIT, word_due_at=due), replace(ACME, timezone=zone, policy=policy)
    for number in range(1, policy.max_nudges):
        one, next_one = (step(sent, due, wait, employer, is_holiday=is_holiday) for sent in (number - 1, number))
        assert next_one.planned_at - one.planned_at >= timedelta(days=policy.second_nudge_days)


@given(places, st.sampled_from((no_holidays, some_holidays)))
def test_a_digest_comes_strictly_later_at_its_time_on_a_working_day(place, is_holiday):
    """One mail a working day at nine, never two."""
    after, zone = place
    coming = next_digest(replace(ACME, timezone=zone), after, is_holiday)
    wall = coming.astimezone(ZoneInfo(zone))
    assert after < coming
    assert wall.time() == time(9) and wall.weekday() < 5 and not is_holiday(wall.date())
    days = 1 + (wall.date() - after.astimezone(ZoneInfo(zone)).date()).days
    between = [after.astimezone(ZoneInfo(zone)).date() + timedelta(days=n) for n in range(1, days - 1)]
    assert all(day.weekday() >= 5 or is_holiday(day) for day in between)


def test_a_digest_at_an_hour_that_the_clock_skips_comes_right_after_the_gap():
    """On the night of the change it comes at 03:00, once."""
    night = with_policy(digest_time="02:30", digest_days=WEEKDAYS)
    first = next_digest(night, utc(2026, 3, 8, 5), no_holidays)
    assert first == utc(2026, 3, 8, 7)
    assert next_digest(night, first, no_holidays) == utc(2026, 3, 9, 6, 30)


def test_a_digest_at_an_hour_that_comes_twice_comes_once():
    """On the night of the change it comes at the first of the two."""
    night = with_policy(digest_time="01:30", digest_days=WEEKDAYS)
    first = next_digest(night, utc(2026, 11, 1, 4), no_holidays)
    assert first == utc(2026, 11, 1, 5, 30)
    assert next_digest(night, first, no_holidays) == utc(2026, 11, 2, 6, 30)


def test_a_digest_without_days_or_with_every_day_a_holiday_still_comes():
    """A slip in the settings must not hide who waits."""
    assert next_digest(with_policy(digest_days=()), NOON, no_holidays) == utc(2026, 11, 25, 14)
    assert next_digest(ACME, NOON, lambda _day: True) == utc(2026, 11, 25, 14)


def test_business_days_leave_out_weekends_and_holidays():
    """Five business days over Thanksgiving are eight days."""
    start = utc(2026, 11, 20, 17)
    assert business_days_between(start, utc(2026, 11, 27, 17), ACME.timezone, no_holidays) == 5
    assert business_days_between(start, utc(2026, 11, 27, 17), ACME.timezone, date(2026, 11, 26).__eq__) == 4
    assert business_days_between(start, start + timedelta(days=2), ACME.timezone, no_holidays) == 0
    assert business_days_between(start, start + timedelta(days=3), ACME.timezone, no_holidays) == 1
    assert business_days_between(start, start, ACME.timezone, no_holidays) == 0
    assert business_days_between(start, start - timedelta(days=9), ACME.timezone, no_holidays) == 0


@given(instants, st.integers(0, 60), st.integers(0, 60), st.sampled_from(ZONES))
def test_business_days_add_up(start, first, second, zone):
    """Counting in two parts gives the same as counting once."""
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    parts = [business_days_between(a, b, zone, some_holidays) for a, b in ((start, middle), (middle, end), (start, end))]
    assert parts[0] + parts[1] == parts[2]


def test_every_instant_is_in_utc():
    """One offset sorts, two do not."""
    assert step().planned_at.tzinfo is UTC
    assert next_digest(ACME, NOON, no_holidays).tzinfo is UTC


def test_a_late_first_nudge_gives_way_twelve_hours_before_the_second():
    """The second is due a day after the first here."""
    daily = with_policy(second_nudge_days=1, candidate_window=Window(WEEKDAYS, "08:00", "21:00"))
    assert step(employer=daily).not_after == NOON + timedelta(hours=12)
    assert step(now=NOON + timedelta(hours=12), employer=daily).name == "nudge_2"
    assert step(sent=1, employer=daily).not_after == NOON + timedelta(days=1, hours=72)


def test_the_number_of_a_step_is_in_its_name():
    """A lapse has none."""
    assert [step(sent=sent).nudge_number for sent in (0, 1, 2)] == [1, 2, None]


def test_a_wait_lapses_a_year_after_its_deadline():
    """Whether or not a nudge went out."""
    lapse = NOON + timedelta(days=365)
    assert step(sent=2).planned_at == step(employer=with_policy(candidate_nudge="off")).planned_at == lapse


@pytest.mark.parametrize(
    ("country", "email", "by"), [("US", "jane@example.com", "sms"), ("FR", "jane@example.com", "email"), ("FR", None, "sms")]
)
def test_a_reminder_goes_by_mail_where_the_number_may_not_be_texted(country, email, by):
    """The channel decides whose clock it keeps to. Without an address nothing else is planned."""
    texted = replace(JANE, email=email, phone_country=country)
    assert planned_channel(texted, with_policy(sms_countries=("US",))) == by


def test_a_nudge_may_wait_for_the_second_evening_on_the_candidates_clock():
    """Friday at ten in Tokyo: over the weekend it is sent until Monday at six there, not in New York."""
    friday = utc(2026, 11, 27, 1)
    late = step(now=friday, wait=replace(WAIT, word_due_at=friday), candidate=replace(JANE, phone=None, timezone="Asia/Tokyo"))
    assert (late.planned_at, late.not_after) == (friday, utc(2026, 11, 30, 9))
