"""An application's statutory deadlines: computed with every write, stored on the application, listed by date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, cast

from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.items import ApplicationItem, ContactItem
from chalicelib.applications.law.items import DutyItem, PostingItem
from chalicelib.config import settings
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Advertised, Decision, DocumentsFiled, NoticeName, WorkPlace
from chalicelib.rules.statutes import deadlines
from chalicelib.rules.statutes.applicability import Posting
from chalicelib.rules.statutes.data import BY_ID
from chalicelib.rules.statutes.deadlines import Documents, Duty, HeldInterview, Notice
from chalicelib.signing import keyed_hash
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key, read_instant, stored_instant

WRITTEN = frozenset({"email", "sms", "letter", "portal"})
Json = dict[str, Any]


def posting_key(employer_id: str, job_title: str) -> Key:
    """Key of the posting of a job title; case and white space do not matter."""
    folded = " ".join(job_title.casefold().split())
    return f"EMP#{employer_id}#POSTING#{keyed_hash(settings().hash_secret, 'posting', folded)}", "POSTING"


def posting_of(item: PostingItem) -> Posting:
    return Posting(
        jurisdiction=item.jurisdiction,
        headcount=int(item.headcount) if item.headcount is not None else None,
        advertised=cast(Advertised | None, item.advertised),
        role_days=int(item.role_days) if item.role_days is not None else None,
        filled_on=date.fromisoformat(item.filled_on) if item.filled_on else None,
        timezone=item.timezone,
        work=cast(WorkPlace | None, item.work),
        food_service=item.food_service,
        documents_filed=cast(DocumentsFiled | None, item.documents_filed),
        selection_body=item.selection_body,
    )


def posting_for(employer: Employer, job_title: str) -> Posting:
    """Reads what is known about a job: its posting, else what the employer's policy says about every job."""
    item = table.get(*posting_key(employer.id, job_title))
    if isinstance(item, PostingItem):
        return posting_of(item)
    return Posting(employer.policy.jurisdiction or "", employer.policy.headcount)


def lacks_of_notice(
    employer: Employer, application: ApplicationItem, decision: Decision, names: Iterable[NoticeName]
) -> list[str]:
    """Tells before it is sent what a written notice would lack of what the open deadlines of an application ask for."""
    statutes = {duty["statute"] for duty in application.duties or () if duty.get("met_at") is None}
    if not statutes:
        return []
    notice = Notice("", application.updated_at, decision, written=True, names=frozenset(names))
    posting, found = posting_for(employer, application.job_title), dict[str, None]()
    for one in sorted(statutes):
        if one in BY_ID and BY_ID[one].clock not in (None, "after_request"):
            found |= dict.fromkeys(deadlines.lacking(notice, BY_ID[one], posting))
    return list(found)


def update(change: CaseChange, employer: Employer) -> None:
    """Computes the application's deadlines, and lists the next one."""
    case = change.after
    _compute(case, employer, change.folded.reached)
    next_deadline = listing(case.application)
    if case.duty:
        for name in ("statute", "list_key", "list_at"):
            setattr(case.duty, name, getattr(next_deadline, name))
    elif next_deadline.list_key:
        case.duty = next_deadline


def _compute(case: ApplicationCase, employer: Employer, reached: Iterable[str]) -> None:
    """Sets the application's deadlines. `reached` are the ids of the contacts that reached the candidate."""
    application = case.application
    held = [HeldInterview(i.id, i.start_at, i.stage == "screen") for i in case.interviews.values() if i.status == "scheduled"]
    told = set(reached)
    notices = [_notice(contact) for contact in case.contacts.values() if contact.id in told]
    found = deadlines.duties(posting_for(employer, application.job_title), held, notices, _documents(application))
    if application.status == "withdrawn":
        found = [duty for duty in found if duty.met_at is not None or duty.basis == "documents"]
    application.duties = [_stored(duty) for duty in found] or None


def _documents(application: ApplicationItem) -> Documents | None:
    asked, returned = application.documents_asked_on, application.documents_returned_on
    return Documents(date.fromisoformat(asked), date.fromisoformat(returned) if returned else None) if asked else None


def _notice(contact: ContactItem) -> Notice:
    return Notice(
        contact.id, contact.occurred_at, contact.decision, contact.channel in WRITTEN, frozenset(contact.notice_names or ())
    )


def listing(application: ApplicationItem) -> DutyItem:
    """Makes the item that lists the application by its next unmet deadline; unlisted where there is none."""
    unmet = [duty for duty in application.duties or () if duty["met_at"] is None]
    latest = max(unmet, key=lambda duty: duty["due_at"], default=None)
    return DutyItem(
        application.PK,
        "DUTY",
        application_id=application.id,
        statute=latest["statute"] if latest else None,
        list_key=keys.list_key(application.employer_id, "DUTY") if latest else None,
        list_at=f"{latest['due_at']}#{application.id}" if latest else None,
    )


def _stored(duty: Duty) -> Json:
    return {
        **asdict(duty),
        "due_on": duty.due_on.isoformat(),
        "due_at": stored_instant(duty.due_at),
        "met_at": stored_instant(duty.met_at) if duty.met_at else None,
        "assumed": list(duty.assumed),
        "lacks": list(duty.lacks),
    }


def read_duty(stored: Json) -> Duty:
    return Duty(
        statute=stored["statute"],
        basis=stored["basis"],
        due_on=date.fromisoformat(stored["due_on"]),
        due_at=read_instant(stored["due_at"]),
        met_at=read_instant(stored["met_at"]) if stored["met_at"] else None,
        met_by=stored["met_by"],
        assumed=tuple(stored["assumed"]),
        lacks=tuple(stored.get("lacks", ())),  # older code stored none
    )


def next_due_on(application: ApplicationItem) -> str | None:
    """Last day of the soonest duty that is not met; it may be past."""
    return min((duty["due_on"] for duty in application.duties or () if duty["met_at"] is None), default=None)
