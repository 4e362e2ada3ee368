"""Deterministic stand-ins for what our code asks of its machine: time, chance and thread pools. Installed once a process.

They replace the modules' own attributes, wherever `chalicelib` and botocore's retries look them up; nothing of ours is changed.
"""

from __future__ import annotations

import os
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import botocore.endpoint
import botocore.retries.quota

from tests.simulation.processes import Schedule

_QUOTAS: list[Any] = []


class Machine:
    """Whose time and chance the stand-ins tell: set for each history."""

    schedule: Schedule = Schedule(0)
    chance: Random = Random(0)


def chance() -> Random:
    process = Machine.schedule.current
    return process.chance if process else Machine.chance


class Time:
    """The module `time`."""

    struct_time = time.struct_time

    @staticmethod
    def sleep(seconds: float) -> None:
        Machine.schedule.wait(seconds)

    @staticmethod
    def monotonic() -> float:
        return Machine.schedule.now

    time = perf_counter = monotonic


class InlineExecutor:
    """A thread pool whose work is done one piece after another, in an order that chance decides."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> InlineExecutor:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def map(self, function: Callable[..., Any], *iterables: Iterable[Any]) -> Iterator[Any]:
        pieces = list(zip(*iterables, strict=False))
        answers: dict[int, Callable[[], Any]] = {}
        for place in chance().sample(range(len(pieces)), len(pieces)):
            answers[place] = _attempt(function, pieces[place])
        return (answers[place]() for place in range(len(pieces)))


def _attempt(function: Callable[..., Any], piece: tuple[Any, ...]) -> Callable[[], Any]:
    """As a future has it: an error is kept for whoever asks for the result."""
    try:
        value = function(*piece)
    except Exception as error:
        kept = error

        def again() -> Any:
            raise kept

        return again
    return lambda: value


def install() -> None:
    """Call after everything is imported."""
    _keep_quotas()
    botocore.endpoint.time = Time
    uuid.uuid4 = lambda: uuid.UUID(int=chance().getrandbits(128), version=4)
    os.urandom = lambda size: chance().randbytes(size)
    random.uniform = lambda low, high: chance().uniform(low, high)
    for name, module in list(sys.modules.items()):
        if name.startswith("chalicelib"):
            for attribute, value in list(vars(module).items()):
                if value is time:
                    setattr(module, attribute, Time)
                elif value is ThreadPoolExecutor:
                    setattr(module, attribute, InlineExecutor)


def _keep_quotas() -> None:
    """The SDK's retry quota lives as long as its client: full again for each history, or a seed would not replay."""
    ordinary = botocore.retries.quota.RetryQuota.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        ordinary(self, *args, **kwargs)
        _QUOTAS.append(self)

    botocore.retries.quota.RetryQuota.__init__ = init


def begin(schedule: Schedule, seed: int) -> None:
    """A new history: its own time, its own chance, the retry quotas full."""
    Machine.schedule, Machine.chance = schedule, Random(seed)
    random.seed(seed)
    for quota in _QUOTAS:
        quota._available_capacity = quota._max_capacity
