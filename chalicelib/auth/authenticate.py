"""Whose key is it? One batched read answers, together with whatever else the route wants to read.

A token is `hb_<employer's ULID>_<key's ULID>_<secret>`: it says where its key lies, so no lookup comes before the read,
and nothing is cached: a revoked key stops at once. An operator's key is any other text with the configured SHA-256.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.auth.api_keys import KeyItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import Forbidden, Unauthenticated
from chalicelib.rules.model import Employer
from chalicelib.signing import equal_in_constant_time, fingerprint
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Item, Key, get_many

_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_TOKEN = re.compile(f"hb_({_ULID})_({_ULID})_([0-9a-f]{{40}})", re.ASCII)
_BEARER = re.compile(r"bearer +(\S{8,200})", re.ASCII | re.IGNORECASE)
_NOBODY = fingerprint("nobody")


@dataclass(frozen=True, slots=True)
class Token:
    """What a token claims, before anybody has checked it."""

    employer_id: str
    key_id: str
    secret: str

    @property
    def keys(self) -> tuple[Key, Key]:
        pk = employer_pk(self.employer_id)
        return (pk, "EMP"), (pk, f"KEY#{self.key_id}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an employer's key with its scopes, or the operator, who has neither employer nor scopes."""

    employer: Employer | None = None
    employer_item: EmployerItem | None = None
    key_id: str | None = None
    scopes: frozenset[str] = frozenset()
    operator: bool = False

    @property
    def owner(self) -> Employer:
        """The employer; Forbidden where an operator calls, who has none."""
        if self.employer is None:
            raise Forbidden("This is for an employer's key.", code="employer_key_needed")
        return self.employer

    @property
    def owner_item(self) -> EmployerItem:
        if self.employer_item is None:
            raise Forbidden("This is for an employer's key.", code="employer_key_needed")
        return self.employer_item


def bearer(header: str | None) -> str | None:
    """The token of an Authorization header, or None where there is none that could be ours."""
    match = _BEARER.fullmatch((header or "").strip())
    return match[1] if match else None


def claimed(token: str | None) -> Token | None:
    """What an employer's token claims; None for anything of another shape."""
    match = _TOKEN.fullmatch(token or "")
    return Token(f"emp_{match[1]}", f"key_{match[2]}", match[3]) if match else None


def new_token(employer_id: str, key_id: str) -> tuple[str, str]:
    """(token to show once, SHA-256 of its secret to keep)."""
    secret = secrets.token_hex(20)
    return f"hb_{employer_id.removeprefix('emp_')}_{key_id.removeprefix('key_')}_{secret}", fingerprint(secret)


def authenticate(header: str | None, operator_key_sha256: str, *, also: Iterable[Key] = ()) -> tuple[Caller, dict[Key, Item]]:
    """The caller, and the items of `also` that exist, by one BatchGet. Raises Unauthenticated, the same for every reason."""
    token = bearer(header)
    if token is None:
        raise Unauthenticated
    claim = claimed(token)
    if claim is None:
        if not equal_in_constant_time(fingerprint(token), operator_key_sha256):
            raise Unauthenticated
        return Caller(operator=True), get_many(also)
    items = get_many([*claim.keys, *also])
    employer, key = (items.get(at) for at in claim.keys)
    genuine = equal_in_constant_time(fingerprint(claim.secret), key.secret_sha256 if isinstance(key, KeyItem) else _NOBODY)
    if not genuine or not isinstance(key, KeyItem) or not isinstance(employer, EmployerItem) or key.revoked_at:
        raise Unauthenticated
    return Caller(employer_of(employer), employer, key.id, frozenset(key.scopes)), items
