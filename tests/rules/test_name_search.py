"""Which names a search finds: words begin words, in any order, accents and case aside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.canonical import canonical_name
from chalicelib.rules.name_search import (
    BUCKETS,
    INDEXED_MOST,
    bucket,
    indexed_words,
    is_match,
    leading_word,
    lookup_prefix,
    words_of,
)

NAMES = st.text(
    st.one_of(
        st.sampled_from(" -'.ZzÉéeßıİſłøæ\u0301\u0327שָׁלוֹםمحَمد王小明한국がかक्षि𠮷１②ﬁ"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("zoe", "Zoë Sample"),
        ("ZOË", "zoe sample"),
        ("zoe\u0308", "Zoë Sample"),
        ("sam", "Zoë Sample"),
        ("sample zo", "Zoë Sample"),
        ("s z", "Zoë Sample"),
        ("sam sam", "Sam Sample"),
        ("lukasz", "Łukasz Sample"),
        ("bjorn", "Bjørn Sample"),
        ("strasse", "Anna Straße"),
        ("istanbul", "İstanbul Sample"),
        ("o'br", "Pat O’Brien"),
        ("brien", "Pat O’Brien"),
        ("jean luc", "Jean-Luc Sample"),
        ("王小", "王小明"),
        ("𠮷", "𠮷田 太郎"),
        ("שלו", "שָׁלוֹם לוי"),
        ("محمد", "مُحَمَّد علي"),
        ("שלמה", "שְׁלֹמֹה כהן"),
        ("김", "김민수"),
        ("\u1100\u1175\u11b7", "김민수"),
        ("sm1th", "Sm1th"),
        ("ｚｏｅ", "Zoe"),
    ],
)
def test_a_word_finds_the_names_that_it_begins(q, name):
    """However it was typed: composed or not, with accents or without."""
    assert is_match(words_of(q), words_of(name))


@pytest.mark.parametrize(
    ("q", "name"), [("ample", "Zoë Sample"), ("zoe x", "Zoë Sample"), ("か", "がっこう"), ("कि", "कु"), ("小", "王小明")]
)
def test_every_word_must_begin_a_word(q, name):
    """Not the middle of one, and not some of the words only. Marks that make another letter count."""
    assert words_of(q)
    assert not is_match(words_of(q), words_of(name))


@pytest.mark.parametrize("q", ["", " ", "-", "...", "?!", "\u0301", "\u200b", "👍", "—"])
def test_signs_alone_are_no_word(q):
    """Nobody is called by them."""
    assert words_of(q) == ()


@given(NAMES)
def test_the_words_of_words_are_the_same_words(name):
    """The entries hold the words joined: they must find what the name finds."""
    assert words_of(" ".join(words_of(name))) == words_of(name)
    for form in ("NFC", "NFD"):
        assert words_of(unicodedata.normalize(form, name)) == words_of(name)
    assert words_of(canonical_name(name)) == words_of(name)


@given(NAMES, st.data())
def test_each_beginning_of_a_word_leads_to_exactly_one_entry(name, data):
    """None would lose the person, and two would list them twice."""
    words = words_of(name)[:INDEXED_MOST]
    entered = indexed_words(words)
    for word in words:
        prefix = word[: data.draw(st.integers(1, len(word)))]
        assert leading_word(prefix, words) in entered
        assert bucket(prefix) == bucket(leading_word(prefix, words))
        assert 0 <= bucket(prefix) < BUCKETS


def test_a_name_has_a_bounded_number_of_short_entries():
    """All of them are written in one transaction, under keys of at most 1024 bytes."""
    many = indexed_words(words_of(" ".join(f"word{number}" for number in range(30))))
    assert len(many) == INDEXED_MOST
    longest = indexed_words(words_of("\ufdfa" * 200))
    assert all(len(f"NAME#{word}#".encode()) + 31 <= 1024 for word in [*longest, *indexed_words(["\U0002070e" * 200])])


def test_letters_of_one_alphabet_are_in_different_buckets():
    """A query reads one bucket."""
    for alphabet in ("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשת", "αβγδεζηθικλμνξοπρστυφχψω"):
        assert len({bucket(letter) for letter in alphabet}) == len(alphabet)


def test_a_word_keeps_its_bucket() -> None:
    """Entries are stored under it: with another number nobody would be found any more."""
    assert [bucket(word) for word in ("anna", "zoe", "김")] == [1, 26, 0]


def test_the_longest_wanted_word_is_looked_up() -> None:
    """The fewest names have it; entries hold its first 60 characters."""
    assert lookup_prefix(["zo", "sample", "x"]) == "sample"
    assert lookup_prefix(["a" * 61, "b"]) == "a" * 60
