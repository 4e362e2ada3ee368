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

from infra.local.engines import NAMES, STOP_SECONDS, Engine
from infra.local.files import Damaged, is_open_to_others, make_private, read_json, write_whole

LISTENER = "listen.json"
"""Where `python -m infra.cli listen` takes webhooks, while it runs."""
OURS = (
    LISTENER,
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

SECRET_LEAST = 32
"""Characters; config.py refuses a shorter one."""


class InUse(Exception):
    """Another runner works on this data directory."""


class Unusable(Exception):
    """The directory cannot be used: it is a file, or not writable."""


class DataDirectory:
    """Makes `path` where it is missing. Holds a lock until the process ends."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            is_ours = not any(path.iterdir()) or (path / "lock").exists()
            self._lock = _locked(path / "lock")
        except OSError as error:
            raise Unusable(f"{path} cannot keep data ({error.strerror}): name another with --data") from None
        self._make_private(is_ours)
        self._end_stale_engines()
        if fresh:
            for name in OURS:
                shutil.rmtree(path / name) if (path / name).is_dir() else (path / name).unlink(missing_ok=True)
        self.ready.unlink(missing_ok=True)

    def _make_private(self, is_ours: bool) -> None:
        """Close the folder and our files to others. A folder that holds other things is not changed, and is named."""
        if is_ours:
            make_private(self.path)
        for name in (*OURS, "lock"):
            make_private(self.path / name)
        for path in (self.path / "ministack").rglob("*"):
            make_private(path)
        if is_open_to_others(self.path):
            print(f"{self.path} is open to other users of this machine; the files in it are private.", flush=True)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def ready(self) -> Path:
        return self.path / "ready.json"

    def listener(self) -> str | None:
        """Returns where `python -m infra.cli listen` takes webhooks; None while it does not run."""
        try:
            return str(json.loads((self.path / LISTENER).read_text())["url"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_ready(self, what: dict[str, Any]) -> None:
        write_whole(self.ready, json.dumps(what, indent=2) + "\n")

    def secrets(self) -> dict[str, str]:
        """Secrets made at the first run and kept, so that links and keys work in the next run. Raises Damaged."""
        path = self.path / "secrets.json"
        instead = "put a copy of it back, or begin with empty data by --fresh; with another secret, opt-outs would be lost"
        kept: dict[str, str] | None = read_json(path, instead)
        if kept is not None:
            for name in ("secret", "operator_key"):
                if not isinstance(kept.get(name), str) or len(kept[name]) < SECRET_LEAST:
                    raise Damaged(f"{path} is damaged (it holds no {name}): {instead}")
            if not isinstance(kept.get("employer_key", ""), str):
                raise Damaged(f"{path} is damaged (its employer_key is no text): {instead}")
            return kept
        made = {"secret": secrets.token_urlsafe(48), "operator_key": "hb_operator_" + secrets.token_urlsafe(32)}
        self.keep_secrets(made)
        return made

    def keep_secrets(self, what: dict[str, str]) -> None:
        write_whole(self.path / "secrets.json", json.dumps(what, indent=2) + "\n")

    def record_engines(self, engines: list[Engine]) -> None:
        write_whole(self.path / "pids.json", json.dumps({engine.name: engine.process.pid for engine in engines}))

    def close(self) -> None:
        self.ready.unlink(missing_ok=True)
        (self.path / "pids.json").unlink(missing_ok=True)
        self._lock.close()

    def _end_stale_engines(self) -> None:
        """End engines that a killed run left: they would lock the database. A pid of another program is left alone."""
        path = self.path / "pids.json"
        try:
            kept = read_json(path, "it is made again; end engines of a killed run by hand") or {}
        except Damaged as damaged:
            print(damaged, flush=True)
            kept = {}
        for name, pid in kept.items():
            if name in NAMES and type(pid) is int and pid > 1 and name in command_of(pid):
                end(pid)
        if path.is_dir():
            raise Unusable(f"{path} is a folder: remove it, or name another with --data")
        path.unlink(missing_ok=True)


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
