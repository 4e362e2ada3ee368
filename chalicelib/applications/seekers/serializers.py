"""Builds responses about a job seeker's own interviews, from an interview and its application alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.applications.interviews.serializers import interview_etag  # noqa: F401 - the same record, the same ETag
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.responses import CallBack
from chalicelib.applications.seekers.responses import OwnInterview
from chalicelib.applications.serializers import loop_of
from chalicelib.rules.model import LoopState, SeekerState
from chalicelib.storage.table import read_instant

_STATES: dict[LoopState, SeekerState] = {
    "idle": "heard",
    "booked": "booked",
    "waiting": "waiting",
    "answered": "heard",
    "closed": "closed",
}


def state_of(item: InterviewItem, application: ApplicationItem, now: datetime) -> SeekerState:
    """Returns where an interview stands. An earlier round is over with the invitation to the next one."""
    if application.status == "active" and application.wait_interview != item.id:
        return "booked" if now < item.end_at else "heard"
    return _STATES[loop_of(application, now)]


def word_due_at(item: InterviewItem, application: ApplicationItem) -> datetime:
    """Returns when the company should answer: on the day that it promised last, else by the rule."""
    due: datetime | None = application.word_due_at if application.wait_interview == item.id else None
    return due or item.next_word_by or item.end_at + timedelta(hours=int(item.word_due_hours))


def serialize_own(item: InterviewItem, application: ApplicationItem, now: datetime) -> OwnInterview:
    has_contact = item.call_back_name or item.call_back_phone or item.call_back_email
    reminds = application.wait_interview == item.id and application.due_at and (application.step or "").startswith("nudge")
    return OwnInterview(
        id=item.id,
        company=application.company or "",
        job_title=application.job_title,
        stage=item.stage,
        start_at=item.start_at,
        end_at=item.end_at,
        contact=CallBack(item.call_back_name, item.call_back_phone, item.call_back_email) if has_contact else None,
        next_word_by=item.next_word_by,
        state=state_of(item, application, now),
        word_due_at=word_due_at(item, application),
        next_reminder_at=read_instant(application.due_at) if reminds else None,
        linked=application.linked is not None,
        created_at=item.booked_at,
        updated_at=max(item.updated_at, application.updated_at),
    )
