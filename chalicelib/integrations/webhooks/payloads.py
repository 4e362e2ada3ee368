"""The data of outgoing events, by type. For the OpenAPI document and the tests: events are written where they happen.

Ids, enumerated values, days and instants only: no name, address or text.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime

from chalicelib.api.serialize import ABSENT, MAY_BE_ABSENT, ResponseBody
from chalicelib.rules.model import (
    ContactChannel,
    Decided,
    Decision,
    EventType,
    MessageChannel,
    Outcome,
    ReplyKind,
    RiskBand,
    Stage,
)


class ApplicationData(ResponseBody):
    """The application that it happened to."""

    application_id: str
    candidate_id: str


class InterviewData(ApplicationData):
    """The interview, as it is from then on."""

    interview_id: str
    stage: Stage
    start_at: datetime
    end_at: datetime


class WaitData(ApplicationData):
    """The wait that began or is overdue."""

    stage: Stage
    waiting_since: datetime
    word_due_at: datetime


class DecisionData(ApplicationData):
    """What was decided, whether or not the candidate was told."""

    decided: Decided


class FeedbackData(ApplicationData):
    """The application whose candidate asked why, and the day by which they should have an answer."""

    due_on: date


class ContactData(ApplicationData):
    """The contact, as it was logged."""

    contact_id: str
    channel: ContactChannel
    outcome: Outcome
    decision: Decision | None


class CandidateData(ResponseBody):
    """The candidate that it happened to."""

    candidate_id: str


class ReplyData(ResponseBody):
    """The reply. Of a text `application_id` is null until it is known which message it answers."""

    reply_id: str
    application_id: str | None
    kind: ReplyKind
    candidate_id: str = field(default=ABSENT, metadata=MAY_BE_ABSENT)


class MessageData(ResponseBody):
    """The message to a candidate, without its reason: providers quote addresses in it."""

    message_id: str
    application_id: str | None
    step: str
    channel: MessageChannel


class BandData(ResponseBody):
    """The band of the nightly snapshot, and that of the last one."""

    from_: RiskBand
    to: RiskBand
    score: float
    method: str


class DigestData(ResponseBody):
    """How many there are on the morning of a digest. Snoozed candidates are not counted."""

    overdue: int
    due_soon: int
    rejected_not_told: int
    replies: int


class EndpointData(ResponseBody):
    """The endpoint that it happened to."""

    endpoint_id: str


class DisabledEndpointData(EndpointData):
    """The endpoint, and why we stopped."""

    reason: str


EVENT_DATA: dict[EventType, type[ResponseBody]] = {
    "interview.booked": InterviewData,
    "interview.moved": InterviewData,
    "interview.cancelled": InterviewData,
    "interview.no_show": InterviewData,
    "interview.reinstated": InterviewData,
    "interview.waiting": WaitData,
    "application.decided": DecisionData,
    "application.closed": ApplicationData,
    "application.withdrawn": ApplicationData,
    "application.overdue": WaitData,
    "feedback.requested": FeedbackData,
    "contact.recorded": ContactData,
    "contact.disputed": ContactData,
    "contact.voided": ContactData,
    "candidate.updated": CandidateData,
    "candidate.erased": CandidateData,
    "reply.received": ReplyData,
    "message.sent": MessageData,
    "message.delivered": MessageData,
    "message.failed": MessageData,
    "message.unknown": MessageData,
    "candidate.opted_out": CandidateData,
    "risk.band_changed": BandData,
    "digest.ready": DigestData,
    "webhook_endpoint.disabled": DisabledEndpointData,
    "webhook_endpoint.test": EndpointData,
}
