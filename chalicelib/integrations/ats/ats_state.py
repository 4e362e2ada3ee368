"""What is known of an ATS's applications: read, merged with new facts, and linked to candidates and interviews.

Facts go in conditional on nobody having merged others meanwhile; merging is commutative, so losing means reading again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats import identity_links, merge
from chalicelib.integrations.ats.identity_links import Erased, link_key
from chalicelib.integrations.ats.items import ConnectionItem, LinkItem, SeenItem
from chalicelib.integrations.ats.merge import Fact, Wanted
from chalicelib.storage import table
from chalicelib.storage.table import Key, Transaction


def seen_key(connection: ConnectionItem, application: str) -> Key:
    return connection.PK, "SEEN#" + sha256(application.encode()).hexdigest()[:32]


def merge_facts(connection: ConnectionItem, application: str, new: Sequence[Fact]) -> list[str]:
    """Merges facts of one application into what is known of it, and links its candidate and interviews to it. The applications
    that this concerns: a person's other ones too, where the person is told anew. Raises Erased."""
    return retry_on_conflict(lambda: _merge(connection, application, new))


def _merge(connection: ConnectionItem, application: str, new: Sequence[Fact]) -> list[str]:
    key = seen_key(connection, application)
    linked = _links_of(connection, new)
    items = table.get_many([key, *linked])
    known = items.get(key)
    seen = known if isinstance(known, SeenItem) else SeenItem(*key, ref=application, state={}, applied={}, version=0)
    if seen.erased:
        raise Erased
    before, concerned = table.snapshot(seen), [application]
    seen.state = merge.merged(seen.state, new)
    transaction = Transaction()
    _save(transaction, seen, before, is_new=known is None)
    for at, ref in linked.items():
        link = items.get(at)
        if not isinstance(link, LinkItem):
            transaction.create(identity_links.first(at, ref, application, seen.state))
        elif actions := identity_links.further(link, ref, application, seen.state):
            concerned += link.applications
            transaction.update(LinkItem(*link.key), actions, LinkItem.version == link.version)
    transaction.commit()
    return list(dict.fromkeys(concerned))


def _links_of(connection: ConnectionItem, new: Sequence[Fact]) -> dict[Key, str]:
    people = {str(fact.fields["candidate"]) for fact in new if fact.fields.get("candidate")}
    interviews = {ref for fact in new for ref in fact.interviews}
    return {link_key(connection, "candidate", ref): ref for ref in people} | {
        link_key(connection, "interview", ref): ref for ref in interviews
    }


def _save(transaction: Transaction, seen: SeenItem, before: dict[str, object], *, is_new: bool) -> None:
    if is_new:
        seen.version = 1
        transaction.create(seen)
    elif table.changes(seen, before):
        seen.version = int(seen.version) + 1
        transaction.update(seen, table.changes(seen, before), SeenItem.version == before["version"])


def read(connection: ConnectionItem, application: str) -> tuple[SeenItem | None, Wanted, bool]:
    """What is known of an application, what our records should say of it, and whether its candidate is gone."""
    seen = table.get(*seen_key(connection, application))
    if not isinstance(seen, SeenItem):
        return None, Wanted(), False
    want = merge.wanted(seen.state)
    of_interviews = {one.ref: link_key(connection, "interview", one.ref) for one in want.interviews}
    person = link_key(connection, "candidate", want.candidate or "")
    found = table.get_many([*of_interviews.values(), person])
    off = {ref: at for ref, key in of_interviews.items() if (at := _gone_at(found.get(key)))}
    identities = identity_links.present(connection, found.get(person))
    told = merge.later(seen.state.get("person"), *(link.told for link in identities))
    want = replace(want, person=merge.person_of(told))
    return seen, merge.without(want, off), any(link.gone_at for link in identities)


def _gone_at(link: table.Item | None) -> datetime | None:
    return link.gone_at if isinstance(link, LinkItem) else None


def by_application(new: Iterable[Fact]) -> dict[str, list[Fact]]:
    grouped: dict[str, list[Fact]] = {}
    for fact in new:
        grouped.setdefault(fact.application, []).append(fact)
    return grouped
