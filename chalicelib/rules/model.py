"""What the rules talk about, as frozen dataclasses in the field's words.

Every instant is an aware datetime in UTC; every day or hour count says so in its name.
Nothing here knows how it is stored or sent.
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
ApplicationStatus = Literal["active", "withdrawn", "closed"]
LoopState = Literal["idle", "booked", "waiting", "answered", "closed"]
LOOP_STATES: tuple[LoopState, ...] = get_args(LoopState)
AnsweredBy = Literal["contact", "interview", "candidate"]
WaitState = Literal["open", "answered", "dropped", "lapsed"]
NudgeKind = Literal["call", "email_reply", "off"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
BUSINESS_DAYS: tuple[Weekday, ...] = WEEKDAYS[:5]

MessageChannel = Literal["sms", "email"]
MESSAGE_CHANNELS: tuple[MessageChannel, ...] = get_args(MessageChannel)
Audience = Literal["candidate", "employer"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
MessageStatus = Literal["queued", "sending", "sent", "retrying", "failed", "expired", "cancelled", "suppressed", "unknown"]
MESSAGE_STATUSES: tuple[MessageStatus, ...] = get_args(MessageStatus)

SubscribedEvent = Literal[
    "interview.waiting",
    "application.overdue",
    "contact.recorded",
    "contact.disputed",
    "message.sent",
    "message.failed",
    "message.unknown",
    "candidate.opted_out",
    "risk.band_changed",
    "webhook_endpoint.disabled",
]
"""The events that a webhook endpoint can subscribe to."""
EventType = Literal[SubscribedEvent, "webhook_endpoint.test"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
EventDeliveryStatus = Literal["pending", "delivered", "failed"]

Scope = Literal["read", "write", "manage"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Role = Literal["recruiter", "manager"]

AtsName = Literal["greenhouse", "ashby", "workable", "lever", "teamtailor"]
AtsEventStatus = Literal["queued", "done", "waiting", "ignored", "unmapped", "failed"]
ATS_EVENT_STATUSES: tuple[AtsEventStatus, ...] = get_args(AtsEventStatus)

RiskBand = Literal["low", "moderate", "high", "severe"]
Advertised = Literal["public", "general_campaign", "internal"]
DutyState = Literal["open", "met", "met_late", "missed"]
NoticeName = Literal["employer", "candidate", "process_start", "position", "sender"]
"""What a written notice may have to name."""

LAPSE_AFTER = timedelta(days=365)
"""A wait this long overdue lapses: nobody will be called about it any more."""
MAX_PROMISE = timedelta(days=30)
"""The furthest day that an honest "not yet" may promise."""
OVERDUE_AFTER = timedelta(hours=1)
"""Overdue, everywhere: an hour past `word_due_at` truncated to the hour."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a recipient may be written to, on the recipient's own clock: `days`, from `start` to `end` ("HH:MM")."""

    days: tuple[Weekday, ...] = BUSINESS_DAYS
    start: str = "10:00"
    end: str = "18:00"


@dataclass(frozen=True, slots=True)
class Policy:
    """What an employer may change about its follow-ups. Applies to waits opened after the change."""

    word_due_hours: int = 48
    candidate_nudge: NudgeKind = "call"
    max_nudges: int = 2
    second_nudge_days: int = 5
    candidate_window: Window = field(default_factory=Window)
    digest_time: str = "09:00"
    digest_days: tuple[Weekday, ...] = BUSINESS_DAYS
    escalate_to: tuple[str, ...] = ()
    escalate_after_business_days: int = 5
    holidays: str | None = None
    promise_default_days: int = 7
    sms_monthly_cap_usd: float = 25
    sms_countries: tuple[str, ...] = ()
    jurisdiction: str | None = None
    headcount: int | None = None
    retention_months: int | None = None
    """Candidates without activity for so long are erased; None: never."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """Whom a candidate should call, and where: of the interview, else of the employer."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None

    def or_else(self, other: CallBack) -> CallBack:
        """This one where it names a number or an address, else `other`, whole: never one person's name with another's number."""
        return self if self.phone or self.email else other


@dataclass(frozen=True, slots=True)
class Employer:
    """The tenant: a company that interviews people. `timezone` is an IANA name."""

    id: str
    name: str
    timezone: str
    call_back: CallBack = field(default_factory=CallBack)
    digest_to: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    trial: bool = True
    suspended: bool = False
    webhooks: bool = False
    """Whether somebody listens to events."""
    webhooks_ended: bool = False
    """Whether an endpoint of theirs was disabled because it failed."""
    verified: tuple[str, ...] = ()
    """Addresses and numbers of its own that were verified: the only ones that it may write to while on trial."""

    def may_write_to(self, address: str) -> bool:
        return not self.trial or address.casefold() in self.verified


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person, within one employer, as far as a message needs to know: the copy that an application carries.

    `phone_takes_texts` is False for numbers known to be landlines; `timezone` None means the employer's.
    """

    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    phone_takes_texts: bool = False
    timezone: str | None = None
    locale: str | None = None
    sms_consent_at: datetime | None = None

    @property
    def reachable(self) -> bool:
        """Whether the employer could call or write: without phone and email a wait is listed apart."""
        return bool(self.phone or self.email)


@dataclass(frozen=True, slots=True)
class Interview:
    """A conversation with a start and an end. `booked_at` is when we learned of it.

    `word_due_hours` was copied from the policy at booking; `next_word_by` is a day the employer named itself.
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
        return self.next_word_by or self.end_at + timedelta(hours=self.word_due_hours)

    @property
    def invited_at(self) -> datetime:
        """When the candidate was invited, as far as we know: at the booking, and no later than the start."""
        return min(self.booked_at, self.start_at)


@dataclass(frozen=True, slots=True)
class Contact:
    """A logged act of the employer telling the candidate something, or trying to.

    `promised_by` is the promise that an honest "not yet" makes: resolved when logged (`next_word_by`, else the policy's days).
    `promise_named` says that the employer named that day itself.
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
        """Whether it brought word: an attempt is not a contact. (A later bounce is for the fold to see.)"""
        return self.outcome in ("reached", "sent")

    @property
    def final(self) -> bool:
        """Whether it told a decision, rather than an honest "not yet"."""
        return self.decision in DECIDED


@dataclass(frozen=True, slots=True)
class Statement:
    """What the candidate says: "I heard" or "they did not get in touch"."""

    id: str
    heard: bool
    at: datetime
    recorded_at: datetime
    decision: Decision | None = None
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """One stretch in which an application is owed word, stripped of the person.

    `cause` is the id of the interview or contact that opened it: unique within the application, and the wait's key.
    `since` is the interview's end or the promise's making; `answered_at` may precede it (word given in the interview).
    `dropped` (withdrawn, closed, erased) and `lapsed` waits are kept and counted nowhere.
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
    def promised(self) -> bool:
        return self.cause.startswith("con_")


@dataclass(frozen=True, slots=True)
class Message:
    """One reminder as it is handed to SNS or SES. `html` and `unsubscribe_url` are for email only."""

    channel: MessageChannel
    to: str
    text: str
    subject: str | None = None
    html: str | None = None
    unsubscribe_url: str | None = None


def truncated_to_hour(instant: datetime) -> datetime:
    """The hour an instant lies in: the grain of the tally."""
    return instant.replace(minute=0, second=0, microsecond=0)


def is_overdue(word_due_at: datetime, as_of: datetime) -> bool:
    """No word yet and the deadline's hour has passed by an hour: the same everywhere (u >= 1/24)."""
    return as_of - truncated_to_hour(word_due_at) >= OVERDUE_AFTER
