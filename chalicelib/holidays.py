"""Public holidays of a country or region, by the `holidays` package. No messages are sent on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def is_calendar(code: str) -> bool:
    """Tells whether `code` is the ISO 3166 code of a country ("US") or region ("CA-ON") whose holidays are known."""
    match = _CODE.fullmatch(code)
    if match is None:
        return False
    from holidays import list_supported_countries  # imported late: slow, and few requests need it

    country, region = match.groups()
    regions = list_supported_countries(include_aliases=False).get(country)
    return regions is not None and (region is None or region in regions)


@lru_cache(maxsize=64)
def holiday_check(code: str | None) -> Callable[[date], bool]:
    """Returns a check for public holidays; without a code, no day is one. Raises ValueError for an unknown code."""
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
