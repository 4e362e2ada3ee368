"""Ids: prefixed ULIDs.

All ids of one case (application, interviews, contacts, statements, messages) share the last 16 characters, the *tail*. So any of
them names the case's partition, and reading one record needs no lookup.
"""

from __future__ import annotations

import os
import re
import zlib
from datetime import datetime
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHAPE = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
DUE_SHARDS = 16


class _Digits(dict[int, str]):
    """Crockford's letters as the digits that `int` knows; "!" for all others, which `int` may know too."""

    def __missing__(self, _letter: int) -> str:
        return "!"


_DIGITS = _Digits(zip(map(ord, _ALPHABET), "0123456789abcdefghijklmnopqrstuv", strict=True))


def to_base32(number: int, length: int) -> str:
    """Writes a number in Crockford's base 32, with a fixed length."""
    return "".join([_ALPHABET[number >> 5 * place & 31] for place in range(length - 1, -1, -1)])


def from_base32(base32: str) -> int:
    """Reads a number in Crockford's base 32. Raises ValueError for any other letter."""
    return int("0" + base32.translate(_DIGITS), 32)


def new_id(prefix: str, now: datetime) -> str:
    """Makes an id: 48 bits of milliseconds, 80 random bits."""
    return f"{prefix}_{to_base32(int(now.timestamp() * 1000), 10)}{to_base32(int.from_bytes(os.urandom(10)), 16)}"


def first_id(prefix: str, at: datetime) -> str:
    """Returns the start of a range of ids by time: it sorts before every id of that millisecond."""
    return f"{prefix}_{to_base32(int(at.timestamp() * 1000), 10)}"


def case_id(prefix: str, application_id: str, now: datetime, taken: set[str]) -> str:
    """Makes an id within an application's case: the present millisecond, or the next free one, and the case's tail."""
    moment = int(now.timestamp() * 1000)
    while (fresh := f"{prefix}_{to_base32(moment, 10)}{tail(application_id)}") in taken:
        moment += 1
    return fresh


def derived_id(prefix: str, tail_of: str, *parts: str) -> str:
    """Makes the same id for the same parts, within a case: a message's id derives from (cause, word_due_at, step)."""
    digest = int.from_bytes(sha256("|".join(parts).encode()).digest()[:6])
    return f"{prefix}_{to_base32(digest, 10)}{tail(tail_of)}"


def hashed_id(prefix: str, identity: bytes) -> str:
    """Makes the same id for the same bytes: 128 bits of SHA-256, for what another system may send twice."""
    return f"{prefix}_{to_base32(int.from_bytes(sha256(identity).digest()[:16]), 26)}"


def is_id(text: str, prefix: str) -> bool:
    """Tells whether a text has the form of an id with that prefix. It may still name nothing."""
    return text.startswith(prefix + "_") and bool(_SHAPE.fullmatch(text[len(prefix) + 1 :]))


def tail(any_case_id: str) -> str:
    """Returns the part that all ids of one case share."""
    return any_case_id[-16:]


def due_shard(any_id: str) -> int:
    """Returns one of the 16 partitions of the due index. Stable over processes, which hash() is not."""
    return zlib.crc32(any_id.encode()) % DUE_SHARDS
