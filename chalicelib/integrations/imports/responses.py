"""Responses about imports and import profiles."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from chalicelib.api.serialize import ResponseBody


class ImportProgress(ResponseBody):
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


class Skipped(ResponseBody):
    pointer: str
    message: str


class Import(ImportProgress):
    """`skipped` are rows that were wrong, by line and column."""

    skipped: list[Skipped]


class ImportReport(ResponseBody):
    """What an import would do. Errors name line and column."""

    dry_run: bool
    profile: str
    rows: int
    good_rows: int
    faulty_rows: int
    columns: dict[str, list[str]]
    preview: list[dict[str, Any]]
    errors: list[Skipped]


class Profile(ResponseBody):
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


class Profiles(ResponseBody):
    data: list[Profile]
