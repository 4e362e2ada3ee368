"""A clock that can be set. It runs on from there and keeps its offset in the data directory."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class OutOfRange(ValueError):
    """The clock cannot be set outside the years 2000 to 2199."""


class MovableClock:
    """The system's clock plus an offset. Waiting and rates use real time, so that a jump hangs nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._moving = threading.RLock()
        self._offset = timedelta(seconds=json.loads(path.read_text())["offset_seconds"]) if path.exists() else timedelta()

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
            self._offset = now - datetime.now(UTC)
            write_whole(self._path, json.dumps({"offset_seconds": self._offset.total_seconds()}))
            return self()

    def advance(self, hours: float) -> datetime:
        """Raises OutOfRange."""
        try:
            with self._moving:
                return self.set(self() + timedelta(hours=hours))
        except OverflowError:
            raise OutOfRange(OutOfRange.__doc__) from None


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file atomically: a reader, or the next run, never sees half of it."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
