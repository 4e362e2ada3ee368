"""The report and the call list over more and more open waits of the same days: units, requests, milliseconds."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any

from bench.ground import AS_OF, ground, middle, table

PATHS = ("/v1/risk", "/v1/call_list?limit=50")
HOURS = 14 * 24
BLOCK = 20_000


def run(sizes: tuple[int, ...] = (1_000, 10_000), rounds: int = 15) -> dict[str, Any]:
    """One table holds an employer of each size; each round asks all of them, one after another."""
    from tests.engines import OPERATOR_KEY, Api, Meter

    found: dict[str, Any] = {path: {size: {"ms": []} for size in sizes} for path in PATHS}
    with ground():
        import os

        import app
        from chalicelib import config
        from chalicelib import table as ground_table
        from infra.local.environment import environment

        os.environ["HEARDBACK_OPERATOR_KEY_SHA256"] = environment("", "", "", "", OPERATOR_KEY)["HEARDBACK_OPERATOR_KEY_SHA256"]
        config.forget()
        api, meter = Api(app.app), Meter()
        tenants = {size: api.new_employer() for size in sizes}
        for size, tenant in tenants.items():
            _load(tenant.employer_id, size)
        meter.install(ground_table.client())
        for number in range(rounds + 1):
            for path in PATHS:
                for size, tenant in tenants.items():
                    meter.reset()
                    began = time.perf_counter()
                    assert tenant.get(path).status == 200
                    if number:  # the first warms
                        found[path][size]["ms"].append((time.perf_counter() - began) * 1000)
                    found[path][size]["requests"], found[path][size]["units"] = meter.total, sum(meter.read_units.values())
    return found


def _load(employer_id: str, size: int) -> None:
    """Dealt out evenly to the same hours of two weeks and the three stages, in blocks that fit memory."""
    from chalicelib.rules.records import STAGES
    from tests.reputation.loading import a_load, load

    first = AS_OF - timedelta(days=12)
    for begin in range(0, size, BLOCK):
        load(employer_id, (a_load(first + timedelta(hours=number % HOURS), stage=STAGES[number % 3])
                           for number in range(begin, min(size, begin + BLOCK))))


def markdown(found: dict[str, Any]) -> str:
    rows = [["asked for", "open waits", "requests", "read units", "ms", "× the smallest"]]
    for path, sizes in found.items():
        least = next(iter(sizes.values()))["ms"]
        for size, one in sizes.items():
            ratio = statistics.median(a / b for a, b in zip(one["ms"], least, strict=True))
            rows.append([f"`{path}`", f"{size:,}", one["requests"], one["units"], middle(one["ms"], 1), f"{ratio:.2f}"])
    return table(rows)
