"""Contacts (what was said to a candidate) and statements (what the candidate says).

Functions with a unit of work change a case in memory; the others are one transaction each (see `unit_of_work`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ContactItem, StatementItem
from chalicelib.applications.unit_of_work import UnitOfWork, update_application
from chalicelib.auth.actors import CANDIDATE, Actor
from chalicelib.errors import NotFound
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, keys
from chalicelib.storage.table import stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

Tell = Callable[[UnitOfWork, ApplicationCase, StatementItem], None]
CORRECTED_WITHIN = timedelta(days=7)
"""So long the candidate can correct what they said on their own page."""


def add_contact(
    unit: UnitOfWork, case: ApplicationCase, fields: Mapping[str, Any], *, known_as: str | None = None
) -> ContactItem:
    """Adds a contact to a case. `fields` are validated; `occurred_at` is now where it is not given.

    The same `known_as` is the same contact: it is added once.
    """
    contact_id = ids.derived_id("con", case.application.id, known_as) if known_as else case.new_id("con", unit.now)
    if contact_id in case.contacts:
        return case.contacts[contact_id]
    by = unit.by.stored() if unit.by else None  # noted here, because the fold counts attempts with who made the last
    fields = {"occurred_at": unit.now, "recorded_by": by, **fields}
    item = ContactItem(
        case.application.PK,
        f"CON#{contact_id}",
        id=contact_id,
        recorded_at=unit.now,
        promised_by=_promised_by(fields, unit.employer),
        **fields,
    )
    case.add(item)
    return item


def _promised_by(fields: Mapping[str, Any], employer: Employer) -> datetime | None:
    """A "not yet" promises the day that was named, else one after the policy's number of days."""
    if fields["outcome"] not in ("reached", "sent") or fields.get("decision") not in (None, "pending"):
        return None
    named: datetime | None = fields.get("next_word_by")
    promised: datetime = named or fields["occurred_at"] + timedelta(days=employer.policy.promise_default_days)
    return promised


def void(unit: UnitOfWork, contact: ContactItem) -> None:
    """Undoes a contact: it stays listed, and the fold ignores it. Idempotent."""
    contact.voided_at = contact.voided_at or unit.now


def restore(contact: ContactItem) -> None:
    """Takes the undoing of a contact back."""
    contact.voided_at = None


def statement_id(case: ApplicationCase, known_as: str) -> str:
    """Returns the id of the statement that is known under a name."""
    return ids.derived_id("sta", case.application.id, known_as)


def add_statement(
    unit: UnitOfWork, case: ApplicationCase, fields: Mapping[str, Any], *, known_as: str | None = None
) -> StatementItem:
    """Adds a statement to a case; `at` is now where it is not given. The same `known_as` is added once."""
    new_id = statement_id(case, known_as) if known_as else case.new_id("sta", unit.now)
    if new_id in case.statements:
        return case.statements[new_id]
    fields = {"at": unit.now, **fields}
    item = StatementItem(case.application.PK, f"STA#{new_id}", id=new_id, recorded_at=unit.now, **fields)
    case.add(item)
    case.application.snooze_until = None  # who speaks up is not put off any longer
    return item


def log_contact(
    employer: Employer,
    application_id: str,
    fields: Mapping[str, Any],
    now: datetime,
    *,
    known_as: str | None = None,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, ContactItem]:
    """Logs that somebody told the candidate something, or tried to. Raises NotFound."""
    return update_application(
        employer,
        application_id,
        now,
        lambda unit, case: add_contact(unit, case, fields, known_as=known_as),
        committer=committer,
        by=by,
    )


def bounce_contact(employer: Employer, application_id: str, contact_id: str, now: datetime) -> None:
    """Records that a sent message came back, so it told nothing. Idempotent; an unknown contact is ignored.

    Raises NotFound.
    """

    def change(_: UnitOfWork, case: ApplicationCase) -> None:
        contact = case.contacts.get(contact_id)
        if contact is not None and contact.outcome == "sent":
            contact.outcome, contact.decision, contact.promised_by, contact.next_word_by = "bounced", None, None, None

    update_application(employer, application_id, now, change)


def void_contact(
    employer: Employer,
    application_id: str,
    contact_id: str,
    now: datetime,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, ContactItem]:
    """Undoes a contact. Idempotent. Raises NotFound."""

    def change(unit: UnitOfWork, case: ApplicationCase) -> ContactItem:
        contact = case.contacts.get(contact_id)
        if contact is None:
            raise NotFound
        void(unit, contact)
        return contact

    return update_application(employer, application_id, now, change, committer=committer, by=by)


def record_statement(
    employer: Employer,
    application_id: str,
    fields: Mapping[str, Any],
    now: datetime,
    *,
    known_as: str | None = None,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[ApplicationCase, StatementItem]:
    """Records what the candidate says: "I heard", or "they did not get in touch". Raises NotFound."""
    return update_application(
        employer,
        application_id,
        now,
        lambda unit, case: add_statement(unit, case, fields, known_as=known_as),
        committer=committer,
        by=by,
    )


def latest_own_statement(case: ApplicationCase) -> StatementItem | None:
    """Finds the candidate's own statement about the latest wait."""
    since = case.application.wait_since
    own = [s for s in case.statements.values() if s.own and not s.voided and since is not None and s.at >= since]
    return max(own, key=lambda s: (s.at, s.id), default=None)


def can_correct(statement: StatementItem, now: datetime) -> bool:
    return now < statement.recorded_at + CORRECTED_WITHIN


def record_own_statement(
    employer: Employer,
    application_id: str,
    fields: dict[str, Any],
    now: datetime,
    *,
    correct: bool = False,
    known_as: str | None = None,
    tell: Tell | None = None,
) -> ApplicationCase:
    """Records a statement; `correct` voids the one before it, where that is not older than seven days.

    The same `known_as` is the same statement: sent again after another one, it changes nothing. `tell` gets a new "not yet",
    to add a message about it to the transaction. The same statement again changes nothing but its feedback. Raises NotFound.
    """

    def change(unit: UnitOfWork, case: ApplicationCase) -> None:
        if known_as and statement_id(case, known_as) in case.statements:
            return
        before = latest_own_statement(case)
        if before and (before.heard, before.decision) == (fields["heard"], fields.get("decision")):
            before.feedback = fields.get("feedback") or before.feedback
            return
        if before and correct and can_correct(before, now):
            before.voided = True
        added = add_statement(unit, case, {**fields, "own": True}, known_as=known_as)
        if not added.heard:  # somebody should read it: it joins the employer's list of replies
            added.list_key = keys.list_key(employer.id, "REPLY")
            added.list_at = stored_instant(now) + added.id
            if tell is not None:
                tell(unit, case, added)

    return update_application(employer, application_id, now, change, by=CANDIDATE)[0]
