"""One mailbox, one number, one person: however they are spelled, they compare as equal."""

from __future__ import annotations

import unicodedata

import idna
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.rules.canonical import (
    ascii_domain,
    canonical_email,
    canonical_name,
    canonical_phone,
    compatible_names,
    dialled_phone,
    mailbox,
    spellings_of_phone,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam@example.com", "sam@EXAMPLE.com"),
        (" sam@example.com\n", "sam@example.com"),
        ("sam@bücher.example", "Sam@XN--BCHER-KVA.example"),
        ("sam@bu\u0308cher.example", "sam@bücher.example"),
        ("sam@例え。example", "sam@xn--r8jz45g.example"),
        ("SAM@example.com.", "sam@example.com"),
        ("sam@ＥＸＡＭＰＬＥ.com", "sam@example.com"),
    ],
)
def test_spellings_of_one_mailbox_are_equal(one: str, other: str) -> None:
    """Case, white space, composition, and the two forms of an international domain do not matter."""
    assert canonical_email(one) == canonical_email(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sam@faß.example", "sam@fass.example"),
        ("sam.lee@example.com", "samlee@example.com"),
        ("sam+work@example.com", "sam@example.com"),
    ],
)
def test_other_mailboxes_are_not(one: str, other: str) -> None:
    """IDNA 2008 keeps ß apart from ss. Dots and tags in the local part are for the mailbox's own provider to read."""
    assert canonical_email(one) != canonical_email(other)


@pytest.mark.parametrize("domain", ["bücher.example", "faß.example", "ΒΌΛΟΣ.example", "例え.テスト", "ÅNGSTRÖM.example"])
def test_a_domain_is_as_idna_2008_encodes_it(domain: str) -> None:
    """A domain that is encoded otherwise is another company's."""
    assert ascii_domain(domain) == idna.encode(domain, uts46=True).decode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5215512345678", "+525512345678"),
        ("+52 1 55 1234-5678", "+52 (55) 1234 5678"),
        ("+5491123456789", "+541123456789"),
        ("+5511987654321", "+551187654321"),
        ("+1 202.555.0123", "+12025550123"),
        ("+1 202 555 0123 ext. 45", "+12025550123"),
    ],
)
def test_spellings_of_one_number_are_equal(one: str, other: str) -> None:
    """The Mexican 1, the Argentinian 9 and the Brazilian ninth digit are written by some and left out by others."""
    assert canonical_phone(one) == canonical_phone(other)
    assert set(spellings_of_phone(one)) == set(spellings_of_phone(other))
    assert canonical_phone(one) == spellings_of_phone(one)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511934567890", "+551134567890"),
        ("+52155123456", "+5255123456"),
        ("+12025550123", "+12025550124"),
        ("+4915112345678", "+49115112345678"),
    ],
)
def test_other_numbers_are_not(one: str, other: str) -> None:
    """A Brazilian landline is not the mobile number whose last eight digits it shares."""
    assert canonical_phone(one) != canonical_phone(other)


@given(st.sampled_from(["+1", "+52", "+521", "+54", "+549", "+55", "+5511", "+55119", "+44"]), st.text("0123456789", max_size=11))
def test_every_spelling_of_a_number_leads_to_the_same_ones(code: str, rest: str) -> None:
    """A stored item is found under whichever spelling it was written."""
    number = code + rest
    spellings = spellings_of_phone(number)
    assert number in spellings
    assert all(spellings_of_phone(one) == spellings for one in spellings)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë Müller", unicodedata.normalize("NFD", "ZOË MÜLLER")),
        ("O'Brien", "O’Brien"),
        ("Anne-Marie  Duval", "anne marie duval"),
        ("Ｊｏｈｎ Ｓｍｉｔｈ", "John Smith"),
        ("Jo\u200bhn Smith\u202e", "John Smith"),
        ("Weiß", "WEISS"),
        ("Sam Lee.", "Sam\u00a0Lee"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    """Composed and decomposed letters, case, punctuation and invisible characters make no second person."""
    assert canonical_name(one) == canonical_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam Carter", "Carter, Sam"),
        ("Sam", "Sam Carter"),
        ("Sam J. Carter", "Sam Carter"),
        ("王小明", "王小明"),
        ("!!!", "!!!"),
    ],
)
def test_names_that_may_be_one_person_are_compatible(one: str, other: str) -> None:
    """All words of the shorter are among those of the longer, in any order."""
    assert compatible_names(one, other) and compatible_names(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam Carter", "Ann Carter"),
        ("Sam", "Samuel"),
        ("Sam Carter", "Sam Lee"),
        ("!!!", "Sam"),
        ("😀", "Sam"),
        ("", "Sam"),
        ("", ""),
    ],
)
def test_names_of_two_people_are_not(one: str, other: str) -> None:
    """A shared last name makes nobody the same; a name without letters is compatible only with itself."""
    assert not compatible_names(one, other) and not compatible_names(other, one)


@given(NAMES, NAMES)
def test_compatibility_does_not_depend_on_the_order(one: str, other: str) -> None:
    """It is symmetric, holds for a name and itself, and follows from equality."""
    assert compatible_names(one, other) == compatible_names(other, one)
    assume(canonical_name(one))
    assert compatible_names(one, one)


@given(NAMES)
def test_a_canonical_name_is_its_own(name: str) -> None:
    """Neither a second pass nor another composition changes it."""
    canonical = canonical_name(name)
    assert canonical_name(canonical) == canonical
    assert canonical_name(unicodedata.normalize("NFD", name)) == canonical
    assert canonical_name(unicodedata.normalize("NFC", name)) == canonical


@given(NAMES, NAMES)
def test_a_canonical_address_is_its_own(local: str, domain: str) -> None:
    """A second pass changes nothing, whatever stands around the @."""
    for text in (f"{local}@{domain}", f"+{local}"):
        assert canonical_email(canonical_email(text)) == canonical_email(text)
        assert canonical_phone(canonical_phone(text)) == canonical_phone(text)


@pytest.mark.parametrize(
    ("number", "spellings"),
    [
        ("+52 1 55 1234 5678", ("+525512345678", "+5215512345678")),
        ("+541123456789", ("+541123456789", "+5491123456789")),
        ("+55 11 98765-4321", ("+551187654321", "+5511987654321")),
        ("+551132654321", ("+551132654321",)),
        ("+12025550123", ("+12025550123",)),
    ],
)
def test_the_spellings_of_a_number_begin_with_the_canonical_one(number: str, spellings: tuple[str, ...]) -> None:
    """Items of older versions are stored under any of them. A Brazilian landline has one."""
    assert spellings_of_phone(number) == spellings


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("Sam+work@Example.com", "sam@example.com"),
        ("sam+a+b@example.com", "sam@example.com"),
        ("sam@example.com", "sam@example.com"),
        ("+tag@example.com", "+tag@example.com"),
        ("S.a.m@gmail.com", "sam@gmail.com"),
        ("s.am+jobs@googlemail.com", "sam@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("s.a.m@example.com", "s.a.m@example.com"),
    ],
)
def test_a_mailbox_counts_once_however_it_is_tagged(address: str, box: str) -> None:
    """Limits count mailboxes: one person has as many tagged addresses as they like, and as many dotted ones at Gmail."""
    assert mailbox(address) == box


def test_a_number_is_shown_with_its_extension_where_it_has_one() -> None:
    """As people dial it."""
    assert dialled_phone("+12025550123", "45") == "+12025550123 ext. 45"
    assert dialled_phone("+12025550123", None) == "+12025550123"
