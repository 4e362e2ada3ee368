"""Format instants, durations, counts and figures for pages and the report."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.api.phone_numbers import dear_to_call, readable_phone
from chalicelib.rules.canonical import dialled_phone, mail_link, tel_link
from chalicelib.rules.copy.clock import city, date_with_year, date_without_year, day, full_moment, long_day, moment
from chalicelib.storage.table import read_instant

_DAYS_FROM_HOURS = 48
STAGE_NAMES = {"screen": "Screening call", "interview": "Interview", "final": "Final interview"}
BANDS = {"low": "Low", "moderate": "Moderate", "high": "High", "severe": "Severe"}


def span(hours: float) -> str:
    """Return a number of hours as "5 hours", and from two days on as "2 days"."""
    whole = int(hours)
    return count(whole, "hour") if whole < _DAYS_FROM_HOURS else count(whole // 24, "day")


def ago(instant: datetime, now: datetime) -> str:
    """Return "just now", "10 min ago", "5 hours ago" or "3 days ago"."""
    minutes = int((now - instant) / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} min ago" if minutes >= 1 else "just now"
    return f"{span(minutes / 60)} ago"


def tried(attempts: dict[str, Any] | None, now: datetime) -> str:
    """Return "Tried 10 min ago by Robin Hale, 2 attempts" for the attempts of an application; "" without any."""
    if not attempts:
        return ""
    by = f" by {attempts['by']}" if attempts.get("by") else ""
    times = f", {attempts['count']} attempts" if attempts["count"] > 1 else ""
    return f"Tried {ago(read_instant(attempts['at']), now)}{by}{times}"


def count(number: int, noun: str, nouns: str = "") -> str:
    """Return "1 candidate", "2 candidates"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {nouns or noun + 's'}"


def reviews(value: float) -> str:
    """Return expected reviews with as few digits as the estimate supports."""
    if value == 0:
        return "0"
    if value < 0.01:
        return "<0.01"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def per_thousand(value: float) -> str:
    """Return how many of a thousand calls prevent a review, from the expected reviews that one avoids."""
    return "fewer than 1" if 0 < value < 0.001 else str(round(value * 1_000))


def spread(value: dict[str, float]) -> str:
    """Return "low to high"."""
    return f"{reviews(value['low'])} to {reviews(value['high'])}"


__all__ = ["city", "date_with_year", "date_without_year", "day", "full_moment", "long_day", "moment", "readable_phone"]

FILTERS = {
    "first_upper": lambda text: text[:1].upper() + text[1:],
    "full_stop": lambda text: text if text.endswith(".") else f"{text}.",  # "10:00 a. m." has one already
    "reviews": reviews,
    "per_thousand": per_thousand,
    "spread": spread,
    "hours": span,
    "one": lambda value: f"{value:.1f}",
    "phone": readable_phone,
    "dialled": lambda item: dialled_phone(item.phone, item.phone_extension),
    "tel_link": tel_link,
    "costs": dear_to_call,
    "mail_link": mail_link,
    "day": day,
    "date": date_with_year,
    "iso_date": lambda text, zone: date_with_year(date.fromisoformat(text), zone),
    "short_date": date_without_year,
    "moment": moment,
    "full_moment": full_moment,
    "stored_moment": lambda text, zone: full_moment(datetime.fromisoformat(text), zone),
    "city": city,
}
