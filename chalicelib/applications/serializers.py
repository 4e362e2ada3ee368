"""Records as clients see them: snake_case JSON, instants in UTC. What time alone changes (`loop`, `overdue`) is reckoned here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.caching import etag
from chalicelib.api.json_text import instant
from chalicelib.applications.aggregate import Case
from chalicelib.applications.items import ApplicationItem, CandidateItem, ContactItem, InterviewItem, StatementItem
from chalicelib.applications.law.duties import duties_json
from chalicelib.rules.model import LoopState, is_overdue
from chalicelib.storage.table import read_instant

Json = dict[str, Any]


def loop_of(item: ApplicationItem, now: datetime) -> LoopState:
    """idle (no interview), booked (its interview has not ended), waiting, answered, or closed (also lapsed)."""
    if item.status != "active" or item.wait_state in ("dropped", "lapsed"):
        return "closed"
    if item.wait_state is None:
        return "idle"
    if item.wait_state == "answered":
        return "answered"
    return "waiting" if item.wait_since <= now else "booked"


def application_json(item: ApplicationItem, now: datetime) -> Json:
    is_open = item.wait_state == "open"
    return {
        "id": item.id,
        "candidate_id": item.candidate_id,
        "candidate": {"id": item.candidate_id, "name": item.name, "email": item.email, "phone": item.phone},
        "job_title": item.job_title,
        "external_ids": item.external_ids,
        "status": item.status,
        "decided": item.decided,
        "decided_at": instant(item.decided_at),
        "documents_asked_on": item.documents_asked_on,
        "documents_returned_on": item.documents_returned_on,
        "loop": loop_of(item, now),
        "stage": item.wait_stage,
        "waiting_since": instant(item.wait_since) if is_open and item.wait_since <= now else None,
        "word_due_at": instant(item.word_due_at) if is_open else None,
        "overdue": is_open and is_overdue(item.word_due_at, now),
        "lapsed": item.wait_state == "lapsed",
        "answered_at": instant(item.answered_at),
        "answered_by": item.answered_by,
        "duties": duties_json(item, now),
        "next_reminder_at": instant(read_instant(item.due_at)) if item.due_at and (item.step or "").startswith("nudge") else None,
        "created_at": instant(item.created_at),
        "updated_at": instant(item.updated_at),
    }


def application_etag(item: ApplicationItem) -> str:
    return etag(item.id, int(item.revision))


def interview_json(item: InterviewItem, application: ApplicationItem, now: datetime) -> Json:
    call_back = {"name": item.call_back_name, "phone": item.call_back_phone, "email": item.call_back_email}
    return {
        "id": item.id,
        "application_id": application.id,
        "stage": item.stage,
        "status": item.status,
        "start_at": instant(item.start_at),
        "end_at": instant(item.end_at),
        "next_word_by": instant(item.next_word_by),
        "call_back": call_back if any(call_back.values()) else None,
        "created_at": instant(item.booked_at),
        "updated_at": instant(item.updated_at),
        "application": application_json(application, now),
    }


def interview_etag(item: InterviewItem, application: ApplicationItem) -> str:
    """Of the interview with its application: a change of either is a change of what clients see."""
    return etag(item.id, int(item.revision), int(application.revision))


def contact_json(item: ContactItem) -> Json:
    status = "voided" if item.voided_at else "disputed" if item.disputed else "recorded"
    return {
        "id": item.id,
        "channel": item.channel,
        "outcome": item.outcome,
        "decision": item.decision,
        "status": status,
        "occurred_at": instant(item.occurred_at),
        "next_word_by": instant(item.next_word_by),
        "promised_by": instant(item.promised_by),
        "feedback": item.feedback,
        "thanked": item.thanked,
        "share_feedback": item.share_feedback,
        "keep_in_mind": item.keep_in_mind,
        "keep_in_mind_until": instant(item.keep_in_mind_until),
        "note": item.note,
        "notice": {"text": item.notice_text, "names": item.notice_names or []} if item.notice_text or item.notice_names else None,
        "created_at": instant(item.recorded_at),
        "voided_at": instant(item.voided_at),
    }


def with_application(record: Json, case: Case, now: datetime) -> Json:
    return {**record, "application_id": case.application.id, "application": application_json(case.application, now)}


def statement_json(item: StatementItem) -> Json:
    return {
        "id": item.id,
        "heard": item.heard,
        "decision": item.decision,
        "at": instant(item.at),
        "created_at": instant(item.recorded_at),
    }


def candidate_json(item: CandidateItem) -> Json:
    consent = item.sms_consent
    return {
        "id": item.id,
        "name": item.name,
        "email": item.email,
        "phone": item.phone,
        "timezone": item.timezone,
        "locale": item.locale,
        "sms_consent": {"given_at": instant(read_instant(consent["given_at"])), "source": consent["source"]} if consent else None,
        "external_ids": item.external_ids,
        "created_at": instant(item.created_at),
        "updated_at": instant(item.updated_at),
    }


def candidate_etag(item: CandidateItem) -> str:
    return etag(item.id, int(item.revision))
