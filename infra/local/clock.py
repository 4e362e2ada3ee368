"""A clock that can be set. It runs on from there and keeps its offset in the data directory."""

from __future__ import annotations

import json
import math
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.local.files import Damaged, read_json, write_whole

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class OutOfRange(ValueError):
    """The clock cannot be set outside the years 2000 to 2199."""


class MovableClock:
    """The system's clock plus an offset. Waiting and rates use real time, so that a jump hangs nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._moving = threading.RLock()
        self._offset = _kept_offset(path)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._offset

    @property
    def is_moved(self) -> bool:
        return abs(self._offset) >= timedelta(minutes=1)

    def set(self, now: datetime) -> datetime:
        """Raises OutOfRange."""
        if not EARLIEST <= now < LATEST:
            raise OutOfRange(OutOfRange.__doc__)
        with self._moving:
            offset = now - datetime.now(UTC)
            write_whole(self._path, json.dumps({"offset_seconds": offset.total_seconds()}))  # first: a full disk moves nothing
            self._offset = offset
            return self()

    def advance(self, hours: float) -> datetime:
        """Raises OutOfRange."""
        try:
            with self._moving:
                return self.set(self() + timedelta(hours=hours))
        except OverflowError:
            raise OutOfRange(OutOfRange.__doc__) from None


def _kept_offset(path: Path) -> timedelta:
    """Read the offset of the last run. Raises Damaged: going on at another time would send what is not due."""
    instead = "delete it to go on at the system's time, or use --fresh"
    kept = read_json(path, instead)
    if kept is None:
        return timedelta()
    seconds = kept.get("offset_seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds):
        try:
            offset = timedelta(seconds=seconds)
            if EARLIEST <= datetime.now(UTC) + offset < LATEST:
                return offset
        except OverflowError:
            pass
    raise Damaged(f"{path} is damaged (its offset_seconds is {seconds!r}): {instead}")
