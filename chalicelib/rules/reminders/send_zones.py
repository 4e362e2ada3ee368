"""Whose clock a message to a candidate keeps to.

* The candidate's own, where it is known.
* An email otherwise keeps to the employer's clock: nobody is woken by it.
* A text otherwise goes only while the send window is open in every zone of the number's country. Where the zones share no
  such hour, the zone of the country's largest city decides.
* Where a North American area code lies in one zone, and the employer is in the same country and its clock shows the same
  time, both agree on the place: these two zones decide.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate, MessageChannel
from chalicelib.rules.reminders.country_zones import AREA_CODES, LARGEST_CITY, UNLISTED, ZONES

Zones = tuple[str, ...]
"""IANA names. The first decides alone where the zones share no hour of the send window."""


def send_zones(candidate: Candidate, employer: Employer, channel: MessageChannel | None, at: datetime) -> Zones:
    """Returns the zones in all of which the send window must be open for a message around `at`."""
    if candidate.timezone:
        return (candidate.timezone,)
    country = zones_of(candidate.phone_country) if channel == "sms" else ()
    if not country:
        return (employer.timezone,)
    area = _area_zone(candidate.phone or "")
    if area and employer.timezone in country and _same_time(area, employer.timezone, at):
        return tuple(dict.fromkeys((employer.timezone, area)))
    return country


@cache
def zones_of(country: str | None) -> Zones:
    """Returns the zones of an ISO 3166 country, that of its largest city first. Empty for an unknown country."""
    zones = _zones().get(country or "", ())
    main = LARGEST_CITY.get(country or "", zones[0] if zones else "")
    return (main, *(zone for zone in zones if zone != main)) if zones else ()


@cache
def _zones() -> dict[str, Zones]:
    rows = (row.split() for row in ZONES.split(";"))
    return {country: tuple(zones) for country, *zones in rows} | {country: (zone,) for country, zone in UNLISTED.items()}


def _area_zone(phone: str) -> str | None:
    return _zones_of_area_codes().get(phone[2:5]) if phone.startswith("+1") else None


@cache
def _zones_of_area_codes() -> dict[str, str]:
    return {code: zone for zone, codes in AREA_CODES.items() for code in codes.split()}


def _same_time(one: str, other: str, at: datetime) -> bool:
    return one == other or at.astimezone(ZoneInfo(one)).utcoffset() == at.astimezone(ZoneInfo(other)).utcoffset()
