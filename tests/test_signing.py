"""Only our own tokens are accepted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.key_ring import KeyRing
from chalicelib.signing import BadToken, Expired, keyed_hash, sign_token, verify_token

NOW = datetime(2026, 6, 2, tzinfo=UTC)
SECRET = "s" * 40
KEYS = KeyRing.of(SECRET)


@given(st.binary(max_size=100))
def test_the_payload_of_a_signed_token_is_returned(payload: bytes) -> None:
    """Cursors and links depend on it."""
    assert verify_token(KEYS, "a", sign_token(KEYS, "a", payload), NOW) == payload


@given(st.data())
def test_an_edited_token_is_refused(data: st.DataObject) -> None:
    """Every character counts, the spare bits of the last one too."""
    token = sign_token(KEYS, "a", b"payload")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=. \u00e9"))
    if other != token[at]:
        with pytest.raises(BadToken):
            verify_token(KEYS, "a", token[:at] + other + token[at + 1 :], NOW)


@given(st.text(max_size=60))
def test_any_text_is_refused(token: str) -> None:
    """Mistyped and guessed tokens are refused."""
    with pytest.raises(BadToken):
        verify_token(KEYS, "a", token, NOW)


def test_a_token_is_valid_for_one_purpose_and_secret() -> None:
    """A token of one purpose does not work for another: a cursor must not unsubscribe anybody."""
    token = sign_token(KEYS, "cursor", b"x")
    for keys, purpose in ((KEYS, "unsubscribe"), (KeyRing.of("t" * 40), "cursor")):
        with pytest.raises(BadToken):
            verify_token(keys, purpose, token, NOW)


def test_a_token_expires() -> None:
    """A token expires at its instant, not before."""
    token = sign_token(KEYS, "a", b"x", NOW + timedelta(days=400))
    assert verify_token(KEYS, "a", token, NOW + timedelta(days=400, seconds=-1)) == b"x"
    with pytest.raises(Expired):
        verify_token(KEYS, "a", token, NOW + timedelta(days=400))


def test_a_token_of_an_earlier_version_counts_until_that_version_is_dropped() -> None:
    """A new secret must not end sessions, nor break the links in people's mail."""
    first, second = (1, "a" * 40), (2, "b" * 40)
    token = sign_token(KeyRing((first,)), "a", b"x")
    assert verify_token(KeyRing((first, second)), "a", token, NOW) == b"x", "known to all before anybody uses it"
    assert verify_token(KeyRing((second, first)), "a", token, NOW) == b"x"
    with pytest.raises(BadToken):
        verify_token(KeyRing((second,)), "a", token, NOW)
    assert verify_token(KeyRing((second,)), "a", sign_token(KeyRing((second, first)), "a", b"y"), NOW) == b"y"


def test_a_token_made_before_secrets_had_versions_still_counts() -> None:
    """Made by 0.1.0 with the secret of forty times s, purpose "unsubscribe", payload "kept"."""
    token = "tJ_p-ajxwys8OG_jYYnGVAAAAAAAa2VwdA"
    assert verify_token(KeyRing(((1, "n" * 40), (0, SECRET))), "unsubscribe", token, NOW) == b"kept"


def test_a_keyed_hash_tells_nothing_without_its_key() -> None:
    """Addresses are guessable: a plain hash of them is no secret."""
    assert keyed_hash(SECRET, "a", "x") == keyed_hash(SECRET, "a", "x")
    assert len({keyed_hash(SECRET, "a", "x"), keyed_hash("t" * 40, "a", "x"), keyed_hash(SECRET, "b", "x")}) == 3
