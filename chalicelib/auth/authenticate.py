"""Authenticates a request by its API key, in one batched read together with whatever else the route wants to read.

Nothing is cached: a revoked key stops at once. The operator's key is any other text with the configured SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.auth import audit_log
from chalicelib.auth.actors import OPERATOR, SYSTEM, Actor
from chalicelib.auth.api_keys import KeyItem, allows, parse_token
from chalicelib.auth.audit_log import About, Origin, truncated
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import Forbidden, Unauthenticated
from chalicelib.rules.model import Employer
from chalicelib.signing import equal_in_constant_time, fingerprint
from chalicelib.storage.table import Item, Key, get_many

_BEARER = re.compile(r"bearer +(\S{8,200})", re.ASCII | re.IGNORECASE)
_NO_KEY = fingerprint("nobody")
"""Compared where there is no key, so that its absence takes as long to tell as a wrong secret."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an employer's key with its scopes, or the operator, who has neither employer nor scopes."""

    employer: Employer | None = None
    employer_item: EmployerItem | None = None
    key: KeyItem | None = None
    scopes: frozenset[str] = frozenset()
    operator: bool = False

    @property
    def key_id(self) -> str | None:
        """The id of the caller's key. The operator has none."""
        return self.key.id if self.key else None

    @property
    def actor(self) -> Actor:
        """Who this is, for records of who did what."""
        if self.operator:
            return OPERATOR
        return Actor("key", self.key.id, self.key.name) if self.key else SYSTEM

    def may(self, scope: str) -> bool:
        """Tells whether the caller's key has a scope. The operator has none."""
        return allows(self.scopes, scope)

    @property
    def owner(self) -> Employer:
        """The key's employer. Raises Forbidden for the operator, who has none."""
        if self.employer is None:
            raise Forbidden("This is for an employer's key.", code="employer_key_needed")
        return self.employer

    @property
    def owner_item(self) -> EmployerItem:
        """The same employer as stored. Raises Forbidden for the operator."""
        if self.employer_item is None:
            raise Forbidden("This is for an employer's key.", code="employer_key_needed")
        return self.employer_item


def bearer(header: str | None) -> str | None:
    """Returns the token of an Authorization header, or None where there is none that could be ours."""
    match = _BEARER.fullmatch((header or "").strip())
    return match[1] if match else None


def authenticate(
    header: str | None, operator_key_sha256: str, now: datetime, *, also: Iterable[Key] = (), source_ip: str = ""
) -> tuple[Caller, dict[Key, Item]]:
    """Returns the caller, and those items of `also` that exist, by one BatchGet.

    Raises Unauthenticated, with the same words for every reason.
    """
    text = bearer(header)
    if text is None:
        raise Unauthenticated
    token = parse_token(text)
    if token is None:
        if not equal_in_constant_time(fingerprint(text), operator_key_sha256):
            audit_log.log_failure("auth_failed")
            raise Unauthenticated
        return Caller(operator=True), get_many(also)
    items = get_many([*token.keys, *also])
    employer, key = (items.get(at) for at in token.keys)
    genuine = equal_in_constant_time(fingerprint(token.secret), key.secret_sha256 if isinstance(key, KeyItem) else _NO_KEY)
    if not genuine or not isinstance(key, KeyItem) or not isinstance(employer, EmployerItem) or not key.is_active(now):
        audit_log.log_failure("auth_failed")
        if isinstance(employer, EmployerItem):
            about = About("key", token.key_id, key.name) if isinstance(key, KeyItem) else None
            audit_log.note_failure(employer.id, "auth_failed", Origin(place=truncated(source_ip)), now, about=about)
        raise Unauthenticated
    return Caller(employer_of(employer), employer, key, frozenset(key.scopes)), items
