"""Applications as clients see them. `loop` and `overdue` depend on the time of the request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.caching import etag
from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.serializers import duties_json
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
