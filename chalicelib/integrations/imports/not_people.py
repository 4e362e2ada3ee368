"""Recognizes lines of a sheet that are about nobody: its header once more, a total, a note of the program that wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.integrations.imports.header import fold_name
from chalicelib.integrations.imports.workbook import Cell

_TOTAL = re.compile(
    r"(?:grand |sub-?)?(?:total|totals|totale|totaal|sum|summe|zwischensumme|gesamt|insgesamt|suma|somme|count|anzahl|average|"
    r"mean|durchschnitt|moyenne|итого|合計|合计|总计)"
    r"(?: (?:rows?|candidates?|interviews?|people|général|general))?\s*[:=]?\s*[\d.,%]*"
    r"(?:(?<=\d)\s*(?:rows?|candidates?|interviews?|people|applicants?))?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:exported|generated|printed|downloaded|created|updated|last updated|as of|report|page|seite|stand|exportiert|erstellt|"
    r"exporté|généré)\b.*\d.*|end of (?:report|list|file|export|table)\.?",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-–—=_*~.·•+|:\s]{2,}")
_NUMBER = re.compile(r"[\d.,%\s]{1,9}")


def passed_over(cells: Sequence[Cell], header: Sequence[str]) -> str | None:
    """Return why a line is about nobody; None for a row."""
    given = [(at, cell) for at, cell in enumerate(cells) if cell != ""]
    texts = [cell for _, cell in given if isinstance(cell, str)]
    if not given or len(texts) < len(given):
        return None
    if len(texts) > 1 and all(at < len(header) and fold_name(str(cell)) == fold_name(header[at]) for at, cell in given):
        return "is the header once more: it is passed over"
    if all(_RULE.fullmatch(text) for text in texts):
        return f'"{texts[0][:60]}" is a line and no person: it is passed over'
    if _TOTAL.fullmatch(texts[0]) and all(_NUMBER.fullmatch(text) or _TOTAL.fullmatch(text) for text in texts[1:]):
        return f'"{texts[0][:60]}" is a total and no person: the line is passed over'
    if len(texts) == 1 and _NOTE.fullmatch(texts[0]):
        return f'"{texts[0][:60]}" is a note and no person: the line is passed over'
    return None
