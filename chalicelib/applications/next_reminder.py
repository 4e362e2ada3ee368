"""The application's next step in the due index: a nudge, or the wait's lapse."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import open_wait_of, recipient_of
from chalicelib.holidays import holiday_check
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Wait
from chalicelib.rules.reminders import next_step
from chalicelib.rules.reminders.next_step import Step
from chalicelib.storage import ids
from chalicelib.storage.table import stored_instant

PLANNED_FROM = (
    "wait_state",
    "wait_cause",
    "wait_since",
    "word_due_at",
    "email",
    "phone",
    "phone_takes_texts",
    "sms_consent_at",
    "timezone",
    "call_back_phone",
    "call_back_email",
    "linked",
)
"""Fields of the application that the next step depends on. Logging an attempt changes none: a deferred step stays."""


def update(change: CaseChange, employer: Employer, now: datetime) -> None:
    """Plans the next step again where something that it depends on has changed."""
    if (change.after.is_new or change.has_changed(*PLANNED_FROM)) and not stays_due(change, now):
        plan(change.after.application, employer, now)


def stays_due(change: CaseChange, now: datetime) -> bool:
    """Whether a step is due already for the very same wait: the sender handles it.

    Planned again after an outage, it would be skipped silently; the sender lists it as expired.
    """
    application = change.after.application
    same_wait = not change.has_changed("wait_state", "wait_cause", "wait_since", "word_due_at")
    return same_wait and application.due_at is not None and application.due_at <= stored_instant(now)


def plan(application: ApplicationItem, employer: Employer, now: datetime) -> None:
    """Sets the application's next step (`step`, `due_at`, `due_shard`, `not_after`) by the rules, or clears it."""
    wait = open_wait_of(application)
    step = _next_step(wait, application, employer, now) if wait else None
    application.step = step.name if step else None
    application.due_at = stored_instant(step.planned_at) if step else None
    application.due_shard = ids.due_shard(application.id) if step else None
    application.not_after = step.not_after if step else None


def _next_step(wait: Wait, application: ApplicationItem, employer: Employer, now: datetime) -> Step | None:
    candidate, sent = recipient_of(application), application.nudges.get(wait.cause, 0)
    is_holiday, done = holiday_check(employer.policy.holidays), application.what_next == next_step.told_key(wait)
    return next_step.next_step(wait, sent, employer, candidate, now, is_holiday, what_next_done=done)
