"""Without a time zone, a text keeps to every clock that its number's country shows, and an email to the employer's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.employer import Employer, Policy, Window
from chalicelib.rules.model import BUSINESS_DAYS, Candidate, Wait
from chalicelib.rules.reminders import country_zones
from chalicelib.rules.reminders.next_step import next_step
from chalicelib.rules.reminders.send_windows import in_window, next_open_in_all, no_holidays, second_close
from chalicelib.rules.reminders.send_zones import send_zones, zones_of
from tests.rules.test_send_windows import instants, some_holidays, utc, windows

TUESDAY = utc(2026, 7, 7)
POLICY = Policy(sms_countries=("US", "CA", "GB", "AU", "RU", "BR"))
BERLIN = Employer("emp_1", "Blue Fern", "Europe/Berlin", policy=POLICY)
NEW_YORK = replace(BERLIN, timezone="America/New_York")
PERSON = Candidate("cand_1", "Sam Sample", None, "+12125550123", True, sms_consent_at=utc(2026, 1, 1), phone_country="US")
countries = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))


def opening(candidate=PERSON, employer=BERLIN, at=TUESDAY, channel="sms") -> datetime:
    zones = send_zones(candidate, employer, channel, at)
    return next_open_in_all(at, employer.policy.candidate_window, zones, no_holidays)


def clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%a %H:%M}"


def test_the_table_is_that_of_the_time_zone_database():
    """Where this fails after an upgrade of tzdata, the table in `country_zones.py` is to be taken from its `zone.tab` again."""
    rows = [row.split("\t") for row in (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines() if row[:1] != "#"]
    listed: dict[str, set[str]] = {}
    for country, _, zone, *_ in rows:
        listed.setdefault(country, set()).add(zone)
    assert {country: set(zones_of(country)) for country in listed} == listed
    assert tzdata.IANA_VERSION == country_zones.VERSION


@given(countries)
def test_every_country_with_telephones_has_zones_and_a_largest_city(country):
    zones = zones_of(country)
    assert zones and len(set(zones)) == len(zones)
    assert len(zones) == 1 or zones[0] == country_zones.LARGEST_CITY[country]
    assert all(ZoneInfo(zone) for zone in zones)


def test_area_codes_lie_in_one_zone_of_their_country():
    codes = [code for codes in country_zones.AREA_CODES.values() for code in codes.split()]
    assert len(codes) == len(set(codes)) and all(len(code) == 3 and code.isdigit() for code in codes)
    for zone, of_zone in country_zones.AREA_CODES.items():
        regions = {phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{code}5550123")) for code in of_zone.split()}
        assert all(zone in zones_of(region) for region in regions - {None}), zone


def test_a_text_to_another_country_waits_until_all_of_it_is_awake():
    """Ten in Honolulu is four in the afternoon in New York."""
    assert clock(opening(), "Pacific/Honolulu") == "Tue 10:00" and clock(opening(), "America/New_York") == "Tue 16:00"
    britain = replace(PERSON, phone="+447700900123", phone_country="GB")
    assert clock(opening(britain, NEW_YORK), "Europe/London") == "Tue 10:00"
    australia = replace(PERSON, phone="+61412345678", phone_country="AU")
    assert clock(opening(australia, BERLIN), "Australia/Perth") == "Tue 10:00"


def test_a_number_of_another_part_of_the_country_waits_too():
    """A San Francisco number may be anywhere, and is not where the employer is."""
    west = replace(PERSON, phone="+14155550123")
    assert clock(opening(west, NEW_YORK), "America/New_York") == "Tue 16:00"


@pytest.mark.parametrize(
    ("zone", "phone", "country"),
    [
        ("America/New_York", "+12125550123", "US"),
        ("America/Detroit", "+12125550123", "US"),
        ("America/Los_Angeles", "+14155550123", "US"),
        ("America/Toronto", "+14165550123", "CA"),
    ],
)
def test_where_area_code_and_employer_agree_both_clocks_decide(zone, phone, country):
    here = replace(BERLIN, timezone=zone)
    at_night = TUESDAY + timedelta(hours=5)
    assert clock(opening(replace(PERSON, phone=phone, phone_country=country), here, at_night), zone) == "Tue 10:00"


@pytest.mark.parametrize(
    ("zone", "phone", "country"),
    [
        ("America/Toronto", "+12125550123", "US"),
        ("America/Chicago", "+18505550123", "US"),
        ("America/New_York", "+18505550123", "US"),
        ("America/Phoenix", "+12025550123", "US"),
        ("Europe/London", "+12125550123", "US"),
    ],
    ids=["across the border", "a code in two zones", "a code in two zones, east", "another clock", "another continent"],
)
def test_where_they_do_not_agree_the_whole_country_decides(zone, phone, country):
    there = replace(BERLIN, timezone=zone)
    candidate = replace(PERSON, phone=phone, phone_country=country)
    assert send_zones(candidate, there, "sms", TUESDAY) == zones_of(country)


def test_where_a_country_shares_no_hour_its_largest_city_decides():
    """From Kaliningrad to Kamchatka there are ten hours, and the window has eight."""
    russia = replace(PERSON, phone="+79161234567", phone_country="RU")
    assert clock(opening(russia, NEW_YORK), "Europe/Moscow") == "Tue 10:00"


def test_a_short_window_may_be_shared_by_no_hour_of_a_country_that_shares_a_longer_one():
    morning = replace(BERLIN, policy=replace(POLICY, candidate_window=Window(BUSINESS_DAYS, "10:00", "12:00")))
    assert clock(opening(PERSON, morning), "America/New_York") == "Tue 10:00"


def test_a_known_time_zone_decides_alone():
    assert clock(opening(replace(PERSON, timezone="Asia/Tokyo")), "Asia/Tokyo") == "Tue 10:00"


def test_an_email_keeps_to_the_employers_clock():
    assert clock(opening(channel="email"), "Europe/Berlin") == "Tue 10:00"
    abroad = replace(PERSON, email="sam@example.com", phone="+447700900123", phone_country="GB")
    only_us = replace(NEW_YORK, policy=Policy(sms_countries=("US",)))
    wait = Wait("int_1", "interview", TUESDAY - timedelta(hours=48), TUESDAY)
    step = next_step(wait, 0, only_us, abroad, TUESDAY, no_holidays)
    assert clock(step.planned_at, "America/New_York") == "Tue 10:00", "no text goes to Britain, so it will be an email"


def test_a_number_of_no_country_keeps_to_the_employers_clock():
    """A satellite phone."""
    assert clock(opening(replace(PERSON, phone="+88216123456", phone_country=None)), "Europe/Berlin") == "Tue 10:00"


@given(countries, instants, windows, st.sampled_from((no_holidays, some_holidays)))
def test_a_text_goes_in_the_window_of_all_zones_or_of_the_largest_city(country, at, window, is_holiday):
    zones = zones_of(country)
    found = next_open_in_all(at, window, zones, is_holiday)
    assert found >= at and found.tzinfo is UTC
    assert found == next_open_in_all(found, window, zones, is_holiday)
    if not all(in_window(found, window, zone, is_holiday) for zone in zones):
        assert in_window(found, window, zones[0], is_holiday)
        offsets = [found.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones]
        assert max(offsets) - min(offsets) >= timedelta(hours=1)


@given(st.sampled_from(("US", "AU", "CA", "PT", "RU")), instants, st.integers(0, 6 * 24 * 60))
def test_no_hour_that_all_zones_share_is_passed_over(country, at, minutes):
    zones, before = zones_of(country), at + timedelta(minutes=minutes)
    found = next_open_in_all(at, Window(), zones, no_holidays)
    assert before >= found or not all(in_window(before, Window(), zone, no_holidays) for zone in zones)


@pytest.mark.parametrize(
    ("window", "end"),
    [
        (Window(), "Wed 18:00"),
        (Window(("tue",)), "Tue 18:00"),
        (Window(("mon",)), "Mon 18:00"),
        (Window(("tue", "fri"), "10:00", "12:00"), "Fri 12:00"),
    ],
)
def test_the_second_window_from_an_opening_on_counts_that_opening(window, end):
    """Tuesday at ten, when the window opens."""
    closes = second_close(utc(2026, 7, 7, 14), window, ("America/New_York",), no_holidays)
    assert clock(closes, "America/New_York") == end
    assert closes > utc(2026, 7, 7, 14)


def test_the_second_window_from_inside_one_does_not_count_it():
    """Tuesday at noon: Wednesday and Thursday are to come."""
    closes = second_close(utc(2026, 7, 7, 16), Window(), ("America/New_York",), no_holidays)
    assert clock(closes, "America/New_York") == "Thu 18:00"


def test_the_second_window_of_a_country_ends_where_its_first_zone_closes():
    closes = second_close(TUESDAY, Window(), zones_of("US"), no_holidays)
    assert closes == utc(2026, 7, 8, 22)


@given(countries, instants, windows)
def test_the_second_window_closes_after_two_openings(country, at, window):
    zones = zones_of(country)
    first = next_open_in_all(at, window, zones, no_holidays)
    closes = second_close(at, window, zones, no_holidays)
    assert closes > next_open_in_all(first, window, zones, no_holidays)
    assert next_open_in_all(closes, window, zones, no_holidays) > closes - timedelta(hours=1)


def test_after_a_long_holiday_a_reminder_may_go_for_two_windows():
    """Friday, then four days off: 72 hours end before the office opens again."""
    employer = replace(NEW_YORK, policy=replace(POLICY, max_nudges=1))
    due = utc(2026, 7, 3, 14)
    off = {due.date() + timedelta(days=number) for number in range(1, 5)}
    wait = Wait("int_1", "interview", due - timedelta(hours=48), due)
    step = next_step(wait, 0, employer, PERSON, due, off.__contains__)
    assert (step.planned_at, clock(step.not_after, "America/New_York")) == (due, "Wed 18:00")
    seldom = replace(employer, policy=replace(POLICY, max_nudges=1, candidate_window=Window(("fri",))))
    assert next_step(wait, 0, seldom, PERSON, due, no_holidays).not_after == utc(2026, 7, 10, 22)
