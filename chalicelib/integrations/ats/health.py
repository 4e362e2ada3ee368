"""What a connection lacks: found from its settings and from what has arrived, and shown on the connection and the employer.

Three things are noted as events are processed: which kinds of events have come, which applications have an interview and no
person, and whether the API key was refused. Nothing is written while none of this changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.applications.employers.responses import Warning
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.auth.employers import EmployerItem
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.rules.model import AtsName
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction, read_instant, stored_instant

UNKNOWN_MOST = 20
"""Applications remembered of which no applicant is known."""
TITLES: Mapping[AtsName, str] = {
    "greenhouse": "Greenhouse",
    "ashby": "Ashby",
    "workable": "Workable",
    "lever": "Lever",
    "teamtailor": "Teamtailor",
}
_ANY = "any"
"""Stands for any event that came by the webhook, a test too."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What processing an event has shown: the event's kind, the applications of nobody, those of somebody, a refused key."""

    kind: str | None = None
    unknown: Iterable[str] = ()
    known: Iterable[str] = ()
    key_refused: bool | None = None
    """None: the system was not asked."""
    by_webhook: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The stored notes of a connection."""

    heard: Mapping[str, str] | None = None
    """When the first event of each needed kind came. None: the connection is older than these notes."""
    unknown: tuple[str, ...] = ()
    key_refused: bool = False
    shown: tuple[str, ...] = field(default=())
    """Codes of the warnings that the employer's record has."""

    @classmethod
    def of(cls, connection: ConnectionItem) -> Health:
        stored = connection.health or {}
        return cls(
            stored.get("heard"), tuple(stored.get("unknown", ())), bool(stored.get("key_refused")), tuple(stored.get("shown", ()))
        )

    def to_json(self) -> Json:
        return {"heard": self.heard, "unknown": list(self.unknown), "key_refused": self.key_refused, "shown": list(self.shown)}


def warnings(connection: ConnectionItem, now: datetime) -> list[Warning]:
    """List what a connection lacks."""
    return [Warning(code, detail) for code, detail in _lacks(connection, Health.of(connection), now)]


def _lacks(connection: ConnectionItem, health: Health, now: datetime) -> Iterator[tuple[str, str]]:
    system, title = SYSTEMS[connection.system], TITLES[connection.system]
    if connection.api_key is None and system.without_api_key:
        yield "no_api_key", f"There is no API key: {system.without_api_key}"
    if health.key_refused:
        yield (
            "api_key_refused",
            f"{title} refused the API key: give another one, with the rights that docs/integrations.md names.",
        )
    if health.unknown:
        wanted = ", ".join(dict.fromkeys(kind for need in system.needs if need.tells_who for kind in need.kinds))
        yield (
            "unknown_applicant",
            f"{len(health.unknown)} interview(s) have no person, so nobody is reminded: "
            f"{title} has told of the interview and not of the applicant. Subscribe to {wanted}.",
        )
    if health.heard == {}:
        kinds = ", ".join(dict.fromkeys(kind for need in system.needs for kind in need.kinds))
        yield "no_events", f"No event has arrived yet. In {title}, set up a webhook to the connection's `url` for {kinds}."
    elif health.heard:
        yield from _missing(connection, health.heard, now)


def _missing(connection: ConnectionItem, heard: Mapping[str, str], now: datetime) -> Iterator[tuple[str, str]]:
    """Yield kinds of events that have not come while others have for so long that some should have."""
    since = min(map(read_instant, heard.values()))
    missing = [
        need
        for need in SYSTEMS[connection.system].needs
        if heard.keys().isdisjoint(need.kinds) and now - since >= need.expected_within
    ]
    if missing:
        named = "; ".join(f"{need.what} ({', '.join(need.kinds)})" for need in missing)
        yield (
            "missing_events",
            f"Other events come, and never one about {named}. Subscribe to them at {TITLES[connection.system]}.",
        )


def first() -> Json:
    """Return the notes of a new connection."""
    return Health(heard={}).to_json()


def without_refusal(stored: Json | None) -> Json | None:
    """Return the notes of a connection that was given another key."""
    return {**stored, "key_refused": False} if stored else stored


def note(connection: ConnectionItem, seen: Seen, now: datetime) -> None:
    """Note what an event has shown. Reads and writes nothing where it shows nothing new."""
    if _after(connection, seen, now) != Health.of(connection):
        retry_on_conflict(lambda: _note_once(connection, seen, now))


def _after(connection: ConnectionItem, seen: Seen, now: datetime) -> Health:
    before = Health.of(connection)
    needed = {kind for need in SYSTEMS[connection.system].needs for kind in need.kinds}
    heard = before.heard
    for name in [_ANY, seen.kind] if seen.kind in needed else [_ANY] if seen.by_webhook else []:
        if name not in (heard or {}):
            heard = {**(heard or {}), str(name): stored_instant(now)}
    known = {_hash(one) for one in seen.known}
    unknown = [one for one in dict.fromkeys([*before.unknown, *map(_hash, seen.unknown)]) if one not in known]
    refused = before.key_refused if seen.key_refused is None else seen.key_refused
    health = Health(heard, tuple(unknown[:UNKNOWN_MOST]), refused, before.shown)
    shown = tuple(code for code, _ in _lacks(connection, health, now))
    return Health(health.heard, health.unknown, health.key_refused, shown)


def _hash(ref: str) -> str:
    return sha256(ref.encode("utf-8", "replace")).hexdigest()[:16]


def _note_once(connection: ConnectionItem, seen: Seen, now: datetime) -> None:
    key = (keys.employer_pk(connection.employer_id), "EMP")
    items = table.get_many([connection.key, key])
    current, employer = items.get(connection.key), items.get(key)
    if not isinstance(current, ConnectionItem) or current.revoked_at or not isinstance(employer, EmployerItem):
        return
    before = table.snapshot(current)
    current.health = _after(current, seen, now).to_json()
    transaction = Transaction()
    if actions := table.changes(current, before):
        known = before.get("health")
        same = ConnectionItem.health.does_not_exist() if known is None else ConnectionItem.health == known
        transaction.update(ConnectionItem(*current.key), actions, same)
    show(transaction, employer, current, now)
    transaction.commit()


def show(transaction: Transaction, employer: EmployerItem, connection: ConnectionItem, now: datetime) -> None:
    """Add the warnings of a connection to the employer's record; none where it is revoked."""
    lacks = [] if connection.revoked_at else [list(one) for one in _lacks(connection, Health.of(connection), now)]
    known = employer.ats_lacks or {}
    wanted = {**{name: some for name, some in known.items() if name != connection.id}}
    if lacks:
        wanted[connection.id] = [[f"ats_{code}", f"{TITLES[connection.system]}: {detail}"] for code, detail in lacks]
    if wanted == known:
        return
    same = EmployerItem.ats_lacks.does_not_exist() if employer.ats_lacks is None else EmployerItem.ats_lacks == employer.ats_lacks
    transaction.update(EmployerItem(*employer.key), [EmployerItem.ats_lacks.set(wanted)], same)
