"""Responses about what happened to an application."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.applications.contacts.responses import Contact
from chalicelib.auth.actors import Actor
from chalicelib.messaging.responses import Message, Reply
from chalicelib.rules.model import (
    ApplicationStatus,
    Decided,
    Decision,
    InterviewChange,
    InterviewStatus,
    LetterReason,
    Stage,
    TimelineType,
)


class TimelineOpened(ResponseBody):
    """The application was opened."""

    job_title: str


class InterviewTimes(ResponseBody):
    stage: Stage
    status: InterviewStatus
    start_at: datetime
    end_at: datetime
    next_word_by: datetime | None


class TimelineInterview(ResponseBody):
    """What happened to an interview. `interview` is as it was from then on, `was` as it was before."""

    what: InterviewChange
    interview: InterviewTimes
    was: InterviewTimes | None


class TimelineStatement(ResponseBody):
    """What the candidate says about having heard. `own`: on their own page, or by a text."""

    heard: bool
    decision: Decision | None
    words: str | None
    own: bool
    voided: bool


class TimelineMessage(Message):
    """A message with its words, as they were sent; personal links are left out. Older messages have no words.

    `next_word_by` is the day that a holding notice promises; `decision`, `reasons` and `feedback_by` are a letter's.
    """

    subject: str | None
    body: str | None
    next_word_by: datetime | None
    decision: Decision | None
    reasons: list[LetterReason]
    feedback_by: datetime | None


class TimelineDecision(ResponseBody):
    """A decision that the employer has made and not told, or has taken back."""

    decided: Decided | None
    was: Decided | None


class TimelineStatus(ResponseBody):
    status: ApplicationStatus
    was: ApplicationStatus


class TimelineFeedbackRequest(ResponseBody):
    """The candidate asked on their own page why they were rejected."""

    due_on: date


class TimelineFeedback(ResponseBody):
    """The answer to that, as the candidate's page shows it."""

    reasons: list[LetterReason]
    note: str | None


TimelinePayload = (
    TimelineOpened
    | TimelineInterview
    | Contact
    | TimelineStatement
    | TimelineMessage
    | Reply
    | TimelineDecision
    | TimelineStatus
    | TimelineFeedbackRequest
    | TimelineFeedback
)


class TimelineEntry(ResponseBody):
    """One thing that happened. `id` is the record's: an interview that was moved has several entries."""

    type: TimelineType
    at: datetime
    id: str
    recorded_by: Actor | None
    payload: TimelinePayload
