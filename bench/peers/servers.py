"""Starts Redis and PostgreSQL where they are installed: on loopback, durable, in their own folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.local.engines import answers, free_port


class Running(NamedTuple):
    url: str
    pid: int


_POSTGRES_ELSEWHERE = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[Running | None]:
    """appendonly, fsync every second: Redis' own recommendation. None where it is not installed."""
    binary = shutil.which("redis-server")
    if binary is None:
        yield None
        return
    port = free_port()
    process = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield Running(f"redis://127.0.0.1:{port}/0", process.pid)
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Running | None]:
    """Its defaults: fsync and synchronous_commit on. It refuses to run as root: then it runs as the user `postgres`."""
    initdb, server = _binary("initdb"), _binary("postgres")
    if initdb is None or server is None:
        yield None
        return
    data, port = folder / "postgres", free_port()
    data.mkdir()
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(data, "postgres")
        folder.chmod(0o755)
        as_user = ["runuser", "-u", "postgres", "--"]
    subprocess.run([*as_user, initdb, "-D", str(data), "-A", "trust", "-U", "bench"], check=True, capture_output=True, cwd="/")
    process = subprocess.Popen(
        [*as_user, server, "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(data)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        _wait(port)
        yield Running(f"postgresql://bench@127.0.0.1:{port}/postgres", process.pid)
    finally:
        process.terminate()
        process.wait()


def _binary(name: str) -> str | None:
    return shutil.which(name) or next((str(folder / name) for folder in _POSTGRES_ELSEWHERE if (folder / name).exists()), None)


def _wait(port: int) -> None:
    for _ in range(300):
        if answers(port):
            time.sleep(0.3)
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")
