"""No cell of a CSV runs as a formula, however the spreadsheet splits the file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from itertools import product

import pytest

from chalicelib.api.csv_text import csv_text, safe_cell

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
BEFORE = ("", " ", "\u00a0", "\ufeff", "\u200b", '"', "'", " \"' ", "\t", "\r", "\n", "\0")
SEPARATORS = (",", ";", "|", "\t", "\n", "\r\n", '"', "; ", ';"', ", '")


def _cells_of(text: str) -> list[str]:
    """The text, and all that a program could make a cell of that splits it at a separator, quotes and spaces dropped."""
    pieces = [text, *re.split(r"[,;|\t\r\n\"]", text)]
    return [piece.lstrip(' \u00a0\ufeff\u200b"') for piece in pieces]


def _is_formula(cell: str) -> bool:
    return bool(cell) and (unicodedata.normalize("NFKC", cell[0]) in "=+-@" or cell[0] in "\t\r\0")


@pytest.mark.parametrize("sign", SIGNS)
def test_no_formula_begins_a_cell(sign: str) -> None:
    """At the start, after spaces, quotes and marks that nobody sees, and after every separator."""
    for before, separator in product(BEFORE, ("", *SEPARATORS)):
        typed = f"Sam{separator}{before}{sign}cmd|' /C calc'!A0" if separator else f"{before}{sign}cmd|' /C calc'!A0"
        safe = safe_cell(typed)
        assert not any(map(_is_formula, _cells_of(safe))), (typed, safe)
        assert safe.replace("'", "") == typed.replace("'", ""), "nothing but an apostrophe is added"


@pytest.mark.parametrize("text", ["\tx", "\rx", "\0x"])
def test_control_characters_at_the_start_are_guarded(text: str) -> None:
    """Excel drops them and reads on."""
    assert safe_cell(text) == f"'{text}"


ORDINARY = ["Dana Reyes", "C++ developer", "Anne-Marie O'Neil", "a@example.com", "Mon - Fri", "1; 2, 3", "", "R&D"]


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_cell_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_a_guarded_number_keeps_its_plus_and_nothing_is_an_empty_cell() -> None:
    assert safe_cell("+12025550100") == "'+12025550100"
    assert (safe_cell(None), safe_cell(5), safe_cell(False)) == ("", "5", "False")


def test_every_cell_of_a_file_is_guarded_and_read_back_whole() -> None:
    """Quotes, separators and line ends inside a cell do not make another one."""
    rows = [["=1", 'say "hi"', "two\nlines"], ["x;=1", None, "+1"]]
    text = csv_text(("a", "b", "c"), rows)
    assert text.startswith("\ufeffa,b,c\r\n")
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [["'=1", 'say "hi"', "two\nlines"], ["x;'=1", "", "'+1"]]
