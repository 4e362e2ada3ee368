"""What is wrong with a file or its form, in the words of the import page and at its fields."""

from __future__ import annotations

import re

from chalicelib.errors import FieldError

LABELS = {
    "encoding": "Letters",
    "file": "File:",
    "profile": "Layout",
    "sheet": "Sheet",
    "timezone": "Time zone",
    "date_order": "Order of dates",
    "date_format": "Example of a date",
    "default_time": "Time for dates without one",
    "minutes": "Minutes of an interview",
    "job_title": "Job title",
    "country": "Country of phone numbers",
}
_ASKED = {
    "?date_format is needed": ("date_order", "Choose the order in which the dates of this file are written"),
    "?date_format must hold": (
        "default_time",
        "The dates have no time of day: use the column with the time too, or enter one time for all dates",
    ),
    "?minutes is needed": (
        "minutes",
        "No column says when interviews end: use one as Interview end or Length of the interview, or enter the minutes here",
    ),
}
"""What the API asks for by a parameter, as the page asks at its field: {pointer and first words: (field, message)}."""
_PLAIN = (
    (re.compile(r"say which comes first: \?date_format=.*$"), "choose below which comes first, the day or the month"),
    (re.compile(r"this one is \?date_format=(iso\|)?%d.*$"), "the day comes first here: choose the order of dates below"),
    (re.compile(r"this one is \?date_format=.*$"), "the month comes first here: choose the order of dates below"),
    (
        re.compile(r"in more than one way \(.*\): keep one of these formats$"),
        "in more than one way: choose the order of dates below",
    ),
    (re.compile(r" \((iso|[^()]*%[^()]*)\)"), ""),
    (re.compile(r"; a profile's `values` translate others$"), ""),
    (re.compile(r"Choose one with \?sheet=$"), "Choose one below"),
    (re.compile(r", like \?sheet=People$"), ""),
    (re.compile(r"\?default_time=\S+$"), "enter “Time for dates without one”"),
    (
        re.compile(r"it must be in E\.164, like (\S+), or say \?country=, like US$"),
        r"write it like \1, or enter the country below",
    ),
    (re.compile(r"\?minutes=45$"), "enter the minutes of an interview below"),
    (re.compile(r"say \?job_title= for all rows, like Welder$"), "enter the job title of all rows below"),
)
"""Messages that name parameters of the API, as the page says the same."""


def plain(message: str) -> str:
    """Return the message about a cell without parameters of the API."""
    for pattern, words in _PLAIN:
        message = pattern.sub(words, message)
    return message


def place(pointer: str) -> str:
    """Return where a cell stands, as people say it and with a colon; "" for the whole file."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.strip("/").split("/") if part]
    if parts and parts[0].isdigit():
        parts[0] = f"Line {parts[0]}"
    return f"{', '.join(parts)}: " if parts else ""


def problem(fault: FieldError) -> tuple[str, str]:
    """Return the field of an error, and the error in the words of the page."""
    for begin, asked in _ASKED.items():
        if f"{fault.pointer} {fault.message}".startswith(begin):
            return asked
    name, *within = fault.pointer.strip("/?").split("/")
    within = [part.replace("~1", "/").replace("~0", "~") for part in within]
    if name in ("use", "remember") or name.startswith("use_") or fault.message.startswith("No column"):
        return name, fault.message
    label = LABELS.get(name, f"Line {name}" if name.isdigit() else name.capitalize())
    if not name and fault.message[:1].islower():
        label = "This file"
    message = f"{', '.join([label, *within])} {plain(fault.message)}"
    return name if name in LABELS else "", message
