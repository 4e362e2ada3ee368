"""Bugs in the mail that tells at an interview's end what happens next, and in the one that asks who decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.applications.items import ApplicationItem, DeciderItem
from chalicelib.messaging.plans import Write
from chalicelib.rules.reminders.next_step import Step
from tests.simulation.planted.bug import Bug, always_return, wrap

DECISIONS = "chalicelib.messaging.decisions.dispatch"
RULES = "chalicelib.rules.reminders.next_step"
WHAT_NEXT = "chalicelib.messaging.what_next"


def before_the_interview(step_of: Callable[..., Step | None]) -> Callable[..., Step | None]:
    def early(*args: Any) -> Step | None:
        step = step_of(*args)
        return replace(step, planned_at=step.planned_at - timedelta(hours=2)) if step else None

    return early


def as_if_open(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda case: case.now


def without_a_mark(write: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item, actions: write(item, [one for one in actions if "wn" not in str(one.values[0])])


def without_words(plan: Callable[..., Any]) -> Callable[..., Any]:
    def dropped(case: Any) -> Any:
        made = plan(case)
        return replace(made, drafts=(), unsent=()) if made is not None else None

    return dropped


def never_cleared(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item, asked=None: Write(DeciderItem(*item.key), DeciderItem.due_at == item.due_at)


def though_it_changed(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: Write(ApplicationItem(*item.key), ApplicationItem.PK.exists())


BUGS: tuple[Bug, ...] = (
    Bug(
        "a decider's question stays due",
        "It is planned again every minute, for ever.",
        [wrap(DECISIONS, "_cleared", never_cleared)],
    ),
    Bug(
        "a decider asked although it was decided just now",
        "Somebody decides between the read and the claim, and is asked.",
        [wrap(DECISIONS, "_unchanged", though_it_changed)],
    ),
    Bug(
        "what happens next before the interview ends",
        "Somebody who still sits in the interview reads when they will hear.",
        [wrap(RULES, "_what_next", before_the_interview)],
    ),
    Bug(
        "what happens next outside the send window",
        "A mail arrives at three in the morning.",
        [wrap("chalicelib.messaging.case", "Case.opening", as_if_open, during=(WHAT_NEXT, "plan"))],
    ),
    Bug(
        "what happens next is not noted as told",
        "The step stays due, minute after minute, and the nudges never come.",
        [wrap(WHAT_NEXT, "application_write", without_a_mark)],
    ),
    Bug(
        "what happens next is dropped silently",
        "The step is over, and nobody was told.",
        [wrap(WHAT_NEXT, "plan", without_words)],
    ),
    Bug(
        "what happens next to somebody who was told",
        "After a refused attempt the candidate reads when they will hear, and they have heard.",
        [always_return(WHAT_NEXT, "_not_wanted", None)],
    ),
)
