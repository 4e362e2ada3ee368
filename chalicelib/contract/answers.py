"""What the API answers, as models. Only the document is made of them: views write plain JSON, and tests hold both together.

A field that is always there and may be empty is `X | None`, without a default.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.access.people.schema import Role
from chalicelib.rules.records import (
    ApplicationStatus,
    ContactChannel,
    ContactStatus,
    Decided,
    Decision,
    InterviewStatus,
    Loop,
    NudgeKind,
    Outcome,
    Stage,
    Weekday,
)

Scope = Literal["read", "write", "manage"]


class Fault(BaseModel):
    """One thing wrong with a request: an RFC 6901 JSON pointer into the body, or "?name" for a query parameter."""

    pointer: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `code` is for programs; `errors` names every fault of the body or the query at once."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Fault]


class ExternalIdOut(BaseModel):
    system: str
    id: str


class Window(BaseModel):
    days: list[Weekday]
    start: str
    end: str


class Policy(BaseModel):
    """The whole policy, defaults included."""

    word_due_hours: int
    candidate_nudge: NudgeKind
    max_nudges: int
    second_nudge_days: int
    candidate_window: Window
    digest_time: str
    digest_days: list[Weekday]
    escalate_to: list[str]
    escalate_after_business_days: int
    holidays: str | None
    promise_default_days: int
    sms_monthly_cap_usd: float
    sms_countries: list[str]
    jurisdiction: str | None
    headcount: int | None
    retention_months: int | None


class Warning(BaseModel):
    code: str
    detail: str


class Employer(BaseModel):
    """`warnings` tells what keeps follow-ups from working as they could."""

    id: str
    name: str
    timezone: str
    call_back_name: str | None
    call_back_phone: str | None
    call_back_email: str | None
    digest_to: list[str]
    policy: Policy
    trial: bool
    suspended: bool
    warnings: list[Warning]
    created_at: datetime
    updated_at: datetime


class OwnAddressOut(BaseModel):
    """An address or number that is the employer's own: while on trial, messages go to verified ones only."""

    channel: Literal["email", "sms"]
    address: str
    verified: bool
    verified_by: str | None
    added_at: datetime
    verified_at: datetime | None


class OwnAddresses(BaseModel):
    data: list[OwnAddressOut]


class Nothing(BaseModel):
    """An empty object."""


class ApiKey(BaseModel):
    id: str
    employer_id: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class NewApiKey(ApiKey):
    """`secret` is what goes into the Authorization header. It is shown once."""

    secret: str


class Person(BaseModel):
    """Somebody at the employer who may open the pages."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    updated_at: datetime


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


class Duty(BaseModel):
    """One deadline of one statute. Not legal advice."""

    statute: str
    jurisdiction: str
    duty: str
    due_on: date
    due_at: datetime
    state: Literal["open", "met", "met_late", "missed"]
    met_at: datetime | None
    met_by: str | None
    assumed: list[str]
    source: str
    verified_on: date
    unverified_since: date | None


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
    loop: Loop
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
    audience: Literal["candidate", "employer"]
    step: str
    channel: Literal["sms", "email"]
    to: str | None
    status: Literal["queued", "sending", "sent", "retrying", "failed", "expired", "cancelled", "suppressed", "unknown"]
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


class Range(BaseModel):
    low: float
    central: float
    high: float


class StageCounts(BaseModel):
    waiting: int
    overdue: int


class Tally(BaseModel):
    waits: int
    waiting: int
    overdue: int
    answered: int
    answered_on_time: int
    longest_overdue_hours: int
    by_stage: dict[str, StageCounts]


class ExpectedReviews(BaseModel):
    incurred: Range
    next_30_days: Range


class WhatIf(BaseModel):
    """The figures if the first `calls` of the call list were told now."""

    calls: int
    score: float
    next_30_days: Range


class Risk(BaseModel):
    """What the silence costs: a score from 0 to below 100, and the negative reviews to expect."""

    as_of: datetime
    method: str
    score: float
    band: Literal["low", "moderate", "high", "severe"]
    small_sample: bool
    tally: Tally
    expected_negative_reviews: ExpectedReviews
    what_if: list[WhatIf]


class RiskSnapshot(Risk):
    date: date


class CallListRow(BaseModel):
    """Whom to call, in the order in which a week's delay costs most."""

    rank: int
    application_id: str
    candidate: CandidateInBrief
    job_title: str
    stage: Stage
    decided: Decided | None
    waiting_since: datetime
    word_due_at: datetime
    overdue_hours: int
    statutory_due_on: date | None
    delay_costs: float
    avoids: Range


class Probability(BaseModel):
    low: float
    central: float
    high: float


class Learned(BaseModel):
    """What is believed of the chance that a silence ends in a public review, and what moved it."""

    as_of: datetime
    reviews: int
    exposure: float
    interval: float
    p: Probability
    prior: Probability
    expected_negative_reviews: ExpectedReviews


class ObservedReview(BaseModel):
    """A review that the employer has seen of itself. Its text is not kept."""

    id: str
    posted_at: datetime
    rating: int
    mentions_silence: bool
    source: str
    created_at: datetime


class ReportLink(BaseModel):
    """A read-only page for people, for fifteen minutes."""

    url: str
    expires_at: datetime


class Statute(BaseModel):
    id: str
    jurisdiction: str
    law: str
    duty: str
    status: Literal["watch", "in_force"]
    in_force: date | None
    source: str
    verified_on: date
    review_by: date
    unverified_since: date | None


class StatuteOfJob(Statute):
    applies: bool
    why_not: str | None
    assumed: list[str]


class Statutes(BaseModel):
    data: list[Statute]


class Posting(BaseModel):
    """What is known of a job, and which statutes apply to it."""

    id: str
    job_title: str
    jurisdiction: str
    headcount: int | None
    advertised: str | None
    role_days: int | None
    posted_on: date | None
    filled_on: date | None
    timezone: str | None
    statutes: list[StatuteOfJob]
    created_at: datetime
    updated_at: datetime


class Duties(BaseModel):
    application_id: str
    data: list[Duty]
    ways_to_tell: list[str]


class Evidence(BaseModel):
    """What happened and what was told, as it was written down; each entry carries the hash of the one before."""

    application_id: str
    erased: bool
    duties: list[Duty]
    entries: list[dict[str, Any]]
    head: str | None
    intact: bool
    broken_at: int | None
    kept_until: datetime | None


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


class Health(BaseModel):
    status: Literal["ok", "late"]
    oldest_due_seconds: int
