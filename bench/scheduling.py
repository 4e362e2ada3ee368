"""Measures interviews posted per second through the app's handler in one process, everything new."""

from __future__ import annotations

import itertools
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.ground import ground, middle, table


def run(count: int = 100, rounds: int = 3) -> dict[str, list[float]]:
    """One client, and eight at once, in turn."""
    from tests.engines import OPERATOR_KEY, Api

    found: dict[str, list[float]] = {"one client": [], "eight clients at once": []}
    with ground():
        import app
        from chalicelib import config
        from infra.local.environment import environment

        os.environ["HEARDBACK_OPERATOR_KEY_SHA256"] = environment("", "", "", "", OPERATOR_KEY)["HEARDBACK_OPERATOR_KEY_SHA256"]
        os.environ["HEARDBACK_REQUESTS_PER_SECOND"] = "0"
        config.forget()
        tenant, numbers = Api(app.app).new_employer(), itertools.count()

        def post(_: Any) -> None:
            number = next(numbers)
            person = {"name": f"Sam {number}", "email": f"sam{number}@example.com"}
            answer = tenant.post(
                "/v1/interviews",
                {
                    "application": {"candidate": person, "job_title": "Cook"},
                    "stage": "interview",
                    "start_at": "2026-06-01T10:00:00Z",
                    "end_at": "2026-06-01T11:00:00Z",
                },
            )
            assert answer.status == 201, answer

        post(None)
        for _ in range(rounds):
            for name, clients in (("one client", 1), ("eight clients at once", 8)):
                began = time.perf_counter()
                with ThreadPoolExecutor(clients) as pool:
                    list(pool.map(post, range(count)))
                found[name].append(count / (time.perf_counter() - began))
    return found


def markdown(found: dict[str, list[float]]) -> str:
    return table([["`POST /v1/interviews`, all new", "per second"], *[[name, middle(each, 0)] for name, each in found.items()]])
