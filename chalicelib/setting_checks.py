"""Reads settings one at a time, checks their texts, and collects what is wrong.

A check returns the text that counts, or raises ValueError with what is wrong, to be read after the setting's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from chalicelib.errors import SettingError

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z0-9-]{2,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Reader:
    """Collects what is wrong, so that one start names all of it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self._wrong: list[str] = []

    def __call__(self, name: str, check: Callable[[str], str] = str, *, otherwise: str | None = None) -> str:
        value = self.env.get(name) or otherwise
        if value is None:
            self._wrong.append(f"{name} is not set")
            return ""
        try:
            return check(value.strip())
        except ValueError as error:
            self._wrong.append(f"{name} {error}")
            return ""

    def finish(self) -> None:
        if self._wrong:
            raise SettingError("; ".join(self._wrong))


def url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http(s) URL")
    return value


def url_if_any(value: str) -> str:
    return url(value) if value else value


def domain_if_any(value: str) -> str:
    if value and not _DOMAIN.fullmatch(value.lower()):
        raise ValueError("is not a domain, such as reply.example.com")
    return value.lower()


def sha256(value: str) -> str:
    if not _SHA256.fullmatch(value.lower()):
        raise ValueError("is not a SHA-256 in hexadecimal")
    return value.lower()


def address(value: str) -> str:
    if "@" not in value or "\n" in value or "\r" in value:
        raise ValueError("is not an email address")
    return value


def address_if_any(value: str) -> str:
    return address(value) if value else value


def number_if_any(value: str) -> str:
    if value and not re.fullmatch(r"\+[1-9][0-9]{6,14}", value, re.ASCII):
        raise ValueError("is not a phone number like +12025550100")
    return value


def countries(value: str) -> str:
    """Reads country codes separated by commas or spaces: US, CA."""
    found = value.replace(",", " ").split()
    if not all(re.fullmatch("[A-Z]{2}", one) for one in found):
        raise ValueError("is not a list of country codes, like US")
    return " ".join(found)


def origins(value: str) -> str:
    """Reads origins separated by commas or spaces: https://app.example.com, or *."""
    for origin in (found := value.replace(",", " ").split()):
        parts = urlsplit(origin)
        if origin != "*" and (
            parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}"
        ):
            raise ValueError("is not a list of origins, like https://app.example.com")
    return " ".join(found)


def rate(value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        raise ValueError("is not a number, so many a second") from None
    if not 0 <= number < 1e6:
        raise ValueError("is not a number, so many a second")
    return value


def count(value: str) -> str:
    if not re.fullmatch("[0-9]{1,6}", value, re.ASCII):
        raise ValueError("is not a whole number")
    return value


def true_or_false(value: str) -> str:
    if value not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return value


def chunks(value: str) -> str:
    if not re.fullmatch("[1-8]", value):
        raise ValueError("is not a whole number from 1 to 8")
    return value


def price_or_nothing(value: str) -> str:
    return value if dollars(value) == 0 else price(value)


def price_list(value: str) -> str:
    """Checks prices by country, separated by commas or spaces: US=0.0095 GB=0.045."""
    for one in (found := value.replace(",", " ").split()):
        country, _, dollars_each = one.partition("=")
        if not re.fullmatch("[A-Z]{2}", country, re.ASCII):
            raise ValueError("is not a list of prices by country, like US=0.0095 GB=0.045")
        price(dollars_each)
    return " ".join(found)


def country_prices(checked: str) -> dict[str, Decimal]:
    return {one[:2]: Decimal(one[3:]) for one in checked.split()}


def dollars(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError("is not a number of dollars") from None


def price(value: str) -> str:
    amount = dollars(value)
    if not (amount.is_finite() and amount > 0):
        raise ValueError("is not a positive number of dollars")
    return value
