"""Webhook endpoints of an employer: created, listed, changed and removed; their signing secrets."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, About, Origin, What
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.integrations.webhooks.items import EndpointItem, endpoint_key, listeners_of, set_webhook_flags
from chalicelib.integrations.webhooks.responses import Endpoint
from chalicelib.integrations.webhooks.ssrf_guard import Refused, resolve
from chalicelib.rules.copy.chat import CHAT_EVENTS
from chalicelib.rules.model import WebhookFormat
from chalicelib.signing import BadToken
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, read_instant, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

ENDPOINTS_MOST = 5
BOTH_VALID_FOR = timedelta(hours=24)
"""After a rotation, how long the old secret signs too."""
SECRETS_MOST = 5
"""Secrets that sign at once, where several rotations follow within a day."""
Json = dict[str, Any]


def list_all(employer_id: str) -> list[EndpointItem]:
    """List all endpoints of an employer, oldest first."""
    return listeners_of(employer_id).endpoints


def read(employer_id: str, endpoint_id: str) -> EndpointItem:
    """Read an endpoint. Raises NotFound."""
    item = table.get(*endpoint_key(employer_id, endpoint_id))
    if not isinstance(item, EndpointItem):
        raise NotFound
    return item


def create(
    employer_id: str,
    url: str,
    events: list[str],
    now: datetime,
    *,
    sent_as: WebhookFormat = "json",
    committer: Committer = AT_ONCE,
    origin: Origin = NOBODY,
) -> tuple[EndpointItem, str]:
    """Create an endpoint. Returns it and its secret, which is shown once. Raises Conflict at five, Unprocessable for the URL."""
    _check_url(url)
    address = {"url": url, "locked_url": None} if sent_as == "json" else _hidden(employer_id, url)

    def write_once() -> tuple[EndpointItem, str]:
        before = listeners_of(employer_id)
        if len(before.endpoints) >= ENDPOINTS_MOST:
            raise Conflict(f"An employer can have at most {ENDPOINTS_MOST} endpoints.", code="too_many_endpoints")
        endpoint_id, (secret, stored) = ids.new_id("whe", now), _new_secret(employer_id)
        item = EndpointItem(
            *endpoint_key(employer_id, endpoint_id),
            id=endpoint_id,
            employer_id=employer_id,
            url=address["url"],
            locked_url=address["locked_url"],
            format=None if sent_as == "json" else sent_as,
            events=events,
            enabled=True,
            secrets=[stored],
            created_at=now,
            updated_at=now,
            revision=1,
        )
        transaction = Transaction()
        transaction.create(item)
        audit_log.note(transaction, employer_id, "webhook_created", origin, now, about=_about(item))
        set_webhook_flags(transaction, before, [*before.endpoints, item])
        _wake_digest(transaction, employer_id, now)
        committer.commit(transaction)
        return item, secret

    return retry_on_conflict(write_once)


def _check_url(url: str) -> None:
    try:
        resolve(url)
    except Refused as refused:
        raise Unprocessable(errors=[FieldError("/url", str(refused))]) from None


def _hidden(employer_id: str, url: str) -> dict[str, str]:
    """Return how a chat's address is stored: its host, and the whole of it encrypted. Anyone who has it can post there."""
    locked = base64.b64encode(encrypt(settings().lock, f"webhook:{employer_id}", url.encode())).decode()
    return {"url": f"https://{urlsplit(url).hostname}/…", "locked_url": locked}


def address_of(item: EndpointItem) -> str:
    """Return where events are sent. Raises BadToken where the version of the lock secret was dropped."""
    if item.locked_url is None:
        return item.url
    return decrypt(settings().lock, f"webhook:{item.employer_id}", base64.b64decode(item.locked_url)).decode()


def _wake_digest(transaction: Transaction, employer_id: str, now: datetime) -> None:
    """Make the digest due, whose counts an endpoint gets also where nobody gets it by mail."""
    from chalicelib.applications import digest_schedule  # late: a start needs none of it

    found = table.get_many([(keys.employer_pk(employer_id), "EMP"), digest_schedule.digest_key(employer_id)])
    employer = found.get((keys.employer_pk(employer_id), "EMP"))
    if len(found) == 2 and isinstance(employer, EmployerItem) and not employer.suspended:
        digest_schedule.wake(transaction, employer_of(employer), now)


