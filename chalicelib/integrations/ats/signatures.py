"""Checking who sent an event: HMAC-SHA256 over exactly the bytes that came, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac

from chalicelib.signing import equal_in_constant_time


def hex_of(secret: str, message: bytes) -> str:
    return hmac.digest(secret.encode(), message, "sha256").hex()


def is_hex_of(given: str | None, secret: str, message: bytes, prefix: str = "") -> bool:
    """Whether `given` is `prefix` and the lower-case hexadecimal HMAC of the message."""
    return bool(secret) and given is not None and equal_in_constant_time(given.strip(" \t"), prefix + hex_of(secret, message))


def is_digest_of(given: str | None, secret: str, message: bytes) -> bool:
    """Whether `given` is the HMAC of the message, in hexadecimal or in Base64: for those who do not say which."""
    whole = base64.b64encode(hmac.digest(secret.encode(), message, "sha256")).decode()
    return is_hex_of(given, secret, message) or (
        bool(secret) and given is not None and equal_in_constant_time(given.strip(" \t"), whole)
    )


def is_base64_hex_of(given: str | None, secret: str, message: bytes) -> bool:
    """The same in Base64, as Teamtailor sends it."""
    try:
        decoded = base64.b64decode(given or "", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return is_hex_of(decoded, secret, message)


def is_stamped(given: str | None, secret: str, message: bytes) -> bool:
    """Whether `given` is the Base64 of "t=<seconds>,v2=<hex>", the HMAC of "<seconds>.<message>". How old it may be is not asked:
    the same body again is the same event, and is worked once."""
    try:
        parts = dict(part.split("=", 1) for part in base64.b64decode(given or "", validate=True).decode("ascii").split(","))
    except (binascii.Error, ValueError):
        return False
    stamp = parts.get("t", "")
    return (
        stamp.isascii()
        and stamp.isdigit()
        and equal_in_constant_time(parts.get("v2", ""), hex_of(secret, stamp.encode() + b"." + message))
    )


def tokens(secret: str) -> list[str]:
    """The secrets of a system that makes one for each webhook: given all at once, apart by spaces or commas."""
    return secret.replace(",", " ").split()
