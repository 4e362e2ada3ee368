"""Reads cells of email addresses and phone numbers. Of several the first usable one is taken, the rest are named."""

from __future__ import annotations

import re
import unicodedata

from chalicelib.api.phone_numbers import PhoneNumber, read_phone_number
from chalicelib.api.validators import read_email

NUMBERS_TRIED = 5
"""Of one cell. Each costs 60 µs: a file of 4 MB that held numbers alone took 17 seconds."""
_BETWEEN = re.compile(r"\s*(?:[;,|\n\r]|:::|\s[/&]\s|\bor\b|\band\b|\bet\b|\bund\b|\boder\b|\bou\b)\s*", re.IGNORECASE)
_WRAPPED = re.compile(r"[^<>]*<\s*(?:mailto:)?([^<>\s]+)\s*>|mailto:(\S+)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:/|\"“”?&]+@[^\s<>()\[\],;:/|\"“”?&@]+")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,;]*\b(?:durchwahl|dw|nebenstelle|nst|poste|anexo|ramal|interno|int|wewn?|toestel|tst)\b[.:]*\s*(\d{1,6})$",
    re.IGNORECASE,
)
"""An extension in words that the library of numbers does not know."""
_LABEL = re.compile(r"\s*\([a-z .]{2,20}\)$", re.IGNORECASE)
Notes = list[str]
"""What should be known about a cell that is used all the same."""


def read_emails(text: str) -> tuple[str, Notes]:
    """Read the first usable address of a cell. Raises ValueError where it holds none."""
    good: list[str] = []
    bad: list[str] = []
    for part in [part for part in _BETWEEN.split(text) if part]:
        match = _WRAPPED.fullmatch(part)
        try:
            good.append(read_email((match[1] or match[2]) if match else part.strip("'’")))
        except ValueError:
            bad.append(part)
    if good:
        return good[0], _notes("address", list(dict.fromkeys(good)), [one for one in bad if "@" in one or "<" not in text])
    for found in _ADDRESS.findall(text):
        try:
            good.append(read_email(found.strip(".'’*")))
        except ValueError:
            continue
    if not good:
        raise ValueError(f'"{text[:80]}" must be an email address, like dana@example.com')
    return good[0], [f'"{text[:80]}" is more than an address: {good[0]} is used']


def read_phones(text: str, country: str | None) -> tuple[PhoneNumber | None, Notes]:
    """Read the first number of a cell that can exist; None and a note where none of them can.

    Raises ValueError where it is no number, or a national one and no country is known.
    """
    text = _tidy(text)
    if reason := _not_certain(text, country):
        return None, [f'"{text[:60]}" {reason}: it is not used']
    try:
        if number := _number(text, country):
            return number, []
    except ValueError:
        if not (_BETWEEN.search(text) or "/" in text):
            raise
    good, bad, error = _numbers(_BETWEEN.split(text), country)
    if not good and "/" in text:
        good, bad, error = _numbers(re.split(r"[/;,|\n]", text), country)
    if good:
        return good[0], _notes("number", list(dict.fromkeys(one.text for one in good)), bad)
    if error:
        raise error
    return None, [f'"{text[:60]}" is not a number that can exist{f" in {country}" if country else ""}: it is not used']


def _numbers(parts: list[str], country: str | None) -> tuple[list[PhoneNumber], list[str], ValueError | None]:
    good: list[PhoneNumber] = []
    bad: list[str] = []
    reason: ValueError | None = None
    for part in [part.strip() for part in parts if part.strip()][:NUMBERS_TRIED]:
        try:
            number = _number(part, country)
        except ValueError as error:
            number, reason = None, error
        if number:
            good.append(number)
        else:
            bad.append(part)
    return good, bad, reason


def _notes(kind: str, good: list[str], bad: list[str]) -> Notes:
    notes = []
    if bad:
        notes.append(f'"{", ".join(bad)[:80]}" is no usable {kind}: {good[0]} is used')
    if len(good) > 1:
        notes.append(f"holds {len(good)} {kind}{'es' if kind == 'address' else 's'}: {good[0]} is used")
    return notes


def _tidy(text: str) -> str:
    """Return a number without what programs add to it: ".0", an exponent that loses no digit, "+00", a word in brackets."""
    text = _EXTENSION.sub(r" ext. \1", unicodedata.normalize("NFKC", text).strip())
    text = re.sub(r"^(\+?\d{7,15})\.0+$", r"\1", text)
    if (match := _SCIENTIFIC.fullmatch(text)) and len(match[2] or "") == int(match[3]):
        text = match[1] + (match[2] or "")
    return re.sub(r"^\+\s*00\s*", "+", _LABEL.sub("", text))


def _not_certain(text: str, country: str | None) -> str | None:
    """Return why a number is not certain: its last digits are lost, or its plus may be."""
    import phonenumbers

    if _SCIENTIFIC.fullmatch(text):
        return "is a number whose last digits the spreadsheet did not keep: format the column as text, and enter it again"
    code = phonenumbers.country_code_for_region(country) if country else 0
    digits = re.sub(r"[\s().-]", "", text)
    if not (code and code != 1 and digits.isdigit() and digits.startswith(str(code))):
        return None
    national, abroad = _parsed(digits, country), _parsed("+" + digits, None)
    if national and abroad and national != abroad:
        return f"may be {abroad} or {national}: write it with + and the country code"
    return None


def _parsed(text: str, country: str | None) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _number(text: str, country: str | None) -> PhoneNumber | None:
    """Return a number, or None where it cannot exist. Raises ValueError where it is not written as a number."""
    import phonenumbers

    if text.startswith("00") and (country is None or _parsed(text, country) is None):
        text = "+" + text[2:].strip()
    if not text.startswith("+") and country is None:
        raise ValueError(f'"{text[:60]}" has no country code: it must be in E.164, like +12025550123, or say ?country=, like US')
    try:
        return read_phone_number(text, country)
    except ValueError:
        pass
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise ValueError(f'"{text[:60]}" is not a phone number{f" of {country}" if country else ""}, like +12025550123') from None
    if not phonenumbers.is_valid_number(number):
        return None
    return PhoneNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), number.extension)
