"""Delivers reminders that are due at once: ours with real tick, queue, deliver and SNS; a bare publish loop; other schedulers.

Every round runs all of them, one after another, against the same MiniStack. Ours is one process, with what AWS does outside the
worker (receiving and deleting queue records) done in it too.
"""

from __future__ import annotations

import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from bench.ground import Ground, cpu_seconds, due_reminders, ground, middle, new_employer, peak_mb, table
from bench.peers.servers import postgres, redis

THREADS = 8
INVOCATIONS = 3
"""At once, in one process: on AWS the queue's mapping runs two to 32, each in an environment of its own."""
ROOT = Path(__file__).resolve().parents[1]
SERVERS = {"huey": None, "apscheduler": None, "celery": redis, "procrastinate": postgres}
SETTINGS = {
    "huey": "SqliteHuey, fsync=True, 8 threads, scheduler every second",
    "apscheduler": "SQLAlchemyJobStore on SQLite, 8 threads, misfire_grace_time=None",
    "celery": "Redis with appendonly, acks_late, prefetch 1, 8 threads",
    "procrastinate": "PostgreSQL with its defaults, concurrency 8",
}
BARE, BARE_OURS = "bare publish loop (boto3's defaults)", "bare publish loop (our client)"
WORKER, WHOLE = "Heardback, deliver alone", "Heardback, tick to settled"
Figures = dict[str, dict[str, list[float]]]


def run(count: int = 300, rounds: int = 3, peers: tuple[str, ...] = tuple(SERVERS)) -> dict[str, Any]:
    """Interleaved rounds. Per kind: lists of per_second, late_p50, late_p99, late_max, cpu_ms, peak_mb, exactly_once."""
    figures: Figures = {}
    with ground() as engines:
        os.environ["HEARDBACK_CHUNKS_AT_ONCE"] = "3"  # as on AWS; one machine has one in hand
        from chalicelib import wiring

        wiring.config.forget()
        employer = new_employer()
        _deliver(due_reminders(employer, 40))  # connections are made, code is warm
        kinds: dict[str, Callable[[], Callable[[], dict[str, Any] | None]]] = {
            BARE: lambda: partial(_stock, count),
            BARE_OURS: lambda: partial(_bare, count, wiring.sns()),
            WORKER: lambda: partial(_deliver, due_reminders(employer, count)),
            WHOLE: lambda: partial(_whole, due_reminders(employer, count)),
            **{name: partial(partial, _peer, name, count) for name in peers},
        }
        for _ in range(rounds):
            for name, made_ready in kinds.items():
                if result := _with_servers(engines, made_ready(), count):
                    _keep(figures, name, result)
    return {"count": count, "rounds": rounds, "figures": figures}


def _with_servers(engines: Ground, run_one: Callable[[], dict[str, Any] | None], count: int) -> dict[str, Any] | None:
    """The result of a run, with the CPU of the servers on the same cores."""
    before = [cpu_seconds(engine.process.pid) for engine in (engines.ministack, engines.dynoxide)]
    result = run_one()
    after = [cpu_seconds(engine.process.pid) for engine in (engines.ministack, engines.dynoxide)]
    if result is None:
        return None
    provider, storage = ((now - then) / count * 1000 for then, now in zip(before, after, strict=True))
    return {"storage_cpu_ms": storage, **result, "provider_cpu_ms": provider}


def _keep(figures: Figures, name: str, result: dict[str, Any]) -> None:
    for what, value in result.items():
        figures.setdefault(name, {}).setdefault(what, []).append(value)


_STOCK = """
import boto3, json, sys
from bench.delivery import _bare
print(json.dumps(_bare(int(sys.argv[1]), boto3.client("sns"))))
"""


def _stock(count: int) -> dict[str, Any]:
    """The loop by boto3 as it is, in a process of its own: in ours, requests are built by `storage/fast_path.py`."""
    done = subprocess.run(
        [sys.executable, "-c", _STOCK, str(count)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "HEARDBACK_FAST_PATH": "0"},
    )
    return dict(json.loads(done.stdout))


def _bare(count: int, client: Any) -> dict[str, Any]:
    from chalicelib import wiring

    attributes, at = wiring.channels()._attributes, []

    def publish(number: int) -> None:
        client.publish(PhoneNumber=f"+1202{5_000_000 + number}", Message="x" * 150, MessageAttributes=attributes)
        at.append(time.perf_counter())

    publish(0)
    at.clear()
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(publish, range(count)))
    return _figures(at, began, cpu, count)


