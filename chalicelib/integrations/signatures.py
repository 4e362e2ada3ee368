"""Checking who sent an event: HMAC-SHA256 over exactly the bytes that came, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac

from chalicelib.signing import same


def hex_of(secret: str, message: bytes) -> str:
    return hmac.digest(secret.encode(), message, "sha256").hex()


def is_hex_of(given: str | None, secret: str, message: bytes, prefix: str = "") -> bool:
    """Whether `given` is `prefix` and the lower-case hexadecimal HMAC of the message."""
    return bool(secret) and given is not None and same(given.strip(), prefix + hex_of(secret, message))


def is_base64_hex_of(given: str | None, secret: str, message: bytes) -> bool:
    """The same in Base64, as Teamtailor sends it."""
    try:
        decoded = base64.b64decode(given or "", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return is_hex_of(decoded, secret, message)
