"""The alphabet of a text message, compared with two independent codecs: an error doubles the price of every text."""

from __future__ import annotations

import gsm0338
import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.rules.copy.gsm7 import BASIC, EXTENSION, segments, septets, to_gsm7

CODEC = gsm0338.Codec()


@given(st.text())
@example("“Łukasz’s” – résumé…\u00a0ﬁne ½ ™ ℃ ẞ ǅ 😀 王伟 \x1b\x00\f")
def test_everything_becomes_gsm_7(text):
    """One character outside the alphabet makes a segment hold 70 instead of 160."""
    plain = to_gsm7(text)
    assert smsutil.is_valid_gsm(plain or "-")
    assert len(CODEC.encode(plain)[0]) == septets(plain)
    assert CODEC.decode(CODEC.encode(plain)[0])[0] == plain


@given(st.text(st.sampled_from(sorted(BASIC | EXTENSION))))
def test_what_is_in_the_alphabet_already_is_left_alone(text):
    """Their name is spelled as they spell it."""
    assert to_gsm7(text) == text


@given(st.text())
def test_transliterating_twice_changes_nothing(text):
    """A text that was measured is the text that goes out."""
    assert to_gsm7(to_gsm7(text)) == to_gsm7(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("“Dana’s” team – 9…", '"Dana\'s" team - 9...'),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("José Muñoz, Zoë", "José Muñoz, Zoe"),
        ("e\u0300", "è"),
        ("Иван Щукин", "Ivan Shchukin"),
        ("Γιώργος", "Γiorgos"),
        ("Þórður Ðə", "Thordur De"),
        ("Wei 王伟 😀", "Wei  "),
        ("Acme™ ©½", "AcmeTM (c)1/2"),
        ("GROẞ", "GROSS"),
        ("\u200bzero\ufeff\u0007", "zero"),
    ],
)
def test_names_stay_readable(text, plain):
    """Accents, quotes and other alphabets become their nearest spelling."""
    assert to_gsm7(text) == plain


def test_the_extension_counts_two_and_the_rest_is_refused():
    """A euro sign takes two places, and a curly quote is refused."""
    assert septets("a€{") == 5
    with pytest.raises(ValueError, match="not in GSM"):
        septets("’")


@pytest.mark.parametrize(
    ("sign", "length", "count"),
    [("a", 160, 1), ("a", 161, 2), ("a", 306, 2), ("a", 307, 3), ("李", 70, 1), ("李", 71, 2), ("李", 134, 2), ("李", 135, 3)],
)
def test_a_text_is_billed_by_its_segments(sign, length, count):
    """A part of a longer text holds 153 septets, or 67 characters outside the alphabet."""
    assert segments(sign * length) == count


def test_each_letter_has_its_latin_ones():
    """Names are spelled as their owners spell them in Latin letters."""
    assert to_gsm7("łđðþœıħŧŋĸəſ") == "lddthoeihtngkes"
    assert to_gsm7("⁄•·‹›×÷¦©®") == "/--<>x/|(c)(R)"
