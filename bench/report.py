"""Measures report, lists, search, inbox, sync and an import over growing numbers of open waits: units, requests, milliseconds."""

from __future__ import annotations

import csv
import io
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import loading
from bench.ground import AS_OF, ground, middle, table

SYNC = "/v1/changes?limit=50"
PATHS = (
    "/v1/risk",
    "/v1/call_list?limit=50",
    "/v1/candidates",
    "/v1/applications",
    "/v1/applications?overdue=true",
    "/v1/candidates?q=samp",
    "/v1/applications?q=samp",
    "/v1/replies",
    SYNC,
)
NEW = 25
"""So many people of each employer are booked after the load, and answer by text: they fill the inbox and the sync."""
ROWS = 100
IMPORT, IMPORT_AGAIN = "an import, a row of somebody new", "the same file again, a row"


def run(sizes: tuple[int, ...] = (1_000, 10_000), rounds: int = 15) -> dict[str, Any]:
    """One table holds an employer of each size; each round asks all of them, one after another."""
    from chalicelib.storage import ids

    found: dict[str, Any] = {path: {size: {"ms": []} for size in sizes} for path in (*PATHS, IMPORT, IMPORT_AGAIN)}
    employers = {ids.new_id("emp", AS_OF): size for size in sizes}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="heardback-report-") as folder:
        path, tallies = loading.database(Path(folder), employers)
        with ground(database=path) as engines:
            loading.finish(tallies)
            loaded = time.perf_counter() - began
            _measure(found, employers, rounds, engines.ministack.url)
    return {"paths": found, "loading_seconds": loaded}


def _measure(found: dict[str, Any], employers: dict[str, int], rounds: int, queue_base: str) -> None:
    import app
    from chalicelib import config, wiring
    from chalicelib.storage import table as ground_table
    from infra.local.environment import environment
    from infra.local.feedback import Feedback
    from infra.local.pumps import Pumps
    from tests.engines import OPERATOR_KEY, Api, Meter

    os.environ["HEARDBACK_OPERATOR_KEY_SHA256"] = environment("", "", "", "", OPERATOR_KEY)["HEARDBACK_OPERATOR_KEY_SHA256"]
    config.forget()
    api, meter = Api(app.app), Meter()
    key_of = {
        size: api.using(OPERATOR_KEY).post("/v1/keys", {"employer_id": one, "scopes": ["read", "write"]}).json["secret"]
        for one, size in employers.items()
    }
    for size, key in key_of.items():
        assert api.using(key).get("/v1/risk").json["tally"]["waiting"] == size  # the tally holds what was loaded
    since = {}
    for place, (size, key) in enumerate(key_of.items()):
        since[size] = api.using(key).get("/v1/changes").json["next_since"]
        _answer_by_text(api.using(key), Feedback(app, lambda: AS_OF, list), place)
    meter.install(ground_table.client())
    for number in range(rounds + 1):
        for path in PATHS:
            for size, key in key_of.items():
                meter.reset()
                began = time.perf_counter()
                assert api.using(key).get(f"{SYNC}&since={since[size]}" if path == SYNC else path).status == 200
                if number:  # the first warms
                    found[path][size]["ms"].append((time.perf_counter() - began) * 1000)
                found[path][size]["requests"], found[path][size]["units"] = meter.total, sum(meter.read_units.values())
    pumps = Pumps(app, wiring.sqs(), queue_base, wiring.now)
    for number in range(rounds // 5 + 1):
        for size, key in key_of.items():
            raw = _file(f"{number}.{size}")
            for name in (IMPORT, IMPORT_AGAIN):
                answer = api.using(key).post("/v1/imports", raw, headers={"Content-Type": "text/csv"})
                meter.reset()
                began = time.perf_counter()
                pumps.until_nothing_is_due()
                if number:
                    found[name][size]["ms"].append((time.perf_counter() - began) * 1000 / ROWS)
                found[name][size]["requests"] = round(meter.total / ROWS, 2)
                found[name][size]["units"] = round(sum(meter.read_units.values()) / ROWS, 2)
                found[name][size]["write_units"] = sum(meter.write_units.values()) / ROWS
                done = api.using(key).get(answer.headers["Location"]).json
                assert done["state"] == "finished" and done["created"] + done["unchanged"] == ROWS, done


def _file(which: str) -> bytes:
    """Rows of people whose words of the name those who wait have too, interviewed next week: nobody is reminded."""
    text = io.StringIO()
    write = csv.writer(text).writerow
    write(["name", "email", "candidate_ref", "job_title", "application_ref", "stage", "interview_start", "interview_end"])
    for number in range(ROWS):
        ref = f"{which}.{number}"
        times = [f"2026-06-{8 + number % 20:02}T{hour}:00:00Z" for hour in (14, 15)]
        write([f"Sam Sample {number}", f"sam.{ref}@example.com", f"c{ref}", "Welder", f"a{ref}", "final", *times])
    return text.getvalue().encode()


def _answer_by_text(employer: Any, feedback: Any, place: int) -> None:
    for number in range(NEW):
        phone = f"+1202555{100 + place * NEW + number:04}"
        person = {"name": "Robin Reply", "phone": phone, "timezone": "America/New_York"}
        times = {"start_at": "2026-06-01T10:00:00Z", "end_at": "2026-06-01T11:00:00Z"}
        body = {"application": {"candidate": person, "job_title": "Welder"}, "stage": "interview", **times}
        assert employer.post("/v1/interviews", body).status == 201
        feedback.inbound_sms({"from": phone, "body": "When do I hear?"})
    assert len(employer.get("/v1/replies").json["data"]) == NEW


def markdown(found: dict[str, Any]) -> str:
    rows = [["asked for", "open waits", "requests", "read units", "write units", "ms", "× the smallest"]]
    for path, sizes in found["paths"].items():
        least = next(iter(sizes.values()))["ms"]
        for size, one in sizes.items():
            ratio = statistics.median(a / b for a, b in zip(one["ms"], least, strict=True))
            counts = one["requests"], one["units"], round(one.get("write_units", 0), 2)
            rows.append([f"`{path}`" if path in PATHS else path, f"{size:,}", *counts, middle(one["ms"], 1), f"{ratio:.2f}"])
    return f"{table(rows)}\n\nLoaded in {found['loading_seconds']:.0f} s."
