"""The data directory: what a run keeps for the next one and for people. One runner at a time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any

from infra.local.clock import write_whole
from infra.local.engines import STOP_SECONDS, Engine

OURS = (
    "dynamodb.db",
    "dynamodb.db-wal",
    "dynamodb.db-shm",
    "outbox.jsonl",
    "clock.json",
    "secrets.json",
    "ready.json",
    "pids.json",
    "dynoxide.log",
    "ministack.log",
    "ministack",
)
"""What `--fresh` removes: only files that we made."""


class InUse(Exception):
    """Another runner works on this data directory."""


class Unusable(Exception):
    """The directory cannot be used: it is a file, or not writable."""


class DataDirectory:
    """Makes `path` where it is missing. Holds a lock until the process ends."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(path / "lock")
        except OSError as error:
            raise Unusable(f"{path} cannot keep data ({error.strerror}): name another with --data") from None
        self._end_stale_engines()
        if fresh:
            for name in OURS:
                shutil.rmtree(path / name) if (path / name).is_dir() else (path / name).unlink(missing_ok=True)
        self.ready.unlink(missing_ok=True)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def ready(self) -> Path:
        return self.path / "ready.json"

    def write_ready(self, what: dict[str, Any]) -> None:
        write_whole(self.ready, json.dumps(what, indent=2) + "\n", mode=0o600)

    def secrets(self) -> dict[str, str]:
        """Secrets made at the first run and kept, so that links and keys work in the next run."""
        path = self.path / "secrets.json"
        if path.exists():
            kept: dict[str, str] = json.loads(path.read_text())
            return kept
        made = {"secret": secrets.token_urlsafe(48), "operator_key": "hb_operator_" + secrets.token_urlsafe(32)}
        self.keep_secrets(made)
        return made

    def keep_secrets(self, what: dict[str, str]) -> None:
        write_whole(self.path / "secrets.json", json.dumps(what, indent=2) + "\n", mode=0o600)

    def record_engines(self, engines: list[Engine]) -> None:
        write_whole(self.path / "pids.json", json.dumps({engine.name: engine.process.pid for engine in engines}))

    def close(self) -> None:
        self.ready.unlink(missing_ok=True)
        (self.path / "pids.json").unlink(missing_ok=True)
        self._lock.close()

    def _end_stale_engines(self) -> None:
        """End engines that a killed run left: they would lock the database. A pid of another program is left alone."""
        path = self.path / "pids.json"
        if not path.exists():
            return
        for name, pid in json.loads(path.read_text()).items():
            if name in command_of(pid):
                end(pid)
        path.unlink()


def _locked(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InUse(f"{path.parent} is in use by another run: stop that one, or name another --data") from None
    return file


def command_of(pid: int) -> str:
    """The command line of a running process; empty where there is none."""
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout  # noqa: S607


def end(pid: int) -> None:
    """Ask a process to end, and kill it if it does not."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until:
            if not command_of(pid).strip():
                return
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
