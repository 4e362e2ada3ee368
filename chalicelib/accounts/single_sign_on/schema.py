"""Bodies of requests about single sign-on."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.api.schema_types import Body
from chalicelib.auth.single_sign_on import is_shared_tenant
from chalicelib.integrations.webhooks.ssrf_guard import Refused, split_url

_DOMAIN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"

_ISSUER = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!$->@-~]*[!$-.0->@-~])?$"
"""For the document: `_issuer` says more, in words."""


def _issuer(value: str) -> str:
    try:
        split_url(value)
    except Refused as refused:
        raise ValueError(str(refused)) from None
    if "?" in value or value.endswith("/"):
        raise ValueError("must have neither a query nor a slash at its end, like https://accounts.google.com")
    if is_shared_tenant(value):
        raise ValueError("must name your own tenant, like https://login.microsoftonline.com/<tenant id>/v2.0")
    return value


class SingleSignOnIn(Body):
    """An OpenID Connect client that the employer registered with its provider (Google, Microsoft, or any issuer).

    `domains` are those of the team's email addresses: the provider is believed about no others."""

    issuer: Annotated[str, Field(min_length=9, max_length=300, json_schema_extra={"pattern": _ISSUER}), AfterValidator(_issuer)]
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]*$")]
    client_secret: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]*$")]
    domains: Annotated[
        list[Annotated[str, StringConstraints(max_length=253, pattern=_DOMAIN)]], Field(min_length=1, max_length=20)
    ]
