"""Readers of single values, for bodies and queries. Each returns the normalised value, or raises ValueError.

Imports only the standard library at start. Every reader refuses control characters, so that no name breaks a header, a CSV
row or a text message.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

YEARS_FROM_NOW = timedelta(days=3653)
NAME_MOST = 200
LONG_TEXT_MOST = 4000
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EMAIL = re.compile(
    r"(?=.{3,254}$)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
_PHONE = re.compile(r"\+[0-9 ().\-/]{4,40}", re.ASCII)
_LOCALE = re.compile(
    r"(?P<tag>[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*)"
    r"(?P<extensions>(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?)",
    re.ASCII,
)


def read_string(value: Any) -> str:
    """Reads a string."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


UNSEEN = (
    r"\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
"""Invisible characters, as the inside of a bracket of a regular expression; the OpenAPI document uses it too.
Characters that Unicode has not assigned yet are not among them: the next version may make them letters."""
_SEEN = re.compile(f"[^{UNSEEN}]")


def _forbidden(char: str, allowed: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in allowed


def _line(value: Any, most: int) -> str:
    text = read_string(value).strip(" ")
    if any(_forbidden(char, "") for char in text):
        raise ValueError("must not hold control characters or line breaks")
    if not 1 <= len(text) <= most or not _SEEN.search(text):
        raise ValueError(f"must be 1 to {most} characters, spaces around it aside")
    return text


def read_name(value: Any) -> str:
    """Reads one visible line of at most 200 characters."""
    return _line(value, NAME_MOST)


def read_long_text(value: Any) -> str:
    """Reads free text. Line breaks and tabs are allowed, other control characters are not."""
    text = read_string(value)
    if any(_forbidden(char, "\n\r\t") for char in text):
        raise ValueError("must not hold control characters other than line breaks and tabs")
    if len(text) > LONG_TEXT_MOST:
        raise ValueError(f"must be at most {LONG_TEXT_MOST} characters")
    return text


def instant_near(value: str, now: datetime) -> datetime:
    """Reads RFC 3339 with an offset, within 10 years of now, to UTC."""
    match = _RFC_3339.fullmatch(value)
    if not match:
        raise ValueError("must be an RFC 3339 instant with an offset, like 2026-11-23T17:00:00+01:00")
    date, time, fraction, offset = match.groups()
    try:
        text = f"{date}T{time}.{(fraction or '0')[:6]:0<6}{'+00:00' if offset in 'Zz' else offset}"
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not an instant that exists") from None
    if abs(moment - now) > YEARS_FROM_NOW:
        raise ValueError("must be within 10 years of now")
    return moment


@cache
def _zones() -> frozenset[str]:
    listed = (files("tzdata") / "zones").read_text().split()
    return frozenset(listed) - {"Factory"}  # the zone of a machine where none was set


def read_zone(value: Any) -> str:
    """Reads the name of an IANA time zone."""
    if read_string(value) not in _zones():
        raise ValueError("must be an IANA time zone, like Europe/Berlin")
    ZoneInfo(value)
    return value


def read_phone(value: Any) -> str:
    """Reads a phone number with "+" and country code, to E.164. Spaces, dots, hyphens and brackets are removed."""
    import phonenumbers  # 17 ms: imported with the first number

    number = None
    if _PHONE.fullmatch(read_string(value).strip(" ")):
        try:
            number = phonenumbers.parse(value)
        except phonenumbers.NumberParseException:
            number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError("must be a phone number in E.164, like +12025550123")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_DEAR_CODES = {
    **dict.fromkeys((870, 878, 881, 882, 883), "a satellite or international network number"),
    888: "a universal access number (UAN)",
    979: "a premium-rate number",
}
"""Country codes of no country whose numbers cost many times a usual call (ITU-T E.164)."""


def read_call_back_phone(value: Any) -> str:
    """Reads a number that candidates are asked to call: none that costs more than a usual call."""
    number = read_phone(value)
    if dear := dear_to_call(number):
        raise ValueError(f"must be a number at the usual price of a call, like +12025550123: {number} is {dear}")
    return number


@lru_cache(maxsize=4096)
def dear_to_call(e164: str) -> str | None:
    """Says of which kind a number is that costs its caller more than a usual call; None for any other."""
    import phonenumbers

    number, kind = phonenumbers.parse(e164), phonenumbers.PhoneNumberType
    if number.country_code in _DEAR_CODES:
        return _DEAR_CODES[number.country_code]
    words = {
        kind.PREMIUM_RATE: "a premium-rate number",
        kind.SHARED_COST: "a shared-cost number",
        kind.UAN: "a universal access number (UAN)",
        kind.PERSONAL_NUMBER: "a personal number, which may cost more than a usual call",
    }
    return words.get(phonenumbers.number_type(number))


def takes_texts(e164: str) -> bool:
    """Tells whether a number can receive texts. False for landlines and services, where a text is paid for and never read."""
    import phonenumbers

    kind = phonenumbers.PhoneNumberType
    without_texts = {kind.FIXED_LINE, kind.TOLL_FREE, kind.PREMIUM_RATE, kind.SHARED_COST, kind.PAGER, kind.UAN, kind.VOICEMAIL}
    return phonenumbers.number_type(phonenumbers.parse(e164)) not in without_texts


def country_of(e164: str) -> str | None:
    """Returns the ISO 3166 country of a number, or None where it has none (satellite, international freephone)."""
    import phonenumbers

    number = phonenumbers.parse(e164)
    code = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return code if code and code.isalpha() and code != "ZZ" else None


def read_email(value: Any) -> str:
    """Reads an ASCII address with a dot in its domain. Lower-cases the domain and keeps the part before "@"."""
    text = read_string(value).strip(" ")
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be an email address, like dana@example.com")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def read_locale(value: Any) -> str:
    """Reads a BCP 47 language tag, in its usual case."""
    match = _LOCALE.fullmatch(read_string(value)) if len(read_string(value)) <= 35 else None
    if not match:
        raise ValueError("must be a BCP 47 language tag, like en-GB")
    language, *subtags = match["tag"].split("-")
    cased = [tag.upper() if len(tag) == 2 else tag.title() if len(tag) == 4 and tag.isalpha() else tag.lower() for tag in subtags]
    return "-".join([language.lower(), *cased]) + match["extensions"].lower()


def read_country(value: Any) -> str:
    """Reads the ISO 3166 code of a country that has phone numbers."""
    import phonenumbers

    if read_string(value) not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be an ISO 3166 country code, like US")
    return value
