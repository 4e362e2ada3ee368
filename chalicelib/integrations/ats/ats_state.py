"""What is known of an ATS's applications: stored state, merged with new facts, and linked to candidates and interviews.

A write is conditional on the version that was read. Merging is commutative, so after a lost race it is simply done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats import identity_links, merge
from chalicelib.integrations.ats.identity_links import Erased, link_key
from chalicelib.integrations.ats.items import ConnectionItem, LinkItem, SeenItem
from chalicelib.integrations.ats.merge import Fact, Wanted
from chalicelib.storage import table
from chalicelib.storage.table import Key, Transaction


@dataclass(frozen=True, slots=True)
class KnownApplication:
    """One application of an ATS as we know it."""

    seen: SeenItem
    wanted: Wanted
    """What our records should say of it."""
    candidate_gone: bool
    """Whether the candidate was deleted or anonymised there."""


def group_by_application(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Group facts by the application that they are about."""
    grouped: dict[str, list[Fact]] = {}
    for fact in facts:
        grouped.setdefault(fact.application, []).append(fact)
    return grouped


def merge_facts(connection: ConnectionItem, application: str, facts: Sequence[Fact]) -> list[str]:
    """Merge facts of one application into its state, and link its candidate and interviews to it.

    Returns the applications that this concerns: new data of a person concerns their other applications too. Raises Erased.
    """
    return retry_on_conflict(lambda: _merge_once(connection, application, facts))


def _merge_once(connection: ConnectionItem, application: str, facts: Sequence[Fact]) -> list[str]:
    key = _seen_key(connection, application)
    linked = _links_of(connection, facts)
    items = table.get_many([key, *linked])
    known = items.get(key)
    seen = known if isinstance(known, SeenItem) else SeenItem(*key, ref=application, state={}, applied={}, version=0)
    if seen.erased:
        raise Erased
    before, concerned = table.snapshot(seen), [application]
    seen.state = merge.merge(seen.state, facts)
    transaction = Transaction()
    _save(transaction, seen, before, is_new=known is None)
    for link_at, ref in linked.items():
        link = items.get(link_at)
        if not isinstance(link, LinkItem):
            transaction.create(identity_links.new_link(link_at, ref, application, seen.state))
        elif actions := identity_links.changes(link, ref, application, seen.state):
            concerned += link.applications
            transaction.update(LinkItem(*link.key), actions, LinkItem.version == link.version)
    transaction.commit()
    return list(dict.fromkeys(concerned))


def _seen_key(connection: ConnectionItem, application: str) -> Key:
    return connection.PK, "SEEN#" + sha256(application.encode()).hexdigest()[:32]


def _links_of(connection: ConnectionItem, facts: Sequence[Fact]) -> dict[Key, str]:
    candidates = {str(fact.fields["candidate"]) for fact in facts if fact.fields.get("candidate")}
    interviews = {ref for fact in facts for ref in fact.interviews}
    return {link_key(connection, "candidate", ref): ref for ref in candidates} | {
        link_key(connection, "interview", ref): ref for ref in interviews
    }


def _save(transaction: Transaction, seen: SeenItem, before: dict[str, object], *, is_new: bool) -> None:
    if is_new:
        seen.version = 1
        transaction.create(seen)
    elif table.changes(seen, before):
        seen.version = int(seen.version) + 1
        transaction.update(seen, table.changes(seen, before), SeenItem.version == before["version"])


def read(connection: ConnectionItem, application: str) -> KnownApplication | None:
    """Read an application's state, completed by what was said of its candidate and interviews alone."""
    seen = table.get(*_seen_key(connection, application))
    if not isinstance(seen, SeenItem):
        return None
    wanted = merge.wanted(seen.state)
    interview_keys = {one.ref: link_key(connection, "interview", one.ref) for one in wanted.interviews}
    candidate_key = link_key(connection, "candidate", wanted.candidate or "")
    found = table.get_many([*interview_keys.values(), candidate_key])
    called_off = {ref: at for ref, key in interview_keys.items() if (at := _gone_at(found.get(key)))}
    identities = identity_links.follow_merges(connection, found.get(candidate_key))
    person = merge.merge_people(seen.state.get("person"), *(link.told for link in identities))
    wanted = replace(wanted, person=merge.person_of(person))
    return KnownApplication(
        seen, merge.without_called_off(wanted, called_off), any(link.gone_at is not None for link in identities)
    )


def lacks_applicant(connection: ConnectionItem, application: str) -> bool:
    """Whether an application has an interview, and nobody has told who the applicant is, or for what job."""
    known = read(connection, application)
    if known is None or known.seen.erased or known.candidate_gone:
        return False
    return bool(known.wanted.interviews) and not (known.wanted.person and known.wanted.job_title)


def _gone_at(link: table.Item | None) -> datetime | None:
    return link.gone_at if isinstance(link, LinkItem) else None
