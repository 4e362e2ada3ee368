"""Shrinks a history that fails to a shorter one that fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from tests.simulation.history import History

Fails = Callable[[History], bool]
ROUNDS_MOST = 8


def shrunk(history: History, fails: Fails) -> History:
    """Removes steps, faults and settings of the world as long as `fails` still holds."""
    for _ in range(ROUNDS_MOST):
        smaller = _once(history, fails)
        if smaller == history:
            break
        history = smaller
    return history


def _once(history: History, fails: Fails) -> History:
    for size in (8, 4, 2, 1):
        begin = 0
        while begin < len(history.steps):
            for candidate in _without_steps(history, begin, size):
                if fails(candidate):
                    history = candidate
                    break
            else:
                begin += size
    for place in range(len(history.steps)):
        for candidate in list(_simpler_step(history, place)):
            if fails(candidate):
                history = candidate
    for name in history.world:
        kinder = replace(history, world={**history.world, name: "plain" if name == "employer" else 0})
        if kinder != history and fails(kinder):
            history = kinder
    return history


def _without_steps(history: History, begin: int, size: int) -> Iterable[History]:
    """Yields the history without some steps: with the others earlier, then at their old moments."""
    steps = history.steps
    gone, rest = steps[begin : begin + size], steps[begin + size :]
    yield replace(history, steps=steps[:begin] + rest)
    if rest:
        later = replace(rest[0], after=rest[0].after + sum(step.after for step in gone))
        yield replace(history, steps=(*steps[:begin], later, *rest[1:]))


def _simpler_step(history: History, place: int) -> Iterable[History]:
    step = history.steps[place]
    simpler = [replace(step, skew=0.0)] if step.skew else []
    if len(step.faults) > 1:
        simpler += [replace(step, faults=(fault,)) for fault in step.faults]
    if step.faults:
        simpler += [replace(step, faults=()), replace(step, faults=tuple(replace(fault, times=1) for fault in step.faults))]
    for one in simpler:
        if one != step:
            yield replace(history, steps=(*history.steps[:place], one, *history.steps[place + 1 :]))
