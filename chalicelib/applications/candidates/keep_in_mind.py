"""Keep me in mind: a candidate's consent, with an end. And feedback that the employer gave back to the candidate.

The recruiter who asked writes it down with the contact; the candidate sees it on their page and can take it back there. It is an
item of the case, so erasing the case erases it; it stands in a list by job title until it runs out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api import pagination
from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.items import ApplicationItem, ContactItem, KeepItem
from chalicelib.rules.title_similarity import are_similar
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item

KEPT_FOR = timedelta(days=365)
"""Where the contact names no day."""
NAMED_MOST = 500
"""Promises for similar work that one digest looks at: more are not read by anybody."""
OPENED_MOST = 1_000
"""Applications opened since the last digest that one digest looks at: beyond lies an import, and not a day's work."""
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
    """The latest promise that a contact made, and that neither was undone nor taken back by the candidate."""
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
    """Until when the candidate is kept in mind; None where they are not."""
    promise = promised(case)
    return promise.until if promise and promise.until > now else None


def title_of(place: str) -> str:
    """The job title of a promise by its place in the list."""
    return place.rpartition("#")[0]


def still_kept(employer_id: str, places: Sequence[str], now: datetime) -> list[tuple[KeepItem, ApplicationItem] | None]:
    """The promises at some places of the list, with the person as they are now; None for one that holds no more."""
    pks = [keys.case_pk(employer_id, place) for place in places]
    found = table.get_many([(pk, kind) for pk in pks for kind in ("KEEP", "APP")])
    pairs = [(found.get((pk, "KEEP")), found.get((pk, "APP"))) for pk in pks]
    return [
        (keep, item) if isinstance(keep, KeepItem) and isinstance(item, ApplicationItem) and _holds(keep, now) else None
        for keep, item in pairs
    ]


def _holds(keep: KeepItem, now: datetime) -> bool:
    """Neither undone nor over: DynamoDB deletes what has expired late."""
    return bool(keep.list_key and keep.until > now)


def reminders(employer_id: str, since: datetime, now: datetime) -> list[tuple[str, KeepItem, ApplicationItem]]:
    """For each application opened in [since, now): whom somebody promised to keep in mind for such work. One query where
    there are no promises."""
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
    """What the employer wrote for the candidate to read, oldest first: for the candidate's own page."""
    shared: list[ContactItem] = [
        contact for contact in case.contacts.values() if contact.feedback and contact.share_feedback and not contact.voided_at
    ]
    return [(contact.occurred_at, str(contact.feedback)) for contact in sorted(shared, key=lambda contact: contact.occurred_at)]
