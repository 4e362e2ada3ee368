"""Public holidays of an employer's country or region, by the `holidays` package: days on which nobody is written to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def is_calendar(code: str) -> bool:
    """Whether `code` names a country ("US") or one of its regions ("CA-ON") whose holidays are known: ISO 3166, in capitals."""
    match = _CODE.fullmatch(code)
    if match is None:
        return False
    from holidays import list_supported_countries  # imported late: it costs a cold start what few requests need

    country, region = match.groups()
    regions = list_supported_countries(include_aliases=False).get(country)
    return regions is not None and (region is None or region in regions)


@lru_cache(maxsize=64)
def holiday_check(code: str | None) -> Callable[[date], bool]:
    """Whether a day is a public holiday in the calendar `code`; without a code, no day is. ValueError for an unknown one."""
    if code is None:
        return _no_holidays
    if not is_calendar(code):
        raise ValueError(f"{code!r} names no holiday calendar")
    from holidays import country_holidays  # imported late, as above

    country, _, region = code.partition("-")
    calendar = country_holidays(country, subdiv=region or None)
    return lru_cache(maxsize=4096)(calendar.__contains__)


def _no_holidays(_day: date) -> bool:
    return False
