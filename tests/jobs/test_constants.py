"""How much the scheduler and the workers take at once, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.jobs import queue, scheduler, worker

RULES: list[tuple[Any, str, Any]] = [
    (queue, "BATCH_MOST", 10),
    (queue, "GROUP_LENGTH", 128),
    (queue, "LONGEST_DELAY", 900),
    (scheduler, "QUEUED_MOST", 10_000),
    (scheduler, "EACH_MOST", 1_000),
    (scheduler, "READ_MOST", 100_000),
    (scheduler, "NEWEST", 200),
    (worker, "CHUNK", 20),
    (worker, "THREADS", 8),
    (worker, "SECONDS_MOST", 75),
    (worker, "LANE_SECONDS", 12),
]


@pytest.mark.parametrize(("module", "name", "value"), RULES, ids=lambda one: getattr(one, "__name__", None))
def test_a_limit_of_background_work_is_as_stated(module: Any, name: str, value: Any) -> None:
    assert getattr(module, name) == value
