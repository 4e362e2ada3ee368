"""Plans the mail to the person who decides about an application that is due, with every check at the moment of sending."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.applications.decider_schedule import wait_key
from chalicelib.applications.items import ApplicationItem, DeciderItem
from chalicelib.applications.mappers import open_wait_of
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.holidays import holiday_check
from chalicelib.messaging import gate
from chalicelib.messaging.decisions import links
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_question
from chalicelib.messaging.plans import Draft, Plan, Write, ended
from chalicelib.rules.copy.decider_mail import question
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, Wait
from chalicelib.rules.reminders import decider_mail
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, stored_instant

STEP = "decision"
LOOKS_AGAIN = timedelta(hours=3)
"""A question to somebody who has not accepted the invitation waits, and is looked at again after so long."""


def plan(item: DeciderItem, application: Item | None, employer: Employer, now: datetime) -> Plan | None:
    """Plans to ask, to wait for office hours, or to ask nobody. None where nothing is due."""
    if item.due_at is None or item.due_at > stored_instant(now):
        return None
    wait = open_wait_of(application) if isinstance(application, ApplicationItem) else None
    person = _decider(employer, application)
    if not isinstance(application, ApplicationItem) or wait is None or person is None or application.decided is not None:
        return Plan(item.key, "dropped", (_cleared(item),))
    is_holiday = holiday_check(employer.policy.holidays)
    at = decider_mail.asks_at(wait, employer, is_holiday)
    not_after, opening = decider_mail.not_after(wait, at), max(at, decider_mail.next_hour(now, employer, is_holiday))
    if opening >= not_after or item.asked_about == wait_key(wait):
        return Plan(item.key, "dropped", (_cleared(item),))
    if opening > now:
        return Plan(item.key, "deferred", (_due(item, opening),))
    if not person.is_accepted:
        return Plan(item.key, "deferred", (_due(item, now + LOOKS_AGAIN),))
    message = new_question(application, wait, to=person.email, not_after=not_after, now=now)
    asked = _cleared(item, wait)
    if reason := gate.block_reason(employer, "email", person.email):
        message.status, message.reason, message.attempts, message.settled_at = "suppressed", reason, 0, now
        return Plan(item.key, "suppressed", (asked, _unchanged(application)), (message,))
    draft = Draft(message, _words(application, wait, person, employer, now), (("email", person.email),))
    return Plan(item.key, "sending", (asked, _unchanged(application)), drafts=(draft,))


def of_retry(item: MessageItem, employer: Employer, now: datetime) -> Plan | None:
    """Plans another attempt at a mail that was refused; ends it where nobody needs to be asked any more."""
    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now):
        return None
    application = table.get(keys.case_pk(employer.id, item.application_id or ""), "APP")
    wait = open_wait_of(application) if isinstance(application, ApplicationItem) else None
    person = _decider(employer, application)
    if not isinstance(application, ApplicationItem) or wait is None or not item.is_about(wait):
        return ended(item, now, "cancelled", "no longer waiting for this word")
    if application.decided is not None:
        return ended(item, now, "cancelled", "it is decided")
    if person is None or not person.is_accepted or person.email != item.to:
        return ended(item, now, "cancelled", "somebody else decides now")
    if reason := gate.block_reason(employer, "email", item.to):
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "refused until it was too late")
    draft = Draft(item, _words(application, wait, person, employer, now), (("email", item.to),), is_retry=True)
    return Plan(item.key, "sending", (_unchanged(application),), drafts=(draft,))


def _decider(employer: Employer, application: Item | None) -> PersonItem | None:
    """The person who decides, who may not have accepted the invitation to this employer's team yet."""
    if not isinstance(application, ApplicationItem) or not application.decider_id:
        return None
    person = table.get(*person_key(employer.id, application.decider_id))
    return person if isinstance(person, PersonItem) else None


def _words(application: ApplicationItem, wait: Wait, person: PersonItem, employer: Employer, now: datetime) -> Message:
    url = links.url(application, wait, person.id, now)
    return question(person.email, employer, application.name, application.job_title, wait, url)


def _due(item: DeciderItem, at: datetime) -> Write:
    return Write(DeciderItem(*item.key), DeciderItem.due_at == item.due_at, [DeciderItem.due_at.set(stored_instant(at))])


def _cleared(item: DeciderItem, asked: Wait | None = None) -> Write:
    """Takes the item out of the due index, and notes the wait that was asked about."""
    actions = [DeciderItem.due_at.remove(), DeciderItem.due_shard.remove()]
    noted = [DeciderItem.asked_about.set(wait_key(asked))] if asked else []
    return Write(DeciderItem(*item.key), DeciderItem.due_at == item.due_at, [*actions, *noted])


def _unchanged(item: ApplicationItem) -> Write:
    """Stops the mail where the application changed meanwhile, for instance because it was decided."""
    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)
