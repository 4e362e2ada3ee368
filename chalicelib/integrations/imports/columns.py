"""The columns of a file, the layout that fits them, and the profile that follows from what each column is used as."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.api.validators import NAME_MOST
from chalicelib.errors import Unprocessable
from chalicelib.integrations.imports import read_file
from chalicelib.integrations.imports.encodings import decode
from chalicelib.integrations.imports.header import Columns, HeadingsInColumn, find_columns, find_header, fold_name
from chalicelib.integrations.imports.profiles import FIELDS, REFERENCES, Alternatives, Profile
from chalicelib.integrations.imports.read_file import BANNER_MOST, DELIMITERS, Line, Sheet
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.integrations.imports.workbook import is_workbook

CHOSEN = "chosen columns"
"""The profile of a choice that is not saved. Names of saved profiles hold no space."""
SEVERAL = frozenset({"email", "phone", "status", "decided"})
"""Fields that several columns may hold: the first that is not empty counts."""
JOINED = frozenset({"interview_start", "interview_end"})
"""Fields whose date, time and time zone may stand in columns of their own."""
JOINED_MOST = 5
HEAD_MOST = 20_000
"""Characters of a text in which its delimiter is looked for."""
NAMES = ("name", "first_name", "last_name")
UNKNOWN = replace(SHIPPED["interview_log"], name=CHOSEN, columns={}, date_format=None, default_time=None, minutes=None)
"""Reads a file of which nothing is known: usual words for stages and decisions, and no format of dates, which is asked for."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A file with the profile that reads it, its heading line, and the columns that the profile finds."""

    profile: Profile
    sheet: Sheet
    line: int
    names: list[str]
    rows: Sequence[Line]
    columns: Columns

    @property
    def uses(self) -> dict[int, str]:
        """What each column is read as, by its index. A column that two fields read is shown with the first of them."""
        found: dict[int, str] = {}
        for name in FIELDS:
            for at in sorted(self.places(name)):
                found.setdefault(at, name)
        return found

    @property
    def size(self) -> tuple[int, int]:
        """The number of fields that the profile finds, and of columns that it uses for them."""
        return len(self.columns), len({at for name in self.columns for at in self.places(name)})

    @property
    def headings(self) -> str:
        """A digest of the column names in their order: equal for files with the same columns."""
        return headings_of(self.names)

    def places(self, name: str) -> set[int]:
        """Return the columns that a field is read from."""
        return {at for places in self.columns.get(name, ()) for at, _ in places if at < len(self.names)}

    def alternatives(self, name: str, at: Sequence[int]) -> Alternatives | None:
        """Return how the profile reads a field where it reads just these columns, else None."""
        if self.places(name) != set(at):
            return None
        return [[column for _, column in places] if len(places) > 1 else places[0][1] for places in self.columns[name]]

    def samples(self, at: int, most: int) -> list[str]:
        """Return the first different values of a column, as text."""
        values: dict[str, None] = {}
        for _, cells in self.rows:
            if at < len(cells) and cells[at] != "":
                values[str(cells[at])] = None
            if len(values) == most:
                break
        return list(values)


def headings_of(names: Sequence[str]) -> str:
    """Return a digest of column names; capitals and white space aside."""
    return hashlib.sha256("\n".join(fold_name(name) for name in names).encode("utf-8", "replace")).hexdigest()[:32]


def find_layout(
    raw: bytes, profiles: Iterable[Profile], unknown: Profile = UNKNOWN, *, sheet: str | None = None, encoding: str | None = None
) -> Layout | None:
    """Find the profile saved for these columns, else the one that finds most fields (then: in most columns), the first of equals.

    `sheet` and `encoding` are what somebody chose for this file.
    Where no profile fits, it is `unknown`, with the line that looks like the headings. None for a calendar, which has no columns.
    Raises TooLarge, Unprocessable for a file that cannot be read.
    """
    if read_file.is_calendar(raw):
        return None
    if encoding:
        profiles, unknown = [replace(profile, encoding=encoding) for profile in profiles], replace(unknown, encoding=encoding)
    best: Layout | None = None
    on_its_side: HeadingsInColumn | None = None
    read = _Reader(raw, sheet)
    for profile in profiles:
        try:
            read(profile.delimiter, profile.encoding)
        except Unprocessable:
            if is_workbook(raw):  # no profile reads it, and every try may take seconds
                raise
            continue
        for one in (profile, *_as_it_is_delimited(profile, raw)):
            try:
                found = read(one.delimiter, one.encoding)
                header, rows = find_header(one, found.lines, demand_single=False)
                fits = Layout(one, found, header.line, header.names, rows, header.columns)
                if one.headings and one.headings == fits.headings:
                    return fits
                if best is None or fits.size > best.size:
                    best = fits
            except HeadingsInColumn as error:
                on_its_side = error
            except Unprocessable:
                continue
    if on_its_side and (best is None or best.size < (2, 2)):
        raise on_its_side
    return best or _unknown(unknown, read)


