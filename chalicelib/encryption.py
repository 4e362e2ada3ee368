"""Encrypts bytes that are stored in the table: clients' secrets, and responses kept for Idempotency-Key.

XChaCha20-Poly1305 of libsodium (PyNaCl) with a random nonce of 192 bits, a key for each purpose, and the purpose as additional
data: a secret of one connection cannot be decrypted for another. docs/decisions/secrets-encrypted-with-libsodium.md says what it
does not protect against, and what happens when HEARDBACK_SECRET changes.
"""

from __future__ import annotations

import hmac

from chalicelib.signing import BadToken

_FORMAT = b"\x01"
"""The first byte, so that another cipher or key derivation can be added later."""


def encrypt(secret: str, purpose: str, plain: bytes) -> bytes:
    """Encrypts bytes for one purpose."""
    from nacl.secret import Aead  # loads libsodium: imported with the first use

    return _FORMAT + bytes(Aead(_key(secret, purpose)).encrypt(plain, aad=_bound(purpose)))


def decrypt(secret: str, purpose: str, encrypted: bytes) -> bytes:
    """Decrypts what `encrypt` made. Raises BadToken where it was changed, or encrypted with another secret or purpose."""
    from nacl.exceptions import CryptoError
    from nacl.exceptions import ValueError as TooShort
    from nacl.secret import Aead

    if encrypted[:1] != _FORMAT:
        raise BadToken
    try:
        return Aead(_key(secret, purpose)).decrypt(encrypted[1:], aad=_bound(purpose))
    except (CryptoError, TooShort):
        raise BadToken from None


def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"lock:" + purpose.encode(), "sha256")


def _bound(purpose: str) -> bytes:
    return _FORMAT + purpose.encode()
