"""Writes the employer's digest: who should have heard, who is next, and who was rejected but not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from chalicelib.rules.canonical import mail_link, tel_link
from chalicelib.rules.copy.clean import CANDIDATE, EMPLOYER, JOB, clean
from chalicelib.rules.copy.clock import city, moment
from chalicelib.rules.copy.digest_paragraphs import FeedbackRow, KeepInMindRow, ReplyRow, StatuteRow, paragraphs
from chalicelib.rules.copy.pages import STAGE_WORDS, button, page
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Decided, Message, Stage

DECIDED_WORDS: dict[Decided, str] = {"advancing": "moving forward", "offer": "offer", "rejected": "rejected"}
WHY_CALL = "A two-minute call to thank them for their time is kinder than silence, and can save a negative review."
NO_CALL_BACK = (
    "We cannot remind candidates, because we do not know who they should call. "
    "Set the contact for candidates in Settings, or with each interview."
)
CAP_REACHED = (
    "This month's limit for texts (${cap:,.2f}) is used up. Until the month ends (UTC) or the limit is raised, "
    "candidates with an email address get an email instead, and others get nothing."
)
ABOUT = "You get this because Heardback has your address as one of {employer}'s. Times are those of {zone}."
ABOUT_OWN = "You get this because you are the owner of these applications in Heardback. Times are those of {zone}."
UNSUBSCRIBE = "Unsubscribe from these emails"


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One candidate of a list. `overdue_days` counts whole days and is 0 before the deadline."""

    name: str
    phone: str | None
    email: str | None
    job_title: str
    stage: Stage
    word_due_at: datetime
    decided: Decided | None = None
    overdue_days: int = 0
    costs: str | None = None
    """What kind of number it is, where a call to it costs more than a usual one: candidates enter their own."""

    @property
    def number(self) -> str | None:
        """The number as people read it, with a warning."""
        return f"{self.phone} ({self.costs}: a call costs more)" if self.phone and self.costs else self.phone


@dataclass(frozen=True, slots=True)
class _Section:
    """One list of the digest; `total` also counts those that are not listed."""

    title: str
    why: str
    rows: Sequence[DigestRow]
    total: int


def digest(
    employer: Employer,
    *,
    overdue: Sequence[DigestRow],
    soon: Sequence[DigestRow],
    not_told: Sequence[DigestRow],
    totals: tuple[int, int, int],
    now: datetime,
    unsubscribe_url: str | None,
    escalation: bool = False,
    own: bool = False,
    page_url: str | None = None,
    no_call_back: bool = False,
    cap_reached: bool = False,
    to: str = "",
    by_law: Sequence[StatuteRow] = (),
    kept: Sequence[KeepInMindRow] = (),
    replies: Sequence[ReplyRow] = (),
    asked: Sequence[FeedbackRow] = (),
    asked_more: bool = False,
) -> Message:
    """Returns the digest for one address of the employer; times are in the employer's zone.

    `totals` count overdue, due soon and not told, listed or not. `escalation` is the variant for those who get it only when
    candidates have waited for days, `own` that for the owner of the applications. `asked_more`:
    more may have asked for feedback than were read.
    """
    sections = [section for section in _sections(employer, (overdue, soon, not_told), totals, escalation) if section.total]
    subject = _subject(employer, totals, escalation, len(by_law), bool(kept), own)
    if replies and not (any(totals) or by_law or kept):
        subject = f"{clean(employer.name, EMPLOYER)}: {_count(len(replies), 'candidate')} wrote to you"
    if asked and not (any(totals) or by_law or kept or replies):
        subject = f"{clean(employer.name, EMPLOYER)}: {_asked(len(asked), asked_more)} asked for feedback"
    cap = [sms_cap_reached_notice(employer)] if cap_reached else []
    told = paragraphs(employer.timezone, by_law, kept, replies, asked, asked_more=asked_more)
    warnings = [*([NO_CALL_BACK] if no_call_back else []), *cap, *told]
    about = (ABOUT_OWN if own else ABOUT).format(employer=clean(employer.name, EMPLOYER), zone=city(employer.timezone))
    greeting = _greeting(employer, now, own)
    text = _text(greeting, employer, sections, warnings, about, page_url, unsubscribe_url)
    parts = [f"<p>{escape(greeting)}</p>", *(_section_html(section, employer.timezone) for section in sections)]
    if page_url:
        parts.append(button("Open the call list", page_url))
    parts += [f"<p><strong>{escape(warning)}</strong></p>" for warning in warnings]
    html = page(subject, parts, [about], unsubscribe_url, UNSUBSCRIBE)
    return Message("email", to, text, subject, html, unsubscribe_url)


def _asked(count: int, more: bool) -> str:
    return f"{count:,} or more candidates" if more else _count(count, "candidate")


def sms_cap_reached_notice(employer: Employer) -> str:
    """Returns the warning that the month's budget for texts is used up."""
    return CAP_REACHED.format(cap=employer.policy.sms_monthly_cap_usd)


