"""Runs simulated processes, one at a time: each has a thread of its own, and only one of them runs.

Time is virtual. A process that waits (for a response, a back-off, a frozen machine) lets the process that is due first run.
So any interleaving between calls can happen, and the same seed makes the same one.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any


class Crash(BaseException):
    """The process died here. A BaseException, so that no `except Exception` catches it."""


class _Thread:
    """A reusable thread that runs only between `resume` and `pause`."""

    def __init__(self) -> None:
        self._go, self._back = threading.Lock(), threading.Lock()  # cheaper than semaphores; one waits, another releases
        self._go.acquire()
        self._back.acquire()
        self._work: Callable[[], None] = lambda: None
        self.idle = True
        threading.Thread(target=self._loop, daemon=True).start()

    def _loop(self) -> None:
        while True:
            self._go.acquire()
            self._work()
            self.idle = True
            self._back.release()

    def begin(self, work: Callable[[], None]) -> None:
        self._work, self.idle = work, False
        self.resume()

    def resume(self) -> None:
        """Lets the work go on, and returns when it pauses or ends."""
        self._go.release()
        self._back.acquire()

    def pause(self) -> None:
        self._back.release()
        self._go.acquire()


_IDLE: list[_Thread] = []


@dataclass(eq=False)
class Process:
    """One invocation: a request, a tick, a delivery.

    `skew` is the error of its clock in seconds; `lasts_most` its time limit; `outcome` what it returned or raised.
    """

    name: str
    work: Callable[[], Any]
    chance: Random
    skew: float = 0.0
    lasts_most: float = 900.0
    began_at: float = 0.0
    calls: int = 0
    crashed: bool = False
    outcome: Any = None
    notes: dict[str, Any] = field(default_factory=dict)
    _thread: _Thread | None = None

    @property
    def kind(self) -> str:
        """The kind of its step."""
        return self.name.rpartition(":")[2]

    @property
    def request(self) -> object:
        """Identifies the request: what SNS delivers again is the same one, every other process is its own."""
        step = self.notes.get("step")
        return step.details.get("number", self) if step else self


class Schedule:
    """The events to come. `now` is the true time in seconds; processes see it with their skew."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.current: Process | None = None
        self.stopped = False
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (max(moment, self.now), next(self._order), act))

    def start(self, process: Process, moment: float, done: Callable[[Process], None]) -> None:
        """Starts a process at that moment."""
        self.at(moment, lambda: self._begin(process, done))

    def run(self) -> None:
        """Runs until no event is left."""
        while self._events:
            self.now, _, act = heapq.heappop(self._events)
            act()

    def stop(self) -> None:
        """Ends the history: nothing begins any more, and waiting processes die."""
        self.stopped = True

    def wait(self, seconds: float) -> None:
        """Lets the running process wait; others may run meanwhile."""
        process = self.current
        if process is None:
            self.now += seconds
            return
        until = min(self.now + seconds, process.began_at + process.lasts_most)
        if self._events and self._events[0][0] <= until:
            thread = process._thread
            assert thread is not None
            self.at(until, lambda: self._resume(process))
            self.current = None
            thread.pause()
            self.current = process
        else:
            self.now = until
        if self.stopped:
            self.crash(process)
        if self.now >= process.began_at + process.lasts_most:
            process.notes["timed_out"] = True
            self.crash(process)

    def crash(self, process: Process) -> None:
        process.crashed = True
        raise Crash(process.name)

    def _begin(self, process: Process, done: Callable[[Process], None]) -> None:
        if self.stopped:
            return

        def work() -> None:
            self.current = process
            try:
                process.outcome = process.work()
            except BaseException as error:
                process.outcome = error
            self.current = None

        process.began_at = self.now
        process._thread = _IDLE.pop() if _IDLE else _Thread()
        process.notes["done"] = done
        process._thread.begin(work)
        self._finished(process)

    def _resume(self, process: Process) -> None:
        assert process._thread is not None
        process._thread.resume()
        self._finished(process)

    def _finished(self, process: Process) -> None:
        thread = process._thread
        if thread is not None and thread.idle:
            _IDLE.append(thread)
            process._thread = None
            process.notes.pop("done")(process)
