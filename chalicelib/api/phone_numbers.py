"""Reads phone numbers from bodies and files, and says what kind of number one is. `phonenumbers` is imported late: 17 ms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chalicelib.api.validators import read_string
from chalicelib.rules.canonical import dialled_phone, spellings_of_phone

_PHONE = re.compile(
    r"(?P<number>\+[0-9 ().\-/]{4,40}?) *,? *((;ext=|;|x|extension|extn?|#)[.:]? *(?P<extension>[0-9]{1,10}))?", re.I | re.A
)
_DIALLED = re.compile(_PHONE.pattern.replace(r"\+[0-9 ", r"[+0-9 "), _PHONE.flags)
_FOUND_MOST = 60


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
