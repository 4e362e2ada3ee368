"""Figures of how candidates found it, shown in whole fives: so no figure, and no difference of two, is one person's.

Nothing is ranked by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from chalicelib.rules.model import STAGES, Stage

SHOWN_FROM = 5
"""Figures cover the first 5, 10, 15, ... answers; fewer are not shown."""
WORST, BEST = 0, 10
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One candidate's answer, without the candidate."""

    stage: Stage
    group: str | None
    score: int
    line: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What may be shown of some answers. `scores` counts them from 0 to 10; `lines` are in the order of the alphabet."""

    answers: int = 0
    average: float | None = None
    scores: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()


def figures(answers: Sequence[Answer]) -> Figures:
    """Returns the figures of the first answers, oldest first, whose number divides by five; empty where there are fewer."""
    shown = answers[: len(answers) // SHOWN_FROM * SHOWN_FROM]
    if not shown:
        return Figures()
    scores = [one.score for one in shown]
    counts = tuple(scores.count(score) for score in range(WORST, BEST + 1))
    lines = sorted((one.line for one in shown if one.line), key=str.casefold)
    return Figures(len(shown), fmean(scores), counts, tuple(lines))


def by_stage(answers: Iterable[Answer]) -> dict[Stage, Figures]:
    """Returns the figures of each stage."""
    ordered = _oldest_first(answers)
    return {stage: figures([one for one in ordered if one.stage == stage]) for stage in STAGES}


def by_group(answers: Iterable[Answer], groups: Sequence[str]) -> dict[str, Figures]:
    """Returns the figures of each group."""
    ordered = _oldest_first(answers)
    return {group: figures([one for one in ordered if one.group == group]) for group in groups}


def _oldest_first(answers: Iterable[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda one: one.at)
