"""Times of day in the habit of a place: "2:00 pm" where people count to twelve, "14:00" elsewhere."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from chalicelib.rules.reminders.country_zones import ZONES

TWELVE_HOURS = frozenset({"AU", "BD", "CA", "CO", "EG", "IN", "KR", "MY", "NZ", "PH", "PK", "PR", "SA", "US"})
"""Countries (ISO 3166) whose preferred hours are 1 to 12: CLDR 46, `supplemental/timeData`, `preferred="h"`; the larger ones."""


def time_of_day(instant: datetime, zone: str) -> str:
    """Return the time in `zone`, in the habit of its country."""
    wall = instant.astimezone(ZoneInfo(zone))
    if zone not in _twelve_hour_zones():
        return f"{wall:%H:%M}"
    return f"{(wall.hour - 1) % 12 + 1}:{wall.minute:02} {'am' if wall.hour < 12 else 'pm'}"


@cache
def _twelve_hour_zones() -> frozenset[str]:
    rows = (row.split() for row in ZONES.split(";"))
    return frozenset(zone for country, *zones in rows if country in TWELVE_HOURS for zone in zones)
