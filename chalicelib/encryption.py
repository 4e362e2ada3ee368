"""Encrypts bytes that are stored in the table: clients' secrets, and responses kept for Idempotency-Key.

XChaCha20-Poly1305 of libsodium (PyNaCl) with a random nonce of 192 bits, a key for each purpose, and the purpose as additional
data: a secret of one connection cannot be decrypted for another. docs/decisions/secrets-encrypted-with-libsodium.md says what it
does not protect against, and what happens when the ring of secrets changes.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from chalicelib.key_ring import FORMER, KeyRing
from chalicelib.signing import BadToken

if TYPE_CHECKING:
    from nacl.signing import SigningKey

_UNVERSIONED, _VERSIONED = b"\x01", b"\x02"
"""The first byte. After the second kind, a byte has the version of the secret; the first kind was made with version 0."""


def encrypt(keys: KeyRing, purpose: str, plain: bytes) -> bytes:
    """Encrypts bytes for one purpose, with the ring's first secret."""
    from nacl.secret import Aead  # loads libsodium: imported with the first use

    version, secret = keys.current
    head = _UNVERSIONED if version == FORMER else _VERSIONED + bytes([version])
    return head + bytes(Aead(_key(secret, purpose)).encrypt(plain, aad=head + purpose.encode()))


def decrypt(keys: KeyRing, purpose: str, encrypted: bytes) -> bytes:
    """Decrypts what `encrypt` made. Raises BadToken where it was changed, or encrypted with another secret or purpose."""
    from nacl.exceptions import CryptoError
    from nacl.exceptions import ValueError as TooShort
    from nacl.secret import Aead

    head = encrypted[: 2 if encrypted[:1] == _VERSIONED else 1]
    secret = keys.secret(version_of(encrypted))
    if secret is None:
        raise BadToken
    try:
        return Aead(_key(secret, purpose)).decrypt(encrypted[len(head) :], aad=head + purpose.encode())
    except (CryptoError, TooShort):
        raise BadToken from None


def version_of(encrypted: bytes) -> int:
    """Returns the version of the secret that encrypted something. Raises BadToken."""
    if encrypted[:1] == _UNVERSIONED:
        return FORMER
    if encrypted[:1] != _VERSIONED or len(encrypted) < 2:
        raise BadToken
    return encrypted[1]


def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"lock:" + purpose.encode(), "sha256")


def sign_publicly(secret: str, purpose: str, message: bytes) -> bytes:
    """Returns the Ed25519 signature of a message, by a key that is derived from a secret of ours for one purpose."""
    return bytes(_signing_key(secret, purpose).sign(message).signature)


def public_key(secret: str, purpose: str) -> bytes:
    """Returns the public key by which anybody checks what `sign_publicly` signed."""
    return bytes(_signing_key(secret, purpose).verify_key)


def _signing_key(secret: str, purpose: str) -> SigningKey:
    from nacl.signing import SigningKey

    return SigningKey(hmac.digest(secret.encode(), f"ed25519 {purpose}".encode(), "sha256"))
