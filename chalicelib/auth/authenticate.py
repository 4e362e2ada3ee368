"""Authenticates a request, in one batched read together with whatever else the route wants to read.

An API key is read with its employer, an access token's person likewise: two items. Nothing is cached: what is revoked stops at
once. The operator's key is any other text with the configured SHA-256. Browsers of people who are signed in to the pages send a
cookie instead (`sessions`), which only few routes take.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.auth import audit_log, session_store, tokens
from chalicelib.auth.actors import OPERATOR, SYSTEM, Actor
from chalicelib.auth.api_keys import KeyItem, Token, allows, parse_token
from chalicelib.auth.audit_log import About, Origin, truncated
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.sessions import Visitor
from chalicelib.auth.tokens import AccessToken
from chalicelib.auth.users import ROLE_SCOPES, PersonItem
from chalicelib.errors import Forbidden, Unauthenticated
from chalicelib.rules.employer import Employer
from chalicelib.signing import BadToken, Expired, equal_in_constant_time, fingerprint
from chalicelib.storage.table import Item, Key, get_many

_BEARER = re.compile(r"bearer +(\S{8,200})", re.ASCII | re.IGNORECASE)
_NO_KEY = fingerprint("nobody")
"""Compared where there is no key, so that its absence takes as long to tell as a wrong secret."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an employer's key, a person of an employer, or the operator, who has neither employer nor scopes."""

    employer: Employer | None = None
    employer_item: EmployerItem | None = None
    key: KeyItem | None = None
    scopes: frozenset[str] = frozenset()
    operator: bool = False
    person: PersonItem | None = None
    session_id: str | None = None
    """The session of a person."""

    @property
    def credential_id(self) -> str:
        """Names what was sent, for limits: the key, the person's session, or the operator's key."""
        return self.key.id if self.key else self.session_id or "operator"

    @property
    def actor(self) -> Actor:
        """Who this is, for records of who did what."""
        if self.operator:
            return OPERATOR
        if self.person:
            return Actor("person", self.person.id, self.person.name)
        return Actor("key", self.key.id, self.key.name) if self.key else SYSTEM

    def may(self, scope: str) -> bool:
        """Tells whether the caller has a scope. The operator has none."""
        return allows(self.scopes, scope)

    @property
    def owner(self) -> Employer:
        """The caller's employer. Raises Forbidden for the operator, who has none."""
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


def claimed(header: str | None, now: datetime) -> Token | AccessToken | None:
    """Returns what a header claims of an employer's key or person, before it is checked."""
    text = bearer(header)
    try:
        return parse_token(text) or (tokens.read_access(text, now) if text else None)
    except BadToken:
        return None


def signed_in(visitor: Visitor) -> Caller:
    """Returns the caller that somebody signed in to the pages is."""
    scopes = frozenset(ROLE_SCOPES[visitor.person.role])
    return Caller(visitor.employer, visitor.employer_item, None, scopes, person=visitor.person, session_id=visitor.session.id)


def authenticate(
    header: str | None,
    operator_key_sha256: str,
    now: datetime,
    *,
    also: Iterable[Key] = (),
    source_ip: str = "",
    token: Token | AccessToken | None = None,
) -> tuple[Caller, dict[Key, Item]]:
    """Returns the caller, and those items of `also` that exist, by one BatchGet.

    `token` is what `claimed` read of the header, where that was asked.
    Raises Unauthenticated, with the same words for every reason.
    """
    if not isinstance(token, Token):
        text = bearer(header)
        if text is None:
            raise Unauthenticated
        if text.startswith(tokens.ACCESS):
            return _by_access_token(text, now, also, source_ip)
        token = parse_token(text)
        if token is None:
            if not equal_in_constant_time(fingerprint(text), operator_key_sha256):
                audit_log.log_failure("auth_failed")
                raise Unauthenticated
            return Caller(operator=True), get_many(also)
    of_employer, of_key = token.keys
    items = get_many([of_employer, of_key, *also])
    employer, key = items.get(of_employer), items.get(of_key)
    genuine = equal_in_constant_time(fingerprint(token.secret), key.secret_sha256 if isinstance(key, KeyItem) else _NO_KEY)
    if not genuine or not isinstance(key, KeyItem) or not isinstance(employer, EmployerItem) or not key.is_active(now):
        audit_log.log_failure("auth_failed")
        if isinstance(employer, EmployerItem):
            about = About("key", token.key_id, key.name) if isinstance(key, KeyItem) else None
            audit_log.note_failure(employer.id, "auth_failed", Origin(place=truncated(source_ip)), now, about=about)
        raise Unauthenticated
    return Caller(employer_of(employer), employer, key, frozenset(key.scopes)), items


def _by_access_token(text: str, now: datetime, also: Iterable[Key], source_ip: str) -> tuple[Caller, dict[Key, Item]]:
    try:
        token = tokens.read_access(text, now)
    except Expired:
        detail = "This access token has expired: refresh it."
        raise Unauthenticated(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None
    except BadToken:
        audit_log.log_failure("auth_failed")
        raise Unauthenticated from None
    items = get_many([*token.keys, *also])
    employer, person = (items.get(at) for at in token.keys)
    known = isinstance(person, PersonItem) and person.is_accepted and int(person.epoch) == token.epoch
    if not known or not isinstance(person, PersonItem) or not isinstance(employer, EmployerItem):
        raise Unauthenticated  # their own token of before a removal, a new role or a sign-out everywhere
    if session_store.is_ended(token.session_id, person):
        audit_log.log_failure("auth_failed")
        origin = Origin(Actor("person", person.id, person.name), truncated(source_ip))
        audit_log.note_failure(employer.id, "auth_failed", origin, now, about=About("session", token.session_id))
        raise Unauthenticated
    scopes = frozenset(ROLE_SCOPES[person.role])
    return Caller(employer_of(employer), employer, None, scopes, person=person, session_id=token.session_id), items
