"""The events that a change of an application is: the change feed and webhooks both tell these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem
from chalicelib.rules.model import ChangeType, RecordType, SubscribedEvent, is_overdue

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One event, and the record that it happened to. `data` holds ids, enumerated values and instants only."""

    type: SubscribedEvent
    record: RecordType
    id: str
    data: Json


def subject(application: ApplicationItem) -> Json:
    """Returns what the data of every event about an application begins with."""
    return {"application_id": application.id, "candidate_id": application.candidate_id}


def events_of(change: CaseChange) -> Iterator[CaseEvent]:
    """Yields the events of a change, in order. What time brings is none of them (`clock_events_of`, `webhook_timers`)."""
    case, before = change.after, change.before
    for interview in change.interviews:
        if kind := _of_interview(interview, before.attributes_of(interview)):
            yield CaseEvent(kind, "interview", interview.id, _about_interview(interview, case.application))
    yield from _of_application(change)
    for contact in change.contacts:
        for kind in _of_contact(contact, before.attributes_of(contact)):
            yield CaseEvent(kind, "contact", contact.id, _about_contact(contact, case.application))
    for said in change.statements:
        if is_reply(said) and before.attributes_of(said) is None:
            data = {**subject(case.application), "reply_id": said.id, "kind": "not_yet"}
            yield CaseEvent("reply.received", "reply", said.id, data)


def is_reply(statement: StatementItem) -> bool:
    """Whether a statement is listed among the employer's replies."""
    return bool(statement.list_key)


def _of_interview(item: InterviewItem, before: Json | None) -> SubscribedEvent | None:
    if before is None:
        return "interview.booked" if item.status == "scheduled" else None
    if item.status != before["status"]:
        changed: dict[str, SubscribedEvent] = {
            "scheduled": "interview.reinstated",
            "cancelled": "interview.cancelled",
            "no_show": "interview.no_show",
        }
        return changed[item.status]
    is_moved = (item.start_at, item.end_at) != (before["start_at"], before["end_at"])
    return "interview.moved" if is_moved and item.status == "scheduled" else None


def _about_interview(item: InterviewItem, application: ApplicationItem) -> Json:
    times = {"start_at": instant(item.start_at), "end_at": instant(item.end_at)}
    return {**subject(application), "interview_id": item.id, "stage": item.stage, **times}


def _of_application(change: CaseChange) -> Iterator[CaseEvent]:
    application, before = change.after.application, change.application_before
    if application.decided and application.decided != before.get("decided"):
        data = {**subject(application), "decided": application.decided}
        yield CaseEvent("application.decided", "application", application.id, data)
    if application.feedback_request and not before.get("feedback_request"):
        data = {**subject(application), "due_on": application.feedback_request["due_on"]}
        yield CaseEvent("feedback.requested", "application", application.id, data)
    if application.status != before.get("status", "active"):
        ended: dict[str, SubscribedEvent] = {"closed": "application.closed", "withdrawn": "application.withdrawn"}
        if kind := ended.get(application.status):
            yield CaseEvent(kind, "application", application.id, subject(application))


def _of_contact(item: ContactItem, before: Json | None) -> Iterator[SubscribedEvent]:
    if before is None:
        yield "contact.recorded"
    if item.disputed and not (before or {}).get("disputed"):
        yield "contact.disputed"
    if item.voided_at and before is not None and not before.get("voided_at"):
        yield "contact.voided"


def _about_contact(item: ContactItem, application: ApplicationItem) -> Json:
    told = {"channel": item.channel, "outcome": item.outcome, "decision": item.decision}
    return {**subject(application), "contact_id": item.id, **told}


def clock_events_of(change: CaseChange, now: datetime) -> tuple[ChangeType, ...]:
    """Returns what a change makes an application at once that otherwise time does: waiting, due, overdue; and lapsed."""
    had = _states(change.application_before, now)
    return tuple(one for one in _states(change.after.application.attribute_values, now) if one not in had)


def _states(application: Json, now: datetime) -> tuple[ChangeType, ...]:
    if application.get("wait_state") == "lapsed":
        return ("application.lapsed",)
    if application.get("wait_state") != "open" or application["wait_since"] > now:
        return ()
    due = application["word_due_at"]
    if due > now:
        return ("interview.waiting",)
    return ("interview.waiting", "application.due", *(("application.overdue",) if is_overdue(due, now) else ()))