def _figures(at: list[float], began: float, cpu: float, count: int) -> dict[str, Any]:
    late = sorted(one - began for one in at)
    return {
        "per_second": len(late) / late[-1],
        "late_p50": late[len(late) // 2],
        "late_p99": late[len(late) * 99 // 100],
        "late_max": late[-1],
        "cpu_ms": (time.process_time() - cpu) / count * 1000,
        "exactly_once": len(late) == count,
        "peak_mb": peak_mb(),
    }


class _Watch:
    """When the provider accepted each text, by number."""

    def __init__(self) -> None:
        from chalicelib import wiring

        self.at: list[float] = []
        self.events = wiring.sns().meta.events

    def __enter__(self) -> _Watch:
        self.events.register("after-call.sns.Publish", self._took, unique_id="bench")
        return self

    def __exit__(self, *_: Any) -> None:
        self.events.unregister("after-call.sns.Publish", self._took, unique_id="bench")

    def _took(self, **_: Any) -> None:
        self.at.append(time.perf_counter())


def _deliver(keys: list[tuple[str, str]]) -> dict[str, Any]:
    """Run the worker alone, with records as from the SQS mapping, a hundred at a time."""
    from chalicelib import wiring
    from chalicelib.jobs import worker
    from chalicelib.jobs.queue import body_of

    records = [{"messageId": str(number), "body": body_of(key)} for number, key in enumerate(keys)]
    hundreds = [records[begin : begin + 100] for begin in range(0, len(records), 100)]
    work = partial(worker.run, handlers=wiring.job_handlers(), clock=wiring.now)
    with _Watch() as watch, ThreadPoolExecutor(INVOCATIONS) as invocations:
        began, cpu = time.perf_counter(), time.process_time()
        assert not any(invocations.map(work, hundreds))
    return _figures(watch.at, began, cpu, len(keys))


def _whole(keys: list[tuple[str, str]]) -> dict[str, Any]:
    """From due to settled: the tick reads the index and queues, records are received and deleted, all in this process."""
    import app
    from chalicelib import wiring
    from infra.local import events

    count, url = len(keys), wiring.config.settings().queue_url
    hand: queue.Queue[list[Any] | None] = queue.Queue(maxsize=INVOCATIONS)

    def receive(taken: int = 0) -> None:
        found: list[Any] = []
        while taken < count:
            # as the SQS mapping does: an empty queue is not asked again and again
            page = wiring.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
            found, taken = found + page, taken + len(page)
            if found and (len(found) >= 100 or not page or taken >= count):
                hand.put(found)
                found = []
        for _ in range(INVOCATIONS):
            hand.put(None)

    def work() -> None:
        while records := hand.get(timeout=60):
            app.deliver(events.queue_records(records, "heardback-reminders"), events.Context())
            named = [{"Id": str(place), "ReceiptHandle": one["ReceiptHandle"]} for place, one in enumerate(records)]
            for begin in range(0, len(named), 10):
                wiring.sqs().delete_message_batch(QueueUrl=url, Entries=named[begin : begin + 10])

    with _Watch() as watch, ThreadPoolExecutor(INVOCATIONS + 1) as pool:
        began, cpu = time.perf_counter(), time.process_time()
        running = [pool.submit(receive), *(pool.submit(work) for _ in range(INVOCATIONS))]
        assert app.tick(events.schedule(wiring.now()), events.Context())["queued"] >= count
        for one in running:
            one.result(timeout=120)
    return _figures(watch.at, began, cpu, count)


def _peer(name: str, count: int) -> dict[str, Any] | None:
    """Run another scheduler in its own process and interpreter. None where it or its server is not installed."""
    python = os.environ.get("BENCH_PYTHON", sys.executable)
    if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
        return None
    server = SERVERS[name]
    with tempfile.TemporaryDirectory(prefix="heardback-peer-") as folder:
        if server is None:
            return _run_peer(python, name, count, folder)
        with server(Path(folder)) as running:
            if running is None:
                return None
            result = _run_peer(python, name, count, folder, running.url)
            if result is not None:  # since it started: filling the queue is included, unlike for the others
                result["storage_cpu_ms"] = cpu_seconds(running.pid) / count * 1000
            return result


def _run_peer(python: str, *arguments: Any) -> dict[str, Any] | None:
    done = subprocess.run(
        [python, "-m", "bench.peers.worker", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=dict(os.environ),
        timeout=300,
    )
    try:
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        print(f"{arguments[0]} did not end well:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None


def markdown(found: dict[str, Any]) -> str:
    rows = [
        [
            "who",
            "per second",
            "× bare (boto3)",
            "× bare (our client)",
            "late p50 / p99 / max, s",
            "client CPU, ms each",
            "its storage's CPU",
            "the provider's CPU",
            "peak MB",
            "exactly once",
        ]
    ]
    figures: Figures = found["figures"]
    for name, values in figures.items():
        each = values["per_second"]
        ratios = [
            statistics.median(one / limit for one, limit in zip(each, figures[base]["per_second"], strict=False))
            for base in (BARE, BARE_OURS)
        ]
        late = " / ".join(f"{statistics.median(values[what]):.2f}" for what in ("late_p50", "late_p99", "late_max"))
        rows.append(
            [
                name,
                middle(each, 0),
                *(f"{ratio:.2f}" for ratio in ratios),
                late,
                middle(values["cpu_ms"]),
                middle(values["storage_cpu_ms"]),
                middle(values["provider_cpu_ms"]),
                middle(values["peak_mb"], 0),
                "–" if "bare" in name else "yes" if all(values["exactly_once"]) else "NO",
            ]
        )
    said = "; ".join(f"{name}: {words}" for name, words in SETTINGS.items() if name in figures)
    return f"{found['count']} due at once, {found['rounds']} interleaved rounds, {THREADS} threads.\n\n{table(rows)}\n\n{said}."
