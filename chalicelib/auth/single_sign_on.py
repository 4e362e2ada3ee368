"""Single sign-on by OpenID Connect, as an employer sets it up: its item, and what an ID token must say.

The provider is the employer's choice, so it is believed about the employer's own domains only, and about people of its team.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.config import settings
from chalicelib.encryption import decrypt, encrypt
from chalicelib.rules.canonical import canonical_email
from chalicelib.signing import equal_in_constant_time
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key

CLOCKS_DIFFER = 60
"""Seconds by which a provider's clock may differ from ours."""
GOOGLE = "https://accounts.google.com"
MICROSOFT_HOST = "login.microsoftonline.com"
SHARED_TENANTS = ("common", "organizations", "consumers")
"""Tenants of Microsoft that admit everybody's accounts."""


class Refused(Exception):
    """The provider's answer signs nobody in. The message says why, for the employer's manager."""


class SsoItem(Item):
    """PK EMP#<id>, SK SSO. The client's secret is encrypted, and bound to the employer."""

    kind = "SSO"
    employer_id = UnicodeAttribute()
    issuer = UnicodeAttribute()
    client_id = UnicodeAttribute()
    client_secret = UnicodeAttribute()
    domains = JSONAttribute()
    """Domains of the email addresses that the provider is believed about, in lower case."""
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()


def sso_key(employer_id: str) -> Key:
    """Returns the primary key of an employer's single sign-on."""
    return employer_pk(employer_id), "SSO"


def locked(employer_id: str, secret: str) -> str:
    """Encrypts a client's secret, to store it."""
    return base64.b64encode(encrypt(settings().lock, f"sso:{employer_id}", secret.encode())).decode()


def secret_of(item: SsoItem) -> str:
    """Decrypts the client's secret. Raises BadToken where its version was dropped."""
    return decrypt(settings().lock, f"sso:{item.employer_id}", base64.b64decode(item.client_secret)).decode()


def is_shared_tenant(issuer: str) -> bool:
    """Whether an issuer stands for all tenants of Microsoft: each of their admins could name any address."""
    parts = urlsplit(issuer)
    return parts.hostname == MICROSOFT_HOST and parts.path.strip("/").partition("/")[0].lower() in SHARED_TENANTS


def email_of(claims: Mapping[str, Any], item: SsoItem, nonce: str, now: datetime) -> str:
    """Returns the verified address that an ID token names, in canonical form. Raises Refused.

    OpenID Connect Core 3.1.3.7. The token came from the provider's own server by TLS, which stands for its signature (point 6).
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != item.issuer or item.client_id not in audiences:
        raise Refused("the answer is of another provider or for another client")
    if len(audiences) > 1 and claims.get("azp") != item.client_id:
        raise Refused("the answer is for several clients and names none")
    ends, seconds = claims.get("exp"), now.timestamp()
    if not isinstance(ends, int | float) or ends + CLOCKS_DIFFER <= seconds:
        raise Refused("the answer has expired")
    if not equal_in_constant_time(str(claims.get("nonce")), nonce):
        raise Refused("the answer is to another sign-in")
    return _address(claims, item)


def _address(claims: Mapping[str, Any], item: SsoItem) -> str:
    given = claims.get("email")
    address = canonical_email(given) if isinstance(given, str) else ""
    domain = address.rpartition("@")[2]
    if not domain or domain not in item.domains:
        raise Refused("the account has no email address of an allowed domain")
    if item.issuer == GOOGLE and claims.get("hd") not in item.domains:
        raise Refused("the account does not belong to the company's Google Workspace")
    vouched = urlsplit(item.issuer).hostname == MICROSOFT_HOST  # says nothing about it; a tenant's admin sets addresses
    if claims.get("email_verified", vouched) not in (True, "true"):
        raise Refused("the provider has not verified the email address")
    return address
