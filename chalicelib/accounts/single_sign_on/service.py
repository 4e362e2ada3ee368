"""An employer's single sign-on: set, removed, and used: to the provider, and back from it.

Authorization code with PKCE, state and nonce. What must come back is in a signed cookie of the browser that began. Each employer
has a redirect address of its own: a code that came to another one's is for another provider, and would be handed to it (RFC 9700,
4.4.2.2). Only people who are on the team already are signed in, and who accepted their invitation by mail.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from chalicelib.accounts.single_sign_on import provider
from chalicelib.auth import audit_log, session_store
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.session_store import Client
from chalicelib.auth.single_sign_on import Refused, SsoItem, email_of, locked, secret_of, sso_key
from chalicelib.auth.users import PersonItem, SessionItem, people_at
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, NotFound
from chalicelib.signing import BadToken, equal_in_constant_time, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.ids import is_id
from chalicelib.storage.table import Transaction

CALLBACK = "/sso-callback"
LASTS = timedelta(minutes=10)
_PURPOSE = "single sign-on, by employer"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it keeps until it is back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What the browser kept of a sign-in under way."""

    employer_id: str
    state: str
    nonce: str
    verifier: str
    back: str


def callback_url(employer_id: str) -> str:
    """Returns where an employer's provider sends the browser back to."""
    return f"{settings().base_url}{CALLBACK}/{employer_id}"


def read(employer_id: str) -> SsoItem:
    """Reads an employer's single sign-on. Raises NotFound."""
    item = table.get(*sso_key(employer_id)) if is_id(employer_id, "emp") else None
    if not isinstance(item, SsoItem):
        raise NotFound("Single sign-on is not set up.")
    return item


def put(employer_id: str, fields: Mapping[str, Any], origin: Origin, now: datetime) -> SsoItem:
    """Sets up single sign-on, or replaces it."""
    known = table.get(*sso_key(employer_id))
    item = SsoItem(
        *sso_key(employer_id),
        employer_id=employer_id,
        issuer=fields["issuer"],
        client_id=fields["client_id"],
        client_secret=locked(employer_id, fields["client_secret"]),
        domains=sorted(set(fields["domains"])),
        created_at=known.created_at if isinstance(known, SsoItem) else now,
        updated_at=now,
        revision=int(known.revision) + 1 if isinstance(known, SsoItem) else 1,
    )
    transaction = Transaction()
    transaction.put(item)
    audit_log.note(transaction, employer_id, "single_sign_on_changed", origin, now, fields=fields)
    transaction.commit()
    return item


def remove(employer_id: str, origin: Origin, now: datetime) -> None:
    """Removes it: sessions that it began go on. Raises NotFound."""
    item = read(employer_id)
    transaction = Transaction()
    transaction.delete(item)
    audit_log.note(transaction, employer_id, "single_sign_on_removed", origin, now)
    transaction.commit()


def begin(employer_id: str, back: str, now: datetime) -> Begun:
    """Begins a sign-in at the employer's provider. Raises NotFound, Refused."""
    item = read(employer_id)
    found = provider.discover(item.issuer)
    state, nonce, verifier = (os.urandom(32).hex() for _ in range(3))
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": item.client_id,
        "redirect_uri": callback_url(employer_id),
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    kept = json.dumps([employer_id, state, nonce, verifier, back]).encode()
    joint = "&" if "?" in found.authorization_endpoint else "?"
    url = f"{found.authorization_endpoint}{joint}{urlencode(query)}"
    return Begun(url, sign_token(settings().sign, _PURPOSE, kept, now + LASTS))


def finish(employer_id: str, kept: str, given: Mapping[str, str], source_ip: str, now: datetime) -> tuple[PersonItem, str]:
    """Returns the person that the provider names, and where to go.

    `employer_id` is that of the redirect address, `given` its `state`, `code` and `iss`. Raises Refused, NotFound, BadToken.
    """
    attempt = _Attempt(*json.loads(verify_token(settings().sign, _PURPOSE, kept, now)))
    if attempt.employer_id != employer_id or not equal_in_constant_time(attempt.state, given["state"]):
        raise BadToken
    item = read(employer_id)
    try:
        if given["iss"] not in ("", item.issuer):  # RFC 9207: providers that name themselves
            raise Refused("the answer is of another provider")
        return _named(item, attempt, given["code"], now), attempt.back
    except Refused as error:
        audit_log.log_failure("sign_in_failed")
        audit_log.note_failure(item.employer_id, "sign_in_failed", Origin(place=truncated(source_ip)), now)
        raise error


def _named(item: SsoItem, attempt: _Attempt, code: str, now: datetime) -> PersonItem:
    token = provider.exchange(item, secret_of(item), code, attempt.verifier, callback_url(item.employer_id))
    email = email_of(token, item, attempt.nonce, now)
    person = next((one for one in people_at(email) if one.employer_id == item.employer_id), None)
    if person is None:
        raise Refused("the account's address is not on this team: ask a manager to invite it")
    if not person.is_accepted:  # a provider of the employer's choice cannot consent for the person who reads mail there
        raise Refused("the invitation was not accepted yet: follow the link in its email first")
    return person


def enter(person: PersonItem, client: Client, now: datetime) -> SessionItem:
    """Signs in a person that their provider named. Raises Refused."""
    transaction = Transaction()
    transaction.check(PersonItem(*person.key), PersonItem.epoch == int(person.epoch))
    session = session_store.open_session(person, transaction, client, now)
    try:
        transaction.commit()
    except ConditionFailed:
        raise Refused("the team has just changed: try again") from None
    return session
