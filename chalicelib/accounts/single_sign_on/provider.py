"""Asks an OpenID Connect provider: its configuration, and the ID token for a code. Public addresses by HTTPS alone.

The ID token is read from the provider's own server, whose certificate is checked; its signature is not checked as well (OpenID
Connect Core 3.1.3.7, point 6; docs/decisions/single-sign-on-without-authlib.md).
"""

from __future__ import annotations

import base64
import binascii
import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.api.strict_json import parse_json
from chalicelib.auth.single_sign_on import Refused, SsoItem
from chalicelib.errors import ApiError

RESPONSE_MOST = 100_000
_CONFIGURATION = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """What we use of a provider's configuration."""

    authorization_endpoint: str
    token_endpoint: str
    by_header: bool
    """Whether it wants the client's secret as HTTP Basic: it lists its ways, and a form field is none of them."""


def discover(issuer: str) -> Provider:
    """Reads a provider's configuration. Raises Refused."""
    from chalicelib.integrations.webhooks.ssrf_guard import Refused as BadUrl
    from chalicelib.integrations.webhooks.ssrf_guard import split_url

    found = _json("GET", issuer + _CONFIGURATION, None)
    if found.get("issuer") != issuer:
        raise Refused("the provider names another issuer in its configuration")
    endpoints = [found.get(name) for name in ("authorization_endpoint", "token_endpoint")]
    try:
        for one in endpoints:
            split_url(one if isinstance(one, str) else "")
    except BadUrl as error:
        raise Refused(f"an endpoint in the provider's configuration {error}") from None
    ways = found.get("token_endpoint_auth_methods_supported")
    by_header = isinstance(ways, list) and "client_secret_basic" in ways and "client_secret_post" not in ways
    return Provider(str(endpoints[0]), str(endpoints[1]), by_header)


def exchange(item: SsoItem, secret: str, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
    """Gets the claims of the ID token for a code. Raises Refused."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": item.client_id,
        "code_verifier": verifier,
    }
    found, headers = discover(item.issuer), {}
    if found.by_header:
        pair = f"{quote(item.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_secret"] = secret
    answer = _json("POST", found.token_endpoint, urlencode(form).encode(), headers)
    return _claims(str(answer.get("id_token") or ""))


def _claims(id_token: str) -> dict[str, Any]:
    parts = id_token.split(".")
    try:
        claims = _read(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))) if len(parts) == 3 else None
    except (binascii.Error, ValueError):
        claims = None
    if claims is None:
        raise Refused("the provider's answer holds no ID token")
    return claims


def _json(method: str, url: str, body: bytes | None, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    from chalicelib.integrations.webhooks import send  # late, as everything here: few requests need it

    headers = {"Accept": "application/json", "User-Agent": "Heardback", **(more or {})}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    status, raw = send.exchange(method, url, body, headers, read_most=RESPONSE_MOST)
    if status != 200:
        raise Refused(f"the provider does not answer as it should ({status})")
    found = _read(raw.removeprefix(codecs.BOM_UTF8))
    if found is None:
        raise Refused("the provider's answer is no JSON object")
    return found


def _read(raw: bytes) -> dict[str, Any] | None:
    """Reads a JSON object as strictly as a request's body: a provider is a stranger's server, and a claim has one value."""
    try:
        found = parse_json(raw, RESPONSE_MOST)
    except ApiError:
        return None
    return found if isinstance(found, dict) else None
