"""Prefixed ULIDs, and the keys they lead to.

All ids of one case (application, interviews, contacts, statements, messages) share the last 16 characters, the *tail*:
so any of them alone names the case's partition, and reading one record needs no lookup.
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


def to_base32(number: int, length: int) -> str:
    """`number` in so many of Crockford's letters."""
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(length - 1, -1, -1))


def from_base32(base32: str) -> int:
    """The number that Crockford's letters spell: the other way round of an id's parts."""
    return sum(_ALPHABET.index(letter) << 5 * place for place, letter in enumerate(reversed(base32)))


def new_id(prefix: str, now: datetime) -> str:
    """A fresh id: 48 bits of milliseconds, 80 of chance."""
    return f"{prefix}_{to_base32(int(now.timestamp() * 1000), 10)}{to_base32(int.from_bytes(os.urandom(10)), 16)}"


def first_id(prefix: str, at: datetime) -> str:
    """Before every id of that millisecond: where a range of ids by time begins."""
    return f"{prefix}_{to_base32(int(at.timestamp() * 1000), 10)}"


def case_id(prefix: str, application_id: str, now: datetime, taken: set[str]) -> str:
    """A fresh id within an application's case: its own milliseconds (moved on until free), the case's tail."""
    moment = int(now.timestamp() * 1000)
    while (fresh := f"{prefix}_{to_base32(moment, 10)}{tail(application_id)}") in taken:
        moment += 1
    return fresh


def derived_id(prefix: str, tail_of: str, *parts: str) -> str:
    """The same id for the same parts, in the case of `tail_of`: a message's id derives from (cause, word_due_at, step)."""
    digest = int.from_bytes(sha256("|".join(parts).encode()).digest()[:6])
    return f"{prefix}_{to_base32(digest, 10)}{tail(tail_of)}"


def hashed_id(prefix: str, identity: bytes) -> str:
    """The same id for the same bytes: 128 bits of SHA-256 in the shape of our ids, for what comes twice from elsewhere."""
    return f"{prefix}_{to_base32(int.from_bytes(sha256(identity).digest()[:16]), 26)}"


def is_id(text: str, prefix: str) -> bool:
    """Whether a text has the shape of an id of that prefix. It may still name nothing."""
    return text.startswith(prefix + "_") and bool(_SHAPE.fullmatch(text[len(prefix) + 1 :]))


def tail(any_case_id: str) -> str:
    return any_case_id[-16:]


def due_shard(any_id: str) -> int:
    """One of 16 partitions of the due index: stable over processes, which hash() is not."""
    return zlib.crc32(any_id.encode()) % DUE_SHARDS
