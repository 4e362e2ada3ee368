"""Reads single cells: text, email addresses, phone numbers, statuses. Messages say what was found and show an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from chalicelib.api.validators import PhoneNumber, read_email, read_name, read_phone_number
from chalicelib.integrations.imports.read_file import CELL_MOST
from chalicelib.integrations.imports.workbook import Cell

STATUSES = ("scheduled", "held", "cancelled", "no_show", "withdrawn", "hired")
"""What a row's status may be: of the interview, or (withdrawn, hired) of the application."""
NOTHING = frozenset({"-", "--", "–", "—", "n/a", "#n/a n/a"})
_ERRORS = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#ERROR!",
        "#NV",
        "#WERT!",
        "Err:502",
    }
)
_TRUE = frozenset({"true", "yes", "y", "1", "x", "✓", "✔", "☑", "ja", "oui", "wahr", "vrai", "sí", "si", "verdadero", "sim"})
_FALSE = frozenset({"false", "no", "n", "0", "☐", "nein", "non", "falsch", "faux", "falso", "não"})
_STATUS_WORDS = {
    "scheduled": "scheduled booked confirmed planned active upcoming accepted rescheduled geplant planifié confirmé",
    "held": "held completed complete done attended finished took_place durchgeführt erledigt effectué terminé réalisé",
    "cancelled": "cancelled canceled declined abgesagt storniert annulé",
    "no_show": "no_show noshow did_not_attend did_not_show absent nicht_erschienen",
    "withdrawn": "withdrawn withdrew candidate_withdrew zurückgezogen désisté",
    "hired": "hired eingestellt embauché",
}
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_FLAG_COLUMNS = (
    ("no_show", re.compile(r"no.?show|nicht.erschienen|absent", re.IGNORECASE)),
    ("cancelled", re.compile(r"cancel|abgesagt|annul|storn", re.IGNORECASE)),
    ("withdrawn", re.compile(r"withdr|zurückgezogen|désist", re.IGNORECASE)),
    ("hired", re.compile(r"hired|eingestellt|embauch", re.IGNORECASE)),
    ("held", re.compile(r"held|complete|attended|done", re.IGNORECASE)),
)
_BETWEEN = re.compile(r"\s*(?:[;,|\n\r]|\s/\s|\bor\b|\bund\b|\boder\b|\bou\b)\s*", re.IGNORECASE)
_WRAPPED = re.compile(r"[^<>]*<\s*(?:mailto:)?([^<>\s]+)\s*>|mailto:(\S+)", re.IGNORECASE)
Notes = list[str]
"""What should be known about a cell that is used all the same."""


def fold(text: str) -> str:
    """Return a text for comparison with words of a profile."""
    return " ".join(text.split()).casefold()


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing of a person: empty, a checkbox that is not ticked, a dash or a failed formula."""
    return isinstance(cell, str) and (not cell or fold(cell) in _FALSE or fold(cell) in NOTHING or cell in _ERRORS)


def text_of(cell: Cell) -> str:
    """Return a cell as text. Raises ValueError for a failed formula, and for what is too long."""
    text = cell if isinstance(cell, str) else cell.isoformat(timespec="minutes") if isinstance(cell, time) else cell.isoformat()
    if re.match(r"'[=+\-@]", text):
        text = text[1:]  # our own spreadsheets write it before what would run as a formula, and people before a number's +
    if text in _ERRORS:
        raise ValueError(f'"{text}" is an error of the spreadsheet and no value: correct its formula')
    if len(text) > CELL_MOST:
        raise ValueError(f"has {len(text)} characters: it must be at most {CELL_MOST} characters")
    return text


def read_text(text: str) -> str:
    return read_name(text.replace("\u00a0", " "))


def read_emails(text: str) -> tuple[str, Notes]:
    """Read the first usable address of a cell. Raises ValueError where it holds none."""
    parts = [part for part in _BETWEEN.split(text) if part]
    good: list[str] = []
    bad: list[str] = []
    for part in parts:
        match = _WRAPPED.fullmatch(part)
        try:
            good.append(read_email((match[1] or match[2]) if match else part))
        except ValueError:
            bad.append(part)
    if not good:
        raise ValueError(f'"{text[:80]}" must be an email address, like dana@example.com')
    return good[0], _notes("address", list(dict.fromkeys(good)), bad)


def read_phones(text: str, country: str | None) -> tuple[PhoneNumber | None, Notes]:
    """Read the first number of a cell that can exist; None and a note where none of them can.

    Raises ValueError where it is no number, or a national one and no country is known.
    """
    try:
        if number := _number(text, country):
            return number, []
    except ValueError:
        if not _BETWEEN.search(text):
            raise
    good: list[PhoneNumber] = []
    bad: list[str] = []
    reason: ValueError | None = None
    for part in [part for part in _BETWEEN.split(text) if part]:
        try:
            number = _number(part, country)
        except ValueError as error:
            number, reason = None, error
        if number:
            good.append(number)
        else:
            bad.append(part)
    if good:
        return good[0], _notes("number", list(dict.fromkeys(one.text for one in good)), bad)
    if reason:
        raise reason
    return None, [f'"{text[:60]}" is not a number that can exist{f" in {country}" if country else ""}: it is not used']


def _notes(kind: str, good: list[str], bad: list[str]) -> Notes:
    notes = []
    if bad:
        notes.append(f'"{", ".join(bad)[:80]}" is no usable {kind}: {good[0]} is used')
    if len(good) > 1:
        notes.append(f"holds {len(good)} {kind}{'es' if kind == 'address' else 's'}: {good[0]} is used")
    return notes


def _number(text: str, country: str | None) -> PhoneNumber | None:
    """Return a number, or None where it cannot exist. Raises ValueError where it is not written as a number."""
    import phonenumbers

    if not text.startswith(("+", "＋")) and country is None:
        raise ValueError(f'"{text[:60]}" has no country code: it must be in E.164, like +12025550123, or say ?country=, like US')
    try:
        return read_phone_number(text, country)
    except ValueError:
        pass
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise ValueError(f'"{text[:60]}" is not a phone number{f" of {country}" if country else ""}, like +12025550123') from None
    if not phonenumbers.is_valid_number(number):
        return None
    return PhoneNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), number.extension)


def read_status(text: str, column: str) -> str | None:
    """Read a status. In a column that is named after one ("Canceled"), yes and no are read too; None is nothing."""
    folded = fold(text)
    flag = next((status for status, names in _FLAG_COLUMNS if names.search(column)), None)
    if flag and folded in _TRUE:
        return flag
    if folded in _FALSE:
        return None
    status = _STATUS_OF.get(re.sub(r"[\s_-]+", "_", folded))
    if status is None:
        raise ValueError(f'"{text[:60]}" must be one of {", ".join(STATUSES)}; a profile\'s `values` translate others')
    return status


def read_option(options: Sequence[str], text: str) -> str:
    """Read one of some words."""
    if (word := fold(text)) not in options:
        raise ValueError(f'"{text[:60]}" must be one of {", ".join(options)}; a profile\'s `values` translate others')
    return word
