"""Secrets of other systems as they rest in the table: locked with our own secret, since both must be used and none be read.

Each is bound to its connection and its field: moved elsewhere in the table it opens nothing.
"""

from __future__ import annotations

import base64
import logging

from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.errors import Unavailable
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.signing import BadToken

_MARK = "locked:"
log = logging.getLogger(__name__)


def locked(connection_id: str, field: str, plain: str | None) -> str | None:
    """What to write down."""
    if plain is None:
        return None
    return _MARK + base64.b64encode(encrypt(settings().secret, f"ats:{connection_id}:{field}", plain.encode())).decode()


def secret_of(connection: ConnectionItem) -> str:
    """What the system signs with. Raises Unavailable where it was locked with another secret: senders try again."""
    return _opened(connection, "secret") or ""


def api_key_of(connection: ConnectionItem) -> str | None:
    """Raises Unavailable, as above."""
    return _opened(connection, "api_key")


def _opened(connection: ConnectionItem, field: str) -> str | None:
    """A value without the mark is from before secrets were locked."""
    kept: str | None = getattr(connection, field)
    if kept is None or not kept.startswith(_MARK):
        return kept
    purpose = f"ats:{connection.id}:{field}"
    try:
        return decrypt(settings().secret, purpose, base64.b64decode(kept.removeprefix(_MARK))).decode()
    except BadToken:
        log.error("connection %s was locked with another secret than this one", connection.id)
        raise Unavailable from None
