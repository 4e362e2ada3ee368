"""Endpoints: where an employer wants events, their secrets, and whether anybody listens at all."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.integrations.webhooks.items import EndpointItem, endpoint_key, listen, listeners_of, same
from chalicelib.integrations.webhooks.ssrf_guard import Refused, target_of
from chalicelib.signing import BadToken
from chalicelib.storage import ids, table
from chalicelib.storage.table import Transaction, read_instant, stored_instant

ENDPOINTS_MOST = 5
BOTH_VALID_FOR = timedelta(hours=24)
"""After a rotation the old secret signs too for so long."""
Json = dict[str, Any]


def of(employer_id: str) -> list[EndpointItem]:
    """All endpoints of an employer, oldest first."""
    return listeners_of(employer_id).endpoints


def read(employer_id: str, endpoint_id: str) -> EndpointItem:
    """Raises NotFound."""
    item = table.get(*endpoint_key(employer_id, endpoint_id))
    if not isinstance(item, EndpointItem):
        raise NotFound
    return item


def create(employer_id: str, url: str, events: list[str], now: datetime) -> tuple[EndpointItem, str]:
    """(endpoint, its secret, which is shown once). Raises Conflict at five, Unprocessable for a URL that is not written to."""
    check(url)

    def write_once() -> tuple[EndpointItem, str]:
        before = listeners_of(employer_id)
        if len(before.endpoints) >= ENDPOINTS_MOST:
            raise Conflict(f"An employer can have at most {ENDPOINTS_MOST} endpoints.", code="too_many_endpoints")
        endpoint_id, (secret, kept) = ids.new_id("whe", now), _new_secret(employer_id)
        item = EndpointItem(
            *endpoint_key(employer_id, endpoint_id),
            id=endpoint_id,
            employer_id=employer_id,
            url=url,
            events=events,
            enabled=True,
            secrets=[kept],
            created_at=now,
            updated_at=now,
            revision=1,
        )
        transaction = Transaction()
        transaction.create(item)
        listen(transaction, before, [*before.endpoints, item])
        transaction.commit()
        return item, secret

    return retry_on_conflict(write_once)


def check(url: str) -> None:
    try:
        target_of(url)
    except Refused as refused:
        raise Unprocessable(errors=[FieldError("/url", str(refused))]) from None


def _new_secret(employer_id: str) -> tuple[str, Json]:
    """(as it is shown once, as it is kept): it must sign, so it is kept locked, and not as a hash."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    locked = encrypt(settings().secret, f"webhook:{employer_id}", secret.encode())
    return secret, {"locked": base64.b64encode(locked).decode(), "until": None}


def valid_secrets(item: EndpointItem, now: datetime) -> list[str]:
    """What signs now, the newest first. An older one that does not open is left out. Raises BadToken for the newest."""
    valid = [kept for kept in item.secrets if kept["until"] is None or read_instant(kept["until"]) > now]
    newest, *older = valid
    return [_opened(item, newest), *(secret for kept in older if (secret := _opened_if_ours(item, kept)))]


def _opened(item: EndpointItem, kept: Json) -> str:
    return decrypt(settings().secret, f"webhook:{item.employer_id}", base64.b64decode(kept["locked"])).decode()


def _opened_if_ours(item: EndpointItem, kept: Json) -> str | None:
    try:
        return _opened(item, kept)
    except BadToken:
        return None


def change(employer_id: str, endpoint_id: str, given: Mapping[str, Any], now: datetime) -> EndpointItem:
    """Sets url, events or enabled; enabling forgets the failures. Raises NotFound, Unprocessable."""
    if "url" in given:
        check(given["url"])

    def write_once() -> EndpointItem:
        item = read(employer_id, endpoint_id)
        before = table.snapshot(item)
        for name, value in given.items():
            setattr(item, name, value)
        if given.get("enabled"):
            item.disabled_reason, item.failing_since, item.not_before, item.failures = None, None, None, 0
        return _save(item, before, now)

    return retry_on_conflict(write_once)


def rotate(employer_id: str, endpoint_id: str, now: datetime) -> tuple[EndpointItem, str]:
    """(endpoint, its new secret). The one before signs too for a day; older ones are gone. Raises NotFound."""

    def write_once() -> tuple[EndpointItem, str]:
        item = read(employer_id, endpoint_id)
        before = table.snapshot(item)
        secret, kept = _new_secret(employer_id)
        item.secrets = [kept, {**item.secrets[0], "until": stored_instant(now + BOTH_VALID_FOR)}]
        return _save(item, before, now), secret

    return retry_on_conflict(write_once)


def _save(item: EndpointItem, before: dict[str, Any], now: datetime) -> EndpointItem:
    if table.changes(item, before):
        item.revision, item.updated_at = int(item.revision) + 1, now
        transaction = Transaction()
        transaction.update(item, table.changes(item, before), same(item, before["revision"]))
        if "enabled" in before and item.enabled != before["enabled"]:
            listeners = listeners_of(item.employer_id)
            listen(transaction, listeners, [*listeners.but(item.id), item])
        transaction.commit()
    return item


def remove(employer_id: str, endpoint_id: str) -> None:
    """Raises NotFound. What was on its way to it ends with the next attempt."""

    def write_once() -> None:
        before, item = listeners_of(employer_id), read(employer_id, endpoint_id)
        transaction = Transaction()
        transaction.delete(EndpointItem(*item.key))
        listen(transaction, before, before.but(item.id))
        transaction.commit()

    retry_on_conflict(write_once)


def wanting(items: Iterable[EndpointItem], kind: str) -> list[EndpointItem]:
    return [item for item in items if item.enabled and (not item.events or kind in item.events)]


def endpoint_json(item: EndpointItem) -> Json:
    return {
        "id": item.id,
        "url": item.url,
        "events": item.events,
        "enabled": bool(item.enabled),
        "disabled_reason": item.disabled_reason,
        "failing_since": instant(item.failing_since),
        "last_status": item.last_status,
        "created_at": instant(item.created_at),
        "updated_at": instant(item.updated_at),
    }
