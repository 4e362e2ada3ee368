"""Responses about imports and import profiles."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from chalicelib.api.serialize import ResponseBody


class Skipped(ResponseBody):
    pointer: str
    message: str


class ImportProgress(ResponseBody):
    """How far an import is. Every row counts once: created, updated, matched, unchanged or failed.

    `faults` are rows that the records' state refused in whole or in part; `warnings` what is worth knowing of others.
    `faulty_rows` of the file were wrong and left out; they are not among `rows`.
    """

    id: str
    state: Literal["running", "finished", "abandoned"]
    profile: str
    rows: int
    done: int
    created: int
    updated: int
    matched: int
    unchanged: int
    failed: int
    faulty_rows: int
    blank_rows: int
    faults: list[dict[str, Any]]
    warnings: list[Skipped]
    created_at: datetime
    finished_at: datetime | None


class FaultCause(ResponseBody):
    """What is wrong in how many rows, and the first lines of them."""

    column: str
    message: str
    rows: int
    lines: list[int]


class Import(ImportProgress):
    """`skipped` are rows or cells that were wrong, by line and column; `warnings` what is imported all the same."""

    skipped: list[Skipped]
    causes: list[FaultCause]


class SharedAddress(ResponseBody):
    """An address that people of different names have, and the lines where it stands."""

    address: str
    names: list[str]
    lines: list[int]


class PeopleFound(ResponseBody):
    """How many people a file names. `doubled_rows` say the same of the same person again."""

    found: int
    doubled: int
    doubled_rows: list[int]
    sharing_an_address: int
    shared_addresses: list[SharedAddress]


class NotReminded(ResponseBody):
    reason: str
    rows: int


class Reminders(ResponseBody):
    """How many candidates of the file will be reminded where nobody tells them anything, and when first and last."""

    candidates: int
    first_at: datetime | None
    last_at: datetime | None
    not_reminded: list[NotReminded]


class ImportReport(ResponseBody):
    """What an import would do. Errors name line and column."""

    dry_run: bool
    profile: str
    rows: int
    good_rows: int
    faulty_rows: int
    blank_rows: int
    sheet: str | None
    other_sheets: list[str]
    hidden_sheets: list[str]
    header_row: int
    banner_rows: list[int]
    columns: dict[str, list[str]]
    unused_columns: list[str]
    people: PeopleFound
    reminders: Reminders
    preview: list[dict[str, Any]]
    errors: list[Skipped]
    causes: list[FaultCause]
    warnings: list[Skipped]


class Profile(ResponseBody):
    """Which column is which field, and how values are read."""

    name: str
    columns: dict[str, list[str | list[str]]]
    date_format: str | list[str] | None
    timezone: str | None
    country: str | None
    minutes: int | None
    default_time: str | None
    delimiter: str | None
    encoding: str | None
    system: str
    words: dict[str, dict[str, str | None]]
    values: dict[str, str | dict[str, str | None] | None]
    fixed: dict[str, str]
    built_in: bool
