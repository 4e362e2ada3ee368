"""What is wrong in a file, or worth knowing, by line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from chalicelib.integrations.imports.profiles import PERSONAL

_QUOTED = re.compile(r'"[^"]*" ?|“[^”]*” ?')
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or worth knowing (`is_note`), at a line and column."""

    line: int
    column: str
    message: str
    field: str = ""
    is_note: bool = False

    @property
    def cause(self) -> str:
        """The message without the value that was found, by which faults are summed."""
        return _QUOTED.sub("", self.message)

    @property
    def kept_message(self) -> str:
        """The message as it is stored: without a person's name or address."""
        return self.cause if self.field in PERSONAL else self.message


@dataclass(slots=True)
class Mapped:
    """All lines of a file: the good rows, each with its `line`, and what was found on the way."""

    rows: list[Json] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    faulty: int = 0
    """Rows that are not imported."""
    blank: int = 0
    """Rows that hold nothing, or no person: a total, or the header once more."""


class ColumnError(ValueError):
    """A ValueError of one of several columns."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
