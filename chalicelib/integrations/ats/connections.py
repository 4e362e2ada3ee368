"""Connections to applicant tracking systems: created, listed, changed and revoked by the employer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from chalicelib.api.serialize import extend
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, About, Origin
from chalicelib.auth.employers import EmployerItem
from chalicelib.config import settings
from chalicelib.errors import Conflict, NotFound, Unprocessable
from chalicelib.integrations.ats import health, polls
from chalicelib.integrations.ats.credentials import encrypted
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.integrations.ats.responses import Connection, PolledConnection
from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Key, Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

CONNECTIONS_MOST = 20
"""Each may be polled each hour, and says on the employer's record, which every request reads, what it lacks."""
_PUBLIC_ID = re.compile(r"([0-7][0-9A-HJKMNP-TV-Z]{25})([0-7][0-9A-HJKMNP-TV-Z]{25})", re.ASCII)
_ENCRYPTED = ("secret", "api_key")
_CREDENTIALS = ("secret", "api_key", "client_id", "subdomain")
Json = dict[str, Any]


def connection_pk(employer_id: str, connection_id: str) -> str:
    return f"EMP#{employer_id}#ATS#{connection_id}"


def public_id(item: ConnectionItem) -> str:
    """Return the id in the webhook's URL: it names employer and connection to us, and nothing to others."""
    return str(item.employer_id).removeprefix("emp_") + str(item.id).removeprefix("ats_")


def key_of(public_id: str) -> Key | None:
    """Return the key of the connection that a URL names; None where the id is malformed."""
    match = _PUBLIC_ID.fullmatch(public_id)
    return (connection_pk(f"emp_{match[1]}", f"ats_{match[2]}"), "ATS") if match else None


def create(
    employer_id: str, given: Mapping[str, Any], now: datetime, *, committer: Committer = AT_ONCE, origin: Origin = NOBODY
) -> tuple[ConnectionItem, str | None]:
    """Create a connection. Returns it, and the secret where we made it: shown once. Raises Unprocessable, Conflict."""
    system = SYSTEMS[given["system"]]
    if errors := system.credential_errors(given):
        raise Unprocessable(errors=errors)
    if len(list_active(employer_id)) >= CONNECTIONS_MOST:
        words = f"There are {CONNECTIONS_MOST} connections to hiring systems already: revoke one first."
        raise Conflict(words, code="too_many_integrations")
    made = None if given.get("secret") else secrets.token_hex(32)
    connection_id = ids.new_id("ats", now)
    item = ConnectionItem(
        connection_pk(employer_id, connection_id),
        "ATS",
        id=connection_id,
        employer_id=employer_id,
        system=system.name,
        secret=encrypted(connection_id, "secret", given.get("secret") or made),
        api_key=encrypted(connection_id, "api_key", given.get("api_key")),
        client_id=given.get("client_id"),
        subdomain=given.get("subdomain"),
        emails_rejections=bool(given.get("emails_rejections")),
        health=health.first(),
        created_at=now,
        list_key=keys.list_key(employer_id, "ATS"),
        list_at=connection_id,
    )

    def write_once() -> None:
        transaction = Transaction()
        transaction.create(item)
        audit_log.note(transaction, employer_id, "connection_created", origin, now, about=_about(item))
        if polls.is_polled(item):
            transaction.create(polls.new_poll(item, now))
        health.show(transaction, _employer(employer_id), item, now)
        committer.commit(transaction)

    retry_on_conflict(write_once)
    return item, made


def _employer(employer_id: str) -> EmployerItem:
    item = table.get(keys.employer_pk(employer_id), "EMP")
    if not isinstance(item, EmployerItem):
        raise NotFound
    return item


def read(employer_id: str, connection_id: str) -> ConnectionItem:
    """Read a connection. Raises NotFound, also for a revoked one."""
    item = table.get(connection_pk(employer_id, connection_id), "ATS")
    if not isinstance(item, ConnectionItem) or item.revoked_at:
        raise NotFound
    return item


