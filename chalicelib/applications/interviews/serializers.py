"""Builds responses about interviews."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.caching import etag
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.responses import CallBack, ExternalIdOut, Interview
from chalicelib.applications.serializers import serialize_application
from chalicelib.auth.actors import stored_actor


def serialize_interview(item: InterviewItem, application: ApplicationItem, now: datetime) -> Interview:
    has_call_back = item.call_back_name or item.call_back_phone or item.call_back_email
    return Interview(
        id=item.id,
        application_id=application.id,
        stage=item.stage,
        status=item.status,
        start_at=item.start_at,
        end_at=item.end_at,
        next_word_by=item.next_word_by,
        call_back=CallBack(item.call_back_name, item.call_back_phone, item.call_back_email) if has_call_back else None,
        external_ids=[ExternalIdOut(**one) for one in item.external_ids or ()],
        created_at=item.booked_at,
        recorded_by=stored_actor(item.recorded_by),
        changed_by=stored_actor(item.changed_by),
        updated_at=item.updated_at,
        application=serialize_application(application, now),
    )


def interview_etag(item: InterviewItem, application: ApplicationItem) -> str:
    """Return the ETag of an interview with its application: a change of either changes the response."""
    return etag(item.id, int(item.revision), int(application.revision))
