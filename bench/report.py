"""Measures the report and the call list over growing numbers of open waits: units, requests, milliseconds."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import loading
from bench.ground import AS_OF, ground, middle, table

PATHS = ("/v1/risk", "/v1/call_list?limit=50")


def run(sizes: tuple[int, ...] = (1_000, 10_000), rounds: int = 15) -> dict[str, Any]:
    """One table holds an employer of each size; each round asks all of them, one after another."""
    from chalicelib.storage import ids

    found: dict[str, Any] = {path: {size: {"ms": []} for size in sizes} for path in PATHS}
    employers = {ids.new_id("emp", AS_OF): size for size in sizes}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="heardback-report-") as folder:
        path, tallies = loading.database(Path(folder), employers)
        with ground(database=path):
            loading.finish(tallies)
            loaded = time.perf_counter() - began
            _measure(found, employers, rounds)
    return {"paths": found, "loading_seconds": loaded}


def _measure(found: dict[str, Any], employers: dict[str, int], rounds: int) -> None:
    import app
    from chalicelib import config
    from chalicelib.storage import table as ground_table
    from infra.local.environment import environment
    from tests.engines import OPERATOR_KEY, Api, Meter

    os.environ["HEARDBACK_OPERATOR_KEY_SHA256"] = environment("", "", "", "", OPERATOR_KEY)["HEARDBACK_OPERATOR_KEY_SHA256"]
    config.forget()
    api, meter = Api(app.app), Meter()
    key_of = {
        size: api.using(OPERATOR_KEY).post("/v1/keys", {"employer_id": one, "scopes": ["read"]}).json["secret"]
        for one, size in employers.items()
    }
    for size, key in key_of.items():
        assert api.using(key).get("/v1/risk").json["tally"]["waiting"] == size  # the tally holds what was loaded
    meter.install(ground_table.client())
    for number in range(rounds + 1):
        for path in PATHS:
            for size, key in key_of.items():
                meter.reset()
                began = time.perf_counter()
                assert api.using(key).get(path).status == 200
                if number:  # the first warms
                    found[path][size]["ms"].append((time.perf_counter() - began) * 1000)
                found[path][size]["requests"], found[path][size]["units"] = meter.total, sum(meter.read_units.values())


def markdown(found: dict[str, Any]) -> str:
    rows = [["asked for", "open waits", "requests", "read units", "ms", "× the smallest"]]
    for path, sizes in found["paths"].items():
        least = next(iter(sizes.values()))["ms"]
        for size, one in sizes.items():
            ratio = statistics.median(a / b for a, b in zip(one["ms"], least, strict=True))
            rows.append([f"`{path}`", f"{size:,}", one["requests"], one["units"], middle(one["ms"], 1), f"{ratio:.2f}"])
    return f"{table(rows)}\n\nLoaded in {found['loading_seconds']:.0f} s."
