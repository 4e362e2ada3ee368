"""Plans a letter that is due: with a reminder's checks and hours, by mail."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.actors import stored_actor
from chalicelib.messaging.case import Case
from chalicelib.messaging.letters.words import words
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import letter_cause
from chalicelib.messaging.opt_outs import unsubscribe_url
from chalicelib.messaging.plans import Draft, Plan, Write, ended, still_retrying
from chalicelib.storage.table import stored_instant


def plan(item: MessageItem, case: Case) -> Plan | None:
    """Plans to send, defer or end a letter. None where it is not due."""
    case = replace(case, by_mail=True)
    now = case.now
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now):
        return None
    if reason := _not_wanted(item, case):
        return ended(item, now, "cancelled", reason, _unchanged(case.item))
    if reason := case.block_reason():
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "too late")
    opening = case.opening()
    if opening >= item.not_after:
        return ended(item, now, "expired", "no open hour before it was too late")
    if opening > now:
        later = Write(MessageItem(*item.key), still_retrying(item), [MessageItem.due_at.set(stored_instant(opening))])
        return Plan(item.key, "deferred", (later,))
    item.opens_at = item.opens_at or now
    link = unsubscribe_url(case.candidate.email or "", now)
    message = words(case.item, case.employer, item.reasons or (), item.feedback_by, link, stored_actor(item.recorded_by))
    draft = Draft(item, message, case.people, is_retry=True, stopped_at=case.stopped_at, counted=True)
    return Plan(item.key, "sending", (_unchanged(case.item),), drafts=(draft,))


def _not_wanted(item: MessageItem, case: Case) -> str | None:
    """Says why the candidate is not to get this letter any more. A promise made since leaves it as it is."""
    wait = case.wait
    if wait is None:
        return "no longer waiting for this word"
    if item.cause != letter_cause(wait.cause) and not wait.promised:
        return "another interview came since"
    if case.item.decided not in (None, "rejected"):
        return f"the decision is recorded as {case.item.decided}"
    return None if case.candidate.email else "this candidate cannot be reached any more"


def _unchanged(item: ApplicationItem) -> Write:
    """Stops the letter where the application changed meanwhile."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)
