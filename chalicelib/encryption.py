"""Bytes that rest in the table and must mean nothing there: other people's secrets, and answers kept for a repetition.

XChaCha20-Poly1305 of libsodium (PyNaCl), a random nonce of 192 bits, a key of our own for each purpose, and the purpose bound in:
what was locked for one connection opens nothing at another. What it is no help against, and what becomes of locks when
HEARDBACK_SECRET changes, is in docs/decisions/secrets-encrypted-with-libsodium.md.
"""

from __future__ import annotations

import hmac

from chalicelib.signing import BadToken

_FORMAT = b"\x01"
"""Stands first in every lock, so that another cipher or another way to the key can come later and both be told apart."""


def encrypt(secret: str, purpose: str, plain: bytes) -> bytes:
    """`plain` made unreadable to those who lack the secret or any part of the purpose."""
    from nacl.secret import Aead  # loads libsodium: only who locks or unlocks pays

    return _FORMAT + bytes(Aead(_key(secret, purpose)).encrypt(plain, aad=_bound(purpose)))


def decrypt(secret: str, purpose: str, locked: bytes) -> bytes:
    """What `lock` was given. Raises BadToken: changed, cut, locked under another secret or for another purpose."""
    from nacl.exceptions import CryptoError
    from nacl.exceptions import ValueError as TooShort
    from nacl.secret import Aead

    if locked[:1] != _FORMAT:
        raise BadToken
    try:
        return Aead(_key(secret, purpose)).decrypt(locked[1:], aad=_bound(purpose))
    except (CryptoError, TooShort):
        raise BadToken from None


def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"lock:" + purpose.encode(), "sha256")


def _bound(purpose: str) -> bytes:
    return _FORMAT + purpose.encode()
