"""The words of a linked application: it is due where they change. Nothing here reads or writes the other application's facts."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.items import LinkItem
from chalicelib.applications.mappers import contact_of, interview_of, statement_of
from chalicelib.rules.linked_words import Word, words
from chalicelib.rules.waits import fold
from chalicelib.storage import ids, keys
from chalicelib.storage.table import Transaction, stored_instant


def words_of(case: ApplicationCase, since: datetime, now: datetime) -> list[Word]:
    """Returns what was said on this side, oldest first: words that came from the other side are left out of the fold."""
    contacts = [contact_of(item) for item in case.contacts.values()]
    statements = [statement_of(item) for item in case.statements.values() if item.link is None]
    interviews = [interview_of(item) for item in case.interviews.values()]
    folded = fold(interviews, contacts, statements, status=case.application.status, as_of=now)
    return words(folded, contacts, statements, since)


def wake(change: CaseChange, now: datetime) -> None:
    """Makes the link due where the words changed, or the addresses by which the two are the same person."""
    case, link = change.after, change.after.link
    if link is None or link.other_application_id is None:
        return
    said = _digest(words_of(case, link.since, now))
    if said != link.said or change.has_changed("email", "phone"):
        link.said = said
        make_due(link, now)


def make_due(link: LinkItem, now: datetime) -> None:
    """Has the job pass the words on, at once."""
    link.revision = int(link.revision or 0) + 1
    link.due_at, link.due_shard = stored_instant(now), ids.due_shard(link.application_id)


def leave(case: ApplicationCase, transaction: Transaction, now: datetime) -> None:
    """Takes an application that is about to be erased off the other one's link: no reference to it is left there.

    The other link is due, and ends. It gets the count of nudges, so that nobody gets one twice for one wait.
    """
    link = case.link
    if link is None or link.other_employer_id is None or link.other_application_id is None:
        return
    other = LinkItem(keys.case_pk(link.other_employer_id, link.other_application_id), LinkItem.kind)
    actions = [
        LinkItem.other_employer_id.remove(),
        LinkItem.other_application_id.remove(),
        LinkItem.nudges_there.set(nudges_of(case)),
        LinkItem.revision.add(1),
        LinkItem.due_at.set(stored_instant(now)),
        LinkItem.due_shard.set(ids.due_shard(link.other_application_id)),
    ]
    transaction.update(other, actions, LinkItem.link_id == link.link_id)


def nudges_of(case: ApplicationCase) -> int:
    """Returns how many nudges were claimed for the application's latest wait."""
    application = case.application
    return int((application.nudges or {}).get(application.wait_cause or "", 0))


def _digest(said: list[Word]) -> str:
    text = "|".join(f"{word.key} {word.at.isoformat()} {word.promised_by}" for word in said)
    return sha256(text.encode()).hexdigest()[:16]
