"""The copies of a candidate that its applications carry, so that a reminder needs one read.

All copies change in one transaction, which bounds the applications that go on. An application that has ended makes room: it is
"past", and keeps its copy as it was where no more fit. When it goes on again, it is brought back with a fresh copy.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.items import ApplicationItem, WaitItem
from chalicelib.errors import Conflict
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction

APPLICATIONS_MOST = 40
"""Applications of one candidate at one employer that go on. All carry a copy of the person and change in one transaction,
together with their open waits and the days of the tally where the person becomes reachable or unreachable."""
ALL_MOST = 1000
"""Applications of one candidate in all: their ids stand on the candidate's item."""
_AT_ONCE = 10
"""How many ended applications make room at a time: the next nine need no look at the others."""
COPIED = ("name", "email", "phone", "phone_extension", "timezone", "locale")
"""Fields of the candidate that each application carries a copy of."""


def copy_person(candidate: CandidateItem, application: ApplicationItem) -> None:
    """Copies the person to an application."""
    for name in COPIED:
        setattr(application, name, getattr(candidate, name))
    application.phone_takes_texts = bool(candidate.phone_takes_texts)
    consent = candidate.sms_consent
    application.sms_consent_at = table.read_instant(consent["given_at"]) if consent else None


def that_go_on(candidate: CandidateItem) -> list[str]:
    """Lists the applications that carry the person as they are now."""
    past = set(candidate.past or ())
    return [one for one in candidate.applications if one not in past]


def add(transaction: Transaction, employer_id: str, candidate: CandidateItem, application_id: str) -> None:
    """Adds a new application's id to a known candidate, in memory. Ended ones make room. Raises Conflict where none has ended."""
    if len(candidate.applications) >= ALL_MOST:
        raise Conflict(f"A candidate can have at most {ALL_MOST} applications.", code="too_many_applications")
    if len(that_go_on(candidate)) >= APPLICATIONS_MOST:
        _make_room(transaction, employer_id, candidate)
    candidate.applications = [*candidate.applications, application_id]


def _make_room(transaction: Transaction, employer_id: str, candidate: CandidateItem) -> None:
    """Makes the oldest ended applications past, each on the condition that it has not changed since."""
    ids = that_go_on(candidate)
    found = table.get_many([(keys.case_pk(employer_id, one), "APP") for one in ids])
    applications = {item.id: item for item in found.values() if isinstance(item, ApplicationItem)}
    ended = _ended([applications[one] for one in ids if one in applications])
    if not ended:
        raise Conflict(
            f"This candidate has {APPLICATIONS_MOST} applications that go on, which is the most. Close or decide one first: "
            "applications that have ended make room.",
            code="too_many_applications",
        )
    for item in ended[:_AT_ONCE]:
        actions = [ApplicationItem.past.set(True), ApplicationItem.version.set(item.version + 1)]
        transaction.update(ApplicationItem(*item.key), actions, ApplicationItem.version == item.version)
    candidate.past = [*(candidate.past or ()), *(item.id for item in ended[:_AT_ONCE])]


def _ended(applications: Sequence[ApplicationItem]) -> list[ApplicationItem]:
    """Those that are closed, withdrawn, or told "no" or an offer, in order."""
    told = [one for one in applications if one.status == "active" and one.wait_state == "answered"]
    waits = table.get_many([(one.PK, f"WAIT#{one.wait_cause}") for one in told])
    final = {item.PK for item in waits.values() if isinstance(item, WaitItem) and item.answer in ("rejected", "offer")}
    final |= {one.PK for one in told if one.company}  # a job seeker who heard has nothing to be reminded of
    return [one for one in applications if one.status != "active" or one.PK in final]


def bring_back(candidate: CandidateItem, application: ApplicationItem) -> None:
    """Makes a past application one that goes on, in memory, with the person as they are now."""
    if application.past:
        copy_person(candidate, application)
        application.past = None
        candidate.past = [one for one in candidate.past or () if one != application.id] or None


def bring_back_if_waiting(transaction: Transaction, application: ApplicationItem) -> bool:
    """Brings a past application back where it waits again: a contact was voided, an interview booked. Writes the candidate.

    Returns whether it did. Where this transaction changes the candidate already, that change has copied the person.
    """
    key = (keys.candidate_pk(application.employer_id, application.candidate_id), "CAND")
    if not application.past or application.wait_state != "open" or key in transaction.keys:
        return False
    candidate = table.get(*key)
    if not isinstance(candidate, CandidateItem):
        return False
    before = table.snapshot(candidate)
    bring_back(candidate, application)
    candidate.revision = int(candidate.revision) + 1
    transaction.update(candidate, table.changes(candidate, before), CandidateItem.revision == before["revision"])
    return True
