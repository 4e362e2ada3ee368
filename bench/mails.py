"""Mails that are due at once: the bare `SendEmail` loop, bulk sends of several sizes, and Heardback with and without them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from bench.delivery import THREADS
from bench.ground import due_reminders, ground, middle, new_employer, table

SIZES = (2, 5, 10, 20, 50)
BARE = "bare SendEmail loop (our client)"
ALONE, TOGETHER = "Heardback, one call a mail", "Heardback, mails of a chunk together"
Figures = dict[str, dict[str, list[float]]]


def run(count: int = 300, rounds: int = 3) -> dict[str, Any]:
    """Interleaved rounds. Per kind: lists of per_second, cpu_ms and calls."""
    figures: Figures = {}
    with ground():
        employer = new_employer()
        _deliver(due_reminders(employer, 40, by_mail=True), together=True)  # connections are made, code is warm
        kinds: dict[str, Callable[[], Callable[[], None]]] = {
            BARE: lambda: partial(_bulk, count, 1),
            **{f"bare SendBulkEmail, {size} a call": partial(partial, _bulk, count, size) for size in SIZES},
            ALONE: lambda: partial(_deliver, due_reminders(employer, count, by_mail=True), together=False),
            TOGETHER: lambda: partial(_deliver, due_reminders(employer, count, by_mail=True), together=True),
        }
        for _ in range(rounds):
            for name, made_ready in kinds.items():
                _measure(figures.setdefault(name, {}), made_ready(), count)
    return {"count": count, "rounds": rounds, "figures": figures}


def _measure(figures: dict[str, list[float]], send: Callable[[], None], count: int) -> None:
    from chalicelib import wiring

    calls: list[str] = []
    events = wiring.ses().meta.events
    events.register("before-send.sesv2", lambda **_: calls.append(""), unique_id="bench-mails")
    began, cpu = time.perf_counter(), time.process_time()
    try:
        send()
    finally:
        events.unregister("before-send.sesv2", unique_id="bench-mails")
    took, used = time.perf_counter() - began, time.process_time() - cpu
    for what, value in (("per_second", count / took), ("cpu_ms", used / count * 1000), ("calls", len(calls) / count)):
        figures.setdefault(what, []).append(value)


def _bulk(count: int, size: int) -> None:
    """Nothing but the calls, of mails as Heardback writes them."""
    from chalicelib import wiring
    from chalicelib.messaging import mail_requests
    from chalicelib.messaging.mail_requests import Mail
    from chalicelib.rules.model import Message

    sender, ses = "no-reply@heardback.example", wiring.ses()
    mails = [
        Mail(
            Message("email", f"sam{n}@example.com", "x" * 700, "Your interview", "<p>x</p>" * 250, "https://h.example/u/1"),
            {},
            None,
        )
        for n in range(count)
    ]

    def send(some: list[Mail]) -> None:
        if size == 1:
            ses.send_email(**mail_requests.single(some[0], sender))
        else:
            ses.send_bulk_email(**mail_requests.bulk(some, sender))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(send, [mails[begin : begin + size] for begin in range(0, count, size)]))


def _deliver(keys: list[tuple[str, str]], *, together: bool) -> None:
    from chalicelib import wiring
    from chalicelib.jobs import worker
    from chalicelib.jobs.queue import body_of

    wiring.channels()._may_send_together = together
    records = [{"messageId": str(number), "body": body_of(key)} for number, key in enumerate(keys)]
    for begin in range(0, len(records), 100):
        assert worker.run(records[begin : begin + 100], handlers=wiring.job_handlers(), clock=wiring.now) == []


def markdown(found: dict[str, Any]) -> str:
    """Renders the figures as a table."""
    figures: Figures = found["figures"]
    rows = [["who", "mails a second", "× bare loop", "client CPU, ms a mail", "calls a mail"]]
    for name, values in figures.items():
        ratios = [one / bare for one, bare in zip(values["per_second"], figures[BARE]["per_second"], strict=True)]
        calls = f"{values['calls'][0]:.3f}"
        rows.append([name, middle(values["per_second"], 0), f"{statistics.median(ratios):.2f}", middle(values["cpu_ms"]), calls])
    return f"{found['count']} due at once, {found['rounds']} interleaved rounds, {THREADS} threads.\n\n{table(rows)}"