def _new_secret(employer_id: str) -> tuple[str, Json]:
    """Make a secret: (as shown once, as stored). It must sign, so it is stored encrypted and not as a hash."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    encrypted = encrypt(settings().lock, f"webhook:{employer_id}", secret.encode())
    return secret, {"locked": base64.b64encode(encrypted).decode(), "until": None}


def valid_secrets(item: EndpointItem, now: datetime) -> list[str]:
    """Return the secrets that sign now, newest first. Raises BadToken where the version of the newest was dropped."""
    valid = [stored for stored in item.secrets if stored["until"] is None or read_instant(stored["until"]) > now]
    newest, *older = valid
    return [_decrypted(item, newest), *(secret for stored in older if (secret := _decrypted_or_none(item, stored)))]


def _decrypted(item: EndpointItem, stored: Json) -> str:
    return decrypt(settings().lock, f"webhook:{item.employer_id}", base64.b64decode(stored["locked"])).decode()


def _decrypted_or_none(item: EndpointItem, stored: Json) -> str | None:
    try:
        return _decrypted(item, stored)
    except BadToken:
        return None


def change(
    employer_id: str, endpoint_id: str, given: Mapping[str, Any], now: datetime, *, origin: Origin = NOBODY
) -> EndpointItem:
    """Set url, events or enabled; enabling, and another url, reset the failures. Raises NotFound, Unprocessable."""
    if "url" in given:
        _check_url(given["url"])

    def write_once() -> EndpointItem:
        item = read(employer_id, endpoint_id)
        before = table.snapshot(item)
        if item.is_chat and (wrong := set(given.get("events") or ()) - {*CHAT_EVENTS}):
            raise Unprocessable(errors=[FieldError("/events", f"a chat gets no {', '.join(sorted(wrong))}")])
        address = _hidden(employer_id, given["url"]) if item.is_chat and "url" in given else {}
        for name, value in {**given, **address}.items():
            setattr(item, name, value)
        if given.get("enabled"):
            item.disabled_reason = None
        if given.get("enabled") or "url" in given:
            item.failing_since, item.not_before, item.failures = None, None, 0
        return _save(item, before, now, AT_ONCE, "webhook_changed", origin)

    return retry_on_conflict(write_once)


def rotate(
    employer_id: str, endpoint_id: str, now: datetime, *, committer: Committer = AT_ONCE, origin: Origin = NOBODY
) -> tuple[EndpointItem, str]:
    """Replace the secret: (endpoint, new secret). Each one before signs too, for a day from its own rotation. Raises NotFound."""

    def write_once() -> tuple[EndpointItem, str]:
        item = read(employer_id, endpoint_id)
        before = table.snapshot(item)
        secret, stored = _new_secret(employer_id)
        newest, *older = item.secrets
        older = [one for one in older if read_instant(one["until"]) > now]
        item.secrets = [stored, {**newest, "until": stored_instant(now + BOTH_VALID_FOR)}, *older][:SECRETS_MOST]
        return _save(item, before, now, committer, "webhook_secret_rotated", origin), secret

    return retry_on_conflict(write_once)


def _save(
    item: EndpointItem, before: dict[str, Any], now: datetime, committer: Committer, what: What, origin: Origin
) -> EndpointItem:
    if table.changes(item, before):
        fields = [
            name.removeprefix("locked_")
            for name in ("url", "locked_url", "events", "enabled", "secrets")
            if getattr(item, name) != before.get(name)
        ]
        item.revision, item.updated_at = int(item.revision) + 1, now
        transaction = Transaction()
        transaction.update(item, table.changes(item, before), EndpointItem.revision == before["revision"])
        audit_log.note(transaction, item.employer_id, what, origin, now, about=_about(item), fields=fields)
        if "enabled" in before and item.enabled != before["enabled"]:
            listeners = listeners_of(item.employer_id)
            set_webhook_flags(transaction, listeners, [*listeners.without(item.id), item])
            if item.enabled:
                _wake_digest(transaction, item.employer_id, now)
        committer.commit(transaction)
    return item


def _about(item: EndpointItem) -> About:
    """The address's host is its name: paths of webhooks hold secrets."""
    return About("webhook_endpoint", item.id, urlsplit(item.url).hostname)


def remove(employer_id: str, endpoint_id: str, now: datetime, *, origin: Origin = NOBODY) -> None:
    """Remove an endpoint. Deliveries to it end with their next attempt. Raises NotFound."""

    def write_once() -> None:
        before, item = listeners_of(employer_id), read(employer_id, endpoint_id)
        transaction = Transaction()
        transaction.delete(EndpointItem(*item.key))
        audit_log.note(transaction, employer_id, "webhook_removed", origin, now, about=_about(item))
        set_webhook_flags(transaction, before, before.without(item.id))
        transaction.commit()

    retry_on_conflict(write_once)


def subscribed(items: Iterable[EndpointItem], kind: str) -> list[EndpointItem]:
    """Select the enabled endpoints that get events of a type. A chat gets few: a channel is for people."""
    wanted = [item for item in items if item.enabled and (not item.events or kind in item.events)]
    return [item for item in wanted if not item.is_chat or kind in CHAT_EVENTS]


def serialize_endpoint(item: EndpointItem) -> Endpoint:
    """Return an endpoint as clients see it, without its secrets."""
    return Endpoint(
        id=item.id,
        url=item.url,
        format=item.format or "json",
        events=item.events,
        enabled=bool(item.enabled),
        disabled_reason=item.disabled_reason,
        failing_since=item.failing_since,
        last_status=item.last_status,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
