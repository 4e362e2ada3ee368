"""What happened to an application, as lines of the person's page: the words of every message and reply among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts.responses import Contact
from chalicelib.applications.items import WaitItem
from chalicelib.messaging.responses import Reply
from chalicelib.messaging.timeline import entries
from chalicelib.messaging.timeline.responses import (
    TimelineDecision,
    TimelineEntry,
    TimelineFeedback,
    TimelineFeedbackRequest,
    TimelineInterview,
    TimelineMessage,
    TimelineStatement,
    TimelineStatus,
)
from chalicelib.rules.copy.letters import REASONS
from chalicelib.rules.copy.reply_mails import mail_notes, text_notes
from chalicelib.rules.model import InterviewChange, is_promise
from chalicelib.web import formatting
from chalicelib.web.labels import APPLICATION_STATUSES, CHANNELS, DECISIONS, MESSAGE_STATUSES, OUTCOMES, REPLY_KINDS, STEPS

_INTERVIEW_CHANGES: dict[InterviewChange, str] = {
    "booked": "{stage} booked for {start}",
    "moved": "{stage} moved to {start}",
    "changed": "{stage} changed",
    "cancelled": "{stage} cancelled",
    "no_show": "{stage}: did not come",
    "reinstated": "{stage} reinstated",
    "ended": "{stage}",
}
_HEARD = {"advancing": "heard good news", "offer": "heard of an offer", "rejected": "heard a no"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline. `contact_id` is set where the contact can be undone, `words` are quoted."""

    at: datetime
    what: str
    details: list[str] = field(default_factory=list)
    mark: str = ""
    contact_id: str | None = None
    words: str | None = None


def lines(case: ApplicationCase, now: datetime, zone: str) -> list[Line]:
    """Return everything that happened, newest first."""
    application = case.application
    found = entries.read(application.employer_id, application.id, now)
    promises = [wait for wait in case.waits.values() if is_promise(wait.cause)]
    said = [_line(found[place], now, zone) for place in sorted(found, reverse=True)]
    return sorted([*said, *(_promise(wait, now, zone) for wait in promises)], key=lambda line: line.at, reverse=True)


def _line(entry: TimelineEntry, now: datetime, zone: str) -> Line:
    match entry.payload:
        case TimelineInterview() as told:
            return _interview(entry.at, told, now, zone)
        case Contact() as contact:
            return _contact(entry.at, contact)
        case TimelineStatement() as told:
            return _statement(entry.at, told)
        case TimelineMessage() as message:
            return _message(entry.at, message, now, zone)
        case Reply() as reply:
            return _reply(entry.at, reply, now, zone)
        case TimelineDecision() as told:
            decided = DECISIONS[told.decided] if told.decided else "taken back"
            return Line(entry.at, f"Decided: {decided.lower()}", [], "" if told.decided else "not decided")
        case TimelineStatus() as told:
            return Line(entry.at, APPLICATION_STATUSES[told.status])
        case TimelineFeedbackRequest() as asked:
            return Line(entry.at, "The candidate asks for feedback", [f"Due by {formatting.date_with_year(asked.due_on, zone)}"])
        case TimelineFeedback() as told:
            why = "; ".join(REASONS[one] for one in told.reasons)
            return Line(entry.at, "Feedback given on the candidate's page", [f"What decided it: {why}"], words=told.note)
        case opened:
            return Line(entry.at, f"Application for {opened.job_title}")


def _interview(at: datetime, told: TimelineInterview, now: datetime, zone: str) -> Line:
    names = {
        "stage": formatting.STAGE_NAMES[told.interview.stage],
        "start": formatting.moment(told.interview.start_at, zone, now),
    }
    was = told.was if told.was and told.what == "moved" else None
    details = [f"It was to begin {formatting.moment(was.start_at, zone, now)}"] if was else []
    return Line(at, _INTERVIEW_CHANGES[told.what].format(**names), details)


def _contact(at: datetime, item: Contact) -> Line:
    details = [
        f"Feedback: {item.feedback}" if item.feedback else "",
        f"Note: {item.note}" if item.note else "",
        "Thanked for their time" if item.thanked else "",
        "Keep in mind for other jobs" if item.keep_in_mind else "",
        f"Logged by {item.recorded_by.name}" if item.recorded_by and item.recorded_by.name else "",
    ]
    decision = DECISIONS.get(item.decision or "")
    what = f"{CHANNELS[item.channel]}: {OUTCOMES[item.outcome].lower()}" + (f" — {decision.lower()}" if decision else "")
    mark = {"voided": "taken back", "disputed": "disputed"}.get(item.status, "")
    return Line(at, what, [one for one in details if one], mark, None if item.voided_at else item.id)


def _statement(at: datetime, told: TimelineStatement) -> Line:
    said = _HEARD.get(told.decision or "", "has heard") if told.heard else "has not heard"
    return Line(at, f"The candidate says: {said}", [], "corrected" if told.voided else "", words=told.words)


def _message(at: datetime, message: TimelineMessage, now: datetime, zone: str) -> Line:
    way = {"sms": "Text", "email": "Email"}[message.channel]
    to = (formatting.readable_phone(message.to) if way == "Text" else message.to) if message.to else "the candidate"
    status = MESSAGE_STATUSES.get(message.status, message.status)
    details = [f"{status}{f': {message.reason}' if message.reason else ''}"]
    if message.next_word_by:
        details.append(f"Promises a reply by {formatting.day(message.next_word_by, zone, now)}")
    mark = "bounced" if message.bounced_at else ""
    words = "\n\n".join(part for part in (message.subject, message.body) if part) or None
    about = STEPS.get(message.step.removesuffix("_by_mail"))
    return Line(at, f"{way} to {to}" + (f": {about}" if about else ""), details, mark, words=words)


def _reply(at: datetime, reply: Reply, now: datetime, zone: str) -> Line:
    seen = f"Seen by {reply.seen_by.name}" if reply.seen_by and reply.seen_by.name else "Seen"
    details = [f"{seen}, {formatting.moment(reply.seen_at, zone, now)}"] if reply.seen_at else ["Not seen yet"]
    if reply.channel == "email":
        details += mail_notes(reply.from_ or "", reply.sender_check, reply.attachments)
    elif reply.kind == "text":
        details += text_notes(reply.body)
    said = {"text": "The candidate texted", "email": "The candidate emailed", "not_yet": "The candidate says: has not heard"}.get(
        reply.kind, "The candidate says: nobody got in touch"
    )
    return Line(at, said, details, REPLY_KINDS[reply.kind] if reply.kind == "dispute" else "", words=reply.body or None)


def _promise(item: WaitItem, now: datetime, zone: str) -> Line:
    kept = item.state == "answered" and item.answered_at and item.answered_at <= item.word_due_at
    mark = "kept" if kept else "answered late" if item.state == "answered" else "broken" if item.word_due_at < now else "open"
    return Line(item.since, f"Promised a reply by {formatting.moment(item.word_due_at, zone, now)}", [], mark)
