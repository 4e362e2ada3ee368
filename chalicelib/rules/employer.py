"""Defines an employer with its settings, as the rules work on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.rules.canonical import canonical_address
from chalicelib.rules.model import BUSINESS_DAYS, CallBack, ClockHours, DateOrder, Language, NudgeKind, Weekday


@dataclass(frozen=True, slots=True)
class Window:
    """The days and hours ("HH:MM") in which a recipient gets messages, in the recipient's time zone."""

    days: tuple[Weekday, ...] = BUSINESS_DAYS
    start: str = "10:00"
    end: str = "18:00"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of an employer's reminders. A change applies to waits that open after it."""

    word_due_hours: int = 48
    candidate_nudge: NudgeKind = "call"
    max_nudges: int = 2
    second_nudge_days: int = 5
    candidate_window: Window = field(default_factory=Window)
    digest_time: str = "09:00"
    digest_days: tuple[Weekday, ...] = BUSINESS_DAYS
    escalate_to: tuple[str, ...] = ()
    escalate_after_business_days: int = 5
    report_to: tuple[str, ...] = ()
    """Who gets the weekly report: numbers, no names."""
    holidays: str | None = None
    promise_default_days: int = 7
    sms_monthly_cap_usd: float = 25
    sms_countries: tuple[str, ...] = ()
    jurisdiction: str | None = None
    headcount: int | None = None
    retention_months: int | None = None
    """Candidates without activity for so many months are erased; None keeps them."""
    tell_next_step: bool = False
    """Whether candidates get a mail at the interview's end: by when they will hear, and who to ask."""
    language: Language = "en"
    """The language of messages to candidates whose own is unknown or has no catalogue."""
    link_seekers: bool = False
    """Whether candidates may link their application with their own list, if they keep one here (docs/seekers.md)."""
    clock_hours: ClockHours | None = None
    """How its team reads times: "3:30 PM" or "15:30". None: as is usual in the country of its time zone."""
    date_order: DateOrder | None = None
    """How its team reads dates: "30 Nov" or "Nov 30". None: the same."""


class Zone(str):
    """The IANA name of a time zone, with how times and dates there are written where that is not the country's way.

    It is passed on like any name of a zone; `copy.clock` alone reads what it carries.
    """

    hours: ClockHours | None = None
    order: DateOrder | None = None

    @classmethod
    def of(cls, name: str, policy: Policy) -> str:
        """Return the name with what the policy chose; the name itself where it chose nothing."""
        if policy.clock_hours is None and policy.date_order is None:
            return str(name)
        zone = cls(name)
        zone.hours, zone.order = policy.clock_hours, policy.date_order
        return zone


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator lets an employer use at most. Its policy can lower the two about texts, and never raise them."""

    sms_countries: tuple[str, ...] = ()
    sms_monthly_cap_usd: float = 100
    sms_per_day: int = 1000
    """Texts a day (UTC)."""
    emails_per_day: int = 10_000
    """Mails a day (UTC): reminders, digests, notices, sign-in, invitations and verification."""
    users: int = 500
    api_keys: int = 50
    """Active keys: neither revoked nor expired."""


@dataclass(frozen=True, slots=True)
class Sender:
    """An employer's own number for texts, address for mails, and address for replies. None: the deployment's."""

    sms_number: str | None = None
    email_from: str | None = None
    reply_to: str | None = None
    inbox: bool = False
    """Whether answers of candidates to its mails come into its Inbox. They then go there, not to `reply_to`."""

    @property
    def replies_are_read(self) -> bool:
        """Whether somebody reads what candidates answer to its mails."""
        return self.inbox or bool(self.reply_to)


@dataclass(frozen=True, slots=True)
class Employer:
    """A tenant: a company that interviews candidates.

    `timezone` is an IANA name. It carries how the employer writes times and dates, where it chose that (`Zone`).
    """

    id: str
    name: str
    timezone: str
    call_back: CallBack = field(default_factory=CallBack)
    digest_to: tuple[str, ...] = ()
    digest_ended: tuple[str, ...] = ()
    """Addresses that unsubscribed from the digest and were not entered again."""
    digest_unverified: tuple[str, ...] = ()
    """Canonical addresses that get no digest until a person with that address accepts, or a link verifies it."""
    policy: Policy = field(default_factory=Policy)
    """With the limits applied: what is above them is lowered to them."""
    limits: Limits = field(default_factory=Limits)
    sender: Sender = field(default_factory=Sender)
    trial: bool = True
    suspended: bool = False
    webhooks: bool = False
    """Whether any webhook endpoint is enabled."""
    webhooks_ended: bool = False
    """Whether a webhook endpoint was disabled because its deliveries failed."""
    ats_lacks: tuple[tuple[str, str], ...] = ()
    """What connections to hiring systems lack, as (code, detail)."""
    review_days: float | None = None
    """The scale of the review curve that its own reviews have taught, where it excludes the default (`risk.learning`)."""
    seeker: bool = False
    """Whether it is a job seeker's own tenant: its one candidate keeps their own interviews here (docs/seekers.md)."""
    logo: str | None = None
    """The file name of its logo, which pages show."""
    verified: tuple[str, ...] = ()
    """The employer's own verified addresses and numbers in canonical form: on trial it can write to no others."""

    def may_write_to(self, address: str) -> bool:
        """Whether messages may go to the address: on trial only to verified ones."""
        return not self.trial or canonical_address(address) in self.verified
