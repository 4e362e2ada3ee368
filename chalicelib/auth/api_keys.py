"""API keys: how they are stored, and the tokens that clients send.

A token is `hb_<employer's ULID>_<key's ULID>_<secret>`: it names the partition of its key, so that no lookup precedes the read.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from chalicelib.signing import fingerprint
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key

_log = logging.getLogger("heardback")
_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_TOKEN = re.compile(f"hb_({_ULID})_({_ULID})_([0-9a-f]{{40}})", re.ASCII)


class KeyItem(Item):
    """PK EMP#<employer id>, SK KEY#<key id>. Holds only the SHA-256 of the secret. A revoked key stays, to be listed."""

    kind = "KEY"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    scopes = JSONAttribute()
    secret_sha256 = UnicodeAttribute()
    created_at = InstantAttribute()
    revoked_at = InstantAttribute(null=True)
    name = UnicodeAttribute(null=True)
    ends_at = InstantAttribute(null=True)
    """`expires_at` of the API. The attribute of that name is DynamoDB's TTL, which would delete the item."""
    last_used_on = UnicodeAttribute(null=True)
    """A UTC date. `noting_use` writes it."""
    created_by = JSONAttribute(null=True)
    """{type, id, name} of who made it. Keys of earlier versions have none."""

    def is_active(self, now: datetime) -> bool:
        """Tells whether the key works: neither revoked nor expired."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


class KeyListItem(Item):
    """PK EMP#<employer id>, SK KEYS. Changes with every new key, so that two made at once cannot both be the last allowed."""

    kind = "KEYS"
    revision = NumberAttribute()


@dataclass(frozen=True, slots=True)
class Token:
    """What a client's token says, before it is checked."""

    employer_id: str
    key_id: str
    secret: str

    @property
    def owner_id(self) -> str:
        """Whose requests these are, for Idempotency-Key."""
        return self.key_id

    @property
    def keys(self) -> tuple[Key, Key]:
        """The items that say whether it is right: the employer's and the API key's."""
        return (employer_pk(self.employer_id), "EMP"), api_key_key(self.employer_id, self.key_id)


def api_key_key(employer_id: str, key_id: str) -> Key:
    """Returns the primary key of an API key's item."""
    return employer_pk(employer_id), f"KEY#{key_id}"


def parse_token(text: str | None) -> Token | None:
    """Reads an employer's token. Returns None for text of another shape."""
    match = _TOKEN.fullmatch(text or "")
    return Token(f"emp_{match[1]}", f"key_{match[2]}", match[3]) if match else None


def new_token(employer_id: str, key_id: str) -> tuple[str, str]:
    """Makes (the token to show once, the SHA-256 of its secret to store)."""
    secret = secrets.token_hex(20)
    return f"hb_{employer_id.removeprefix('emp_')}_{key_id.removeprefix('key_')}_{secret}", fingerprint(secret)


def allows(scopes: Iterable[str], scope: str) -> bool:
    """Tells whether scopes include a scope: `read` includes `report`."""
    return scope in scopes or (scope == "report" and "read" in scopes)


def noting_use(key: KeyItem | None, now: datetime) -> contextlib.AbstractContextManager[None]:
    """Notes the day of a key's last use while the request runs: one write a day and key, beside the view's own reads."""
    today = now.date().isoformat()
    return _NOTED if key is None or key.last_used_on == today else _noting(key, today)


_NOTED = contextlib.nullcontext()


@contextlib.contextmanager
def _noting(key: KeyItem, today: str) -> Iterator[None]:
    writer = threading.Thread(target=_note_use, args=(key, today))
    writer.start()
    try:
        yield
    finally:
        writer.join()


def _note_use(key: KeyItem, today: str) -> None:
    """Writes the day. A failure is logged and fails no request: the next request tries again."""
    try:
        KeyItem(*key.key).update([KeyItem.last_used_on.set(today)], KeyItem.PK.exists())
    except PynamoDBException:
        _log.info("the use of key %s was not noted", key.id)
