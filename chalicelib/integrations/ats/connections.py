"""Connections to applicant tracking systems: made, listed, changed and revoked by the employer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.config import settings
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.integrations.ats import ashby, greenhouse, lever, polls, teamtailor, workable
from chalicelib.integrations.ats.credentials import locked
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.integrations.ats.signatures import tokens
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Key, Transaction

SYSTEMS: dict[str, ModuleType] = {system.NAME: system for system in (greenhouse, ashby, workable, lever, teamtailor)}
"""One small file each: NAME, ASKS_BACK, genuine, event_id, read; fetch and asker where they must be asked back."""
_TOKEN = re.compile(r"([0-7][0-9A-HJKMNP-TV-Z]{25})([0-7][0-9A-HJKMNP-TV-Z]{25})", re.ASCII)
TOKEN_LEAST = 8
SECRETS = ("secret", "api_key")
Json = dict[str, Any]


def connection_pk(employer_id: str, connection_id: str) -> str:
    return f"EMP#{employer_id}#ATS#{connection_id}"


def opaque_id(item: ConnectionItem) -> str:
    """What stands in the public URL: names employer and connection to us, and nothing to others."""
    return str(item.employer_id).removeprefix("emp_") + str(item.id).removeprefix("ats_")


def key_of(opaque: str) -> Key | None:
    """Where the connection of a public URL lies; None for what is no id of ours."""
    match = _TOKEN.fullmatch(opaque)
    return (connection_pk(f"emp_{match[1]}", f"ats_{match[2]}"), "ATS") if match else None


def create(employer_id: str, given: Mapping[str, Any], now: datetime) -> tuple[ConnectionItem, str | None]:
    """(connection, the secret where we made it: shown once). Raises Unprocessable."""
    system = SYSTEMS[given["system"]]
    _check(system, given)
    _check_secret(system, given.get("secret"))
    made = None if given.get("secret") else secrets.token_hex(32)
    connection_id = ids.new_id("ats", now)
    item = ConnectionItem(
        connection_pk(employer_id, connection_id),
        "ATS",
        id=connection_id,
        employer_id=employer_id,
        system=system.NAME,
        secret=locked(connection_id, "secret", given.get("secret") or made),
        api_key=locked(connection_id, "api_key", given.get("api_key")),
        client_id=given.get("client_id"),
        subdomain=given.get("subdomain"),
        emails_rejections=bool(given.get("emails_rejections")),
        created_at=now,
        list_key=keys.list_key(employer_id, "ATS"),
        list_at=connection_id,
    )
    transaction = Transaction()
    transaction.create(item)
    if polls.polls(item):
        transaction.create(polls.new_poll(item, now))
    transaction.commit()
    return item, made


def _check(system: ModuleType, given: Mapping[str, Any]) -> None:
    faults = []
    if system.NAME not in ("greenhouse", "ashby") and not given.get("secret"):
        faults.append(
            FieldError("/secret", f"is required: {system.NAME} makes the secret, and shows it where the webhook is set up")
        )
    if system.NAME in ("lever", "teamtailor") and not given.get("api_key"):
        faults.append(
            FieldError("/api_key", f"is required: {system.NAME} signs too little of an event, so it must be asked back")
        )
    if system.NAME == "workable" and given.get("api_key") and not given.get("subdomain"):
        faults.append(FieldError("/subdomain", "is required with api_key: the part before .workable.com"))
    if system.NAME == "greenhouse" and bool(given.get("client_id")) != bool(given.get("api_key")):
        missing = "/api_key" if given.get("client_id") else "/client_id"
        faults.append(
            FieldError(missing, "is required too: client_id and api_key are id and secret of a Harvest v3 OAuth client")
        )
    if faults:
        raise Unprocessable(errors=faults)


def _check_secret(system: ModuleType, secret: str | None) -> None:
    """Some systems make a secret for each webhook; each must be one. Raises Unprocessable."""
    if secret and system.NAME in ("lever", "teamtailor"):
        found = tokens(secret)
        if not found or min(map(len, found)) < TOKEN_LEAST:
            detail = f"holds a token of fewer than {TOKEN_LEAST} characters: several are given apart by spaces or commas"
            raise Unprocessable(errors=[FieldError("/secret", detail)])


def read(employer_id: str, connection_id: str) -> ConnectionItem:
    """Raises NotFound, also for a revoked one."""
    item = table.get(connection_pk(employer_id, connection_id), "ATS")
    if not isinstance(item, ConnectionItem) or item.revoked_at:
        raise NotFound
    return item


def every(employer_id: str) -> Iterator[ConnectionItem]:
    """All that there ever were, revoked ones too: what came through them is still there."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key(employer_id, "ATS"), start=start)
        found = table.get_many([(row["PK"]["S"], "ATS") for row in rows])
        yield from (item for item in found.values() if isinstance(item, ConnectionItem))
        if not start:
            return


def listed(employer_id: str) -> list[ConnectionItem]:
    """Those that are not revoked, newest first."""
    return sorted((item for item in every(employer_id) if not item.revoked_at), key=lambda item: str(item.id), reverse=True)


def change(employer_id: str, connection_id: str, given: Mapping[str, Any], now: datetime) -> ConnectionItem:
    """Sets what was given. Raises NotFound, Unprocessable."""
    item = read(employer_id, connection_id)
    _check_secret(SYSTEMS[item.system], given.get("secret"))
    before = table.snapshot(item)
    for name, value in given.items():
        setattr(
            item, name, locked(item.id, name, value) if name in SECRETS else bool(value) if name == "emails_rejections" else value
        )
    _check(SYSTEMS[item.system], {name: getattr(item, name) for name in ("secret", "api_key", "client_id", "subdomain")})
    transaction = Transaction()
    if polls.polls(item) and table.get(item.PK, "POLL") is None:
        transaction.put(polls.new_poll(item, now))
    if actions := table.changes(item, before):
        transaction.update(item, actions, ConnectionItem.id.exists())
    transaction.commit()
    return item


def revoke(employer_id: str, connection_id: str, now: datetime) -> None:
    """From now on its URL is not found. What came through it stays. Raises NotFound."""
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
    transaction.commit()


def with_poll(item: ConnectionItem) -> Json:
    """The same with how its poll went, where it is polled."""
    return {**connection_json(item), "poll": polls.poll_json(table.get(item.PK, "POLL")) if polls.polls(item) else None}


def connection_json(item: ConnectionItem) -> Json:
    """A connection as clients see it: neither the secret nor the key."""
    return {
        "id": item.id,
        "system": item.system,
        "url": f"{settings().base_url}/integrations/{item.system}/{opaque_id(item)}",
        "has_api_key": item.api_key is not None,
        "client_id": item.client_id,
        "subdomain": item.subdomain,
        "emails_rejections": bool(item.emails_rejections),
        "created_at": instant(item.created_at),
    }
