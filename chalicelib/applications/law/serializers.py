"""Builds responses about statutes, postings, deadlines and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from chalicelib.api.serialize import extend
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law import responses
from chalicelib.applications.law.duties import posting_of, read_duty
from chalicelib.applications.law.evidence import broken_at
from chalicelib.applications.law.items import EvidenceItem, PostingItem
from chalicelib.rules.statutes.applicability import Posting, statutes_for_job
from chalicelib.rules.statutes.data import BY_ID, Statute, unverified_since
from chalicelib.rules.statutes.deadlines import Duty


def serialize_duties(application: ApplicationItem, now: datetime) -> list[responses.Duty]:
    """Return the deadlines of an application, soonest first, each with what the law asks and when that was verified."""
    return [serialize_duty(read_duty(stored), now) for stored in application.duties or () if stored["statute"] in BY_ID]


def serialize_duty(duty: Duty, now: datetime) -> responses.Duty:
    statute = BY_ID[duty.statute]
    return responses.Duty(
        statute=duty.statute,
        jurisdiction=statute.jurisdiction,
        duty=statute.duty,
        due_on=duty.due_on,
        due_at=duty.due_at,
        state=duty.state(now),
        met_at=duty.met_at,
        met_by=duty.met_by,
        assumed=list(duty.assumed),
        lacks=list(duty.lacks),
        source=statute.source,
        verified_on=statute.verified_on,
        unverified_since=unverified_since(statute, now.date()),
    )


def serialize_posting(item: PostingItem, now: datetime) -> responses.Posting:
    """Return a posting, with the statutes that apply to it and those that do not."""
    return responses.Posting(
        id=item.id,
        job_title=item.job_title,
        jurisdiction=item.jurisdiction,
        headcount=None if item.headcount is None else int(item.headcount),
        advertised=item.advertised,
        role_days=None if item.role_days is None else int(item.role_days),
        posted_on=_date(item.posted_on),
        filled_on=_date(item.filled_on),
        timezone=item.timezone,
        work=item.work,
        food_service=item.food_service,
        documents_filed=item.documents_filed,
        selection_body=item.selection_body,
        statutes=serialize_statutes(posting_of(item), now.date()),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def _date(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def serialize_statutes(posting: Posting, today: date) -> list[responses.StatuteOfJob]:
    return [
        extend(
            responses.StatuteOfJob,
            serialize_statute(answer.statute, today),
            applies=answer.applies,
            why_not=answer.why_not,
            assumed=list(answer.assumed),
        )
        for answer in statutes_for_job(posting)
    ]


def serialize_statute(statute: Statute, today: date) -> responses.Statute:
    """Return a statute: what it asks, whether it is in force or watched, and when it was last verified."""
    return responses.Statute(
        id=statute.id,
        jurisdiction=statute.jurisdiction,
        law=statute.law,
        duty=statute.duty,
        status="watch" if statute.in_force is None else "in_force",
        in_force=statute.in_force,
        source=statute.source,
        verified_on=statute.verified_on,
        review_by=statute.review_by,
        unverified_since=unverified_since(statute, today),
    )


def serialize_evidence(
    application_id: str, items: Sequence[EvidenceItem], application: ApplicationItem | None, now: datetime
) -> responses.Evidence:
    """Return the evidence of one application. `intact`: every entry is as it was written, and none is missing.

    Once the application is erased, missing entries at the end cannot be noticed.
    """
    broken = broken_at(items, application.evidence_hash if application else None)
    last = items[-1] if items else None
    return responses.Evidence(
        application_id=application_id,
        erased=application is None,
        duties=serialize_duties(application, now) if application else [],
        entries=[{**item.entry, "hash": item.hash} for item in items],
        head=last.hash if last else None,
        intact=broken is None,
        broken_at=broken,
        kept_until=datetime.fromtimestamp(int(last.expires_at), UTC) if last and last.expires_at else None,
    )
