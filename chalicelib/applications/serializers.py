"""Builds responses about applications. `loop` and `overdue` depend on the time of the request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from chalicelib.api.caching import etag
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.responses import Duty
from chalicelib.applications.responses import Application, CandidateInBrief, ExternalIdOut, FeedbackRequest, MatchWarning
from chalicelib.auth.actors import stored_actor
from chalicelib.rules.model import LoopState, MatchedBy, is_overdue
from chalicelib.storage.table import read_instant


def loop_of(item: ApplicationItem, now: datetime) -> LoopState:
    """idle (no interview), booked (its interview has not ended), waiting, answered, or closed (also lapsed)."""
    if item.status != "active" or item.wait_state in ("dropped", "lapsed"):
        return "closed"
    if item.wait_state is None:
        return "idle"
    if item.wait_state == "answered":
        return "answered"
    return "waiting" if item.wait_since <= now else "booked"


def is_snoozed(item: ApplicationItem, now: datetime) -> bool:
    """Tells whether an open wait is left out of the call list at this moment."""
    return item.wait_state == "open" and item.snooze_until is not None and item.snooze_until > now


def serialize_application(item: ApplicationItem, now: datetime) -> Application:
    is_open = item.wait_state == "open"
    nudges = item.due_at and (item.step or "").startswith("nudge")
    return Application(
        id=item.id,
        candidate_id=item.candidate_id,
        candidate=candidate_in_brief(item),
        job_title=item.job_title,
        group=item.group,
        external_ids=[ExternalIdOut(**one) for one in item.external_ids],
        status=item.status,
        decided=item.decided,
        decided_at=item.decided_at,
        decided_by=stored_actor(item.decided_by) if item.decided else None,
        status_by=stored_actor(item.status_by),
        told=item.told,
        told_at=item.told_at,
        documents_asked_on=_date(item.documents_asked_on),
        documents_returned_on=_date(item.documents_returned_on),
        feedback_request=feedback_request_of(item),
        loop=loop_of(item, now),
        stage=item.wait_stage,
        waiting_since=item.wait_since if is_open and item.wait_since <= now else None,
        word_due_at=item.word_due_at if is_open else None,
        overdue=is_open and is_overdue(item.word_due_at, now),
        lapsed=item.wait_state == "lapsed",
        answered_at=item.answered_at,
        answered_by=item.answered_by,
        owner_id=item.owner_id,
        decider_id=item.decider_id,
        snooze_until=item.snooze_until if is_snoozed(item, now) else None,
        duties=_duties_of(item, now),
        next_reminder_at=read_instant(item.due_at) if nudges else None,
        linked=item.linked is not None,
        created_at=item.created_at,
        recorded_by=stored_actor(item.recorded_by),
        updated_at=item.updated_at,
    )


def _duties_of(item: ApplicationItem, now: datetime) -> list[Duty]:
    if not item.duties:
        return []
    from chalicelib.applications.law.serializers import serialize_duties  # late: most employers name no jurisdiction

    return serialize_duties(item, now)


def candidate_in_brief(item: ApplicationItem) -> CandidateInBrief:
    """Return the application's copy of its candidate."""
    return CandidateInBrief(
        id=item.candidate_id, name=item.name, email=item.email, phone=item.phone, phone_extension=item.phone_extension
    )


def feedback_request_of(item: ApplicationItem) -> FeedbackRequest | None:
    """Return the candidate's request for feedback, with its answer."""
    asked: dict[str, Any] | None = item.feedback_request
    if not asked:
        return None
    return FeedbackRequest(
        asked_at=read_instant(asked["asked_at"]),
        due_on=date.fromisoformat(asked["due_on"]),
        answered_at=read_instant(asked["answered_at"]) if asked.get("answered_at") else None,
        reasons=asked.get("reasons") or [],
        note=asked.get("note"),
    )


def match_fields(created: bool, matched_by: MatchedBy | None, ignored: Iterable[str], shared: Iterable[str]) -> dict[str, Any]:
    """Returns what the answer to a create-or-find request says beside the record."""
    warnings = [
        MatchWarning("address_shared", f"Another candidate of yours has this {one}: by the names, they are two people.")
        for one in shared
    ]
    return {"created": created, "matched_by": matched_by, "ignored": list(ignored), "warnings": warnings}


def _date(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def application_etag(item: ApplicationItem) -> str:
    return etag(item.id, int(item.revision))
