"""Keep me in mind: a candidate's consent, with an end. And feedback that the employer gave back to the candidate.

The recruiter who asked writes it down with the contact; the candidate sees it on their page and can take it back there. It is an
item of the case, so erasing the case erases it; it stands in a list by job title until it runs out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import ids, table
from chalicelib.applications.table import ApplicationItem, ContactItem, KeepItem
from chalicelib.http import instant
from chalicelib.rules.similar import alike
from chalicelib.table import Item

if TYPE_CHECKING:
    from chalicelib.applications.case import Case

KEPT_FOR = timedelta(days=365)
"""Where the contact names no day."""
LISTED_MOST = 500
"""Promises that one reminder looks through."""
Json = dict[str, Any]


def promised(case: Case) -> KeepItem | None:
    """The latest promise that a contact made, and that neither was undone nor taken back by the candidate."""
    since = case.application.not_kept_since
    asked = [contact for contact in case.contacts.values()
             if contact.keep_in_mind and not contact.voided_at and (since is None or contact.recorded_at > since)]  # fmt: skip
    latest = max(asked, key=lambda contact: (contact.occurred_at, contact.id), default=None)
    if latest is None:
        return None
    application = case.application
    until = latest.keep_in_mind_until or latest.occurred_at + KEPT_FOR
    return KeepItem(
        application.PK, "KEEP", application_id=application.id, job_title=application.job_title, contact_id=latest.id,
        since=latest.occurred_at, until=until, list_key=ids.list_key(application.employer_id, "KEEP"),
        list_at=f"{application.job_title.casefold()}#{application.id}", expires_at=int(until.timestamp()))  # fmt: skip


def kept_until(case: Case, now: datetime) -> datetime | None:
    """Until when the candidate is kept in mind; None where they are not."""
    promise = promised(case)
    return promise.until if promise and promise.until > now else None


def brought_into_line(known: KeepItem | None, wanted: KeepItem | None) -> KeepItem | None:
    """The item as it should be: unlisted where the promise was undone."""
    if known is None or wanted is None:
        if known is not None:
            known.list_key = known.list_at = None
        return wanted or known
    for name in ("job_title", "contact_id", "since", "until", "list_key", "list_at", "expires_at"):
        setattr(known, name, getattr(wanted, name))
    return known


def listed(employer_id: str, now: datetime, like: str | None = None) -> list[tuple[KeepItem, ApplicationItem]]:
    """Promises that still hold, by job title, with the person as they are now; those for work `like` this title only."""
    rows, _ = table.query_index("listing", ids.list_key(employer_id, "KEEP"), limit=LISTED_MOST)
    wanted = [row for row in rows if like is None or alike(like, row["list_at"]["S"].rpartition("#")[0])]
    found = table.get_many([key for row in wanted for key in ((row["PK"]["S"], "KEEP"), (row["PK"]["S"], "APP"))])
    pairs = [(found.get((row["PK"]["S"], "KEEP")), found.get((row["PK"]["S"], "APP"))) for row in wanted]
    both = [(keep, item) for keep, item in pairs if isinstance(keep, KeepItem) and isinstance(item, ApplicationItem)]
    return [(keep, item) for keep, item in both if keep.list_key and keep.until > now]


def keep_json(keep: KeepItem, item: ApplicationItem) -> Json:
    return {
        "application_id": item.id, "contact_id": keep.contact_id, "job_title": keep.job_title,
        "candidate": {"id": item.candidate_id, "name": item.name, "email": item.email, "phone": item.phone},
        "since": instant(keep.since), "until": instant(keep.until),
    }  # fmt: skip


def reminders(employer_id: str, since: datetime, now: datetime) -> list[tuple[str, KeepItem, ApplicationItem]]:
    """For each application opened in [since, now): whom somebody promised to keep in mind for such work. One query where
    there are no promises."""
    kept = listed(employer_id, now)
    if not kept:
        return []
    after = ids.first_id("app", since)
    rows, _ = table.query_index("listing", ids.list_key(employer_id, "APP"), Item.list_at > after, limit=100)
    opened = table.get_many([(row["PK"]["S"], "APP") for row in rows]).values()
    fresh = [item for item in opened if isinstance(item, ApplicationItem) and since <= item.created_at < now]
    titles = dict.fromkeys(item.job_title for item in fresh)
    return [(title, keep, person) for title in titles for keep, person in kept
            if alike(title, keep.job_title) and keep.since <= since
            and all(person.candidate_id != item.candidate_id for item in fresh)]  # fmt: skip


def shared_feedback(case: Case) -> list[tuple[datetime, str]]:
    """What the employer wrote for the candidate to read, oldest first: for the candidate's own page."""
    shared: list[ContactItem] = [contact for contact in case.contacts.values()
                                 if contact.feedback and contact.share_feedback and not contact.voided_at]  # fmt: skip
    return [(contact.occurred_at, str(contact.feedback)) for contact in sorted(shared, key=lambda contact: contact.occurred_at)]
