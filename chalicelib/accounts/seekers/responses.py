"""Responses about a job seeker."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from chalicelib.api.serialize import ResponseBody


class Seeker(ResponseBody):
    """Somebody who keeps their own interviews. `phone` is the number that they confirmed."""

    id: str
    name: str
    email: str
    timezone: str
    locale: str | None
    phone: str | None
    invitation_address: str | None
    created_at: datetime


class SignUpAccepted(ResponseBody):
    """The same for every address. A mail is on its way, unless too many went there lately; it works for `expires_in` seconds."""

    expires_in: int


class PhoneCodeSent(ResponseBody):
    """A code is on its way, unless too many went there lately or the number said STOP. It works for `expires_in` seconds."""

    expires_in: int


class Consent(ResponseBody):
    """What a job seeker agreed to, word for word, and when."""

    what: Literal["email", "sms"]
    wording: str
    given_at: datetime


class SeekerExport(ResponseBody):
    """All that is kept of a job seeker. `records` holds interviews, outcomes and messages, as of any candidate."""

    exported_at: datetime
    seeker: Seeker
    consents: list[Consent]
    sessions: list[dict[str, Any]]
    account_messages: list[dict[str, Any]]
    """Mails and texts about the account: sign-in, codes."""
    records: dict[str, Any] | None
