"""Answers about candidates and their applications: interviews, contacts, messages, erasure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.openapi.responses_law import Duty
from chalicelib.rules.model import (
    ApplicationStatus,
    Audience,
    ContactChannel,
    ContactStatus,
    Decided,
    Decision,
    InterviewStatus,
    LoopState,
    MessageChannel,
    MessageStatus,
    Outcome,
    Stage,
)


class ExternalIdOut(BaseModel):
    system: str
    id: str


class SmsConsent(BaseModel):
    given_at: datetime
    source: str


class Candidate(BaseModel):
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


class CandidateInBrief(BaseModel):
    id: str
    name: str
    email: str | None
    phone: str | None


class Application(BaseModel):
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


class CallBack(BaseModel):
    name: str | None
    phone: str | None
    email: str | None


class Interview(BaseModel):
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


class Notice(BaseModel):
    text: str | None
    names: list[str]


class Contact(BaseModel):
    """A logged act of telling the candidate something, or of trying to."""

    id: str
    channel: ContactChannel
    outcome: Outcome
    decision: Decision | None
    status: ContactStatus
    occurred_at: datetime
    next_word_by: datetime | None
    promised_by: datetime | None
    feedback: str | None
    share_feedback: bool | None
    thanked: bool | None
    keep_in_mind: bool | None
    keep_in_mind_until: datetime | None
    note: str | None
    notice: Notice | None
    created_at: datetime
    voided_at: datetime | None


class ContactWithApplication(Contact):
    application_id: str
    application: Application


class KeptInMind(BaseModel):
    """Somebody was promised to be thought of for such work."""

    application_id: str
    contact_id: str
    job_title: str
    candidate: CandidateInBrief
    since: datetime
    until: datetime | None


class FeedbackShown(BaseModel):
    at: datetime
    feedback: str


class SharedFeedback(BaseModel):
    """What the candidate may read on their own page."""

    data: list[FeedbackShown]


class Statement(BaseModel):
    """What the candidate says."""

    id: str
    heard: bool
    decision: Decision | None
    at: datetime
    created_at: datetime
    application_id: str
    application: Application


class Message(BaseModel):
    """One reminder as it was handed to SNS or SES. `sent` means that the provider took it, not that it arrived."""

    id: str
    application_id: str | None
    audience: Audience
    step: str
    channel: MessageChannel
    to: str | None
    status: MessageStatus
    reason: str | None
    provider_message_id: str | None
    attempts: int
    created_at: datetime
    settled_at: datetime | None
    delivered_at: datetime | None
    bounced_at: datetime | None
    complained_at: datetime | None
    bounce: str | None
    what_to_do: str | None


class NoticeRow(BaseModel):
    """What became of one row of a call for many holding notices."""

    application_id: str
    status: Literal["accepted", "accepted_before", "refused"]
    message_id: str | None
    code: str | None
    detail: str | None


class NoticeRows(BaseModel):
    data: list[NoticeRow]
    next_after: str | None


class Kept(BaseModel):
    waits: int
    messages: int
    opt_outs: str


class Hold(BaseModel):
    application_id: str
    what: str
    why: str
    jurisdiction: str | None
    entries: int
    head: str
    kept_until: datetime | None
    at: str


class Erasure(BaseModel):
    """What was erased and what stays."""

    candidate_id: str
    cause: str
    begun_at: datetime
    finished_at: datetime | None
    applications: int
    kept: Kept
    legal_hold: list[Hold]


class CandidateExport(BaseModel):
    """All that is kept of one person."""

    exported_at: datetime
    candidate: Candidate
    applications: list[dict[str, Any]]
