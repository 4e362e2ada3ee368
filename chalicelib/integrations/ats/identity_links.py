"""What is known of a candidate or an interview of an ATS by its own id, and which applications it belongs to.

A deletion, a merger or a new name may come before the application that it concerns, or after it. Each is stored with the
candidate's own id, and read whenever an application is reconciled. So the order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats.items import ConnectionItem, LinkItem
from chalicelib.integrations.ats.merge import merge_people, person_fields
from chalicelib.storage import table
from chalicelib.storage.table import Action, Item, Key, Transaction, stored_instant

Kind = Literal["candidate", "interview"]
MERGES_MOST = 10
"""How many mergers are followed. A longer chain, or a ring, is somebody's mistake."""


class Erased(Exception):
    """The person was erased here. What the system still says of them is neither stored nor applied."""


def link_key(connection: ConnectionItem, kind: Kind, ref: str) -> Key:
    return connection.PK, "LINK#" + sha256(f"{kind} {ref}".encode()).hexdigest()[:32]


def new_link(key: Key, ref: str, application: str, state: dict[str, Any]) -> LinkItem:
    """Create the link of a candidate or an interview that was not known before."""
    return LinkItem(*key, ref=ref, applications=[application], told=_person_in(ref, state), version=1)


def changes(link: LinkItem, ref: str, application: str, state: dict[str, Any]) -> list[Action]:
    """Return what an application's new state changes in a link; nothing where nothing changes."""
    actions: list[Action] = []
    if application not in link.applications:
        actions.append(LinkItem.applications.set([*link.applications, application]))
    if link.gone_at is None and (person := merge_people(link.told, _person_in(ref, state))) != (link.told or {}):
        actions.append(LinkItem.told.set(person))
    if actions and link.erased:
        actions += [LinkItem.ref.set(ref), LinkItem.erased.remove()]
    return [*actions, LinkItem.version.set(int(link.version) + 1)] if actions else []


def _person_in(ref: str, state: dict[str, Any]) -> Any:
    """The person of an application's state, where it is this candidate's."""
    is_theirs = state["fields"].get("candidate", (None, None))[1] == ref
    return state.get("person") if is_theirs else None


def mark_gone(connection: ConnectionItem, kind: Kind, ref: str, at: datetime) -> list[str]:
    """Note since when a candidate or an interview is gone. Returns the applications that it concerns. Raises Erased."""

    def gone(link: LinkItem) -> None:
        link.gone_at, link.told = min(link.gone_at or at, at), None

    link = _change(connection, kind, ref, gone)
    formers = _merged_into(connection, link)
    for former in formers:
        _change(connection, kind, former.ref, gone)
    return _applications_of(link, *formers)


def mark_merged(connection: ConnectionItem, former: str, present: str) -> list[str]:
    """Note that one candidate was merged into another. Returns the applications of both. Raises Erased."""

    def set_present(link: LinkItem) -> None:
        link.merged_into = present

    def add_former(link: LinkItem) -> None:
        link.formerly = sorted({*(link.formerly or ()), former})

    _change(connection, "candidate", former, set_present)
    link = _change(connection, "candidate", present, add_former)
    if link.gone_at is not None:
        return mark_gone(connection, "candidate", present, link.gone_at)
    return _applications_of(link, *_merged_into(connection, link))


def mark_told(connection: ConnectionItem, ref: str, at: datetime, person: Any) -> list[str]:
    """Note a candidate's name and addresses. Returns the applications that it concerns. Raises Erased."""

    def set_person(link: LinkItem) -> None:
        if link.gone_at is None:
            link.told = merge_people(link.told, person_fields(stored_instant(at), person))

    link = _change(connection, "candidate", ref, set_person)
    return _applications_of(link, *_merged_into(connection, link))


def follow_merges(connection: ConnectionItem, link: Item | None) -> list[LinkItem]:
    """Return a candidate's link, and those of the candidates that it was merged into, one after the other."""
    found: list[LinkItem] = []
    while isinstance(link, LinkItem) and link.key not in {one.key for one in found} and len(found) < MERGES_MOST:
        found.append(link)
        link = table.get(*link_key(connection, "candidate", link.merged_into)) if link.merged_into else None
    return found


def _merged_into(connection: ConnectionItem, link: LinkItem) -> list[LinkItem]:
    """The links of all candidates that were merged into this one, directly or not."""
    found: dict[str, LinkItem] = {}
    left = list(link.formerly or ())
    while left and len(found) < MERGES_MOST:
        ref = left.pop()
        former = table.get(*link_key(connection, "candidate", ref))
        if ref not in found and ref != link.ref and isinstance(former, LinkItem):
            found[ref] = former
            left += former.formerly or ()
    return list(found.values())


def _applications_of(*links: LinkItem) -> list[str]:
    return list(dict.fromkeys(one for link in links for one in link.applications))


def _change(connection: ConnectionItem, kind: Kind, ref: str, change: Callable[[LinkItem], None]) -> LinkItem:
    return retry_on_conflict(lambda: _change_once(connection, kind, ref, change))


def _change_once(connection: ConnectionItem, kind: Kind, ref: str, change: Callable[[LinkItem], None]) -> LinkItem:
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
