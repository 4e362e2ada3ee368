"""Responses about candidates, applications, interviews and statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.applications.law.responses import Duty
from chalicelib.rules.model import ApplicationStatus, Decided, Decision, InterviewStatus, LoopState, Stage


@dataclass(frozen=True, slots=True)
class ExternalIdOut:
    system: str
    id: str


@dataclass(frozen=True, slots=True)
class SmsConsent:
    given_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    name: str
    email: str | None
    phone: str | None
    timezone: str | None
    locale: str | None
    sms_consent: SmsConsent | None
    external_ids: list[ExternalIdOut]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CandidateInBrief:
    id: str
    name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Application:
    """One candidate for one job: the case that follow-up hangs on. `loop` says where it stands now."""

    id: str
    candidate_id: str
    candidate: CandidateInBrief
    job_title: str
    external_ids: list[ExternalIdOut]
    status: ApplicationStatus
    decided: Decided | None
    decided_at: datetime | None
    documents_asked_on: date | None
    documents_returned_on: date | None
    loop: LoopState
    stage: Stage | None
    waiting_since: datetime | None
    word_due_at: datetime | None
    overdue: bool
    lapsed: bool
    answered_at: datetime | None
    answered_by: str | None
    duties: list[Duty]
    next_reminder_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CallBack:
    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Interview:
    id: str
    application_id: str
    stage: Stage
    status: InterviewStatus
    start_at: datetime
    end_at: datetime
    next_word_by: datetime | None
    call_back: CallBack | None
    created_at: datetime
    updated_at: datetime
    application: Application


@dataclass(frozen=True, slots=True)
class KeptInMind:
    """Somebody was promised to be thought of for such work."""

    application_id: str
    contact_id: str
    job_title: str
    candidate: CandidateInBrief
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FeedbackShown:
    at: datetime
    feedback: str


@dataclass(frozen=True, slots=True)
class SharedFeedback:
    """What the candidate may read on their own page."""

    data: list[FeedbackShown]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the candidate says."""

    id: str
    heard: bool
    decision: Decision | None
    at: datetime
    created_at: datetime
    application_id: str
    application: Application
