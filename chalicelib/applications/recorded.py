"""Notes who recorded what: on each new record, on the last change of an interview, and on decisions, states and voids."""

from __future__ import annotations

from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ContactItem, InterviewItem
from chalicelib.auth.actors import Actor
from chalicelib.storage.table import differing

_OF_INTERVIEW = ("status", "stage", "start_at", "end_at", "next_word_by", "call_back_name", "call_back_phone", "call_back_email")


def update(change: CaseChange, by: Actor | None) -> None:
    """Sets who made a change of a case; None is nobody in particular, such as time that passes."""
    if by is None:
        return
    stored, case = by.stored(), change.after
    for fact in change.facts:
        before = change.before.attributes_of(fact)
        if before is None:
            fact.recorded_by = fact.recorded_by or stored
        elif isinstance(fact, InterviewItem) and differing(before, fact.attribute_values, _OF_INTERVIEW):
            fact.changed_by = stored
        elif isinstance(fact, ContactItem) and before.get("voided_at") != fact.voided_at:
            fact.voided_by = stored if fact.voided_at else None
    if change.contacts:
        case.count_attempts()  # names who made the last one
    application, former = case.application, change.application_before
    if case.is_new:
        application.recorded_by = stored
    if application.decided != former.get("decided"):
        application.decided_by = stored
    if application.status != former.get("status", "active"):
        application.status_by = stored
