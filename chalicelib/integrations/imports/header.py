"""Finds the header of a file, and in it the columns that a profile names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.api.strict_json import pointer
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports.profiles import FIELDS, REFERENCES, Profile, columns_of
from chalicelib.integrations.imports.read_file import BANNER_MOST, Line
from chalicelib.integrations.imports.workbook import UNREADABLE

Place = tuple[int, str]
"""(index, name) of a column."""
Columns = dict[str, list[list[Place]]]
"""The alternatives of each field in the profile's order; each is one column, or several that are joined."""
_NAMES = ("name", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class Header:
    """The header line of a file, and the columns that are read."""

    line: int
    names: list[str]
    columns: Columns
    banner: list[int]
    """Lines before the header, which are passed over."""

    @property
    def used(self) -> set[int]:
        return {at for alternatives in self.columns.values() for places in alternatives for at, _ in places}

    @property
    def unused(self) -> list[str]:
        """The columns with a name that are not read."""
        return [name for at, name in enumerate(self.names) if name and at not in self.used]


def fold_name(name: str) -> str:
    """Return a column's name for comparison: capitals, white space and a trailing colon or star aside."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold().strip(" :*")


def find_header(profile: Profile, lines: Sequence[Line], *, demand_single: bool = True) -> tuple[Header, list[Line]]:
    """Find the header and the lines below it. Raises Unprocessable where no line fits the profile.

    A table that lies on its side is an error too, and so is a column that is read and stands twice. Without `demand_single` the
    column is left out: which is meant is not guessed.
    """
    wanted = {fold_name(name) for names in profile.columns.values() for name in columns_of(names)}
    known = {fold_name(name) for field in (*_NAMES, *REFERENCES) for name in columns_of(profile.columns.get(field, ()))}
    best, at = 0, 0
    for index, (_, cells) in enumerate(lines[:BANNER_MOST]):
        names = {fold_name(cell) for cell in cells if isinstance(cell, str)}
        if names & known and len(names & wanted) > best:
            best, at = len(names & wanted), index
    number, cells = lines[at]
    names_found = [str(cell).strip() for cell in cells]
    faults = list(_faults(profile, names_found, number)) if best else [_no_name(profile, names_found, number)]
    if best < 2:
        _demand_a_header_line(lines, wanted)
    if faults and (demand_single or not best):
        raise Unprocessable("The header does not fit the profile.", code="header_mismatch", errors=faults)
    columns = find_columns(profile, names_found)
    if faults:
        folded = [fold_name(name) for name in names_found]
        columns = _without(columns, {at for at, name in enumerate(folded) if folded.count(name) > 1})
    return Header(number, names_found, columns, [line for line, _ in lines[:at]]), list(lines[at + 1 :])


class HeadingsInColumn(Unprocessable):
    """The headings stand in the first column of the file, and each person in a column."""


def _demand_a_header_line(lines: Sequence[Line], wanted: set[str]) -> None:
    """Raise HeadingsInColumn where at least three lines, or the only two, begin with headings."""
    first = [str(next((cell for cell in cells if cell != ""), "")) for _, cells in lines[:BANNER_MOST]]
    found = list(dict.fromkeys(cell for cell in first if fold_name(cell) in wanted))
    is_wide = any(sum(cell != "" for cell in cells) > 1 for _, cells in lines[:BANNER_MOST])
    if is_wide and len(found) >= min(3, max(2, len(lines))):
        message = (
            f"has its headings in the first column ({', '.join(found)[:200]}): a person must be a row, and each heading stand "
            "above its column. Copy the table, and paste it transposed (Paste special, Transpose)"
        )
        raise HeadingsInColumn("The file cannot be read.", code=UNREADABLE, errors=[FieldError("", message)])


def find_columns(profile: Profile, header: list[str]) -> Columns:
    """Return the columns of a header that a profile names, by field. Of two with one name it is the first."""
    known: dict[str, Place] = {}
    for at, column in enumerate(header):
        known.setdefault(fold_name(column), (at, column))
    found: Columns = {}
    for field, alternatives in profile.columns.items():
        of_field = []
        for names in alternatives:
            places = [known[folded] for name in columns_of([names]) if (folded := fold_name(name)) in known]
            if places:
                of_field.append(places)
        if of_field and field in FIELDS:
            found[field] = of_field
    for field in profile.fixed:
        if field in FIELDS:
            found.setdefault(field, [[(len(header), "")]])
    return found


def _without(columns: Columns, left_out: set[int]) -> Columns:
    """Return the columns without those that stand twice."""
    kept = {
        field: [places for places in alternatives if left_out.isdisjoint(at for at, _ in places)]
        for field, alternatives in columns.items()
    }
    return {field: alternatives for field, alternatives in kept.items() if alternatives}


def _faults(profile: Profile, header: list[str], line: int) -> Iterator[FieldError]:
    """Yield a used column that stands twice: which one is meant is not guessed."""
    used = {at for alternatives in find_columns(profile, header).values() for places in alternatives for at, _ in places}
    seen: dict[str, int] = {}
    for at, column in enumerate(header):
        folded = fold_name(column)
        if folded and folded in seen and seen[folded] in used:
            yield FieldError(pointer(f"/{line}", column), "stands twice in the header: rename or delete one of them")
        seen.setdefault(folded, at)


def _no_name(profile: Profile, header: list[str], line: int) -> FieldError:
    wanted = ", ".join(name for field in _NAMES for name in columns_of(profile.columns.get(field, ())))
    found = [column for column in header if column]
    message = f"has no column for the name; profile {profile.name} looks for {wanted or 'none'}"
    hint = _delimiter_hint(found)
    if not hint and found:
        message += f"; line {line} has {', '.join(found[:12])[:200]}"
    return FieldError(f"/{line}", message + hint)


def _delimiter_hint(header: list[str]) -> str:
    """Name the delimiter that a header of one column holds: it is suggested, not guessed."""
    found = {";": "semicolon", "\t": "tab", "|": "pipe", ",": "comma"}
    delimiter = next((name for mark, name in found.items() if len(header) == 1 and mark in header[0]), None)
    return f" (it is one column: perhaps ?delimiter={delimiter})" if delimiter else ""
