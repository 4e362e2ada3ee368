"""Reads a JSON body and refuses what two readers could understand differently. Every error is named by its pointer.

Python's parser accepts duplicate keys, NaN, 1e999 and lone surrogates, and fails on deep nesting.
Refused here: all of these, encodings other than UTF-8, a byte order mark, nesting over 20, bodies over 256 KB.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from chalicelib.errors import BadRequest, FieldError, TooLarge

BODY_MOST = 256 * 1024
DEPTH_MOST = 20
FAULTS_MOST = 200
"""Without a bound, a body of nothing but errors would get a response of megabytes."""
_NUMBER_MOST = 40
_EXACT = 2**53
"""Above it a float no longer tells which whole number it is."""
_POINTER_MOST = 300


class _Wrong:
    """Takes the place of a part of the parsed value that is refused."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        self.message = message


class _Repeating(dict[str, Any]):
    """An object with repeated keys."""

    repeated: list[str]


def parse_json(raw: bytes, most: int = BODY_MOST) -> Any:
    """Parses a body. Raises BadRequest with the errors' pointers, or TooLarge."""
    if len(raw) > most:
        raise TooLarge(f"The body has {len(raw)} bytes; at most {most} are taken.")
    if not raw.strip():
        raise BadRequest("The body is empty; JSON was expected.", code="malformed_json")
    if raw.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadRequest("The body begins with a byte order mark; send plain UTF-8.", code="malformed_json")
    try:
        text = raw.decode("utf-8")
        return _read_plain(text)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8 (byte {error.start}).", code="malformed_json") from None
    except (ValueError, StopIteration):  # read again, to say what is wrong where
        pass
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).", code="malformed_json"
        ) from None
    except RecursionError:
        raise BadRequest(f"The body is nested over {DEPTH_MOST} deep.", code="malformed_json") from None
    if faults := list(capped(_faults(value, "", 1))):
        raise BadRequest("The body is JSON that can't be understood in one way only.", code="malformed_json", errors=faults)
    return value


def _read_plain(text: str) -> Any:
    """Reads what most bodies are: of few parts, without escapes that could be surrogates, repeated keys and odd numbers.

    Nothing in them needs to be looked for once they are parsed. Raises ValueError or StopIteration for all others.
    """
    text = text.strip(" \t\n\r")
    if "\\u" in text or text.count("{") + text.count("[") > DEPTH_MOST:
        raise ValueError
    value, end = _scan_plain(text, 0)
    if end < len(text):
        raise ValueError
    return value


def pointer(parent: str, step: str | int) -> str:
    """Adds one step to an RFC 6901 pointer. It is shortened where a key is very long, and can always be encoded."""
    text = str(step).replace("~", "~0").replace("/", "~1")
    whole = f"{parent}/{text}".encode("utf-8", "replace").decode()
    return whole if len(whole) <= _POINTER_MOST else whole[:_POINTER_MOST] + "…"


def capped(faults: Iterator[FieldError]) -> Iterator[FieldError]:
    """Yields at most FAULTS_MOST errors, and then one that says that there are more."""
    for count, fault in enumerate(faults):
        if count == FAULTS_MOST:
            yield FieldError("", "has more faults than are listed here")
            return
        yield fault


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeating = _Repeating(found)
    repeating.repeated = list(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return repeating


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _plain_int(text: str) -> int:
    if len(text) > _NUMBER_MOST:
        raise ValueError
    return int(text)


def _not_plain(text: str) -> Any:
    raise ValueError(text)


def _float(text: str) -> Any:
    """Reads `14.0` as the whole number 14 (JSON Schema, 6.3): some languages always write it so."""
    number = float(text)
    if number - number != 0:
        return _Wrong("is a number too large to be held")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _int(text: str) -> Any:
    return int(text) if len(text) <= _NUMBER_MOST else _Wrong("is a number too large to be held")


def _constant(name: str) -> Any:
    return _Wrong(f"{name} is not JSON")


def _faults(value: Any, at: str, depth: int) -> Iterator[FieldError]:
    """Yields the errors at and below a value. Goes no deeper than the allowed depth, so the recursion is bounded."""
    if isinstance(value, _Wrong):
        yield FieldError(at, value.message)
    elif isinstance(value, str):
        if not _is_text(value):
            yield FieldError(at, "holds a lone surrogate, which is not text")
    elif isinstance(value, (dict, list)) and depth > DEPTH_MOST:
        yield FieldError(at, f"is nested over {DEPTH_MOST} deep")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _faults(child, pointer(at, index), depth + 1)
    elif isinstance(value, dict):
        yield from (FieldError(pointer(at, key), "is given more than once") for key in getattr(value, "repeated", ()))
        for key, child in value.items():
            if not _is_text(key):
                yield FieldError(pointer(at, key), "holds a lone surrogate, which is not text")
            if type(child) is not str or not _is_text(child):  # most are texts, and need no pointer
                yield from _faults(child, pointer(at, key), depth + 1)


def _is_text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)
_scan_plain: Any = vars(
    json.JSONDecoder(object_pairs_hook=_plain_object, parse_int=_plain_int, parse_float=_not_plain, parse_constant=_not_plain)
)["scan_once"]
