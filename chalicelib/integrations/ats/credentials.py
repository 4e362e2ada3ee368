"""Secrets of connections, encrypted in the table with our own secret: we must use them, and nobody may read them.

Each is bound to its connection and field, so that a copy elsewhere in the table decrypts to nothing.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from typing import Any

from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.errors import FieldError, Unavailable
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.signing import BadToken

_MARK = "locked:"
TOKEN_LEAST = 8
log = logging.getLogger(__name__)


def encrypted(connection_id: str, field: str, plain: str | None) -> str | None:
    """Return what to store for a secret."""
    if plain is None:
        return None
    return _MARK + base64.b64encode(encrypt(settings().lock, f"ats:{connection_id}:{field}", plain.encode())).decode()


def secret_of(connection: ConnectionItem) -> str:
    """Return the signing secret. Raises Unavailable where its version was dropped: senders try again."""
    return _decrypted(connection, "secret") or ""


def api_key_of(connection: ConnectionItem) -> str | None:
    """Return the API key. Raises Unavailable where its version was dropped."""
    return _decrypted(connection, "api_key")


def _decrypted(connection: ConnectionItem, field: str) -> str | None:
    """A value without the mark was stored before secrets were encrypted."""
    stored: str | None = getattr(connection, field)
    if stored is None or not stored.startswith(_MARK):
        return stored
    purpose = f"ats:{connection.id}:{field}"
    try:
        return decrypt(settings().lock, purpose, base64.b64decode(stored.removeprefix(_MARK))).decode()
    except BadToken:
        log.error("connection %s was encrypted with a secret that is not in HEARDBACK_LOCK_SECRETS", connection.id)
        raise Unavailable from None


def split_secrets(secret: str) -> list[str]:
    """Split the secrets of a system that makes one for each webhook: separated by spaces or commas."""
    return secret.replace(",", " ").split()


def missing_secret(system: str, given: Mapping[str, Any]) -> list[FieldError]:
    """Return the error of a connection without the secret that its system makes."""
    if given.get("secret"):
        return []
    return [FieldError("/secret", f"is required: {system} makes the secret, and shows it where the webhook is set up")]


def missing_api_key(system: str, given: Mapping[str, Any]) -> list[FieldError]:
    """Return the error of a connection without the key that its system's events are fetched with."""
    if given.get("api_key"):
        return []
    return [FieldError("/api_key", f"is required: {system} signs too little of an event, so it must be asked back")]


def short_secrets(given: Mapping[str, Any]) -> list[FieldError]:
    """Return the error of a list of secrets of which one is too short to be one."""
    found = split_secrets(given.get("secret") or "")
    if not given.get("secret") or (found and min(map(len, found)) >= TOKEN_LEAST):
        return []
    message = f"holds a token of fewer than {TOKEN_LEAST} characters: several are given apart by spaces or commas"
    return [FieldError("/secret", message)]