def all_connections(employer_id: str) -> Iterator[ConnectionItem]:
    """Read all connections, revoked ones too: what came through them is still stored."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key(employer_id, "ATS"), start=start)
        found = table.get_many([(row["PK"]["S"], "ATS") for row in rows])
        yield from (item for item in found.values() if isinstance(item, ConnectionItem))
        if not start:
            return


def list_active(employer_id: str) -> list[ConnectionItem]:
    """List the connections that are not revoked, newest first."""
    active = (item for item in all_connections(employer_id) if not item.revoked_at)
    return sorted(active, key=lambda item: str(item.id), reverse=True)


def _about(item: ConnectionItem) -> About:
    return About("integration", item.id, item.system)


def change(
    employer_id: str, connection_id: str, given: Mapping[str, Any], now: datetime, *, origin: Origin = NOBODY
) -> ConnectionItem:
    """Set the given fields. Raises NotFound, Unprocessable."""

    def write_once() -> ConnectionItem:
        item = read(employer_id, connection_id)
        if not given.keys().isdisjoint(_CREDENTIALS):
            known = {name: getattr(item, name) for name in _CREDENTIALS}
            if errors := SYSTEMS[item.system].credential_errors({**known, **given}):
                raise Unprocessable(errors=errors)
        before = table.snapshot(item)
        for name, value in given.items():
            if name in _ENCRYPTED:
                setattr(item, name, encrypted(item.id, name, value))
            else:
                setattr(item, name, bool(value) if name == "emails_rejections" else value)
        if not given.keys().isdisjoint(("api_key", "client_id", "subdomain")):
            item.health = health.without_refusal(item.health)
        transaction = Transaction()
        if polls.is_polled(item) and table.get(item.PK, "POLL") is None:
            transaction.put(polls.new_poll(item, now))
        if actions := table.changes(item, before):
            transaction.update(item, actions, ConnectionItem.id.exists())
            audit_log.note(transaction, employer_id, "connection_changed", origin, now, about=_about(item), fields=given)
        health.show(transaction, _employer(employer_id), item, now)
        transaction.commit()
        return item

    return retry_on_conflict(write_once)


def revoke(employer_id: str, connection_id: str, now: datetime, *, origin: Origin = NOBODY) -> None:
    """Revoke a connection: its URL is not found from now on. What came through it stays. Raises NotFound."""

    def write_once() -> None:
        item = read(employer_id, connection_id)
        transaction = Transaction()
        transaction.update(
            item,
            [
                ConnectionItem.revoked_at.set(now),
                ConnectionItem.api_key.remove(),
                ConnectionItem.secret.set("revoked " + secrets.token_hex(16)),
            ],
        )
        audit_log.note(transaction, employer_id, "connection_removed", origin, now, about=_about(item))
        item.revoked_at = now
        health.show(transaction, _employer(employer_id), item, now)
        transaction.commit()

    retry_on_conflict(write_once)


def serialize_connection(item: ConnectionItem, now: datetime) -> Connection:
    """Return a connection as clients see it, without the secret and the key."""
    return Connection(
        id=item.id,
        system=item.system,
        url=f"{settings().base_url}/integrations/{item.system}/{public_id(item)}",
        has_api_key=item.api_key is not None,
        client_id=item.client_id,
        subdomain=item.subdomain,
        emails_rejections=bool(item.emails_rejections),
        warnings=health.warnings(item, now),
        created_at=item.created_at,
    )


def serialize_polled_connection(item: ConnectionItem, now: datetime) -> PolledConnection:
    """Return a connection with the result of its last poll, where it is polled."""
    poll = polls.serialize_poll(table.get(item.PK, "POLL")) if polls.is_polled(item) else None
    return extend(PolledConnection, serialize_connection(item, now), poll=poll)
