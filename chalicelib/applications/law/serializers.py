"""Statutes, postings, deadlines and evidence as clients see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import posting_of, read_duty
from chalicelib.applications.law.evidence import broken_at
from chalicelib.applications.law.items import EvidenceItem, PostingItem
from chalicelib.applications.law.postings import FIELDS
from chalicelib.rules.statutes.applicability import Posting, statutes_for_job
from chalicelib.rules.statutes.data import BY_ID, Statute, unverified_since
from chalicelib.rules.statutes.deadlines import Duty

Json = dict[str, Any]


def duties_json(application: ApplicationItem, now: datetime) -> list[Json]:
    """The deadlines of an application, soonest first, each with what the law asks and when that was verified."""
    return [duty_json(read_duty(stored), now) for stored in application.duties or () if stored["statute"] in BY_ID]


def duty_json(duty: Duty, now: datetime) -> Json:
    statute = BY_ID[duty.statute]
    unverified = unverified_since(statute, now.date())
    return {
        "statute": duty.statute,
        "jurisdiction": statute.jurisdiction,
        "duty": statute.duty,
        "due_on": duty.due_on.isoformat(),
        "due_at": instant(duty.due_at),
        "state": duty.state(now),
        "met_at": instant(duty.met_at),
        "met_by": duty.met_by,
        "assumed": list(duty.assumed),
        "source": statute.source,
        "verified_on": statute.verified_on.isoformat(),
        "unverified_since": unverified.isoformat() if unverified else None,
    }


def posting_json(item: PostingItem, now: datetime) -> Json:
    """A posting, with the statutes that apply to it and those that do not."""
    whole = {"headcount", "role_days"}
    fields = {
        name: int(value) if name in whole and (value := getattr(item, name)) is not None else getattr(item, name)
        for name in FIELDS
    }
    return {
        "id": item.id,
        "job_title": item.job_title,
        **fields,
        "statutes": statutes_json(posting_of(item), now.date()),
        "created_at": instant(item.created_at),
        "updated_at": instant(item.updated_at),
    }


def statutes_json(posting: Posting, today: date) -> list[Json]:
    return [
        {
            **statute_json(answer.statute, today),
            "applies": answer.applies,
            "why_not": answer.why_not,
            "assumed": list(answer.assumed),
        }
        for answer in statutes_for_job(posting)
    ]


def statute_json(statute: Statute, today: date) -> Json:
    """A statute: what it asks, whether it is in force or watched, and when it was last verified."""
    unverified = unverified_since(statute, today)
    return {
        "id": statute.id,
        "jurisdiction": statute.jurisdiction,
        "law": statute.law,
        "duty": statute.duty,
        "status": "watch" if statute.in_force is None else "in_force",
        "in_force": statute.in_force.isoformat() if statute.in_force else None,
        "source": statute.source,
        "verified_on": statute.verified_on.isoformat(),
        "review_by": statute.review_by.isoformat(),
        "unverified_since": unverified.isoformat() if unverified else None,
    }


def evidence_json(
    application_id: str, items: Sequence[EvidenceItem], application: ApplicationItem | None, duties: list[Json]
) -> Json:
    """The evidence of one application. `intact`: every entry is as it was written, and none is missing.

    Once the application is erased, missing entries at the end cannot be noticed.
    """
    broken = broken_at(items, application.evidence_hash if application else None)
    last = items[-1] if items else None
    return {
        "application_id": application_id,
        "erased": application is None,
        "duties": duties,
        "entries": [{**item.entry, "hash": item.hash} for item in items],
        "head": last.hash if last else None,
        "intact": broken is None,
        "broken_at": broken,
        "kept_until": instant(datetime.fromtimestamp(int(last.expires_at), UTC)) if last and last.expires_at else None,
    }
