"""Defines the enums, and the records of a candidate that the rules work on. `employer.py` has those of an employer.

Instants are aware datetimes in UTC. Counts of days or hours say so in their names. Each enum of the product is listed here
once; schemas, stored items and the OpenAPI document use these lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

Stage = Literal["screen", "interview", "final"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Decided = Literal["advancing", "offer", "rejected"]
DECIDED: tuple[Decided, ...] = get_args(Decided)
Decision = Literal[Decided, "pending"]
Outcome = Literal["reached", "sent", "voicemail", "no_answer", "bounced"]
ContactChannel = Literal["call", "email", "sms", "video", "in_person", "letter", "portal"]
ContactStatus = Literal["recorded", "voided", "disputed"]
InterviewStatus = Literal["scheduled", "cancelled", "no_show"]
INTERVIEW_STATUSES: tuple[InterviewStatus, ...] = get_args(InterviewStatus)
ApplicationStatus = Literal["active", "withdrawn", "closed"]
LoopState = Literal["idle", "booked", "waiting", "answered", "closed"]
LOOP_STATES: tuple[LoopState, ...] = get_args(LoopState)
AnsweredBy = Literal["contact", "interview", "candidate"]
WaitState = Literal["open", "answered", "dropped", "lapsed"]
NudgeKind = Literal["call", "email_reply", "off"]
MatchedBy = Literal["external_id", "email", "phone"]
"""How a request's candidate, application or interview was found to be a known one."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
BUSINESS_DAYS: tuple[Weekday, ...] = WEEKDAYS[:5]

Language = Literal["en", "es", "fr", "he", "ko"]
"""ISO 639 codes of the languages that candidates are written to in."""
LANGUAGES: tuple[Language, ...] = get_args(Language)
ClockHours = Literal["12", "24"]
DateOrder = Literal["day_first", "month_first"]
MessageChannel = Literal["sms", "email"]
MESSAGE_CHANNELS: tuple[MessageChannel, ...] = get_args(MessageChannel)
Audience = Literal["candidate", "employer"]
ReplyKind = Literal["text", "email", "not_yet", "dispute"]
"""What a candidate said: a text or a mail, that nobody got in touch, or the same although a contact was logged."""
SenderCheck = Literal["candidate", "other_address", "not_verified"]
"""Who a mail that came in is from: the candidate's own address, proven by the domain it came from; another address; or the
candidate's address, which somebody else may have written."""
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
TimelineType = Literal[
    "application",
    "interview",
    "contact",
    "statement",
    "message",
    "holding_notice",
    "letter",
    "reply",
    "dispute",
    "decision",
    "status",
    "feedback_request",
    "feedback",
]
"""What an entry of an application's timeline is about."""
TIMELINE_TYPES: tuple[TimelineType, ...] = get_args(TimelineType)
InterviewChange = Literal["booked", "moved", "changed", "cancelled", "no_show", "reinstated", "ended"]
LetterReason = Literal[
    "experience",
    "skills",
    "qualification",
    "work_sample",
    "licence",
    "language",
    "availability",
    "location",
    "role_filled",
    "role_cancelled",
]
"""Why somebody was rejected, by criteria of the job: the only reasons that a letter to many may give."""
LETTER_REASONS: tuple[LetterReason, ...] = get_args(LetterReason)
MessageStatus = Literal[
    "queued", "sending", "sent", "delivered", "retrying", "failed", "expired", "cancelled", "suppressed", "unknown"
]
MESSAGE_STATUSES: tuple[MessageStatus, ...] = get_args(MessageStatus)

SubscribedEvent = Literal[
    "interview.booked",
    "interview.moved",
    "interview.cancelled",
    "interview.no_show",
    "interview.reinstated",
    "interview.waiting",
    "application.decided",
    "application.closed",
    "application.withdrawn",
    "application.overdue",
    "feedback.requested",
    "contact.recorded",
    "contact.disputed",
    "contact.voided",
    "candidate.updated",
    "candidate.erased",
    "reply.received",
    "message.sent",
    "message.delivered",
    "message.failed",
    "message.unknown",
    "candidate.opted_out",
    "risk.band_changed",
    "digest.ready",
    "webhook_endpoint.disabled",
]
"""The events that a webhook endpoint can subscribe to."""
EventType = Literal[SubscribedEvent, "webhook_endpoint.test"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
ChangeType = Literal[SubscribedEvent, "application.due", "application.lapsed"]
"""What a row of the change feed says of a record: the events, and two that only the feed tells."""
RecordType = Literal["candidate", "application", "interview", "contact", "statement", "message", "reply"]
"""The records of which the change feed tells."""
WebhookFormat = Literal["json", "slack", "teams"]
"""What an endpoint gets: signed events, or messages for the chat of a team."""
EventDeliveryStatus = Literal["pending", "delivered", "failed"]

KeyScope = Literal["report", "read", "write", "manage"]
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)
"""What an employer's keys and people can have."""
Scope = Literal[KeyScope, "my"]
"""`my` is what a job seeker has: their own interviews, and nothing else."""
Role = Literal["recruiter", "manager"]
PersonRole = Literal[Role, "seeker"]
"""A job seeker is the one person of a tenant of their own. Nobody is given this role: signing up makes it."""
SeekerState = Literal["booked", "waiting", "heard", "closed"]
"""Where an interview of a job seeker stands."""
SeekerOutcome = Literal["called", "heard", "no_answer", "closed"]
"""What a job seeker records: they called and got through, they were told, nobody answered, they let it go."""

AtsName = Literal["greenhouse", "ashby", "workable", "lever", "teamtailor"]
AtsEventStatus = Literal["queued", "done", "waiting", "ignored", "unmapped", "failed"]
ATS_EVENT_STATUSES: tuple[AtsEventStatus, ...] = get_args(AtsEventStatus)

