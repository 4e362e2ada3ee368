"""Responses about candidates, applications, interviews and statements."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.applications.law.responses import Duty
from chalicelib.auth.actors import Actor
from chalicelib.rules.model import (
    AnsweredBy,
    ApplicationStatus,
    Decided,
    Decision,
    InterviewStatus,
    LetterReason,
    LoopState,
    MatchedBy,
    Stage,
)


class ExternalIdOut(ResponseBody):
    system: str
    id: str


class SmsConsent(ResponseBody):
    given_at: datetime
    source: str


class Candidate(ResponseBody):
    id: str
    name: str
    email: str | None
    phone: str | None
    phone_extension: str | None
    timezone: str | None
    locale: str | None
    sms_consent: SmsConsent | None
    external_ids: list[ExternalIdOut]
    created_at: datetime
    recorded_by: Actor | None
    updated_at: datetime


class MatchWarning(ResponseBody):
    """`address_shared`: other candidates of the employer have an address that the request gives."""

    code: str
    detail: str


class MatchedCandidate(Candidate):
    """A candidate as created or found. `ignored` are JSON pointers into the request to what a known record did not take."""

    created: bool
    matched_by: MatchedBy | None
    ignored: list[str]
    warnings: list[MatchWarning]


class CandidateInBrief(ResponseBody):
    id: str
    name: str
    email: str | None
    phone: str | None
    phone_extension: str | None


class FeedbackRequest(ResponseBody):
    """The candidate asked why they were rejected. `reasons` and `note` are the answer, as their page shows it."""

    asked_at: datetime
    due_on: date
    answered_at: datetime | None
    reasons: list[LetterReason]
    note: str | None


class Application(ResponseBody):
    """One candidate for one job: the case that follow-up hangs on. `loop` says where it stands now.

    `recorded_by` created it; `decided_by` recorded the decision, `status_by` last closed, withdrew or reopened it. Records of
    earlier versions have none.

    `decided` is what the employer has decided, and stays after the candidate was told; `told` is the last decision that was told.
    """

    id: str
    candidate_id: str
    candidate: CandidateInBrief
    job_title: str
    group: str | None
    external_ids: list[ExternalIdOut]
    status: ApplicationStatus
    status_by: Actor | None
    decided: Decided | None
    decided_at: datetime | None
    decided_by: Actor | None
    told: Decided | None
    told_at: datetime | None
    documents_asked_on: date | None
    documents_returned_on: date | None
    feedback_request: FeedbackRequest | None
    loop: LoopState
    stage: Stage | None
    waiting_since: datetime | None
    word_due_at: datetime | None
    overdue: bool
    lapsed: bool
    answered_at: datetime | None
    answered_by: AnsweredBy | None
    owner_id: str | None
    decider_id: str | None
    snooze_until: datetime | None
    duties: list[Duty]
    next_reminder_at: datetime | None
    linked: bool
    created_at: datetime
    recorded_by: Actor | None
    updated_at: datetime


class MatchedApplication(Application):
    """An application as created or found. `matched_by` says how the candidate, or the application itself, was known."""

    created: bool
    matched_by: MatchedBy | None
    ignored: list[str]
    warnings: list[MatchWarning]


class CallBack(ResponseBody):
    name: str | None
    phone: str | None
    email: str | None


class Interview(ResponseBody):
    id: str
    application_id: str
    stage: Stage
    status: InterviewStatus
    start_at: datetime
    end_at: datetime
    next_word_by: datetime | None
    call_back: CallBack | None
    external_ids: list[ExternalIdOut]
    created_at: datetime
    recorded_by: Actor | None
    updated_at: datetime
    changed_by: Actor | None
    """Who last moved, corrected, cancelled or reinstated it, or marked it as no-show."""
    application: Application


class MatchedInterview(Interview):
    """An interview as booked or found. `matched_by` says how it, its application or its candidate was known."""

    created: bool
    matched_by: MatchedBy | None
    ignored: list[str]
    warnings: list[MatchWarning]


class KeptInMind(ResponseBody):
    """Somebody was promised to be thought of for such work."""

    application_id: str
    contact_id: str
    job_title: str
    candidate: CandidateInBrief
    since: datetime
    until: datetime | None


class FeedbackShown(ResponseBody):
    at: datetime
    feedback: str


class Statement(ResponseBody):
    """What the candidate says."""

    id: str
    heard: bool
    decision: Decision | None
    at: datetime
    created_at: datetime
    recorded_by: Actor | None
    application_id: str
    application: Application