def _as_it_is_delimited(profile: Profile, raw: bytes) -> Iterator[Profile]:
    """Yield the profile with the delimiter that stands most often in a line of the file's head, where it is another one."""
    if is_workbook(raw):
        return
    with suppress(Unprocessable):
        head = decode(raw, profile.encoding)[:HEAD_MOST].splitlines()[:BANNER_MOST]
        widths = {name: max(line.count(mark) for line in head) for name, mark in DELIMITERS.items()} if head else {}
        widest = max(widths, key=lambda name: widths[name], default="")
        if widest and widths[widest] and widest != (profile.delimiter or "comma"):
            yield replace(profile, delimiter=widest)


class _Reader:
    """Reads a file once for each way to read it; a workbook has only one."""

    def __init__(self, raw: bytes, sheet: str | None) -> None:
        self.raw, self.sheet = raw, sheet
        self._known: dict[tuple[str, str | None], Sheet] = {}

    def __call__(self, delimiter: str | None, encoding: str | None) -> Sheet:
        how = ("", None) if is_workbook(self.raw) else (delimiter or "comma", encoding)
        if how not in self._known:
            self._known[how] = read_file.read(self.raw, encoding=how[1], delimiter=how[0] or "comma", sheet=self.sheet)
        return self._known[how]


def _unknown(profile: Profile, read: _Reader) -> Layout:
    """Return the columns of a file that no profile fits, by the delimiter that makes most of them."""
    if is_workbook(read.raw):
        return _by_heading_line(profile, read(None, None))
    found: list[Layout] = []
    for delimiter in dict.fromkeys((profile.delimiter or "comma", *DELIMITERS)):
        with suppress(Unprocessable):
            found.append(_by_heading_line(replace(profile, delimiter=delimiter), read(delimiter, profile.encoding)))
    if not found:
        read(profile.delimiter, profile.encoding)  # says what is wrong
    return max(found, key=lambda one: len(one.names))


def _by_heading_line(profile: Profile, sheet: Sheet) -> Layout:
    """Take the first line that is at least half as full as the fullest one: a title above the table fills a cell or two."""
    filled = [sum(cell != "" for cell in cells) for _, cells in sheet.lines[:BANNER_MOST]]
    at = next(index for index, number in enumerate(filled) if number * 2 >= max(filled))
    line, cells = sheet.lines[at]
    names = [str(cell).strip() for cell in cells]
    return Layout(profile, sheet, line, names, sheet.lines[at + 1 :], find_columns(profile, names))


def choose(layout: Layout, uses: Mapping[int, str]) -> tuple[Profile, dict[int | None, str]]:
    """Return the profile by which each column is read as what it is used as, and what is wrong with that by column.

    A fault of the whole choice is under None. The profile's other settings stay those of the layout.
    """
    faults: dict[int | None, str] = dict(_unusable(layout, uses))
    columns: dict[str, Alternatives] = {}
    former = layout.uses
    for name in FIELDS:
        also = {index for index in layout.places(name) if uses.get(index) == former[index]}  # read by two fields, and kept
        at = sorted({index for index, use in uses.items() if use == name} | also)
        titles = [layout.names[index] for index in at]
        if not at:
            continue
        if known := layout.alternatives(name, at):
            columns[name] = known
        elif len(at) == 1 or name in SEVERAL:
            columns[name] = titles
        elif name in JOINED and len(at) <= JOINED_MOST:
            columns[name] = [titles]
        else:
            wrong = at[JOINED_MOST if name in JOINED else 1 :]
            faults |= dict.fromkeys(wrong, f"“{titles[0][:80]}” is used as this already: choose one of the two")
    if not columns.keys() & {*NAMES, *REFERENCES}:
        faults[None] = "No column is used as a name: use one as Name, or as First name and Last name, or as an ID"
    is_same = uses == former and layout.profile.columns
    return layout.profile if is_same else replace(layout.profile, name=CHOSEN, columns=columns, headings=None), faults


def _unusable(layout: Layout, uses: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Yield the used columns that a profile cannot name: it names columns by their headings."""
    folded = [fold_name(name) for name in layout.names]
    for at in uses:
        if not folded[at]:
            yield at, "This column has no heading: write one in the file to use it"
        elif folded.count(folded[at]) > 1:
            yield at, "This heading stands twice in the file: rename or delete one of the two columns"
        elif len(layout.names[at]) > NAME_MOST:
            yield at, f"This heading is longer than {NAME_MOST} characters: shorten it in the file to use it"
