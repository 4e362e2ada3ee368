"""Phone numbers as people write them: without a country code they are those of the employer's own country."""

from __future__ import annotations

from chalicelib.api.phone_numbers import country_of, read_phone_number, without_extension
from chalicelib.applications.employers.policies import countries_for
from chalicelib.applications.seekers import tenant
from chalicelib.auth.employers import EmployerItem
from chalicelib.rules.employer import Employer


def as_written(text: str, employer: Employer) -> str | None:
    """Return a number in E.164 with its extension, None for an empty one. What cannot be read is returned as it stands."""
    country = _own_country(employer)
    if not text or not country or text.startswith("+"):
        return text or None
    try:
        return read_phone_number(text, country).text
    except ValueError:
        return text


def as_seeker_writes(text: str, item: EmployerItem) -> str:
    """Return a number in E.164: one without a country code is of the seeker's own country, by their number or time zone."""
    known = tenant.phone_of(item)
    country = country_of(known) if known else next(iter(countries_for(None, item.timezone)), None)
    if text.startswith("+") or not country:
        return text
    try:
        return read_phone_number(text, country).text
    except ValueError:
        return text


def _own_country(employer: Employer) -> str | None:
    """Return the country of the employer's own number, else the only country that it texts; None where neither is known."""
    if employer.call_back.phone:
        return country_of(without_extension(employer.call_back.phone))
    return employer.policy.sms_countries[0] if len(employer.policy.sms_countries) == 1 else None
