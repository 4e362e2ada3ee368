"""Builds the responses of this package from figures and stored items."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.applications.law.duties import next_due_on
from chalicelib.applications.serializers import candidate_in_brief, is_snoozed
from chalicelib.reputation import responses
from chalicelib.reputation.call_list import Row
from chalicelib.reputation.items import RateItem, ReviewItem, ShareItem
from chalicelib.rules.risk import learning
from chalicelib.rules.risk.model import REVIEW_CENTRAL, REVIEW_DAYS
from chalicelib.rules.risk.model import Range as Figures
from chalicelib.rules.risk.report import Risk
from chalicelib.rules.risk.scale import ScalePosterior

INTERVAL = 0.9
"""Share of the credible interval between `low` and `high`."""


def serialize_risk(risk: Risk) -> responses.Risk:
    """Return the figures unrounded: rounding is for pages."""
    tally, heard, late = risk.tally, risk.heard_on_time, risk.late_now
    return responses.Risk(
        as_of=risk.as_of,
        method=risk.method,
        score=risk.score,
        band=risk.band,
        small_sample=risk.small_sample,
        tally=responses.Tally(
            waits=tally.waits,
            waiting=tally.waiting,
            overdue=tally.overdue,
            answered=tally.answered,
            answered_on_time=tally.answered_on_time,
            not_yet=tally.not_yet,
            longest_overdue_hours=tally.longest_overdue_hours,
            by_stage={stage: responses.StageCounts(**counts) for stage, counts in tally.by_stage.items()},
        ),
        expected_negative_reviews=responses.ExpectedReviews(
            incurred=_range(risk.incurred), next_30_days=_range(risk.next_30_days)
        ),
        what_if=[responses.WhatIf(one.calls, one.score, _range(one.next_30_days)) for one in risk.what_if],
        heard_on_time=responses.HeardOnTime(heard.on_time, heard.due, heard.share, heard.low, heard.high),
        late_now=responses.LateNow(late.count, late.longest_days),
        horizon_days=risk.outlook.horizon_days,
    )


def serialize_row(row: Row, now: datetime) -> responses.CallListRow:
    item = row.application
    due_on = next_due_on(item)
    return responses.CallListRow(
        rank=row.rank,
        application_id=item.id,
        candidate=candidate_in_brief(item),
        job_title=item.job_title,
        stage=item.wait_stage,
        decided=row.decided,
        waiting_since=item.wait_since,
        word_due_at=item.word_due_at,
        overdue_hours=row.overdue_hours,
        statutory_due_on=date.fromisoformat(due_on) if due_on else None,
        delay_costs=row.delay_costs,
        avoids=_range(row.avoids),
        owner_id=item.owner_id,
        snooze_until=item.snooze_until if is_snoozed(item, now) else None,
    )


def serialize_review(item: ReviewItem) -> responses.ObservedReview:
    return responses.ObservedReview(
        id=item.id,
        posted_at=item.posted_at,
        rating=int(item.rating),
        mentions_silence=bool(item.mentions_silence),
        source=item.source,
        created_at=item.created_at,
    )


def serialize_learned(learned: learning.Posterior, scale: ScalePosterior, risk: Risk, now: datetime) -> responses.Learned:
    """Return the believed p and scale, what moved them, and the expected reviews under p."""
    return responses.Learned(
        as_of=now,
        reviews=learned.reviews,
        exposure=learned.exposure,
        interval=INTERVAL,
        p=responses.Probability(**learned.p),
        prior=responses.Probability(**learning.Posterior().p),
        review_days=responses.ReviewDays(**scale.review_days, default=REVIEW_DAYS, used=scale.used),
        expected_negative_reviews=responses.ExpectedReviews(
            incurred=_under(learned.p, risk.incurred), next_30_days=_under(learned.p, risk.next_30_days)
        ),
    )


def serialize_share(item: ShareItem) -> responses.ReportShare:
    return responses.ReportShare(
        id=item.id, group=item.group, created_by=item.created_by, created_at=item.created_at, expires_at=item.expires_on
    )


def serialize_rate(item: RateItem | None, page_url: str) -> responses.HeardBackRate:
    """Return the participation of an employer. The figures are null where none are published."""
    taking_part = item is not None and item.left_at is None
    figures = item.figures if item and taking_part else {}
    return responses.HeardBackRate(
        taking_part=taking_part,
        joined_at=item.joined_at if item else None,
        left_at=item.left_at if item else None,
        page_url=page_url if item else None,
        **{name: figures.get(name) for name in ("on_time", "due", "share", "low", "high")},
    )


def _under(p: Figures, figures: Figures) -> responses.Range:
    """Return expected reviews as they are with another p than the published one."""
    share = figures["central"] / REVIEW_CENTRAL
    return responses.Range(low=share * p["low"], central=share * p["central"], high=share * p["high"])


def _range(figures: Figures) -> responses.Range:
    return responses.Range(**figures)
