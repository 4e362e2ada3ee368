"""Waits of every kind around one instant, for the properties of the tally and the risk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from chalicelib.rules.model import STAGES, Stage, Wait

AS_OF = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
"""A Monday morning: half past, so that the truncated hour shows."""

_MINUTES = 24 * 60


def open_wait(stage: Stage, overdue: timedelta, as_of: datetime = AS_OF, cause: str = "int_1") -> Wait:
    """An open wait that was due `overdue` before the instant."""
    due = as_of - overdue
    return Wait(cause=cause, stage=stage, since=due - timedelta(hours=48), word_due_at=due)


def answered_wait(stage: Stage, due_before: timedelta, late: timedelta, as_of: datetime = AS_OF, cause: str = "int_1") -> Wait:
    """A wait that was due `due_before` the instant and answered `late` after it was due."""
    due = as_of - due_before
    return Wait(cause, stage, due - timedelta(hours=48), due, "answered", due + late, "contact", "rejected")


@st.composite
def any_wait(draw: Callable[..., object], earliest_days: int = 140, latest_days: int = 40) -> tuple[Wait, bool]:
    """A wait due from so many days before AS_OF to so many after, open, answered, dropped or lapsed; reachable or not."""
    stage: Stage = draw(st.sampled_from(STAGES))  # type: ignore[assignment]
    minutes: int = draw(st.integers(-latest_days * _MINUTES, earliest_days * _MINUTES))  # type: ignore[assignment]
    state = draw(st.sampled_from(("open", "open", "answered", "answered", "dropped", "lapsed")))
    cause = f"int_{draw(st.integers(0, 10**6))}"
    overdue = timedelta(minutes=minutes)
    reachable = bool(draw(st.booleans()))
    wait = open_wait(stage, overdue, cause=cause)
    if state == "answered":
        before: int = draw(st.integers(-3 * _MINUTES, max(minutes, -3 * _MINUTES)))  # type: ignore[assignment]
        return answered_wait(stage, overdue, timedelta(minutes=before), cause=cause), reachable
    if state != "open":
        wait = Wait(cause, stage, wait.since, wait.word_due_at, state)  # type: ignore[arg-type]
    return wait, reachable


many_waits = st.lists(any_wait(), max_size=40)
