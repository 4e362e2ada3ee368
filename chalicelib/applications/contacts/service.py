"""What is said to a candidate and by them, each one transaction: contacts logged, bounced and undone; statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.aggregate import Case
from chalicelib.applications.items import ContactItem, StatementItem
from chalicelib.applications.unit_of_work import read_application, update_case
from chalicelib.errors import NotFound
from chalicelib.rules.model import Employer
from chalicelib.storage import ids


def log_contact(
    employer: Employer, application_id: str, given: Mapping[str, Any], now: datetime, *, known_as: str | None = None
) -> tuple[Case, ContactItem]:
    """Logs that somebody told the candidate something, or tried. `given` is validated; `occurred_at` is now where absent.

    What is `known_as` something is logged once.
    """

    return update_case(
        employer,
        lambda: read_application(employer.id, application_id),
        now,
        lambda case: new_contact(case, given, employer, now, known_as),
    )


def new_contact(
    case: Case, given: Mapping[str, Any], employer: Employer, now: datetime, known_as: str | None = None
) -> ContactItem:
    """Adds a contact to a case in memory."""
    contact_id = ids.derived_id("con", case.application.id, known_as) if known_as else case.new_id("con", now)
    if contact_id in case.contacts:
        return case.contacts[contact_id]
    fields = {"occurred_at": now, **given}
    item = ContactItem(
        case.application.PK,
        f"CON#{contact_id}",
        id=contact_id,
        recorded_at=now,
        promised_by=_promise(fields, employer),
        **fields,
    )
    case.add(item)
    return item


def _promise(fields: Mapping[str, Any], employer: Employer) -> datetime | None:
    """An honest "not yet" promises the day that was named, else one in the policy's days."""
    if fields["outcome"] not in ("reached", "sent") or fields.get("decision") not in (None, "pending"):
        return None
    named: datetime | None = fields.get("next_word_by")
    promised: datetime = named or fields["occurred_at"] + timedelta(days=employer.policy.promise_default_days)
    return promised


def bounce_contact(employer: Employer, application_id: str, contact_id: str, now: datetime) -> None:
    """What was sent came back: it told nothing. Twice is once; a contact that is not there is not missed. Raises NotFound."""

    def amend(case: Case) -> None:
        contact = case.contacts.get(contact_id)
        if contact is not None and contact.outcome == "sent":
            contact.outcome, contact.decision, contact.promised_by, contact.next_word_by = "bounced", None, None, None

    update_case(employer, lambda: read_application(employer.id, application_id), now, amend)


def void_contact(employer: Employer, application_id: str, contact_id: str, now: datetime) -> tuple[Case, ContactItem]:
    """Undoes a contact: listed, and folded as if absent. Twice is once."""

    def amend(case: Case) -> ContactItem:
        contact = case.contacts.get(contact_id)
        if contact is None:
            raise NotFound
        contact.voided_at = contact.voided_at or now
        return contact

    return update_case(employer, lambda: read_application(employer.id, application_id), now, amend)


def state(
    employer: Employer, application_id: str, given: Mapping[str, Any], now: datetime, *, known_as: str | None = None
) -> tuple[Case, StatementItem]:
    """Records what the candidate says: "I heard", or "they did not get in touch". What is `known_as` something, once."""

    def amend(case: Case) -> StatementItem:
        statement_id = ids.derived_id("sta", application_id, known_as) if known_as else case.new_id("sta", now)
        if statement_id in case.statements:
            return case.statements[statement_id]
        item = StatementItem(case.application.PK, f"STA#{statement_id}", id=statement_id, recorded_at=now, **{"at": now, **given})
        case.add(item)
        return item

    return update_case(employer, lambda: read_application(employer.id, application_id), now, amend)
