"""Reads a file into lines of cells, with limits on everything that a stranger's file can make large."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.errors import TooLarge
from chalicelib.integrations.imports.encodings import decode
from chalicelib.integrations.imports.workbook import ROWS_MOST, Cell, is_workbook, read_workbook, refused

FILE_MOST = 4 * 1024 * 1024
"""The gateway hands over bodies as base64, a third longer, and Lambda takes 6 MB."""
COLUMNS_MOST = 200
CELL_MOST = 4_000
BANNER_MOST = 40
"""Lines before the header that may hold a title, a date and the like."""
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_SEPARATOR = re.compile(r"sep=[;,\t]?[;,\t]?", re.IGNORECASE)
"""A first line in which some spreadsheets name the delimiter. It is no header."""
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Marks that stand unseen in copied cells: without width, of direction, of the order of bytes."""
_OTHER_KINDS = (
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"\{\\rtf"), "a text document (RTF)"),
    (re.compile(rb"\x1f\x8b"), "a compressed file (gzip)"),
    (re.compile(rb"7z\xbc\xaf|Rar!|BZh\d|\xfd7zXZ"), "a compressed file"),
    (re.compile(rb"SQLite format 3|\x00\x01\x00\x00Standard (Jet|ACE) DB"), "a database"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), "a picture"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*(\[\s*[\"\[{\]]|\{\s*[\"}])"), "data (JSON)"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*BEGIN:VCARD", re.IGNORECASE), "an address card (vCard)"),
    (
        re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|table|meta|head|body|style|div|!--)", re.IGNORECASE),
        "a web page (HTML)",
    ),
    (re.compile(rb"\s*(MIME-Version|Message-ID|Return-Path|Delivered-To):", re.IGNORECASE), "a mail or a web archive (MHTML)"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|workbook)", re.IGNORECASE), "data (XML)"),
)
_CALENDAR = re.compile(rb"(\xef\xbb\xbf)?\s*BEGIN:VCALENDAR", re.IGNORECASE)
Line = tuple[int, list[Cell]]
"""(number, cells). Lines are counted as an editor or a spreadsheet shows them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a file that hold anything, and where they are from."""

    lines: list[Line]
    name: str | None = None
    """The sheet that was read, of a workbook."""
    others: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    """Lines that a spreadsheet does not show, because of a filter for instance. They are read."""
    older_events: tuple[int, ...] = ()
    """Where a calendar holds former versions of its events. They are passed over."""
    called_off: tuple[tuple[int, str], ...] = ()
    """Where a calendar holds events that do not take place, each with the reason."""


def is_calendar(raw: bytes) -> bool:
    """Whether the file is a calendar (.ics)."""
    return _CALENDAR.match(_beginning(raw)) is not None


def _beginning(raw: bytes) -> bytes:
    """Return the first bytes of a file, of a text with the mark of UTF-16 as UTF-8."""
    head = raw[:2_000]
    return head.decode("utf-16", "ignore").encode() if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else head


def read(raw: bytes, *, encoding: str | None = None, delimiter: str = "comma", sheet: str | None = None) -> Sheet:
    """Read a workbook, or CSV where the bytes are none. Raises TooLarge, Unprocessable."""
    if len(raw) > FILE_MOST:
        raise TooLarge("A file to import has at most 4 MB.")
    if is_workbook(raw):
        book = read_workbook(raw, sheet)
        others = tuple(name for name in book.sheets if name != book.sheet)
        hidden = tuple(one for one in book.hidden if one != book.sheet)
        return Sheet(_checked(iter(book.lines)), book.sheet, others, hidden, book.hidden_rows)
    head = _beginning(raw)
    if kind := next((kind for begins, kind in _OTHER_KINDS if begins.match(head)), None):
        raise refused(f"is {kind}: open it in a spreadsheet program, and save the table as .xlsx or CSV (UTF-8)")
    return Sheet(_checked(_csv(decode(raw, encoding), DELIMITERS[delimiter])))


def _checked(found: Iterator[Line]) -> list[Line]:
    """Return the lines that hold anything. Raises Unprocessable where they are too many or too wide."""
    lines: list[Line] = []
    for number, some in found:
        cells = [_INVISIBLE.sub("", cell).strip() if isinstance(cell, str) else cell for cell in some]
        if not any(cell != "" for cell in cells):
            continue
        if len(lines) > ROWS_MOST + BANNER_MOST:
            raise refused(f"has more than {ROWS_MOST} rows: split the file", number)
        if len(cells) > COLUMNS_MOST:
            raise refused(f"has {len(cells)} columns, and at most {COLUMNS_MOST} are read: delete the others", number)
        lines.append((number, cells))
    if not lines:
        raise refused("is empty: it needs a header, like Name, Email, Job, Interview, and a row for each person")
    return lines


def _csv(text: str, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(FILE_MOST)  # of all readers of this process: a long cell is named where its column is read
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise refused(_not_csv(error, text, begins), begins) from None
        if not (begins == 1 and _SEPARATOR.fullmatch(delimiter.join(cells))):
            yield begins, [cell.strip() for cell in cells]
        begins = reader.line_num + 1


def _not_csv(error: csv.Error, text: str, line: int) -> str:
    """Return what is wrong with a line that csv cannot read, and how to write it."""
    shown = next(itertools.islice(io.StringIO(text, newline=None), line - 1, None), "").strip()[:60]
    if "unexpected end" in str(error):
        return (
            f"has a quotation mark that is not closed in {shown!r}: delete it, or write it twice within a cell in quotation marks"
        )
    if "expected after" in str(error):
        return f'has a quotation mark within a cell in {shown!r}: write it twice, like "Ann ""Annie"" Sample"'
    return f"is not CSV: {error}"
