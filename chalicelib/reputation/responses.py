"""Responses about review risk, the call list and observed reviews."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.applications.responses import CandidateInBrief
from chalicelib.rules.model import Decided, RiskBand, Stage


class Range(ResponseBody):
    low: float
    central: float
    high: float


class StageCounts(ResponseBody):
    waiting: int
    overdue: int


class Tally(ResponseBody):
    """`not_yet` counts the answers that told no decision; null in snapshots from before they were counted."""

    waits: int
    waiting: int
    overdue: int
    answered: int
    answered_on_time: int
    not_yet: int | None
    longest_overdue_hours: int
    by_stage: dict[str, StageCounts]


class ExpectedReviews(ResponseBody):
    incurred: Range
    next_30_days: Range


class WhatIf(ResponseBody):
    """The figures if the first `calls` of the call list were told now."""

    calls: int
    score: float
    next_30_days: Range


class HeardOnTime(ResponseBody):
    """Of the candidates who were due an answer, those who got one in time, with the 90 % Wilson interval of the share."""

    on_time: int
    due: int
    share: float | None
    low: float | None
    high: float | None


class LateNow(ResponseBody):
    """Candidates who wait past the day of their answer, and how many whole days the longest of them has waited."""

    count: int
    longest_days: int


class RiskFigures(ResponseBody):
    """What the silence costs: a score from 0 to below 100, and the negative reviews to expect."""

    as_of: datetime
    method: str
    score: float
    band: RiskBand
    small_sample: bool
    tally: Tally
    expected_negative_reviews: ExpectedReviews
    what_if: list[WhatIf]


class Risk(RiskFigures):
    """What the silence costs, as of now. The counts come first: they need no model."""

    heard_on_time: HeardOnTime
    late_now: LateNow
    horizon_days: int


class RiskSnapshot(RiskFigures):
    """The figures of one UTC day. Snapshots of earlier versions have null where the counts were not stored."""

    date_: date
    heard_on_time: HeardOnTime | None
    late_now: LateNow | None
    horizon_days: int | None


class CallListRow(ResponseBody):
    """Who to call first: ordered by what waiting costs until the desk comes round again."""

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
    owner_id: str | None
    snooze_until: datetime | None


class Probability(ResponseBody):
    low: float
    central: float
    high: float


class ReviewDays(ResponseBody):
    """The scale of the review curve, in days, with its 90 % interval.

    `used` is what the call list is ranked by instead of `default`; null while the interval holds `default`: the data cannot tell.
    """

    low: float
    central: float
    high: float
    default: float
    used: float | None


class Learned(ResponseBody):
    """What is believed of the chance that a silence ends in a public review, and what moved it."""

    as_of: datetime
    reviews: int
    exposure: float
    interval: float
    p: Probability
    prior: Probability
    review_days: ReviewDays
    expected_negative_reviews: ExpectedReviews


class ObservedReview(ResponseBody):
    """A review that the employer has seen of itself. Its text is not kept."""

    id: str
    posted_at: datetime
    rating: int
    mentions_silence: bool
    source: str
    created_at: datetime


class ExperienceFigures(ResponseBody):
    """What candidates answered to "How did they treat you?": the first answers whose number divides by five."""

    answers: int
    average: float | None
    scores: list[int]
    lines: list[str] | None


class Experience(ResponseBody):
    """How candidates found it who said that they had heard. It ranks nothing."""

    as_of: datetime
    shown_from: int
    by_stage: dict[str, ExperienceFigures]
    by_group: dict[str, ExperienceFigures]


class ReportLink(ResponseBody):
    """A read-only page for people, for fifteen minutes."""

    url: str
    expires_at: datetime


class ReportShare(ResponseBody):
    """A link by which people without an account read the report, without names, until it expires or is ended."""

    id: str
    group: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime


class NewReportShare(ReportShare):
    """`url` is told once."""

    url: str


class HeardBackRate(ResponseBody):
    """Whether the employer publishes its heard-back rate, and the figures that its public page shows."""

    taking_part: bool
    joined_at: datetime | None
    left_at: datetime | None
    page_url: str | None
    on_time: int | None
    due: int | None
    share: float | None
    low: float | None
    high: float | None
