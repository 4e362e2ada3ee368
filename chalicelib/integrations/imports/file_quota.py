"""Limits how many workbooks that cannot be read one employer sends an hour: each may hold one of the two readers for seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from chalicelib.auth import rate_limit
from chalicelib.errors import Unprocessable
from chalicelib.integrations.imports.workbook import UNREADABLE, is_workbook

MOST = 10
"""At 15 seconds each, the longest that a file is worked on, one employer holds a reader for two and a half minutes an hour."""
_WHAT = "unreadable workbooks"
_DETAIL = f"{MOST} workbooks within the hour could not be read. Wait, or save the table as CSV."


@contextmanager
def counted(raw: bytes, employer_id: str, now: datetime) -> Iterator[None]:
    """Counts a workbook while it is read, and takes the count back unless it cannot be read. Files of other kinds pass.

    It is counted before, so that many at the same moment are refused too. Raises TooManyRequests.
    """
    if not is_workbook(raw):
        yield
        return
    if not rate_limit.allow_within_hour(_WHAT, employer_id, MOST, now):
        raise rate_limit.hour_is_full("workbooks", MOST, now, _DETAIL, "too_many_unreadable_files")
    is_unreadable = False
    try:
        yield
    except Unprocessable as error:
        is_unreadable = error.code == UNREADABLE
        raise
    finally:
        if not is_unreadable:
            rate_limit.take_back([(_WHAT, employer_id)], now)
