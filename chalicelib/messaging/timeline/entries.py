"""Builds what happened to an application from the items of its partition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.api.serialize import extend
from chalicelib.applications.contacts.responses import serialize_contact
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem
from chalicelib.applications.serializers import feedback_request_of
from chalicelib.auth.actors import CANDIDATE, Actor, stored_actor
from chalicelib.errors import NotFound
from chalicelib.messaging.inbox import Entry as Said
from chalicelib.messaging.inbox import serialize_entry
from chalicelib.messaging.message_list import serialize_message
from chalicelib.messaging.messages import HOLDING_NOTICE, LETTER, MessageItem
from chalicelib.messaging.reply_store import ReplyItem
from chalicelib.messaging.responses import Reply
from chalicelib.messaging.timeline.responses import (
    InterviewTimes,
    TimelineDecision,
    TimelineEntry,
    TimelineFeedback,
    TimelineFeedbackRequest,
    TimelineInterview,
    TimelineMessage,
    TimelineOpened,
    TimelinePayload,
    TimelineStatement,
    TimelineStatus,
)
from chalicelib.rules.model import TIMELINE_TYPES, InterviewChange, ReplyKind, TimelineType
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, read_instant, stored_instant

Notes = list[dict[str, Any]]
_STATUS_CHANGES: dict[str, InterviewChange] = {"cancelled": "cancelled", "no_show": "no_show", "scheduled": "reinstated"}


def read(employer_id: str, application_id: str, now: datetime) -> dict[str, TimelineEntry]:
    """Returns all entries by their place in the list: places in descending order are newest first.

    One query of the application's partition. Raises NotFound.
    """
    items = table.query(keys.case_pk(employer_id, application_id))
    application = next((item for item in items if isinstance(item, ApplicationItem)), None)
    if application is None or application.id != application_id:
        raise NotFound
    found = [*_of_application(application), *(entry for item in items for entry in _of_item(item, application, now))]
    disputed = [item.occurred_at for item in items if isinstance(item, ContactItem) and item.disputed]
    return {_place(entry): entry for one in found for entry in [_as_dispute(one, disputed)]}


def _place(entry: TimelineEntry) -> str:
    """Where an entry stands: by its instant, and by the order of `TIMELINE_TYPES` within one."""
    what = entry.payload.what if isinstance(entry.payload, TimelineInterview) else ""
    return f"{stored_instant(entry.at)} {TIMELINE_TYPES.index(entry.type):02} {entry.id} {what}"


def _as_dispute(entry: TimelineEntry, disputed: list[datetime]) -> TimelineEntry:
    """A "not yet" after a contact that the candidate disputes is a dispute, also when their wait has ended since."""
    said = entry.payload
    if not isinstance(said, Reply) or said.kind in ("text", "email"):
        return entry
    kind: ReplyKind = "dispute" if any(at <= said.received_at for at in disputed) else "not_yet"
    return TimelineEntry("dispute" if kind == "dispute" else "reply", entry.at, entry.id, None, replace(said, kind=kind))


def _of_item(item: Item, application: ApplicationItem, now: datetime) -> Iterator[TimelineEntry]:
    match item:
        case InterviewItem():
            yield from _of_interview(item, now)
        case ContactItem():
            yield _entry("contact", item.occurred_at, item, serialize_contact(item))
        case StatementItem() if item.list_key:
            yield _entry("reply", item.recorded_at, item, serialize_entry(Said(item, application)))
        case StatementItem():
            yield _entry("statement", item.at, item, _statement(item))
        case MessageItem():
            yield _entry(_message_type(item), item.settled_at or item.created_at, item, _message(item))
        case ReplyItem():
            yield _entry("reply", item.received_at, item, serialize_entry(Said(item, application)))


def _entry(kind: TimelineType, at: datetime, item: Any, payload: TimelinePayload) -> TimelineEntry:
    return TimelineEntry(kind, at, item.id, _recorded_by(item), payload)


def _recorded_by(item: Item) -> Actor | None:
    """Who recorded it, where its kind of item says so."""
    return stored_actor(getattr(item, "recorded_by", None))


def _of_application(item: ApplicationItem) -> Iterator[TimelineEntry]:
    yield _entry("application", item.created_at, item, TimelineOpened(item.job_title))
    notes: Notes = item.history or []
    yield from _decisions(item, notes)
    status = item.status
    for at, was, by in _former(notes, "status"):
        yield TimelineEntry("status", at, item.id, by, TimelineStatus(status, was))
        status = was
    yield from _feedback(item)


def _feedback(item: ApplicationItem) -> Iterator[TimelineEntry]:
    asked = feedback_request_of(item)
    if asked is None:
        return
    yield TimelineEntry("feedback_request", asked.asked_at, item.id, CANDIDATE, TimelineFeedbackRequest(asked.due_on))
    if asked.answered_at:
        by = stored_actor((item.feedback_request or {}).get("by"))
        yield TimelineEntry("feedback", asked.answered_at, item.id, by, TimelineFeedback(asked.reasons, asked.note))


def _decisions(item: ApplicationItem, notes: Notes) -> Iterator[TimelineEntry]:
    """One entry for each change of the decision. Earlier versions noted none: the present one has its own instant."""
    former, decided = list(_former(notes, "decided")), item.decided
    if not former and decided and item.decided_at:
        by = stored_actor(item.decided_by)
        yield TimelineEntry("decision", item.decided_at, item.id, by, TimelineDecision(decided, None))
    for at, was, by in former:
        yield TimelineEntry("decision", at, item.id, by, TimelineDecision(decided, was))
        decided = was


def _former(notes: Notes, name: str) -> Iterator[tuple[datetime, Any, Actor | None]]:
    """Yields when a field changed, what it was before, and who changed it, latest first."""
    found = (note for note in reversed(notes) if name in note["was"])
    return ((read_instant(note["at"]), note["was"][name], stored_actor(note.get("by"))) for note in found)


def _of_interview(item: InterviewItem, now: datetime) -> Iterator[TimelineEntry]:
    """Booked, each change, and its end."""
    values: dict[str, Any] = {name: getattr(item, name) for name in ("stage", "status", "start_at", "end_at", "next_word_by")}
    if item.status == "scheduled" and item.end_at <= now:
        yield TimelineEntry("interview", item.end_at, item.id, None, TimelineInterview("ended", InterviewTimes(**values), None))
    for note in reversed(item.history or []):
        before = {**values, **{name: _read(name, value) for name, value in note["was"].items() if name in values}}
        changed = TimelineInterview(_change(values, before), InterviewTimes(**values), InterviewTimes(**before))
        yield TimelineEntry("interview", read_instant(note["at"]), item.id, stored_actor(note.get("by")), changed)
        values = before
    yield _entry("interview", item.booked_at, item, TimelineInterview("booked", InterviewTimes(**values), None))


def _read(name: str, value: Any) -> Any:
    return read_instant(value) if value is not None and name not in ("stage", "status") else value


def _change(after: dict[str, Any], before: dict[str, Any]) -> InterviewChange:
    if after["status"] != before["status"]:
        return _STATUS_CHANGES.get(after["status"], "changed")
    moved = (after["start_at"], after["end_at"]) != (before["start_at"], before["end_at"])
    return "moved" if moved else "changed"


def _statement(item: StatementItem) -> TimelineStatement:
    return TimelineStatement(bool(item.heard), item.decision, item.feedback, bool(item.own), bool(item.voided))


def _message_type(item: MessageItem) -> TimelineType:
    if item.step == HOLDING_NOTICE:
        return "holding_notice"
    return "letter" if item.step == LETTER else "message"


def _message(item: MessageItem) -> TimelineMessage:
    return extend(
        TimelineMessage,
        serialize_message(item),
        subject=item.subject,
        body=item.body,
        next_word_by=item.next_word_by,
        decision=item.decision,
        reasons=list(item.reasons or []),
        feedback_by=item.feedback_by,
    )
