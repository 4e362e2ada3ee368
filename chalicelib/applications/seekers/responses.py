"""Responses about a job seeker's own interviews."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.applications.responses import CallBack
from chalicelib.rules.model import SeekerState, Stage


class OwnInterview(ResponseBody):
    """An interview of a job seeker. `word_due_at` is when the company should have answered: 48 hours after the end, or the day
    that was promised. `next_reminder_at` is when we remind the seeker to call.
    """

    id: str
    company: str
    job_title: str
    stage: Stage
    start_at: datetime
    end_at: datetime
    contact: CallBack | None
    next_word_by: datetime | None
    state: SeekerState
    word_due_at: datetime
    next_reminder_at: datetime | None
    linked: bool
    created_at: datetime
    updated_at: datetime


class CalendarInterviews(ResponseBody):
    """What became of a calendar file: interviews that are on the list now, new and known ones, and events that were left out."""

    data: list[OwnInterview]
    skipped: int
