"""Bodies of requests about connections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.api.schema_types import Body
from chalicelib.rules.model import AtsName


def _printable(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("must be printable ASCII")
    return value


_SHOWN = Field(min_length=8, max_length=1000, json_schema_extra={"pattern": "^[ -~]*$"})
Secret = Annotated[str, _SHOWN, AfterValidator(_printable)]
Subdomain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class ConnectionIn(Body):
    """`secret` signs what comes in, `api_key` lets us ask back; neither is ever shown again. Lever and Teamtailor make a secret
    for each webhook: all of them, apart by spaces. `client_id` is Greenhouse's: with it `api_key` is that client's secret.
    `subdomain` is Workable's, or Teamtailor's region ("na" for North America)."""

    system: AtsName
    secret: Secret | None = None
    api_key: Secret | None = None
    client_id: Secret | None = None
    subdomain: Subdomain | None = None
    emails_rejections: bool = False


class ConnectionPatch(Body):
    secret: Secret = ""
    api_key: Secret | None = None
    client_id: Secret | None = None
    subdomain: Subdomain | None = None
    emails_rejections: bool = False


class TryIn(Body):
    """Any payload of the connection's system, unsigned."""

    payload: dict[str, Any]


class ReplayIn(Body):
    status: Literal["unmapped", "failed"]
