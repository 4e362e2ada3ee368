"""Runs the processes of mutants: each in a process group of its own, and ended when its time is over."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable

KILLED, SURVIVED, NEEDS_IMPORT, TIMED_OUT, BROKEN = 0, 1, 2, 3, 4
_CODES = (KILLED, SURVIVED, NEEDS_IMPORT, TIMED_OUT, BROKEN)
_PAUSE = 0.01


class Children:
    """Forked processes, each with what its caller knows it by."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def start(self, place: int, work: Callable[[], int], seconds: float) -> None:
        """Forks a process that works and ends with the code that `work` returns. An error there is no verdict: BROKEN."""
        child = os.fork()
        if child == 0:
            code = BROKEN
            with contextlib.suppress(BaseException):
                os.setpgid(0, 0)
                code = work()
            os._exit(code)
        with contextlib.suppress(OSError):  # the child has done it already, or has ended
            os.setpgid(child, child)
        self._running[child] = place, time.monotonic() + seconds

    def wait(self) -> tuple[int, int]:
        """Waits until one of them ends, at its deadline at the latest. Returns its place and code."""
        while True:
            for child, (place, deadline) in self._running.items():
                code = _ended(child) if time.monotonic() < deadline else _kill(child)
                if code is not None:
                    del self._running[child]
                    return place, code
            time.sleep(_PAUSE)


def _ended(child: int) -> int | None:
    """The code of a process that has ended. What limits its own time ends it by a signal."""
    found, status = os.waitpid(child, os.WNOHANG)
    if not found:
        return None
    code = os.waitstatus_to_exitcode(status)
    if -code in (signal.SIGALRM, signal.SIGPROF):
        code = TIMED_OUT
    _end_group(child)
    return code if code in _CODES else BROKEN


def _kill(child: int) -> int:
    _end_group(child)
    os.waitpid(child, 0)
    return TIMED_OUT


def _end_group(child: int) -> None:
    """Ends a process with all that it has started and left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
