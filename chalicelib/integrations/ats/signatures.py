"""Webhook signatures: HMAC-SHA256 over exactly the bytes that came, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac

from chalicelib.signing import equal_in_constant_time


def is_hex_hmac(given: str | None, secret: str, message: bytes, prefix: str = "") -> bool:
    """Whether `given` is `prefix` and the lower-case hexadecimal HMAC of the message."""
    return bool(secret) and given is not None and equal_in_constant_time(given.strip(" \t"), prefix + _hex_hmac(secret, message))


def is_hex_or_base64_hmac(given: str | None, secret: str, message: bytes) -> bool:
    """Whether `given` is the HMAC of the message in hexadecimal or in Base64, for a vendor that does not say which."""
    in_base64 = base64.b64encode(hmac.digest(secret.encode(), message, "sha256")).decode()
    return is_hex_hmac(given, secret, message) or (
        bool(secret) and given is not None and equal_in_constant_time(given.strip(" \t"), in_base64)
    )


def is_base64_of_hex_hmac(given: str | None, secret: str, message: bytes) -> bool:
    """Whether `given` is the Base64 of the hexadecimal HMAC, as Teamtailor sends it."""
    try:
        decoded = base64.b64decode(given or "", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return is_hex_hmac(decoded, secret, message)


def is_timestamped_hmac(given: str | None, secret: str, message: bytes) -> bool:
    """Whether `given` is the Base64 of "t=<seconds>,v2=<hex>", the HMAC of "<seconds>.<message>".

    Its age is not checked: the same body again is the same event, and is processed once.
    """
    try:
        parts = dict(part.split("=", 1) for part in base64.b64decode(given or "", validate=True).decode("ascii").split(","))
    except (binascii.Error, ValueError):
        return False
    seconds = parts.get("t", "")
    return (
        seconds.isascii()
        and seconds.isdigit()
        and equal_in_constant_time(parts.get("v2", ""), _hex_hmac(secret, seconds.encode() + b"." + message))
    )


def _hex_hmac(secret: str, message: bytes) -> str:
    return hmac.digest(secret.encode(), message, "sha256").hex()
