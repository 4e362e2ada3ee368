"""API keys: how they are stored, and the tokens that clients send.

A token is `hb_<employer's ULID>_<key's ULID>_<secret>`: it names the partition of its key, so that no lookup precedes the read.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.signing import fingerprint
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key

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


@dataclass(frozen=True, slots=True)
class Token:
    """What a client's token says, before it is checked."""

    employer_id: str
    key_id: str
    secret: str

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
