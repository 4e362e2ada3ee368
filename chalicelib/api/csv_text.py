"""CSV (RFC 4180) that no spreadsheet takes for formulas. Every CSV that we write is made here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫\t\r\0"
_INVISIBLE = "\\s\ufeff\u200b-\u200f\u2060\u00ad\"'"
_AT_THE_START = re.compile(f"[{_INVISIBLE}]*[{_SIGNS}]")
_AFTER_A_SEPARATOR = re.compile(f'([,;|\\t\\r\\n"][{_INVISIBLE}]*)(?=[{_SIGNS}])')


def csv_text(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return header and rows, with CRLF line ends and every cell safe. Excel on Windows reads UTF-8 only with a mark."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return text.getvalue()


def safe_cell(value: Any) -> str:
    """Return a cell as text, with an apostrophe before what a spreadsheet would run as a formula; None as empty.

    A formula may stand at the start, after spaces and quotes, or after a separator: a spreadsheet that splits at semicolons
    makes a cell of what follows one. E.164 numbers get the apostrophe too, and so keep their plus.
    """
    text = "" if value is None else str(value)
    if _AT_THE_START.match(text):
        text = f"'{text}"
    return _AFTER_A_SEPARATOR.sub(r"\1'", text)
