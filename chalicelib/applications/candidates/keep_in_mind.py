"""Keeping candidates in mind for similar jobs, by their consent, until a day. And feedback shared with the candidate.

The recruiter records the consent with a contact; the candidate sees it on their page and can withdraw it there. It is
an item of the application, so that erasing the application erases it, and is listed by job title until it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api import pagination
from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.candidates.items import KeepItem
from chalicelib.applications.items import ApplicationItem, ContactItem
from chalicelib.rules.title_similarity import are_similar
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item

KEPT_FOR = timedelta(days=365)
"""Where the contact names no end."""
NAMED_MOST = 500
"""Candidates kept in mind for similar jobs that one digest looks at: nobody reads more."""
OPENED_MOST = 1_000
"""Applications created since the last digest that one digest looks at: more come from an import."""
Json = dict[str, Any]


def update(change: CaseChange) -> None:
    """Brings the item of the promise in line with the contacts. It leaves the list where the promise was undone."""
    case, wanted = change.after, promised(change.after)
    if case.keep is None:
        case.keep = wanted
    elif wanted is None:
        case.keep.list_key = case.keep.list_at = None
    else:
        for name in ("job_title", "contact_id", "since", "until", "list_key", "list_at", "expires_at"):
            setattr(case.keep, name, getattr(wanted, name))


def promised(case: ApplicationCase) -> KeepItem | None:
    """Finds the latest promise of a contact that was neither voided nor withdrawn by the candidate."""
    since = case.application.not_kept_since
    asked = [
        contact
        for contact in case.contacts.values()
        if contact.keep_in_mind and not contact.voided_at and (since is None or contact.recorded_at > since)
    ]
    latest = max(asked, key=lambda contact: (contact.occurred_at, contact.id), default=None)
    if latest is None:
        return None
    application = case.application
    until = latest.keep_in_mind_until or latest.occurred_at + KEPT_FOR
    return KeepItem(
        application.PK,
        "KEEP",
        application_id=application.id,
        job_title=application.job_title,
        contact_id=latest.id,
        since=latest.occurred_at,
        until=until,
        list_key=keys.list_key(application.employer_id, "KEEP"),
        list_at=f"{application.job_title.casefold()}#{application.id}",
        expires_at=int(until.timestamp()),
    )


def kept_until(case: ApplicationCase, now: datetime) -> datetime | None:
    """Tells until when the candidate is kept in mind; None where they are not."""
    promise = promised(case)
    return promise.until if promise and promise.until > now else None


def title_of(place: str) -> str:
    """Job title of a promise by its position in the list."""
    return place.rpartition("#")[0]


def still_kept(employer_id: str, positions: Sequence[str], now: datetime) -> list[tuple[KeepItem, ApplicationItem] | None]:
    """Reads promises at these positions of the list, with the candidate as of now; None for one that has ended."""
    pks = [keys.case_pk(employer_id, place) for place in positions]
    found = table.get_many([(pk, kind) for pk in pks for kind in ("KEEP", "APP")])
    pairs = [(found.get((pk, "KEEP")), found.get((pk, "APP"))) for pk in pks]
    return [
        (keep, item) if isinstance(keep, KeepItem) and isinstance(item, ApplicationItem) and _holds(keep, now) else None
        for keep, item in pairs
    ]


def _holds(keep: KeepItem, now: datetime) -> bool:
    """Whether it is neither withdrawn nor over: DynamoDB deletes expired items late."""
    return bool(keep.list_key and keep.until > now)


def reminders(employer_id: str, since: datetime, now: datetime) -> list[tuple[str, KeepItem, ApplicationItem]]:
    """Lists candidates kept in mind for jobs like those of applications created in [since, now): (job title, promise, candidate).

    One query where there are no promises.
    """
    places = sorted(pagination.partitions(employer_id, "KEEP"))
    if not places:
        return []
    after = ids.first_id("app", since)
    rows, _ = table.query_index("listing", keys.list_key(employer_id, "APP"), Item.list_at > after, limit=OPENED_MOST)
    opened = table.get_many([(row["PK"]["S"], "APP") for row in rows]).values()
    fresh = [item for item in opened if isinstance(item, ApplicationItem) and since <= item.created_at < now]
    titles = dict.fromkeys(item.job_title for item in fresh)
    similar = [place for place in places if any(are_similar(title, title_of(place)) for title in titles)]
    kept = [one for one in still_kept(employer_id, similar[:NAMED_MOST], now) if one]
    return [
        (title, keep, person)
        for title in titles
        for keep, person in kept
        if are_similar(title, keep.job_title)
        and keep.since <= since
        and all(person.candidate_id != item.candidate_id for item in fresh)
    ]


def shared_feedback(case: ApplicationCase) -> list[tuple[datetime, str]]:
    """Lists feedback that the employer shares with the candidate, oldest first: (when, text)."""
    shared: list[ContactItem] = [
        contact for contact in case.contacts.values() if contact.feedback and contact.share_feedback and not contact.voided_at
    ]
    return [(contact.occurred_at, str(contact.feedback)) for contact in sorted(shared, key=lambda contact: contact.occurred_at)]
