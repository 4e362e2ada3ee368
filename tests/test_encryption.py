"""Secrets are encrypted at rest."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.encryption import decrypt, encrypt, version_of
from chalicelib.key_ring import KeyRing
from chalicelib.signing import BadToken

KEPT = "AbFjJm5FbGrRSsPj+cc6aKQo7oYnbaVuxT49sjkF260tre+Kbop3xPAnig7I"
KEYS = KeyRing.of("a secret of the tests, long enough")


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_a_lock_opens_to_the_same_secret_and_purpose_and_shows_nothing(plain: bytes, purpose: str) -> None:
    """A copy of the table reveals no secret."""
    locked = encrypt(KEYS, purpose, plain)
    assert decrypt(KEYS, purpose, locked) == plain
    assert len(plain) < 8 or plain not in locked
    assert encrypt(KEYS, purpose, plain) != locked, "the same secret twice must not look the same"


def test_a_lock_opens_to_nothing_else() -> None:
    """Moved, cut, lengthened, changed by one bit, or of an unknown kind: each is refused alike."""
    locked = encrypt(KEYS, "ats:1:secret", b"planted")
    wrong = [locked[:-1], locked + b"\0", locked[:20], locked[:1], b"", b"\x02" + locked[1:]]
    wrong += [locked[:at] + bytes([locked[at] ^ 1 << bit]) + locked[at + 1 :] for at in range(len(locked)) for bit in range(8)]
    for one in wrong:
        with pytest.raises(BadToken):
            decrypt(KEYS, "ats:1:secret", one)
    others = KeyRing.of("a secret of the tests, long enough!")
    for keys, purpose in [(others, "ats:1:secret"), (KEYS, "ats:1:api_key"), (KEYS, "ats:2:secret")]:
        with pytest.raises(BadToken):
            decrypt(keys, purpose, locked)


def test_what_an_earlier_version_encrypted_is_read_until_that_version_is_dropped() -> None:
    """A new secret must not lose the keys of hiring systems."""
    former, first, second = (0, "z" * 40), (1, "a" * 40), (2, "b" * 40)
    for made_by in ((former,), (first,)):
        locked = encrypt(KeyRing(made_by), "ats:1:secret", b"planted")
        assert decrypt(KeyRing((second, first, former)), "ats:1:secret", locked) == b"planted"
        assert version_of(locked) == made_by[0][0]
        with pytest.raises(BadToken):
            decrypt(KeyRing((second,)), "ats:1:secret", locked)


def test_a_secret_is_not_read_as_if_another_version_had_made_it() -> None:
    """The version is bound in: nobody makes an old secret count as a new one's."""
    keys = KeyRing(((1, "a" * 40), (2, "a" * 40)))
    locked = encrypt(keys, "ats:1:secret", b"planted")
    with pytest.raises(BadToken):
        decrypt(keys, "ats:1:secret", locked[:1] + b"\x02" + locked[2:])


def test_what_was_encrypted_before_secrets_had_versions_is_still_read() -> None:
    """Made by 0.1.0."""
    locked = base64.b64decode(KEPT)
    assert decrypt(KeyRing(((1, "n" * 40), *KEYS.versions)), "ats:1:secret", locked) == b"kept"


def test_the_cipher_is_the_published_one() -> None:
    """The library must do what its name says: the test vector of draft-irtf-cfrg-xchacha-03, appendix A.3.1."""
    from nacl.secret import Aead

    plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
    aad, key = bytes.fromhex("50515253c0c1c2c3c4c5c6c7"), bytes(range(0x80, 0xA0))
    sealed = Aead(key).encrypt(plain, aad=aad, nonce=bytes(range(0x40, 0x58)))
    assert sealed.ciphertext[:16].hex() == "bd6d179d3e83d43b9576579493c0e939"
    assert sealed.ciphertext[-16:].hex() == "c0875924c1c7987947deafd8780acf49"
