"""Starts and ends the two engines: dynoxide (DynamoDB) and MiniStack (SQS, SNS, SES). The runner and the tests share this.

Both are bound to loopback, end with the process that started them, and are ready once they answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ENGINES = Path(__file__).resolve().parents[2] / ".engines"
REGION = "us-east-1"
NAMES = ("dynoxide", "ministack")
LOOPBACK = "127.0.0.1"
START_SECONDS = 20
STOP_SECONDS = 10
_PARENT_DEATH_SIGNAL = 1


class EngineFailed(Exception):
    """An engine did not come up. The message holds what it printed."""


@dataclass
class Engine:
    """A running engine. `start_again` brings it back on the same port, with the same data."""

    name: str
    host: str
    port: int
    command: list[str]
    environment: Mapping[str, str]
    log: Path | None
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def how_it_ended(self) -> str:
        """Return in a sentence how a dead engine ended."""
        with self.log.open("rb") if self.log else tempfile.TemporaryFile("w+b") as output:
            return _ended(self.name, self.process.returncode, output)

    def start_again(self) -> None:
        self.process = _spawn(self.name, self.host, self.port, self.command, self.environment, self.log)

    def stop(self) -> None:
        """Ask it to end, and kill it if it does not."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def dynoxide_binary() -> Path | None:
    """Where `make setup` put it; None where it is missing."""
    return next((ENGINES / "dynoxide").glob("node_modules/@dynoxide/*/dynoxide*"), None)


def secret_host() -> str:
    """Return an address of 127.0.0.0/8 that no web page can guess; 127.0.0.1 where the system has no other (macOS).

    Both engines answer to every Origin, so a page that finds one reads it. Address and port together have 39 random bits.
    """
    host = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"
    with contextlib.closing(socket.socket()) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return LOOPBACK
    return host


def start_dynoxide(port: int = 0, database: Path | None = None, log: Path | None = None, *, host: str = LOOPBACK) -> Engine:
    """DynamoDB on loopback: on disk, or in memory where no database is named."""
    binary = dynoxide_binary()
    if binary is None:
        raise EngineFailed("dynoxide is not installed: run `make setup`")
    where = ["--db-path", str(database)] if database else []
    command = [str(binary), "serve", "--host", host, *where]
    return _start("dynoxide", host, port, lambda at: [*command, "--port", str(at)], lambda _: {}, log)


def start_ministack(
    port: int = 0,
    services: str = "sqs,sns,ses,sesv2,s3",
    state: Path | None = None,
    log: Path | None = None,
    *,
    host: str = LOOPBACK,
) -> Engine:
    """SQS, SNS, SES and S3 on loopback. With `state` it saves at a clean stop what it holds."""
    command = str(ENGINES / "ministack" / "bin" / "ministack")

    def environment(at: int) -> dict[str, str]:
        kept = {"PERSIST_STATE": "1", "STATE_DIR": str(state)} if state else {}
        return {
            "BIND_HOST": host,
            "GATEWAY_PORT": str(at),
            "SERVICES": services,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "AWS_DEFAULT_REGION": REGION,
            "LOG_LEVEL": "WARNING",
            **kept,
        }

    return _start("ministack", host, port, lambda _: [command], environment, log)


def _start(
    name: str,
    host: str,
    port: int,
    command: Callable[[int], list[str]],
    environment: Callable[[int], dict[str, str]],
    log: Path | None,
) -> Engine:
    """Start an engine. Where another process takes the free port first, try another one."""
    for attempt in range(3):
        at = port or free_port(host)
        try:
            process = _spawn(name, host, at, command(at), environment(at), log)
        except EngineFailed:
            if port or attempt == 2:
                raise
        else:
            return Engine(name, host, at, command(at), environment(at), log, process)
    raise AssertionError("unreachable")


def _spawn(
    name: str, host: str, port: int, command: list[str], environment: Mapping[str, str], log: Path | None
) -> subprocess.Popen[bytes]:
    with _opened(log) as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                raise EngineFailed(_ended(name, process.returncode, output))
            if answers(port, host):
                return process
            time.sleep(0.01)
        process.kill()
        process.wait()
        raise EngineFailed(f"{name} did not answer on port {port} within {START_SECONDS} s: {_tail(output)}")


def _opened(log: Path | None) -> IO[bytes]:
    try:
        return log.open("ab+") if log else tempfile.TemporaryFile("w+b")
    except OSError as error:
        raise EngineFailed(f"{log or 'a temporary file'} cannot be written ({error.strerror})") from None


def _end_with_parent() -> None:
    """Let the Linux kernel end the engine when we are killed. Elsewhere the next start does, by the recorded pid."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _ended(name: str, code: int, output: IO[bytes]) -> str:
    by = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    grew = ": a file may not grow any more, see `ulimit -f`" if code == -signal.SIGXFSZ else ""
    return f"{name} ended at once, {by}{grew}. {_tail(output)}".strip()


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace")[-2000:]


def answers(port: int, host: str = LOOPBACK) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def free_port(host: str = LOOPBACK) -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
