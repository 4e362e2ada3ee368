"""What follows from a change of an application, in order, in the same transaction.

The aggregate imports none of these modules. Each gets the `CaseChange`, sets its own fields on the items of
`change.after` (written afterwards), or puts items of its own into the transaction. The change feed is told at the end, by
`UnitOfWork.save`, once it is known what is written.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications import attention_lists, history, moments, next_reminder, people_lists, webhook_timers
from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.candidates import keep_in_mind
from chalicelib.applications.items import ExperienceItem
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys
from chalicelib.storage.table import Transaction


def apply(change: CaseChange, transaction: Transaction, employer: Employer, now: datetime) -> None:
    """Applies what follows from a change of a case."""
    attention_lists.update_disputes(change, transaction, now)
    attention_lists.update_untold_rejections(change, transaction)
    attention_lists.update_feedback_requests(change, transaction, now)
    people_lists.update(change, transaction)
    if change.after.application.decider_id:
        from chalicelib.applications import decider_schedule  # late: most have no decider

        decider_schedule.update(change, employer, now)
    next_reminder.update(change, employer, now)
    if change.after.link is not None:
        from chalicelib.applications.linking import words  # late: most have no link

        words.wake(change, now)
    keep_in_mind.update(change)
    history.update(change, now)
    moments.update(change, now)
    if employer.policy.jurisdiction:
        from chalicelib.applications.law import duties, evidence  # late: most employers name no jurisdiction

        duties.update(change, employer)
        evidence.record_change(change, transaction, employer, now)
    if employer.webhooks:
        webhook_timers.emit_events(change, transaction, now)


def apply_erasure(change: CaseChange, transaction: Transaction, employer: Employer, now: datetime) -> None:
    """Applies what follows where the application is about to be erased.

    It leaves the lists, and the evidence gets the facts that it still lacks. No reminder and no event follows.
    """
    attention_lists.update_disputes(change, transaction, now)
    attention_lists.update_untold_rejections(change, transaction)
    attention_lists.update_feedback_requests(change, transaction, now, erased=True)
    moments.update(change, now)
    application = change.after.application
    if application.experience_at is not None:
        transaction.delete(ExperienceItem(keys.experience_pk(application.employer_id), f"EXP#{application.id}"))
    if change.after.link is not None:
        from chalicelib.applications.linking import words

        words.leave(change.after, transaction, now)
    if employer.policy.jurisdiction:
        from chalicelib.applications.law import evidence

        evidence.record_missing(change.after, transaction, employer, now)
