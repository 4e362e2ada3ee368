"""Plans what to do with an application whose step is due, and with a nudge that was refused.

An application moves to its next step in the transaction that creates the message of this step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.applications.items import ApplicationItem
from chalicelib.messaging.case import Case
from chalicelib.messaging.messages import BY_MAIL, MessageItem
from chalicelib.messaging.new_messages import new_nudge
from chalicelib.messaging.plans import Draft, Plan, Write, ended
from chalicelib.rules.model import MessageStatus
from chalicelib.rules.reminders import next_step
from chalicelib.rules.reminders.next_step import Step
from chalicelib.storage import ids
from chalicelib.storage.table import stored_instant


def of_application(case: Case) -> Plan | None:
    """Plans to send, defer or skip the due step. None where nothing is due."""
    item = case.item
    if item.step is None or item.due_at is None or item.due_at > stored_instant(case.now):
        return None
    step = case.next_step()
    if case.wait is not None and item.step != "lapse" and item.not_after is not None and case.now >= item.not_after:
        return _unsent(case, "expired", "too late", step)
    if step is None or step.name != item.step:
        return moved(case, step)
    if step.planned_at > case.now:
        return moved(case, step)
    if step.name == "lapse":
        return Plan(item.key, "lapse")
    opening = case.opening()
    if opening > case.now:
        not_after = item.not_after or step.not_after
        if not_after is not None and opening >= not_after:
            return _unsent(case, "expired", "no open hour before it was too late", case.next_step(step.nudge_number))
        return moved(case, Step(step.name, opening, not_after))
    if reason := case.nudge_block_reason():
        return _unsent(case, "suppressed", reason, case.next_step(step.nudge_number))
    return _sent(case, step)


def _sent(case: Case, step: Step) -> Plan:
    sent = step.nudge_number or 1
    actions = [*step_actions(case, case.next_step(sent)), ApplicationItem.nudges.set({**case.item.nudges, _cause(case): sent})]
    return Plan(case.item.key, "sending", (application_write(case.item, actions),), drafts=(case.nudge(step),))


def moved(case: Case, step: Step | None) -> Plan:
    """Plans to do nothing now, and to come back for the step."""
    return Plan(case.item.key, "deferred", (application_write(case.item, step_actions(case, step)),))


def _unsent(case: Case, status: MessageStatus, reason: str, step: Step | None) -> Plan:
    """Plans a step that sends nothing: its message is listed with the reason, and the next step becomes due."""
    assert case.wait is not None  # noqa: S101 - told apart by the callers
    channel = case.channel
    unsent: tuple[MessageItem, ...] = ()
    if channel is not None:
        item = new_nudge(
            case.item,
            case.wait,
            step=case.item.step,
            channel=channel,
            to=case.to or "",
            not_after=case.item.not_after or case.now,
            now=case.now,
        )
        item.status, item.reason, item.attempts, item.settled_at = status, reason, 0, case.now
        unsent = (item,)
    return Plan(case.item.key, status, (application_write(case.item, step_actions(case, step)),), unsent)


def _cause(case: Case) -> str:
    return case.wait.cause if case.wait else ""


def application_write(item: ApplicationItem, actions: list[Any]) -> Write:
    """Writes the application, unless it changed since it was read."""
    return Write(
        ApplicationItem(*item.key),
        ApplicationItem.version == item.version,
        [*actions, ApplicationItem.version.set(item.version + 1)],
    )


def step_actions(case: Case, step: Step | None) -> list[Any]:
    """Sets the application's next step, or clears it."""
    if step is None:
        return [
            ApplicationItem.step.remove(),
            ApplicationItem.due_shard.remove(),
            ApplicationItem.due_at.remove(),
            ApplicationItem.not_after.remove(),
        ]
    return [
        ApplicationItem.step.set(step.name),
        ApplicationItem.due_shard.set(ids.due_shard(case.item.id)),
        ApplicationItem.due_at.set(stored_instant(step.planned_at)),
        ApplicationItem.not_after.set(step.not_after) if step.not_after else ApplicationItem.not_after.remove(),
    ]


def of_retry(item: MessageItem, case: Case) -> Plan | None:
    """Plans another attempt at a nudge that was refused, with every check repeated on the current application."""
    if item.status != "retrying":
        return None
    if item.step.endswith(BY_MAIL):
        case = replace(case, by_mail=True)
    wait = case.wait
    if wait is None or not item.is_about(wait):
        return ended(item, case.now, "cancelled", "no longer waiting for this word", _unchanged(case.item))
    if case.employer.policy.candidate_nudge == "off" or next_step.channel(case.candidate) is None:
        return ended(item, case.now, "cancelled", "candidates are not nudged any more, or this one cannot be reached")
    if reason := case.nudge_block_reason() or case.day_block_reason:
        return ended(item, case.now, "suppressed", reason)
    if case.now >= item.last_try_before or case.opening() > case.now:
        return ended(item, case.now, "expired", "refused until it was too late")
    message = case.words(item.step.removesuffix(BY_MAIL))
    draft = Draft(
        item,
        message,
        case.people,
        is_retry=True,
        has_listener=case.employer.webhooks,
        stopped_at=case.stopped_at,
        counted=case.counted,
    )
    return Plan(item.key, "sending", (_unchanged(case.item),), drafts=(draft,))


def _unchanged(item: ApplicationItem) -> Write:
    """Stops the attempt where the application changed meanwhile, for instance because the candidate was told."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)
