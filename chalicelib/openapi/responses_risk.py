"""Answers about what the silence costs, and whom to call."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from chalicelib.openapi.responses_records import CandidateInBrief
from chalicelib.rules.model import Decided, RiskBand, Stage


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
    band: RiskBand
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
