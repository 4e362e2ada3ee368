"""Signed tokens and keyed hashes: for links, cursors, and addresses that are compared but not stored.

Every use names its purpose, which is part of the key, so that a cursor is never accepted as an unsubscribe link.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime
from hashlib import sha256

from chalicelib.key_ring import KeyRing

_MAC_BYTES = 16
_EXPIRY_BYTES = 5
TOKEN_MOST = 2048


class BadToken(ValueError):
    """The token is not ours, was edited, or is for another purpose."""


class Expired(BadToken):
    """The token has expired."""


def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """Returns 128 bits of HMAC-SHA256 in hexadecimal: equal for equal texts, and meaningless without the secret."""
    return hmac.digest(_key(secret, purpose), text.encode("utf-8", "replace"), "sha256")[:16].hex()


def sign_token(keys: KeyRing, purpose: str, payload: bytes, expires_at: datetime | None = None) -> str:
    """Makes a URL-safe token. Its payload can be read by anybody, and made or changed only with a secret of the ring."""
    expiry = int(expires_at.timestamp()) if expires_at else 0
    body = expiry.to_bytes(_EXPIRY_BYTES) + payload
    mac = _mac(keys.current[1], purpose, body)
    return base64.urlsafe_b64encode(mac + body).rstrip(b"=").decode()


def _mac(secret: str, purpose: str, body: bytes) -> bytes:
    return hmac.digest(_key(secret, purpose), body, "sha256")[:_MAC_BYTES]


def verify_token(keys: KeyRing, purpose: str, token: str, now: datetime) -> bytes:
    """Returns the payload of a token that any secret of the ring made. Raises BadToken, Expired."""
    if len(token) > TOKEN_MOST or not token.isascii():
        raise BadToken
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken from None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    genuine = [hmac.compare_digest(mac, _mac(secret, purpose, body)) for secret in keys.secrets]
    if len(body) < _EXPIRY_BYTES or not any(genuine):
        raise BadToken
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise BadToken  # the last character has spare bits: only one spelling is accepted
    expiry = int.from_bytes(body[:_EXPIRY_BYTES])
    if expiry and now.timestamp() >= expiry:
        raise Expired
    return body[_EXPIRY_BYTES:]


def fingerprint(text: str) -> str:
    """Returns the SHA-256 in hexadecimal, as the secrets of API keys are stored."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def equal_in_constant_time(one: str, other: str) -> bool:
    """Compares two texts in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
