"""Ends a history: faults stop, and ticks and deliveries go on until nothing is due any more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chalicelib.storage import ids
from tests.simulation.checker import FINAL
from tests.simulation.history import Step
from tests.simulation.ledger import text
from tests.simulation.truth import instant
from tests.simulation.world.queue import VISIBILITY
from tests.simulation.world.table import Item

if TYPE_CHECKING:
    from tests.simulation.run import _Run

ROUNDS_MOST = 60


def drain(run: _Run) -> None:
    """Advances to what is due next, ticks and delivers; then checks that nothing is left over, lost or unlogged."""
    schedule = run.world.schedule
    for number in range(ROUNDS_MOST):
        due = _next_due(run)
        if due is None or run.checker.violations:
            break
        moment = max(schedule.now, due) + run.history.world["index_lag"] + (1 if number % 3 < 2 else VISIBILITY)
        run.start(Step("tick", 0, number), moment, f"end {number}:tick")
        run.start(Step("deliver", 0, number, {"most": 100}), moment + 1, f"end {number}:deliver")
        schedule.run()
    else:
        run.checker.wrong("it never ends: " + ", ".join(sorted(_waiting(run))))
    if not run.checker.violations:
        for fault in _left_over(run):
            run.checker.wrong(fault)
        for fault in (*run.checker.notices.left(), *run.checker.log.left()):
            run.checker.wrong(fault)
        run.checker.caps.left()
        run.checker.accounts.left()
        run.checker.seekers.left()
        run.checker.links.left()
        run.checker.mails.left()
        run.checker.conversations.left()
        run.checker.http_clients.left(run.actors.asked)


def _next_due(run: _Run) -> float | None:
    """When something is due next. Lapses and digests of future days do not count."""
    found = []
    for key, item in run.world.table.items.items():
        if _is_job(item) and text(item, "step") != "lapse":
            moment = instant(item["due_at"]).timestamp()
            if key[1] != "DIGEST" or moment <= run.world.schedule.now:
                found.append(moment)
    return min(found, default=None)


def _waiting(run: _Run) -> Iterable[str]:
    return (
        f"{key[1]} {text(item, 'step') or ''} {text(item, 'due_at')}"
        for key, item in run.world.table.items.items()
        if _is_job(item)
    )


def _is_job(item: Item) -> bool:
    """Whether the scheduler will work an item. Entries of the change feed lie in shards of their own, which it never reads."""
    return "due_at" in item and int(item["due_shard"]["N"]) < ids.DUE_SHARDS


def _left_over(run: _Run) -> Iterable[str]:
    """Yields what must not be there at the end."""
    for key, item in run.world.table.items.items():
        if key[1] == "CLAIM":
            yield "a claim is left over"
        if key[1].startswith("MSG#"):
            if text(item, "st") not in FINAL:
                yield f"a message stays {text(item, 'st')}"
            if "list_key" not in item:
                yield "a message is not listed"
            if _is_job(item):
                yield f"a message that is {text(item, 'st')} stands in the due index"
