"""Lets one scheduler deliver N due reminders: `python -m bench.peers.worker huey 300 <folder> [<server>]`, JSON out.

Each keeps its jobs on disk and runs eight threads, as its manual recommends. Unlike ours, none checks
before sending whether the person still waits or has opted out, and none distinguishes "sent" from "unknown".
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bench.ground import peak_mb
from chalicelib.jobs.worker import THREADS
from chalicelib.messaging.providers import Channels
from chalicelib.rules.model import Message

SECONDS_MOST = 120
_TEXT = "Heardback: no word yet from Acme Robotics about your interview? Call Dana at +12025550100. STOP to opt out"


class Sender:
    """Send, and record when."""

    def __init__(self, count: int) -> None:
        from chalicelib import wiring

        self.count, self.done = count, threading.Event()
        self.at: dict[Any, float] = {}
        self.sent: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._channels = Channels(wiring.sns(), None, email_from="no-reply@heardback.example", sms_max_price_usd=Decimal("0.50"))

    def send(self, number: int) -> None:
        self._channels.send(Message("sms", f"+1202{5_000_000 + number}", _TEXT))
        with self._lock:
            self.sent[number] += 1
            self.at[number] = time.time()
            if len(self.sent) >= self.count:
                self.done.set()

    def report(self, due: float, cpu: float, **more: Any) -> None:
        late = sorted(one - due for one in self.at.values())
        print(
            json.dumps(
                {
                    "sent": len(late),
                    "exactly_once": len(late) == self.count and set(self.sent.values()) == {1},
                    "per_second": len(late) / late[-1],
                    "late_p50": late[len(late) // 2],
                    "late_p99": late[len(late) * 99 // 100],
                    "late_max": late[-1],
                    "cpu_ms": (time.process_time() - cpu) / max(1, len(late)) * 1000,
                    "peak_mb": peak_mb(),
                    **more,
                }
            ),
            flush=True,
        )


def huey(sender: Sender, folder: str, _: str) -> None:
    from huey import SqliteHuey

    queue = SqliteHuey("bench", filename=f"{folder}/huey.db", fsync=True, results=False)
    task = queue.task()(sender.send)
    due = datetime.now(UTC).replace(tzinfo=None)
    for number in range(sender.count):
        task.schedule(args=(number,), eta=due)
    consumer = queue.create_consumer(
        workers=THREADS, worker_type="thread", periodic=False, initial_delay=0.02, max_delay=0.2, scheduler_interval=1
    )
    cpu, began = time.process_time(), time.time()
    consumer.start()
    sender.done.wait(SECONDS_MOST)
    sender.report(began, cpu)
    os._exit(0)


_SENDER: Sender | None = None


def send_one(number: int) -> None:
    """APScheduler and Procrastinate name a task by its import path."""
    assert _SENDER is not None
    _SENDER.send(number)


def apscheduler(sender: Sender, folder: str, _: str) -> None:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")},
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"misfire_grace_time": None},
    )
    scheduler.start(paused=True)
    due = datetime.now(UTC)
    for number in range(sender.count):
        scheduler.add_job("bench.peers.worker:send_one", "date", run_date=due, args=[number])
    cpu, began = time.process_time(), time.time()
    scheduler.resume()
    sender.done.wait(SECONDS_MOST)
    sender.report(began, cpu)
    os._exit(0)


def celery(sender: Sender, _: str, server: str) -> None:
    from celery import Celery

    app = Celery("bench", broker=server)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        worker_redirect_stdouts=False,
        worker_hijack_root_logger=False,
    )
    task = app.task(name="send")(send_one)
    due = datetime.now(UTC)
    for number in range(sender.count):
        task.apply_async((number,), eta=due)
    cpu, began = time.process_time(), time.time()

    def watch() -> None:
        sender.done.wait(SECONDS_MOST)
        sender.report(began, cpu)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    app.Worker(pool="threads", concurrency=THREADS, loglevel="ERROR", without_gossip=True, without_mingle=True).start()


def procrastinate(sender: Sender, _: str, server: str) -> None:
    from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=server, max_size=THREADS + 2))
    task = app.task(name="send")(send_one)
    with app.replace_connector(SyncPsycopgConnector(conninfo=server)) as direct, direct.open():
        direct.schema_manager.apply_schema()
        due = datetime.now(UTC)
        for number in range(sender.count):
            task.configure(schedule_at=due).defer(number=number)
    cpu, began = time.process_time(), time.time()

    def watch() -> None:
        sender.done.wait(SECONDS_MOST)
        sender.report(began, cpu)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    app.run_worker(concurrency=THREADS, install_signal_handlers=False)


PEERS = {"huey": huey, "apscheduler": apscheduler, "celery": celery, "procrastinate": procrastinate}


if __name__ == "__main__":
    sys.modules["bench.peers.worker"] = sys.modules["__main__"]  # the one module, under the name that tasks are found by
    name, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    _SENDER = Sender(count)
    PEERS[name](_SENDER, folder, sys.argv[4] if len(sys.argv) > 4 else "")
