"""Which applications a candidate or an interview of an ATS belongs to, and what was told of the candidate alone.

A deletion, a merger or a new name may be told before the application that it concerns, or after: each is written on the
candidate's own item and looked up whenever an application is brought in line. So the order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats.items import ConnectionItem, LinkItem
from chalicelib.integrations.ats.merge import later, told_person
from chalicelib.storage import table
from chalicelib.storage.table import Action, Item, Key, Transaction, stored_instant

MERGERS_MOST = 10
"""How far a chain of mergers is followed: a longer one, or a ring, is somebody's mistake."""


class Erased(Exception):
    """The person was erased here: what a system still says of them or of that application is neither kept nor acted upon."""


def link_key(connection: ConnectionItem, kind: str, ref: str) -> Key:
    return connection.PK, "LINK#" + sha256(f"{kind} {ref}".encode()).hexdigest()[:32]


def first(key: Key, ref: str, application: str, state: dict[str, Any]) -> LinkItem:
    """The link of a candidate or an interview that was not known before."""
    told = _told_of(ref, state)
    return LinkItem(*key, ref=ref, applications=[application], told=told, version=1)


def further(link: LinkItem, ref: str, application: str, state: dict[str, Any]) -> list[Action]:
    """What changes in a link by what is known of one of its applications; nothing where nothing does."""
    actions: list[Action] = []
    if application not in link.applications:
        actions.append(LinkItem.applications.set([*link.applications, application]))
    if link.gone_at is None and (told := later(link.told, _told_of(ref, state))) != (link.told or {}):
        actions.append(LinkItem.told.set(told))
    if actions and link.erased:
        actions += [LinkItem.ref.set(ref), LinkItem.erased.remove()]
    return [*actions, LinkItem.version.set(int(link.version) + 1)] if actions else []


def _told_of(ref: str, state: dict[str, Any]) -> Any:
    """The person as an application has them, where it is this candidate's: they may have several applications."""
    is_theirs = state["fields"].get("candidate", (None, None))[1] == ref
    return state.get("person") if is_theirs else None


def mark_gone(connection: ConnectionItem, kind: str, ref: str, at: datetime) -> list[str]:
    """Notes that a candidate or an interview is gone, since the earliest time told; the applications it concerns."""

    def gone(link: LinkItem) -> None:
        link.gone_at, link.told = min(link.gone_at or at, at), None

    link = _change(connection, kind, ref, gone)
    formers = _formers(connection, link)
    for former in formers:
        _change(connection, kind, former.ref, gone)
    return _applications(link, *formers)


def mark_merged(connection: ConnectionItem, former: str, present: str) -> list[str]:
    """Notes that one candidate became another; the applications of both. Raises Erased."""

    def merged(link: LinkItem) -> None:
        link.merged_into = present

    def took_in(link: LinkItem) -> None:
        link.formerly = sorted({*(link.formerly or ()), former})

    _change(connection, "candidate", former, merged)
    link = _change(connection, "candidate", present, took_in)
    if link.gone_at is not None:
        return mark_gone(connection, "candidate", present, link.gone_at)
    return _applications(link, *_formers(connection, link))


def mark_told(connection: ConnectionItem, ref: str, at: datetime, person: Any) -> list[str]:
    """Notes what a candidate is called and where they are reached; the applications it concerns. Raises Erased."""

    def told(link: LinkItem) -> None:
        if link.gone_at is None:
            link.told = later(link.told, told_person(stored_instant(at), person))

    link = _change(connection, "candidate", ref, told)
    return _applications(link, *_formers(connection, link))


def present(connection: ConnectionItem, link: Item | None) -> list[LinkItem]:
    """The link, and those of the candidates that it was merged into, one after the other."""
    found: list[LinkItem] = []
    while isinstance(link, LinkItem) and link.key not in {one.key for one in found} and len(found) < MERGERS_MOST:
        found.append(link)
        link = table.get(*link_key(connection, "candidate", link.merged_into)) if link.merged_into else None
    return found


def _formers(connection: ConnectionItem, link: LinkItem) -> list[LinkItem]:
    """Those who were merged into a candidate, and into them."""
    found: dict[str, LinkItem] = {}
    left = list(link.formerly or ())
    while left and len(found) < MERGERS_MOST:
        ref = left.pop()
        former = table.get(*link_key(connection, "candidate", ref))
        if ref not in found and ref != link.ref and isinstance(former, LinkItem):
            found[ref] = former
            left += former.formerly or ()
    return list(found.values())


def _applications(*some: LinkItem) -> list[str]:
    return list(dict.fromkeys(one for link in some for one in link.applications))


def _change(connection: ConnectionItem, kind: str, ref: str, change: Callable[[LinkItem], None]) -> LinkItem:
    return retry_on_conflict(lambda: _changed(connection, kind, ref, change))


def _changed(connection: ConnectionItem, kind: str, ref: str, change: Callable[[LinkItem], None]) -> LinkItem:
    key = link_key(connection, kind, ref)
    known = table.get(*key)
    link = known if isinstance(known, LinkItem) else LinkItem(*key, ref=ref, applications=[], version=0)
    if link.erased:
        raise Erased
    before, transaction = table.snapshot(link), Transaction()
    change(link)
    if not isinstance(known, LinkItem):
        link.version = 1
        transaction.create(link)
        transaction.commit()
    elif table.changes(link, before):
        link.version = int(link.version) + 1
        transaction.update(LinkItem(*key), table.changes(link, before), LinkItem.version == before["version"])
        transaction.commit()
    return link
