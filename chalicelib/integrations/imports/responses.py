"""Responses about imports and import profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is; `faults` are rows that the records' state refused."""

    id: str
    state: Literal["running", "finished", "abandoned"]
    profile: str
    rows: int
    done: int
    created: int
    matched: int
    unchanged: int
    failed: int
    faults: list[dict[str, Any]]
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Skipped:
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Import(ImportProgress):
    """`skipped` are rows that were wrong, by line and column."""

    skipped: list[Skipped]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import would do. Errors name line and column."""

    dry_run: bool
    profile: str
    rows: int
    good_rows: int
    faulty_rows: int
    columns: dict[str, list[str]]
    preview: list[dict[str, Any]]
    errors: list[Skipped]


@dataclass(frozen=True, slots=True)
class Profile:
    """Which column is which field, and how values are read."""

    name: str
    columns: dict[str, list[str]]
    date_format: str | None
    timezone: str | None
    country: str | None
    minutes: int | None
    system: str
    words: dict[str, dict[str, str]]
    fixed: dict[str, str]
    built_in: bool


@dataclass(frozen=True, slots=True)
class Profiles:
    data: list[Profile]
