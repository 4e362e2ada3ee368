"""Once the faults stop, everything that is due comes to its end: ticks and deliveries go on until nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.simulation.history import Step
from tests.simulation.ledger import text
from tests.simulation.truth import instant
from tests.simulation.watch import FINAL
from tests.simulation.world.queue import VISIBILITY

if TYPE_CHECKING:
    from tests.simulation.run import _Run

ROUNDS_MOST = 60


def drain(run: _Run) -> None:
    """Moves on to whatever is due next, ticks and delivers, and checks that nothing hangs, is lost or stays unsaid."""
    schedule = run.world.schedule
    for number in range(ROUNDS_MOST):
        due = _next_due(run)
        if due is None or run.watch.violations:
            break
        moment = max(schedule.now, due) + run.history.world["index_lag"] + (1 if number % 3 < 2 else VISIBILITY)
        run.start(Step("tick", 0, number), moment, f"end {number}:tick")
        run.start(Step("deliver", 0, number, {"most": 100}), moment + 1, f"end {number}:deliver")
        schedule.run()
    else:
        run.watch.wrong("it never comes to an end: " + ", ".join(sorted(_waiting(run))))
    if not run.watch.violations:
        for fault in _left(run):
            run.watch.wrong(fault)
        for fault in run.watch.notices.left():
            run.watch.wrong(fault)
        run.watch.caps.left()


def _next_due(run: _Run) -> float | None:
    """When something is due next, lapses and digests of days to come apart."""
    found = []
    for key, item in run.world.table.items.items():
        if "due_at" in item and text(item, "step") != "lapse":
            moment = instant(item["due_at"]).timestamp()
            if key[1] != "DIGEST" or moment <= run.world.schedule.now:
                found.append(moment)
    return min(found, default=None)


def _waiting(run: _Run) -> Iterable[str]:
    return (
        f"{key[1]} {text(item, 'step') or ''} {text(item, 'due_at')}"
        for key, item in run.world.table.items.items()
        if "due_at" in item
    )


def _left(run: _Run) -> Iterable[str]:
    for key, item in run.world.table.items.items():
        if key[1] == "CLAIM":
            yield "a claim is left over"
        if key[1].startswith("MSG#"):
            if text(item, "st") not in FINAL:
                yield f"a message stays {text(item, 'st')}"
            if "list_key" not in item:
                yield "a message is not listed"
            if "due_at" in item:
                yield f"a message that is {text(item, 'st')} stands in the due index"
