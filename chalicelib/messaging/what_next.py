"""Plans the mail at an interview's end, which says what happens next: a step of the application before its first nudge.

It goes once for each wait (`ApplicationItem.what_next`), in the candidate's window, and counts in the weekly cap.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.applications.candidates import links
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import written_out
from chalicelib.messaging.case import Case
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_nudge
from chalicelib.messaging.nudges import application_write, moved, step_actions
from chalicelib.messaging.opt_outs import unsubscribe_url
from chalicelib.messaging.plans import Draft, Plan, Write, ended
from chalicelib.rules.copy import what_next
from chalicelib.rules.model import Message, MessageStatus, Wait
from chalicelib.rules.reminders.next_step import WHAT_NEXT, Step, told_key
from chalicelib.storage.table import stored_instant


def plan(case: Case) -> Plan | None:
    """Plans to send, defer or skip the mail that is due. None where nothing is due."""
    item, case = case.item, replace(case, by_mail=True)
    if item.due_at is None or item.due_at > stored_instant(case.now):
        return None
    wait, step = case.wait, case.next_step()
    if wait is None or step is None:
        return moved(case, step)
    if item.not_after is not None and case.now >= item.not_after:
        return _unsent(case, wait, "expired", "too late")
    if step.name != WHAT_NEXT or step.planned_at > case.now:
        return moved(case, step)
    opening, not_after = case.opening(), item.not_after or step.not_after or case.now
    if opening >= not_after:
        return _unsent(case, wait, "expired", "no open hour before it was too late")
    if opening > case.now:
        return moved(case, Step(WHAT_NEXT, opening, not_after))
    if reason := case.nudge_block_reason():
        return _unsent(case, wait, "suppressed", reason)
    message = new_nudge(
        item, wait, step=WHAT_NEXT, channel="email", to=case.candidate.email or "", not_after=not_after, now=case.now
    )
    return Plan(item.key, "sending", (_onward(case, wait),), drafts=(_draft(case, wait, message, is_retry=False),))


def of_retry(item: MessageItem, case: Case) -> Plan | None:
    """Plans another attempt at a mail that was refused, with every check repeated on the current application."""
    if item.status != "retrying":
        return None
    case = replace(case, by_mail=True)
    if reason := _not_wanted(item, case):
        return ended(item, case.now, "cancelled", reason, _unchanged(case.item))
    if reason := case.nudge_block_reason() or case.day_block_reason:
        return ended(item, case.now, "suppressed", reason)
    if case.now >= item.last_try_before or case.opening() > case.now:
        return ended(item, case.now, "expired", "refused until it was too late")
    assert case.wait is not None  # noqa: S101 - it is wanted
    return Plan(item.key, "sending", (_unchanged(case.item),), drafts=(_draft(case, case.wait, item, is_retry=True),))


def _not_wanted(item: MessageItem, case: Case) -> str | None:
    """Says why the candidate is not to get this mail any more."""
    if case.wait is None or not item.is_about(case.wait):
        return "no longer waiting for this word"
    if not case.employer.policy.tell_next_step:
        return "candidates are not told what happens next any more"
    return None if case.candidate.email else "this candidate cannot be reached any more"


def _draft(case: Case, wait: Wait, item: MessageItem, *, is_retry: bool) -> Draft:
    return Draft(
        item,
        _words(case, wait),
        case.people,
        is_retry=is_retry,
        has_listener=case.employer.webhooks,
        stopped_at=case.stopped_at,
        counted=True,
    )


def _words(case: Case, wait: Wait) -> Message:
    return what_next.what_next(
        employer=case.employer,
        candidate=case.candidate,
        call_back=written_out(case.call_back),
        job_title=case.item.job_title,
        wait=wait,
        page_url=links.url(case.employer.id, case.item.id, case.now),
        unsubscribe_url=unsubscribe_url(case.candidate.email or "", case.now),
    )


def _onward(case: Case, wait: Wait) -> Write:
    """Moves the application to its first nudge, and notes that this wait was told."""
    actions: list[Any] = step_actions(case, case.next_step(what_next_done=True))
    return application_write(case.item, [*actions, ApplicationItem.what_next.set(told_key(wait))])


def _unsent(case: Case, wait: Wait, status: MessageStatus, reason: str) -> Plan:
    """Plans a mail that is not sent: it is listed with the reason, where there is an address."""
    unsent: tuple[MessageItem, ...] = ()
    if case.candidate.email:
        not_after = case.item.not_after or case.now
        item = new_nudge(
            case.item, wait, step=WHAT_NEXT, channel="email", to=case.candidate.email, not_after=not_after, now=case.now
        )
        item.status, item.reason, item.attempts, item.settled_at = status, reason, 0, case.now
        unsent = (item,)
    return Plan(case.item.key, status, (_onward(case, wait),), unsent)


def _unchanged(item: ApplicationItem) -> Write:
    """Stops the attempt where the application changed meanwhile, for instance because the candidate was told."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)
