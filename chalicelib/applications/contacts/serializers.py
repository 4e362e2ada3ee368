"""Contacts and statements as clients see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ContactItem, StatementItem
from chalicelib.applications.serializers import application_json

Json = dict[str, Any]


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


def statement_json(item: StatementItem) -> Json:
    return {
        "id": item.id,
        "heard": item.heard,
        "decision": item.decision,
        "at": instant(item.at),
        "created_at": instant(item.recorded_at),
    }


def with_application(record: Json, case: ApplicationCase, now: datetime) -> Json:
    return {**record, "application_id": case.application.id, "application": application_json(case.application, now)}
