"""Deterministic replacements for time, random numbers and thread pools. Installed once per process.

They replace the attributes of the modules in which `chalicelib` and botocore's retries look them up.
"""

from __future__ import annotations

import io
import os
import random
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import botocore.endpoint
import botocore.retries.quota
import requests

from tests.simulation.processes import Schedule
from tests.simulation.world.endpoint import READ_TIMEOUT, Endpoint

_QUOTAS: list[Any] = []
PUBLIC = "93.184.215.14"
"""The address of every endpoint. Nothing is sent to it."""


class Machine:
    """The schedule and random numbers of the history that runs now."""

    schedule: Schedule = Schedule(0)
    endpoint: Endpoint = Endpoint()
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
    """A thread pool that runs its tasks one after another, in a random order."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> InlineExecutor:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def map(self, function: Callable[..., Any], *iterables: Iterable[Any]) -> Iterator[Any]:
        pieces = list(zip(*iterables, strict=False))
        results: dict[int, Callable[[], Any]] = {}
        for place in chance().sample(range(len(pieces)), len(pieces)):
            results[place] = _attempt(function, pieces[place])
        return (results[place]() for place in range(len(pieces)))


def _attempt(function: Callable[..., Any], piece: tuple[Any, ...]) -> Callable[[], Any]:
    """Runs a task as a future does: an error is raised where the result is read."""
    try:
        value = function(*piece)
    except Exception as error:
        kept = error

        def again() -> Any:
            raise kept

        return again
    return lambda: value


def install() -> None:
    """Installs the replacements. Call it after everything is imported."""
    _keep_quotas()
    requests.adapters.HTTPAdapter.send = _send_to_endpoint  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]
    botocore.endpoint.time = Time
    uuid.uuid4 = lambda: uuid.UUID(int=chance().getrandbits(128), version=4)
    os.urandom = lambda size: chance().randbytes(size)
    random.uniform = lambda a, b: chance().uniform(a, b)
    for name, module in list(sys.modules.items()):
        if name.startswith("chalicelib"):
            for attribute, value in list(vars(module).items()):
                if value is time:
                    setattr(module, attribute, Time)
                elif value is ThreadPoolExecutor:
                    setattr(module, attribute, InlineExecutor)


def _send_to_endpoint(self: Any, request: Any, **_: Any) -> Any:
    """Replaces the sending of a webhook: the endpoint responds after some virtual time."""
    endpoint = Machine.endpoint
    Machine.schedule.wait(min(endpoint.seconds, READ_TIMEOUT))
    if endpoint.seconds > READ_TIMEOUT:
        raise requests.exceptions.ReadTimeout
    response = requests.Response()
    response.status_code, response.raw = endpoint.serve(), io.BytesIO()
    return response


def _keep_quotas() -> None:
    """Collects the SDK's retry quotas, which live as long as their client: `begin` fills them again."""
    ordinary = botocore.retries.quota.RetryQuota.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        ordinary(self, *args, **kwargs)
        _QUOTAS.append(self)

    botocore.retries.quota.RetryQuota.__init__ = init


def begin(schedule: Schedule, seed: int) -> None:
    """Begins a history: its own time and random numbers, full retry quotas."""
    Machine.schedule, Machine.chance, Machine.endpoint = schedule, Random(seed), Endpoint()
    random.seed(seed)
    for quota in _QUOTAS:
        quota._available_capacity = quota._max_capacity
