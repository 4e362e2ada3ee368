"""Readers of single values, for bodies and queries. Each returns the normalised value, or raises ValueError.

Imports only the standard library at start. Every reader refuses control characters, so that no name breaks a header, a CSV
row or a text message.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

YEARS_FROM_NOW = timedelta(days=3653)
NAME_MOST = 200
LONG_TEXT_MOST = 4000
NOTE_MOST = 500
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EMAIL = re.compile(
    r"(?=.{3,254}$)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
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
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of the text around them (Unicode Standard Annex 9): embeddings, overrides and isolates. A file
named U+202E "gpj.exe" reads "exe.jpg". Those that only stand for a letter of a direction (U+200E, U+200F, U+061C) are not among
them: Hebrew and Arabic names are written with those, and without any."""


def _has_forbidden(text: str, allowed: str = "") -> bool:
    """Whether a text holds control characters or line breaks. All of these are unprintable: few texts are looked through."""
    if text.isprintable():
        return False
    return any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in allowed for char in text)


def _line(value: Any, most: int) -> str:
    text = read_string(value).strip(" ")
    if _has_forbidden(text):
        raise ValueError("must not hold control characters or line breaks")
    if not 1 <= len(text) <= most or not _SEEN.search(text):
        raise ValueError(f"must be 1 to {most} characters, spaces around it aside")
    return text


def read_name(value: Any) -> str:
    """Reads one visible line of at most 200 characters, without marks that turn its direction.

    They are taken out, not refused: phones and spreadsheets copy them along unseen.
    """
    return _line(_TURNING.sub("", read_string(value)), NAME_MOST)


def read_long_text(value: Any) -> str:
    """Reads free text. Line breaks and tabs are allowed, other control characters are not."""
    text = read_string(value)
    if _has_forbidden(text, "\n\r\t"):
        raise ValueError("must not hold control characters other than line breaks and tabs")
    if len(text) > LONG_TEXT_MOST:
        raise ValueError(f"must be at most {LONG_TEXT_MOST} characters")
    return text


def read_note(value: Any) -> str:
    """Reads free text of at most `NOTE_MOST` characters."""
    text = read_long_text(value)
    if len(text) > NOTE_MOST:
        raise ValueError(f"must be at most {NOTE_MOST} characters")
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


def listed_zones() -> list[str]:
    """Returns the zones that a list offers: those of places, without the names that other lists keep for old programs."""
    old = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
    return sorted(zone for zone in _zones() if "/" in zone and not zone.startswith(old))


def read_zone(value: Any) -> str:
    """Reads the name of an IANA time zone."""
    if read_string(value) not in _zones():
        raise ValueError("must be an IANA time zone, like Europe/Berlin")
    ZoneInfo(value)
    return value


def read_email(value: Any) -> str:
    """Reads an address with a dot in its domain, to ASCII; the part before "@" is kept.

    An international domain becomes "xn--...". Other letters before "@" are refused: SES does not support SMTPUTF8.
    """
    text = unicodedata.normalize("NFC", read_string(value).strip(" "))
    local, _, domain = text.rpartition("@")
    if local and not local.isascii():
        ascii_only = 'must have only ASCII characters before the "@", like dana@example.com'
        raise ValueError(f'{ascii_only}: mail to "{local[:64]}@" cannot be sent')
    address = f"{local}@{_mail_domain(domain)}"
    if not _EMAIL.fullmatch(address):
        raise ValueError("must be an email address, like dana@example.com")
    return address


def _mail_domain(domain: str) -> str:
    """Returns a domain in lower-case ASCII; an international one that IDNA does not allow as it is, to be refused."""
    if domain.isascii():
        return domain.lower()
    import idna  # only international domains need its tables

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain


def read_locale(value: Any) -> str:
    """Reads a BCP 47 language tag, in its usual case."""
    match = _LOCALE.fullmatch(read_string(value)) if len(read_string(value)) <= 35 else None
    if not match:
        raise ValueError("must be a BCP 47 language tag, like en-GB")
    language, *subtags = match["tag"].split("-")
    cased = [tag.upper() if len(tag) == 2 else tag.title() if len(tag) == 4 and tag.isalpha() else tag.lower() for tag in subtags]
    return "-".join([language.lower(), *cased]) + match["extensions"].lower()
