"""Secrets are encrypted at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.encryption import decrypt, encrypt
from chalicelib.signing import BadToken

SECRET = "a secret of the tests, long enough"


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_a_lock_opens_to_the_same_secret_and_purpose_and_shows_nothing(plain: bytes, purpose: str) -> None:
    """A copy of the table reveals no secret."""
    locked = encrypt(SECRET, purpose, plain)
    assert decrypt(SECRET, purpose, locked) == plain
    assert len(plain) < 8 or plain not in locked
    assert encrypt(SECRET, purpose, plain) != locked, "the same secret twice must not look the same"


def test_a_lock_opens_to_nothing_else() -> None:
    """Moved, cut, lengthened, changed by one bit, or of an unknown kind: each is refused alike."""
    locked = encrypt(SECRET, "ats:1:secret", b"planted")
    wrong = [locked[:-1], locked + b"\0", locked[:20], locked[:1], b"", b"\x02" + locked[1:]]
    wrong += [locked[:at] + bytes([locked[at] ^ 1 << bit]) + locked[at + 1 :] for at in range(len(locked)) for bit in range(8)]
    for one in wrong:
        with pytest.raises(BadToken):
            decrypt(SECRET, "ats:1:secret", one)
    for secret, purpose in [(SECRET + "!", "ats:1:secret"), (SECRET, "ats:1:api_key"), (SECRET, "ats:2:secret")]:
        with pytest.raises(BadToken):
            decrypt(secret, purpose, locked)


def test_the_cipher_is_the_published_one() -> None:
    """The library must do what its name says: the test vector of draft-irtf-cfrg-xchacha-03, appendix A.3.1."""
    from nacl.secret import Aead

    plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
    aad, key = bytes.fromhex("50515253c0c1c2c3c4c5c6c7"), bytes(range(0x80, 0xA0))
    sealed = Aead(key).encrypt(plain, aad=aad, nonce=bytes(range(0x40, 0x58)))
    assert sealed.ciphertext[:16].hex() == "bd6d179d3e83d43b9576579493c0e939"
    assert sealed.ciphertext[-16:].hex() == "c0875924c1c7987947deafd8780acf49"
