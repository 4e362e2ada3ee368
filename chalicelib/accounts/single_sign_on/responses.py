"""Responses about single sign-on."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody


class SingleSignOn(ResponseBody):
    """How an employer's people sign in by its own provider. The client's secret is never shown.

    People begin at `sign_in_url`. The provider must allow `callback_url`.
    """

    issuer: str
    client_id: str
    domains: list[str]
    sign_in_url: str
    callback_url: str
    created_at: datetime
    updated_at: datetime
