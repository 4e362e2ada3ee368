"""Plans the mail that tells a candidate that their request for feedback is answered: once, in their window, within the caps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.applications.candidates import links
from chalicelib.applications.items import ApplicationItem, FeedbackMailItem
from chalicelib.messaging.case import Case
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_feedback_mail
from chalicelib.messaging.opt_outs import unsubscribe_url
from chalicelib.messaging.plans import Draft, Plan, Write, ended
from chalicelib.rules.copy.feedback_mail import feedback_mail
from chalicelib.rules.model import MessageStatus
from chalicelib.storage.table import stored_instant

FRESH_FOR = timedelta(days=7)
"""An answer that closed hours, or an outage, held back for longer is told by the page alone."""


def plan(item: FeedbackMailItem, case: Case) -> Plan | None:
    """Plans to send, defer or skip the mail. None where nothing is due."""
    case, now = replace(case, by_mail=True), case.now
    if item.due_at is None or item.due_at > stored_instant(now):
        return None
    if _not_wanted(case):
        return Plan(item.key, "dropped", (_cleared(item), _unchanged(case.item)))
    not_after, opening = item.answered_at + FRESH_FOR, case.opening()
    message = new_feedback_mail(case.item, not_after=not_after, now=now)
    if now >= not_after or opening >= not_after:
        return _unsent(item, message, case, "expired", "no open hour before it was too late")
    if opening > now:
        later = [FeedbackMailItem.due_at.set(stored_instant(opening))]
        return Plan(item.key, "deferred", (Write(FeedbackMailItem(*item.key), _as_read(item), later),))
    if reason := case.block_reason():
        return _unsent(item, message, case, "suppressed", reason)
    writes = (_cleared(item), _unchanged(case.item))
    return Plan(item.key, "sending", writes, drafts=(_draft(case, message, is_retry=False),))


def of_retry(item: MessageItem, case: Case) -> Plan | None:
    """Plans another attempt at a mail that was refused, with every check repeated on the current application."""
    case, now = replace(case, by_mail=True), case.now
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now):
        return None
    if reason := _not_wanted(case):
        return ended(item, now, "cancelled", reason, _unchanged(case.item))
    if reason := case.block_reason() or case.day_block_reason:
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before or case.opening() > now:
        return ended(item, now, "expired", "refused until it was too late")
    return Plan(item.key, "sending", (_unchanged(case.item),), drafts=(_draft(case, item, is_retry=True),))


def _not_wanted(case: Case) -> str | None:
    """Says why the candidate is not to get this mail, or not any more."""
    asked = case.item.feedback_request
    if not asked or not asked.get("answered_at") or case.item.status == "withdrawn":
        return "no feedback was given, or the candidate has withdrawn"
    return None if case.candidate.email else "this candidate cannot be reached any more"


def _draft(case: Case, item: MessageItem, *, is_retry: bool) -> Draft:
    link = unsubscribe_url(case.candidate.email or "", case.now)
    page = links.url(case.employer.id, case.item.id, case.now)
    words = feedback_mail(case.employer, case.candidate, case.item.job_title, page, link)
    return Draft(
        item,
        words,
        case.people,
        is_retry=is_retry,
        has_listener=case.employer.webhooks,
        stopped_at=case.stopped_at,
        counted=True,
    )


def _unsent(item: FeedbackMailItem, message: MessageItem, case: Case, status: MessageStatus, reason: str) -> Plan:
    message.status, message.reason, message.attempts, message.settled_at = status, reason, 0, case.now
    return Plan(item.key, status, (_cleared(item),), (message,))


def _cleared(item: FeedbackMailItem) -> Write:
    """Takes the item out of the due index."""
    actions = [FeedbackMailItem.due_at.remove(), FeedbackMailItem.due_shard.remove()]
    return Write(FeedbackMailItem(*item.key), _as_read(item), actions)


def _as_read(item: FeedbackMailItem) -> object:
    return FeedbackMailItem.due_at == item.due_at


def _unchanged(item: ApplicationItem) -> Write:
    """Stops the mail where the application changed meanwhile, for instance because the candidate withdrew."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)
