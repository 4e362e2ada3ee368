"""Bodies that two readers could understand differently are refused, with pointers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api import strict_json
from chalicelib.api.strict_json import BODY_MOST, DEPTH_MOST, FAULTS_MOST, parse_json
from chalicelib.errors import ApiError, BadRequest, TooLarge

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def faults(raw: bytes) -> list[str]:
    with pytest.raises(BadRequest) as caught:
        parse_json(raw)
    return [fault.pointer for fault in caught.value.errors]


@given(PLAIN)
def test_plain_json_is_read_as_it_is(value: Any) -> None:
    """Strictness must cost honest clients nothing."""
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value
    assert parse_json(json.dumps(value).encode()) == value


def outcome(raw: bytes) -> Any:
    try:
        return repr(parse_json(raw))
    except ApiError as error:
        return error.detail, error.errors


ODD = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            '"a":',
            '"a"',
            ",",
            "1",
            "-0",
            "2.0",
            "1e999",
            "9" * 41,
            "NaN",
            '"\\ud800"',
            '"\\u00e9"',
            " ",
            "[" * 21,
        ]
    ),
    max_size=12,
).map("".join)


@given(st.one_of(ODD, PLAIN.map(json.dumps), st.lists(PLAIN, max_size=3).map(lambda some: json.dumps(some, indent=1))))
def test_bodies_that_are_read_at_once_are_read_as_those_that_are_looked_through(text: str) -> None:
    """The short way of most bodies may neither take nor refuse anything else, nor read it otherwise."""

    def never(_: str) -> Any:
        raise ValueError

    at_once = outcome(text.encode())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(strict_json, "_read_plain", never)
        assert at_once == outcome(text.encode())


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u01d8eE+-.NaInfity \n', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nothing but our own errors ever leaves the parser."""
    try:
        parse_json(raw)
    except ApiError as error:
        assert error.status in (400, 413)


@pytest.mark.parametrize(
    "raw", [b"", b"  \n", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b'{"a":"\xc3"}', b"{'a':1}", b'{"a":1,}', b"{} {}"]
)
def test_what_is_not_json_in_utf_8_is_refused(raw: bytes) -> None:
    """The detail says where."""
    assert faults(raw) == []


def test_a_raw_control_character_in_a_string_is_not_json() -> None:
    """RFC 8259: it must be escaped; whether the escaped one is welcome is for the field to say."""
    assert faults(b'{"a":"\x01"}') == []
    assert parse_json(b'{"a":"\\u0001"}') == {"a": "\x01"}


def test_all_faults_are_named_by_pointer() -> None:
    """A client corrects its body once, not five times."""
    raw = b'{"a":1,"a":2,"b/c":{"~":1e999},"d":[NaN,{"e":-Infinity}],"f":"\\ud800","g":' + b"9" * 50 + b"}"
    assert faults(raw) == ["/a", "/b~1c/~0", "/d/0", "/d/1/e", "/f", "/g"]


def test_duplicate_keys_are_refused_even_where_they_agree() -> None:
    """Another reader of the same bytes may keep the other one."""
    assert faults(b'[{"a":1,"b":2,"b":2,"a":1}]') == ["/0/b", "/0/a"]


def test_a_lone_surrogate_in_a_key_is_refused() -> None:
    """It could not even be written into the answer."""
    assert faults(b'{"\\udc00":1}') == ["/?"]


def test_a_surrogate_pair_is_text() -> None:
    """Names have emoji."""
    assert parse_json(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_nesting_is_bounded() -> None:
    """Python's parser fails at 1,000 levels and pydantic at fewer."""
    assert parse_json(b"[" * DEPTH_MOST + b"]" * DEPTH_MOST)
    assert len(faults(b"[" * (DEPTH_MOST + 1) + b"]" * (DEPTH_MOST + 1))) == 1
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        assert faults(opening * 40_000 + b"1" + closing * 40_000) == []


def test_a_long_number_is_refused_without_being_converted() -> None:
    """Python takes quadratic time, and raises over 4,300 digits."""
    assert faults(b"[" + b"1" * 200_000 + b"]") == ["/0"]


def test_the_body_is_bounded() -> None:
    """256 KB, counted in bytes."""
    assert parse_json(b'"' + b"a" * (BODY_MOST - 2) + b'"')
    with pytest.raises(TooLarge):
        parse_json(b'"' + b"a" * (BODY_MOST - 1) + b'"')


def test_the_answer_to_a_body_of_faults_is_bounded() -> None:
    """60,000 pointers would not fit through the gateway."""
    assert len(faults(b"[" + b",".join([b"NaN"] * 60_000) + b"]")) == FAULTS_MOST + 1
