"""Computes the review risk from the waits, one by one: slow and plain, as a check of `report.assess`.

Tests require that both agree to 1e-9. They share the curves of one wait, the ranking and the score formula only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil

from chalicelib.rules.model import STAGES, Wait, is_overdue, truncated_to_hour
from chalicelib.rules.risk.model import (
    DUE_SOON_WITHIN,
    FORECAST_DAYS,
    HORIZON_ANSWERS,
    HORIZON_LEAST,
    HORIZON_MOST,
    LATE_RESIDUAL,
    STAGE_WEIGHT,
    WHAT_IF_CALLS,
    WINDOW_DATES,
    Range,
    days_overdue,
    expected,
    severity,
    survival,
)
from chalicelib.rules.risk.ranking import BACKLOG_FROM, BACKLOG_TO, Outlook, delay_cost, rank_key
from chalicelib.rules.risk.report import Counts, Risk, WhatIf, score
from chalicelib.rules.tally import LATENESS_LOWER_DAYS, lateness_bucket

_Listed = list[tuple[Wait, bool]]


def assess_waits(waits: Iterable[tuple[Wait, bool]], as_of: datetime) -> Risk:
    """Computes the risk as of an instant from waits, each with whether its candidate is reachable."""
    listed = [(wait, reachable) for wait, reachable in waits if wait.state in ("open", "answered")]
    now_score, coming = _score(listed, as_of), _next_30_days(listed, as_of)
    ahead = Outlook(_horizon_days(listed, as_of))
    return Risk(
        as_of=as_of,
        score=now_score,
        tally=_counts([wait for wait, _ in listed], as_of),
        incurred=_incurred(listed, as_of),
        next_30_days=coming,
        what_if=tuple(_what_if(calls, listed, as_of, ahead) for calls in WHAT_IF_CALLS),
        outlook=ahead,
    )


def _in_window(wait: Wait, as_of: datetime) -> bool:
    """Whether the answer was due on one of the last 90 UTC dates, today included."""
    dates_ago = (as_of.astimezone(UTC).date() - wait.word_due_at.astimezone(UTC).date()).days
    return 0 <= dates_ago < WINDOW_DATES


def _is_counted(wait: Wait, as_of: datetime) -> bool:
    """Whether a wait counts towards N: due in the window, or open since before it."""
    due_before = wait.word_due_at.astimezone(UTC).date() <= as_of.astimezone(UTC).date()
    return _in_window(wait, as_of) or (wait.state == "open" and due_before)


def _charged(listed: _Listed, as_of: datetime) -> list[Wait]:
    """Returns the waits that add to the score: all open ones, and the answered ones among N."""
    return [wait for wait, _ in listed if wait.state == "open" or _is_counted(wait, as_of)]


def _silent_for(wait: Wait, as_of: datetime) -> float:
    """Returns the days of silence past the deadline: until now, or the lower edge of the answer's bucket."""
    if wait.state == "open":
        return days_overdue(wait.word_due_at, as_of)
    return LATENESS_LOWER_DAYS[_bucket(wait)]


def _bucket(wait: Wait) -> int:
    if wait.answered_at is None:
        raise ValueError(f"the wait caused by {wait.cause} is answered without an instant")
    return lateness_bucket(wait.answered_at - wait.word_due_at)


def _score(listed: _Listed, as_of: datetime) -> float:
    harm = 0.0
    for wait in _charged(listed, as_of):
        left = 1.0 if wait.state == "open" else LATE_RESIDUAL
        harm += left * STAGE_WEIGHT[wait.stage] * severity(_silent_for(wait, as_of))
    return score(harm, sum(_is_counted(wait, as_of) for wait, _ in listed))


def _incurred(listed: _Listed, as_of: datetime) -> Range:
    charged = [(wait.stage, _silent_for(wait, as_of)) for wait in _charged(listed, as_of)]
    return expected(sum(STAGE_WEIGHT[stage] * (1 - survival(silent_for)) for stage, silent_for in charged))


def _next_30_days(listed: _Listed, as_of: datetime) -> Range:
    still_open = [(wait.stage, days_overdue(wait.word_due_at, as_of)) for wait, _ in listed if wait.state == "open"]
    return expected(sum(STAGE_WEIGHT[stage] * (survival(u) - survival(u + FORECAST_DAYS)) for stage, u in still_open))


def _counts(waits: list[Wait], as_of: datetime) -> Counts:
    waiting = [
        w for w in waits if w.state == "open" and truncated_to_hour(w.word_due_at.astimezone(UTC)) - as_of <= DUE_SOON_WITHIN
    ]
    overdue = [w for w in waiting if is_overdue(w.word_due_at.astimezone(UTC), as_of)]
    answered = [w for w in waits if w.state == "answered" and _in_window(w, as_of)]
    longest = max((as_of - truncated_to_hour(w.word_due_at.astimezone(UTC)) for w in overdue), default=timedelta(0))
    return Counts(
        waits=sum(_is_counted(w, as_of) for w in waits),
        waiting=len(waiting),
        overdue=len(overdue),
        answered=len(answered),
        answered_on_time=sum(_bucket(w) == 0 for w in answered),
        not_yet=sum(w.not_yet for w in answered),
        longest_overdue_hours=longest // timedelta(hours=1),
        by_stage={
            stage: {"waiting": sum(w.stage == stage for w in waiting), "overdue": sum(w.stage == stage for w in overdue)}
            for stage in STAGES
        },
    )


def _horizon_days(listed: _Listed, as_of: datetime) -> int:
    """Returns the days after which the desk comes round again, counted from the waits."""
    silent = [days_overdue(w.word_due_at, as_of) for w, reachable in listed if reachable and w.state == "open"]
    backlog = sum(BACKLOG_FROM <= u < BACKLOG_TO for u in silent)
    recent = [wait for wait, _ in listed if _in_window(wait, as_of)]
    answered = sum(wait.state == "answered" for wait in recent)
    if answered < HORIZON_ANSWERS:
        return HORIZON_LEAST
    dates = max((as_of.astimezone(UTC).date() - w.word_due_at.astimezone(UTC).date()).days + 1 for w in recent)
    return min(max(ceil(Fraction(backlog * dates, answered)), HORIZON_LEAST), HORIZON_MOST)


def _what_if(calls: int, listed: _Listed, as_of: datetime, ahead: Outlook) -> WhatIf:
    """Marks the first `calls` of the call list as answered now, and computes everything again."""

    def may_be_called(wait: Wait, reachable: bool) -> bool:
        u = days_overdue(wait.word_due_at, as_of)
        return (
            reachable
            and wait.state == "open"
            and u >= -(DUE_SOON_WITHIN / timedelta(days=1))
            and delay_cost(wait.stage, u, ahead) > 0
        )

    places = [index for index, (wait, reachable) in enumerate(listed) if may_be_called(wait, reachable)]
    places.sort(key=lambda index: rank_key(listed[index][0].stage, listed[index][0].word_due_at, as_of, ahead))
    told = list(listed)
    for index in places[:calls]:
        wait, reachable = listed[index]
        hour = truncated_to_hour(wait.word_due_at.astimezone(UTC))
        told[index] = replace(wait, state="answered", word_due_at=hour, answered_at=as_of), reachable
    return WhatIf(calls, _score(told, as_of), _next_30_days(told, as_of))