RiskBand = Literal["low", "moderate", "high", "severe"]
Advertised = Literal["public", "general_campaign", "internal"]
WorkPlace = Literal["inside", "outside"]
"""Whether the work of a job is done where the statute holds."""
DocumentsFiled = Literal["paper", "online"]
"""How candidates hand in documents: on paper, or by website or email."""
DutyState = Literal["open", "met", "met_late", "missed"]
NoticeName = Literal["employer", "candidate", "process_start", "position", "sender", "sender_role", "selection_body"]
"""What a written notice may have to name."""

LAPSE_AFTER = timedelta(days=365)
"""A wait that is overdue for so long lapses and leaves the call list."""
MAX_PROMISE = timedelta(days=30)
"""How far ahead a "not yet" may promise an answer."""
OVERDUE_AFTER = timedelta(hours=1)
"""A wait is overdue one hour after `word_due_at`, truncated to the hour."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """The person, number and address that a candidate can ask: the interview's, else the employer's."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None

    def or_else(self, other: CallBack) -> CallBack:
        """Returns this one where it has a number or an address, else `other`; never a mix of the two."""
        return self if self.phone or self.email else other


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate of one employer, with the fields that a message needs.

    `phone_takes_texts` is False for numbers known to be landlines. `phone_country` is the number's ISO 3166 country: without a
    time zone, texts go by it (`send_zones`).
    """

    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    phone_takes_texts: bool = False
    timezone: str | None = None
    locale: str | None = None
    sms_consent_at: datetime | None = None
    phone_country: str | None = None
    unconfirmed: bool = False
    """Whether they left these details by a check-in card, and nobody confirmed them: the addresses may be a stranger's."""
    reminded_elsewhere: bool = False
    """Whether they keep this interview in a list of their own, linked with this record: that list reminds them."""

    @property
    def reachable(self) -> bool:
        """Whether there is a phone number or an email address; waits without either are listed apart."""
        return bool(self.phone or self.email)


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview with a start and an end. `booked_at` is when it was recorded.

    `word_due_hours` was copied from the policy at booking. `next_word_by` is a day that the employer named.
    """

    id: str
    stage: Stage
    start_at: datetime
    end_at: datetime
    booked_at: datetime
    word_due_hours: int = 48
    next_word_by: datetime | None = None
    call_back: CallBack = field(default_factory=CallBack)
    status: InterviewStatus = "scheduled"

    @property
    def word_due_at(self) -> datetime:
        """When the candidate should have an answer: on the named day, else so many hours after the end."""
        return self.next_word_by or self.end_at + timedelta(hours=self.word_due_hours)

    @property
    def invited_at(self) -> datetime:
        """When the candidate was invited: at the booking, or at the start where it was recorded later."""
        return min(self.booked_at, self.start_at)


@dataclass(frozen=True, slots=True)
class Contact:
    """A logged attempt of the employer to tell the candidate something.

    `promised_by` is the day that a "not yet" promises: `next_word_by`, else the policy's days after the contact.
    `promise_named` says that the employer named that day.
    """

    id: str
    channel: ContactChannel
    outcome: Outcome
    occurred_at: datetime
    recorded_at: datetime
    decision: Decision | None = None
    promised_by: datetime | None = None
    promise_named: bool = False
    voided: bool = False

    @property
    def reached(self) -> bool:
        """Whether the candidate got the message. `fold` takes a later bounce into account."""
        return self.outcome in ("reached", "sent")

    @property
    def final(self) -> bool:
        """Whether it told a decision rather than "not yet"."""
        return self.decision in DECIDED


@dataclass(frozen=True, slots=True)
class Statement:
    """What the candidate told us: "I heard" or "they did not get in touch"."""

    id: str
    heard: bool
    at: datetime
    recorded_at: datetime
    decision: Decision | None = None
    voided: bool = False
    promised_by: datetime | None = None
    """The day to which they were put off, where a linked record told it with its word (docs/seekers.md)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A period in which an application is owed an answer, without the candidate's data.

    `cause` is the id of the interview or contact that opened it, and the wait's key within the application.
    `since` is the interview's end, or when the promise was made. `answered_at` may be earlier: an answer given in the interview.
    `dropped` waits (withdrawn, closed, erased) and `lapsed` waits are kept but not counted.
    """

    cause: str
    stage: Stage
    since: datetime
    word_due_at: datetime
    state: WaitState = "open"
    answered_at: datetime | None = None
    answered_by: AnsweredBy | None = None
    answer: str | None = None

    @property
    def not_yet(self) -> bool:
        """Whether it was answered without a decision, as far as was recorded: a "not yet", or only "I heard"."""
        return self.state == "answered" and self.answer in (None, "pending")

    @property
    def promised(self) -> bool:
        """Whether a promise of an answer opened the wait, rather than an interview."""
        return is_promise(self.cause)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is passed to SNS or SES. All but `to` and `text` are for email only."""

    channel: MessageChannel
    to: str
    text: str
    subject: str | None = None
    html: str | None = None
    unsubscribe_url: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers, of email only, as (name, value)."""


def is_promise(cause: str) -> bool:
    """Returns whether the cause of a wait is a promise: a contact's, or one that a statement passes on."""
    return cause.startswith(("con_", "sta_"))


def truncated_to_hour(instant: datetime) -> datetime:
    """Returns the start of the hour of an instant: the tally counts by the hour."""
    return instant.replace(minute=0, second=0, microsecond=0)


def is_overdue(word_due_at: datetime, as_of: datetime) -> bool:
    """Whether an open wait is overdue: one hour past the hour in which the answer was due."""
    return as_of - truncated_to_hour(word_due_at) >= OVERDUE_AFTER
