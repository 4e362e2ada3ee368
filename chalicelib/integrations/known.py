"""What is known of an ATS's applications: read, merged with new facts, and linked to candidates and interviews.

Facts go in conditional on nobody having merged others meanwhile; merging is commutative, so losing means reading again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from chalicelib import table
from chalicelib.applications.candidates import again_when_lost
from chalicelib.integrations import facts
from chalicelib.integrations.facts import Fact, Wanted
from chalicelib.integrations.table import ConnectionItem, LinkItem, SeenItem
from chalicelib.table import Key, Transaction


class Erased(Exception):
    """The person was erased here: what a system still says of that application is neither kept nor acted upon."""


def seen_key(connection: ConnectionItem, application: str) -> Key:
    return connection.PK, "SEEN#" + sha256(application.encode()).hexdigest()[:32]


def link_key(connection: ConnectionItem, kind: str, ref: str) -> Key:
    return connection.PK, "LINK#" + sha256(f"{kind} {ref}".encode()).hexdigest()[:32]


def merge(connection: ConnectionItem, application: str, new: Sequence[Fact]) -> None:
    """Merges facts of one application into what is known of it, and links its candidate and interviews to it. Raises Erased."""
    again_when_lost(lambda: _merge(connection, application, new))


def _merge(connection: ConnectionItem, application: str, new: Sequence[Fact]) -> None:
    key = seen_key(connection, application)
    links = _links_of(connection, new)
    items = table.get_many([key, *links])
    known = items.get(key)
    seen = known if isinstance(known, SeenItem) else SeenItem(*key, ref=application, state={}, applied={}, version=0)
    if seen.erased:
        raise Erased
    before = table.snapshot(seen)
    seen.state = facts.merged(seen.state, new)
    transaction = Transaction()
    _save(transaction, seen, before, is_new=known is None)
    for at, ref in links.items():
        link = items.get(at)
        if not isinstance(link, LinkItem):
            transaction.create(LinkItem(*at, ref=ref, applications=[application], version=1))
        elif application not in link.applications:
            _relink(transaction, link, [*link.applications, application])
    transaction.commit()


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


def _relink(transaction: Transaction, link: LinkItem, applications: list[str]) -> None:
    actions = [LinkItem.applications.set(applications), LinkItem.version.set(int(link.version) + 1)]
    transaction.update(LinkItem(*link.key), actions, LinkItem.version == link.version)


def mark_gone(connection: ConnectionItem, kind: str, ref: str, at: datetime) -> list[str]:
    """Notes that a candidate or an interview is gone, since the earliest time told; the applications it concerns."""
    return again_when_lost(lambda: _mark_gone(connection, kind, ref, at))


def _mark_gone(connection: ConnectionItem, kind: str, ref: str, at: datetime) -> list[str]:
    key = link_key(connection, kind, ref)
    link, transaction = table.get(*key), Transaction()
    if not isinstance(link, LinkItem):
        transaction.create(LinkItem(*key, ref=ref, applications=[], gone_at=at, version=1))
        transaction.commit()
        return []
    if link.gone_at is None or at < link.gone_at:
        actions = [LinkItem.gone_at.set(at), LinkItem.version.set(int(link.version) + 1)]
        transaction.update(LinkItem(*key), actions, LinkItem.version == link.version)
        transaction.commit()
    return list(link.applications)


def read(connection: ConnectionItem, application: str) -> tuple[SeenItem | None, Wanted, bool]:
    """What is known of an application, what our records should say of it, and whether its candidate is gone."""
    seen = table.get(*seen_key(connection, application))
    if not isinstance(seen, SeenItem):
        return None, Wanted(), False
    want = facts.wanted(seen.state)
    of_interviews = {one.ref: link_key(connection, "interview", one.ref) for one in want.interviews}
    person = link_key(connection, "candidate", want.candidate or "")
    links = table.get_many([*of_interviews.values(), person])
    off = {ref: at for ref, key in of_interviews.items() if (at := _gone_at(links.get(key)))}
    return seen, facts.without(want, off), _gone_at(links.get(person)) is not None


def _gone_at(link: table.Item | None) -> datetime | None:
    return link.gone_at if isinstance(link, LinkItem) else None


def by_application(new: Iterable[Fact]) -> dict[str, list[Fact]]:
    grouped: dict[str, list[Fact]] = {}
    for fact in new:
        grouped.setdefault(fact.application, []).append(fact)
    return grouped
