"""Interviews as clients see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.caching import etag
from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.serializers import application_json

Json = dict[str, Any]


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
