"""Whether an employer may text a country: carriers there may ask for a number that is registered for this very brand.

US carriers do: a number registered for one company may not text for another. Where only one employer uses the deployment,
its number is the deployment's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from chalicelib.config import settings
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table

_LISTED = keys.list_key("operator", "EMP")
_KNOWN_FOR_SECONDS = 300
_known: tuple[float, bool] | None = None


def lacks_number(employer: Employer, countries: Iterable[str]) -> bool:
    """Whether a number of its own is missing to text in one of the countries. Reads the table at most once in five minutes.

    Texts to job seekers are sent in the deployment's own name, by its own number.
    """
    if employer.seeker or employer.sender.sms_number or not set(settings().own_number_countries).intersection(countries):
        return False
    return _are_several()


def _are_several() -> bool:
    """Whether the deployment has several employers. Once it has, it stays so."""
    global _known
    if _known is None or (not _known[1] and time.monotonic() - _known[0] > _KNOWN_FOR_SECONDS):
        found, _ = table.query_index("listing", _LISTED, None, limit=2, forward=False)
        _known = (time.monotonic(), len(found) > 1)
    return _known[1]


def forget() -> None:
    """Counts the employers again at the next use."""
    global _known
    _known = None