def _sections(
    employer: Employer, rows: tuple[Sequence[DigestRow], ...], totals: tuple[int, int, int], escalation: bool
) -> Sequence[_Section]:
    days = employer.policy.escalate_after_business_days
    late = f"They should have heard from you at least {_count(days, 'business day')} ago. " if escalation else ""
    return (
        _Section("Should have heard by now", late + WHY_CALL, rows[0], totals[0]),
        _Section("Due next", "Call them in time, and they need no reminder from us.", rows[1], totals[1]),
        _Section("Rejected, not told", "You have decided. They are still hoping.", rows[2], totals[2]),
    )


def _subject(employer: Employer, totals: tuple[int, int, int], escalation: bool, by_law: int, kept: bool, own: bool) -> str:
    overdue, soon, not_told = totals
    whose = "candidate of yours" if own else "candidate"
    name = clean(employer.name, EMPLOYER)
    if overdue:
        days = _count(employer.policy.escalate_after_business_days, "business day")
        late = f" ({days} late or more)" if escalation else ""
        return f"{name}: {_count(overdue, whose)} should have heard from you by now{late}"
    if not_told:
        return f"{name}: {_count(not_told, whose)} rejected, but not told"
    if kept and not (soon or by_law):
        return f"{name}: similar work has opened for somebody you keep in mind"
    if soon or not by_law:
        return f"{name}: {_count(soon, whose)} to call next"
    return f"{name}: {_count(by_law, whose)} to tell by a day the law names"


def _greeting(employer: Employer, now: datetime, own: bool) -> str:
    who = "Your candidates who are" if own else "Who is"
    return f"{who} waiting to hear from {clean(employer.name, EMPLOYER)}, as of {moment(now, employer.timezone)}:"


def _text(
    greeting: str,
    employer: Employer,
    sections: Sequence[_Section],
    warnings: Sequence[str],
    about: str,
    page_url: str | None,
    unsubscribe_url: str | None,
) -> str:
    paragraphs = [greeting]
    for section in sections:
        lines = [f"{section.title} ({section.total})", section.why, ""]
        lines += [f"* {_row_text(row, employer.timezone)}" for row in section.rows] + _rest(section)
        paragraphs.append("\n".join(lines))
    paragraphs += [f"Open the call list: {page_url}"] if page_url else []
    paragraphs += [*warnings, about]
    paragraphs += [f"{UNSUBSCRIBE}: {unsubscribe_url}"] if unsubscribe_url else []
    return "\n\n".join(paragraphs) + "\n"


def _row_text(row: DigestRow, zone: str) -> str:
    return f"{clean(row.name, CANDIDATE)}, {_subject_of(row)}\n  {_when(row, zone)}\n  {_reach_text(row)}"


def _subject_of(row: DigestRow) -> str:
    return f"{STAGE_WORDS[row.stage]} for {clean(row.job_title, JOB)}"


def _when(row: DigestRow, zone: str) -> str:
    late = f", {_count(row.overdue_days, 'day')} ago" if row.overdue_days else ""
    decided = f". Decided: {DECIDED_WORDS[row.decided]}, not told" if row.decided else ""
    return f"reply due {moment(row.word_due_at, zone)}{late}{decided}"


def _reach_text(row: DigestRow) -> str:
    return ", ".join(way for way in (row.number, row.email) if way) or "no number or address known"


def _rest(section: _Section) -> list[str]:
    more = section.total - len(section.rows)
    return [f"… and {more} more"] if more > 0 else []


def _section_html(section: _Section, zone: str) -> str:
    items = "".join(f'<li style="margin:0 0 12px">{_row_html(row, zone)}</li>' for row in section.rows)
    rest = "".join(f"<p>{escape(line)}</p>" for line in _rest(section))
    heading = f"<h2>{escape(section.title)} ({section.total})</h2><p>{escape(section.why)}</p>"
    return f'{heading}<ul style="padding-left:20px">{items}</ul>{rest}'


def _row_html(row: DigestRow, zone: str) -> str:
    calls = f'<a href="{escape(tel_link(row.phone))}">{escape(row.phone)}</a>' if row.phone else ""
    phone = escape(row.number or "") if row.costs else calls
    email = f'<a href="{escape(mail_link(row.email))}">{escape(row.email)}</a>' if row.email else ""
    reach = ", ".join(way for way in (phone, email) if way) or escape(_reach_text(row))
    about = escape(_subject_of(row))
    return f"<strong>{escape(clean(row.name, CANDIDATE))}</strong>, {about}<br>{escape(_when(row, zone))}<br>{reach}"


def _count(number: int, noun: str) -> str:
    first, _, rest = noun.partition(" of ")
    plural = f"{first}s of {rest}" if rest else f"{noun}s"
    return f"{number} {noun}" if number == 1 else f"{number} {plural}"
