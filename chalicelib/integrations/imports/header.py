"""Finds the columns of a file's header that a profile names."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.api.strict_json import pointer
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports.profiles import FIELDS, Profile

Columns = dict[str, list[tuple[int, str]]]
"""The columns of each field as (index, name), in the profile's order."""


def find_columns(profile: Profile, header: Sequence[str]) -> Columns:
    """Find the columns of the profile's fields. Raises Unprocessable where the header does not fit."""
    known: dict[str, int] = {}
    twice: set[str] = set()
    for at, column in enumerate(header):
        if (folded := column.casefold()) in known and folded:
            twice.add(folded)
        known.setdefault(folded, at)
    found = {
        name: [(known[c.casefold()], header[known[c.casefold()]]) for c in columns if c.casefold() in known]
        for name, columns in profile.columns.items()
        if name in FIELDS
    }
    columns_of = {name: found_at for name, found_at in found.items() if found_at} | {
        name: found.get(name) or [(len(header), "")] for name in profile.fixed if name in FIELDS
    }
    used = {column.casefold() for found_at in columns_of.values() for _, column in found_at}
    faults = [FieldError(pointer("/1", column), "stands twice in the header") for column in sorted(twice & used)]
    if not columns_of.keys() & {"name", "first_name", "last_name"}:
        wanted = ", ".join(c for name in ("name", "first_name", "last_name") for c in profile.columns.get(name, ()))
        message = f"has no column for the name; profile {profile.name} looks for {wanted or 'none'}"
        faults.append(FieldError("/1", message + _delimiter_hint([column for column in header if column])))
    if faults:
        raise Unprocessable("The header does not fit the profile.", code="header_mismatch", errors=faults)
    return columns_of


def _delimiter_hint(header: list[str]) -> str:
    """Name the delimiter that a header of one column holds: it is suggested, not guessed."""
    found = {";": "semicolon", "\t": "tab", ",": "comma"}
    delimiter = next((name for mark, name in found.items() if len(header) == 1 and mark in header[0]), None)
    return f" (it is one column: perhaps ?delimiter={delimiter})" if delimiter else ""
