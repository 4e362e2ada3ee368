"""Signed read-only links to the report page: whoever holds one sees one employer's report for fifteen minutes.

A link changes nothing and names no candidate: it carries the employer's id and when it ends, under a MAC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib import signing

VALID_FOR = timedelta(minutes=15)
_PURPOSE = "report link"


@dataclass(frozen=True, slots=True)
class ReportLink:
    """A fresh link's token, and the UTC instant at which it ends."""

    token: str
    expires_at: datetime


def new_link(employer_id: str, now: datetime, secret: str) -> ReportLink:
    """A token for the report page, valid for fifteen minutes from `now` (in whole seconds)."""
    expires_at = (now.astimezone(UTC) + VALID_FOR).replace(microsecond=0)
    return ReportLink(signing.sign_token(secret, _PURPOSE, employer_id.encode(), expires_at), expires_at)


def employer_of(token: str, now: datetime, secret: str) -> str:
    """The employer id that a token was made for. Raises signing.BadToken, or signing.Expired when its time is over."""
    return signing.verify_token(secret, _PURPOSE, token, now).decode()
