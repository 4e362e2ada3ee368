"""Names on one line and days in words, as every message shares them."""

from __future__ import annotations

import pytest

from chalicelib.rules.copy.clean import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Jane Doe", "Jane Doe"),
        ("  Jane \t\n Doe ", "Jane Doe"),
        ("Jane\u2028Doe\u2029x\x00y", "Jane Doe x y"),
        ("Jane\u202eDoe\u200f", "JaneDoe"),
        ("Jane\ud800Doe", "JaneDoe"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        ("x" * 198 + " " + "y" * 10, "x" * 198 + "…"),
    ],
)
def test_a_name_fits_a_subject_line(text: str, line: str) -> None:
    """No line break, no direction mark, no half character, at most 200 characters."""
    assert one_line(text) == line
