"""Readers of single values, for bodies and queries. Each returns the normalised value, or raises ValueError.

Imports only the standard library at start. Every reader refuses control characters, so that no name breaks a header, a CSV
row or a text message.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.rules.canonical import dialled_phone, spellings_of_phone

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
_PHONE = re.compile(
    r"(?P<number>\+[0-9 ().\-/]{4,40}?) *,? *((;ext=|;|x|extension|extn?|#)[.:]? *(?P<extension>[0-9]{1,10}))?", re.I | re.A
)
_DIALLED = re.compile(_PHONE.pattern.replace(r"\+[0-9 ", r"[+0-9 "), _PHONE.flags)
_FOUND_MOST = 60
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
    """Reads one visible line of at most 200 characters, without marks that turn its direction.

    They are taken out, not refused: phones and spreadsheets copy them along unseen.
    """
    return _line(_TURNING.sub("", read_string(value)), NAME_MOST)


def read_long_text(value: Any) -> str:
    """Reads free text. Line breaks and tabs are allowed, other control characters are not."""
    text = read_string(value)
    if any(_forbidden(char, "\n\r\t") for char in text):
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


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number that can exist, in E.164, and the extension that people dial after it."""

    e164: str
    extension: str | None = None

    @property
    def text(self) -> str:
        """The number as people read it, and as `read_phone_number` reads it again."""
        return dialled_phone(self.e164, self.extension)


def read_phone_number(value: Any, country: str | None = None) -> PhoneNumber:
    """Reads a phone number with its extension. With a country, numbers as they are dialled there are read too.

    Spaces, dots, hyphens and brackets are removed. Raises ValueError for a number that cannot exist; callers that have
    other addresses of the person (files, hiring systems) note its message as a warning and use those.
    """
    text = unicodedata.normalize("NFKC", read_string(value)).strip(" ")
    match = (_DIALLED if country else _PHONE).fullmatch(text)
    e164 = _existing(match["number"], country) if match else None
    if match is None or e164 is None:
        found = text if len(text) <= _FOUND_MOST else f"{text[:_FOUND_MOST]}…"
        reason = "has no such form" if match is None else "cannot exist"
        raise ValueError(f'must be a phone number in E.164, like +12025550123: "{found}" {reason}')
    return PhoneNumber(e164, match["extension"])


def _existing(text: str, country: str | None) -> str | None:
    """Returns a number in the spelling that can exist: without the Mexican 1, with the Brazilian ninth digit."""
    import phonenumbers  # 17 ms: imported with the first number

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    spellings = dict.fromkeys((e164, *spellings_of_phone(e164)))
    return next((one for one in spellings if phonenumbers.is_valid_number(phonenumbers.parse(one))), None)


def read_phone(value: Any) -> str:
    """Reads a phone number with "+" and country code, to E.164. Refuses one with an extension."""
    number = read_phone_number(value)
    if number.extension:
        raise ValueError(f"must be a number without an extension, like {number.e164}")
    return number.e164


def read_dialled_phone(value: Any) -> str:
    """Reads a phone number for people to dial, to E.164 with its extension: "+12025550123 ext. 45"."""
    return read_phone_number(value).text


def without_extension(text: str) -> str:
    """Returns the number of a text that `read_dialled_phone` made."""
    return text.partition(" ext. ")[0]


def extension_of(text: str) -> str | None:
    """Returns the extension of a text that `read_dialled_phone` made; None where it has none."""
    return text.partition(" ext. ")[2] or None


def read_extension(value: Any) -> str:
    """Reads the extension of a phone number."""
    text = read_string(value).strip(" ")
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        raise ValueError("must be 1 to 10 digits, like 45")
    return text


_DEAR_CODES = {
    **dict.fromkeys((870, 878, 881, 882, 883), "a satellite or international network number"),
    888: "a universal access number (UAN)",
    979: "a premium-rate number",
}
"""Country codes of no country whose numbers cost many times a usual call (ITU-T E.164)."""


def read_call_back_phone(value: Any) -> str:
    """Reads a number that candidates are asked to call, with its extension: none that costs more than a usual call."""
    number = read_phone_number(value)
    if dear := dear_to_call(number.e164):
        raise ValueError(f"must be a number at the usual price of a call, like +12025550123: {number.e164} is {dear}")
    return number.text


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


@lru_cache(maxsize=4096)
def country_of(e164: str) -> str | None:
    """Returns the ISO 3166 country of a number, or None where it has none (satellite, international freephone)."""
    import phonenumbers

    number = phonenumbers.parse(e164)
    code = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return code if code and code.isalpha() and code != "ZZ" else None


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


def read_country(value: Any) -> str:
    """Reads the ISO 3166 code of a country that has phone numbers."""
    import phonenumbers

    if read_string(value) not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be an ISO 3166 country code, like US")
    return value


@lru_cache(maxsize=1024)
def readable_phone(number: str) -> str:
    """Return an E.164 number grouped as in its country, with its extension: "+1 202-555-0123 ext. 45"."""
    import phonenumbers

    e164, _, extension = number.partition(" ext. ")
    try:
        shown = phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number
    return f"{shown} ext. {extension}" if extension else shown
