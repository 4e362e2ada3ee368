"""Reads and writes the runner's own files: whole, private, and named in one sentence where they are damaged."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Any

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


class Damaged(Exception):
    """A file does not hold what the runner writes into it. The message says which, and what to do."""


class Unwritable(OSError):
    """A file cannot be written: a full disk, a limit on sizes, lost rights. The message says which, and what to do."""


def unwritable(path: Path, error: OSError) -> Unwritable:
    """Return the error as a sentence."""
    return Unwritable(f"{path} cannot be written ({error.strerror}): make room on its disk, or name another with --data")


def write_whole(path: Path, text: str) -> None:
    """Write a private file atomically: a reader, or the next run, never sees half of it. Raises Unwritable."""
    fresh = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(PRIVATE_FILE)  # a left-over of a killed run keeps its mode
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)  # on a full disk its few bytes may be what is missing
        raise unwritable(path, error) from None


def read_json(path: Path, instead: str) -> Any:
    """Read a JSON object; None where there is no file. Raises Damaged; `instead` says what helps."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise Damaged(f"{path} cannot be read ({reason}): {instead}") from None
    if not isinstance(found, dict):
        raise Damaged(f"{path} is damaged (it holds no JSON object): {instead}")
    return found


def make_private(path: Path) -> None:
    """Take the rights of a file or folder from everybody but its owner. What is not there or not ours is left alone."""
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid():
            return
        path.chmod(PRIVATE_FOLDER if stat.S_ISDIR(found.st_mode) else PRIVATE_FILE)
    except OSError:
        return


def is_open_to_others(path: Path) -> bool:
    """Whether others than the owner may read, write or enter."""
    return bool(path.stat().st_mode & 0o077)
