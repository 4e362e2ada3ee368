"""Stored waits, and the application's copy of the latest one, brought in line with the fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications.items import ApplicationItem, ContactItem, GroupWaitItem, InterviewItem, WaitItem
from chalicelib.applications.mappers import is_reachable
from chalicelib.applications.tally_items import group_key
from chalicelib.rules.model import Decided, Wait
from chalicelib.rules.tally import answered_part
from chalicelib.rules.waits import Folded
from chalicelib.storage import keys
from chalicelib.storage.table import assign, stored_instant

Interviews = Mapping[str, InterviewItem]


def updated(
    application: ApplicationItem, interviews: Interviews, known: Mapping[str, WaitItem], folded: Folded
) -> dict[str, WaitItem]:
    """Returns the wait items that the fold calls for, by cause. Known items are changed and kept."""
    decided = _decided_for_latest(application, interviews, folded)
    items = {}
    for wait in folded.waits:
        item = known.get(wait.cause) or WaitItem(
            application.PK, f"WAIT#{wait.cause}", cause=wait.cause, application_id=application.id
        )
        _set_wait(item, wait, application, decided)
        items[wait.cause] = item
    return items


def _set_wait(item: WaitItem, wait: Wait, application: ApplicationItem, decided: Decided | None) -> None:
    """Copies a wait into its item. Only an open one follows reachability."""
    is_open = wait.state == "open"
    reachable = item.reachable
    if is_open or reachable is None:
        reachable = is_reachable(application)
    named = is_open or not application.company  # a job seeker has no report
    key = waiting_key(application.employer_id, wait, reachable=bool(reachable)) if named else None
    assign(
        item,
        stage=wait.stage,
        since=wait.since,
        word_due_at=wait.word_due_at,
        state=wait.state,
        answered_at=wait.answered_at,
        answered_by=wait.answered_by,
        answer=wait.answer,
        reachable=reachable,
        decided=decided if is_open else None,
        group=application.group,
        waiting_key=key,
        waiting_at=waiting_at(wait, application.id) if key else None,
    )


def waiting_key(employer_id: str, wait: Wait, *, reachable: bool) -> str | None:
    """Returns where a wait stands in the waiting index: while open for the call list, then for the report's names."""
    if wait.state == "open":
        return keys.waiting_key(employer_id, wait.stage, reachable)
    part = answered_part(wait)
    return keys.answered_key(employer_id, part) if part else None


def waiting_at(wait: Wait, application_id: str) -> str:
    """Returns the sort key of the waiting index: the hour in which the answer is due, and the application."""
    return f"{stored_instant(wait.word_due_at)[:13]}#{application_id}"


def listed_by_group(
    application: ApplicationItem, waits: Iterable[WaitItem], known: Mapping[str, GroupWaitItem]
) -> dict[str, GroupWaitItem]:
    """Returns the items that list open waits under the application's group, by cause. Known items are changed and kept."""
    items = {}
    for wait in waits:
        if application.group and wait.state == "open":
            item = known.get(wait.cause) or GroupWaitItem(application.PK, f"GWAIT#{wait.cause}")
            item.since, item.decided, item.waiting_at = wait.since, wait.decided, wait.waiting_at
            key = group_key(application.group)
            item.waiting_key = keys.waiting_key(application.employer_id, wait.stage, bool(wait.reachable), key)
            items[wait.cause] = item
    return items


def _decided_for_latest(application: ApplicationItem, interviews: Interviews, folded: Folded) -> Decided | None:
    """The decision that was not told. One from before the latest interview says nothing about this wait."""
    origin = interviews.get(folded.origin or "")
    if not application.decided or (origin and application.decided_at < origin.start_at):
        return None
    return application.decided


def nudges_after_moves(
    nudges: Mapping[str, int], interviews: Interviews, interviews_before: Mapping[str, Mapping[str, Any]]
) -> dict[str, int]:
    """Returns the counts of nudges after interviews moved. A moved interview is another wait, with nudges of its own.

    Its former count is kept under its former end, and comes back where it is moved back.
    """
    counts = dict(nudges)
    for cause, before in interviews_before.items():
        if cause not in interviews or interviews[cause].end_at == before["end_at"]:
            continue
        if sent := counts.pop(cause, 0):
            counts[_occurrence(cause, before["end_at"])] = sent
        if sent := counts.pop(_occurrence(cause, interviews[cause].end_at), 0):
            counts[cause] = sent
    return counts


def _occurrence(interview_id: str, end_at: datetime) -> str:
    return f"{interview_id}@{stored_instant(end_at)}"


def summarise(application: ApplicationItem, interviews: Interviews, folded: Folded) -> None:
    """Copies the latest wait and its interview's call-back to the application, where one read finds them."""
    wait = folded.waits[-1] if folded.waits else None
    application.wait_state = wait.state if wait else None
    application.wait_cause = wait.cause if wait else None
    application.wait_stage = wait.stage if wait else None
    application.wait_since = wait.since if wait else None
    application.word_due_at = wait.word_due_at if wait else None
    application.answered_at = wait.answered_at if wait else None
    application.answered_by = wait.answered_by if wait else None
    application.told, application.told_at = folded.told or (None, None)
    origin = interviews.get(folded.origin or "")
    application.wait_interview = folded.origin if application.company else None
    application.call_back_name = origin.call_back_name if origin else None
    application.call_back_phone = origin.call_back_phone if origin else None
    application.call_back_email = origin.call_back_email if origin else None


def attempts_of(wait: WaitItem | None, contacts: Iterable[ContactItem]) -> dict[str, Any] | None:
    """Counts the calls that nobody answered since an open wait began, with the last one's instant and person."""
    if wait is None or wait.state != "open":
        return None
    tried = [
        contact
        for contact in contacts
        if contact.occurred_at >= wait.since and contact.outcome in ("voicemail", "no_answer") and not contact.voided_at
    ]
    if not tried:
        return None
    last = max(tried, key=lambda contact: (contact.occurred_at, contact.id))
    return {"count": len(tried), "at": stored_instant(last.occurred_at), "by": (last.recorded_by or {}).get("name")}
